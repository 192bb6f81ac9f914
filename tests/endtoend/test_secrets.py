"""The key and the texts stay where they belong (I8)."""

from __future__ import annotations

from pathlib import Path

from gsmbridge.farm.partner_script import Reply
from gsmbridge.farm.stage import KEY
from tests.endtoend.scene import answering, played, playing

CODE = "the code is 800142"


@played
async def test_key_and_text_are_in_no_output_journal_or_process_list(tmp_path: Path) -> None:
    echo = Reply(500, f"no {KEY} for {{text}}")
    nonsense = Reply(raw=f"{KEY} and {CODE}\r\n\r\n", then="close")
    script = answering(echo, nonsense, echo)
    async with playing(tmp_path, 1, script=script, log={"level": "debug"}) as scene:
        await scene.start()
        scene.send(0, CODE)
        await scene.pushed(3)
        shown = []
        for command in ("status", "messages", "scan"):
            for options in ((), ("--json",)):
                _, out, error = await scene.command(command, *options)
                shown.append(out + error)
        shown += _of_process(scene.pid)
        shown += scene.lines
        state = [path for path in (tmp_path / "state").iterdir() if path.is_file()]
        assert not any(KEY in text or "800142" in text for text in shown)
        assert state and not any(KEY.encode() in path.read_bytes() for path in state)


@played
async def test_files_of_state_are_closed_to_others(tmp_path: Path) -> None:
    async with playing(tmp_path, 1) as scene:
        await scene.start()
        scene.send(0, CODE)
        await scene.quiet()
        folder = tmp_path / "state"
        for path in (folder, *folder.iterdir()):
            assert path.stat().st_mode & 0o007 == 0, path
        assert folder.stat().st_mode & 0o777 in (0o700, 0o750)


@played
async def test_a_text_is_erased_from_the_files_once_its_time_is_over(tmp_path: Path) -> None:
    async with playing(tmp_path, 1, messages={"keep_text": 0}) as scene:
        await scene.start()
        scene.send(0, CODE)
        await scene.hears("deleted ")  # the journal knows it a moment after the SIM
        await scene.stop()
        await scene.start()
        await scene.until(lambda: not _anywhere(tmp_path / "state", b"800142"), "text gone")
        ((sms_id, state),) = (await scene.states()).items()
        assert state == "delivered" and sms_id == scene.pushes()[0].request.sms_id


def _of_process(pid: int) -> list[str]:
    """What every user may see of a process, and what its own user may."""
    return [Path(f"/proc/{pid}/{name}").read_text() for name in ("cmdline", "environ", "comm")]


def _anywhere(folder: Path, text: bytes) -> bool:
    return any(text in path.read_bytes() for path in folder.iterdir() if path.is_file())


@played
async def test_the_daemon_leaves_no_core_file_and_may_open_as_many_ports_as_the_host_allows(
    tmp_path: Path,
) -> None:
    async with playing(tmp_path, 1) as scene:
        await scene.start()
        scene.send(0, CODE)
        await scene.quiet()
        assert _limit(scene.pid, "Max core file size") == ["0", "0"]
        soft, hard = _limit(scene.pid, "Max open files")
        assert soft == hard


def _limit(pid: int, name: str) -> list[str]:
    """Soft and hard limit of a process."""
    lines = Path(f"/proc/{pid}/limits").read_text(encoding="ascii").splitlines()
    (line,) = (line for line in lines if line.startswith(name))
    return line.removeprefix(name).split()[:2]
