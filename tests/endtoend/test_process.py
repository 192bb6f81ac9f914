"""The daemon as a process: signals, a second one, wrong configs."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

from gsmbridge.farm.partner import Partner
from gsmbridge.farm.partner_script import NAMED, Reply
from tests.endtoend.scene import played, playing

NEVER = Reply(body="OK", delay=3600.0)


@played
async def test_sigterm_ends_it_though_the_server_never_answers(tmp_path: Path) -> None:
    async with playing(tmp_path, 1, script=lambda _: NEVER) as scene:
        await scene.start()
        scene.send(0, "unanswered")
        await scene.partner.arrived(1)
        async with asyncio.timeout(30):
            assert await scene.stop() == 0
        assert scene.said("stopped") == 1
        scene.partner.script = lambda _: NAMED["ok"]
        await scene.start()
        await scene.quiet()
        first, *_, last = scene.pushes()
        assert first.body == last.body


@played
async def test_signals_that_come_as_soon_as_it_begins_are_no_deaths(tmp_path: Path) -> None:
    async with playing(tmp_path, 1) as scene:
        await scene.start(ready=False)
        await scene.until(lambda: _blocks(scene.pid), "it takes care of signals")
        scene.signal(signal.SIGHUP)
        assert await scene.stop() == 0
        await scene.start()


def _blocks(pid: int) -> bool:
    """Whether a process has signals wait that would kill it by default."""
    status = Path(f"/proc/{pid}/status").read_text()
    masks = dict(line.split(":\t", 1) for line in status.splitlines() if line.startswith("Sig"))
    taken = int(masks["SigBlk"], 16) | int(masks["SigCgt"], 16)
    return all(taken >> (number - 1) & 1 for number in (signal.SIGTERM, signal.SIGHUP))


@played
async def test_sigterm_lets_an_answer_arrive_and_commits_it(tmp_path: Path) -> None:
    async with playing(tmp_path, 1, script=lambda _: Reply(body="OK", delay=1.0)) as scene:
        await scene.start()
        scene.send(0, "answered late")
        await scene.partner.arrived(1)
        assert await scene.stop() == 0
        await scene.start()
        await scene.quiet()
        assert len(scene.pushes()) == 1


@played
async def test_a_reload_takes_a_good_config_and_refuses_a_bad_one(tmp_path: Path) -> None:
    async with playing(tmp_path, 1) as scene:
        await scene.start()
        other = Partner()
        await other.start()
        scene.rewrite(lambda config: config["onlinesim"].update(retry_interval=-1, wrong=1))
        scene.reload()
        await scene.hears("the new config is refused", 2)
        assert scene.said("retry_interval") and scene.said("wrong")
        scene.send(0, "by the old config")
        await scene.quiet()
        scene.configure()
        scene.rewrite(lambda config: config["onlinesim"].update(url=other.url, key="another-key-9"))
        scene.reload()
        await scene.hears("config reloaded")
        scene.send(0, "by the new config")
        await scene.quiet()
        assert [push.request.text for push in scene.pushes()] == ["by the old config"]
        (push,) = other.exchanges
        assert push.request.text == "by the new config"
        assert b'"another-key-9"' in push.body
        await other.close()


@played
async def test_a_reload_names_the_keys_that_need_a_restart(tmp_path: Path) -> None:
    async with playing(tmp_path, 1) as scene:
        await scene.start()
        scene.rewrite(lambda config: config["onlinesim"].update(host_count=3, host_index=1))
        scene.reload()
        await scene.hears("only after a restart: onlinesim.host_index, onlinesim.host_count")
        scene.send(0, "still served")
        await scene.quiet()


@played
async def test_a_corrected_key_serves_what_waits(tmp_path: Path) -> None:
    async with playing(tmp_path, 1, script=lambda _: NAMED["wrong_key"]) as scene:
        await scene.start()
        scene.send(0, "waits for a key")
        await scene.hears("the API key is wrong or missing")
        assert (await scene.asked("status"))["alarms"]
        scene.partner.script = lambda _: NAMED["ok"]
        scene.rewrite(lambda config: config["onlinesim"].update(key="the-right-key-0"))
        scene.reload()
        await scene.quiet()
        assert b'"the-right-key-0"' in scene.pushes()[-1].body
        await scene.hears("partner accepts pushes again")


@played
async def test_a_second_run_is_refused_and_told_who_has_the_journal(tmp_path: Path) -> None:
    async with playing(tmp_path, 1) as scene:
        await scene.start()
        status, _, error = await scene.command("run")
        assert status == 1
        assert str(scene.pid) in error
        scene.send(0, "the first goes on")
        await scene.quiet()


@played
async def test_a_wrong_config_ends_run_and_check_alike_with_78(tmp_path: Path) -> None:
    async with playing(tmp_path, 1) as scene:
        scene.rewrite(lambda config: config["numbers"].append(dict(config["numbers"][0])))
        scene.rewrite(lambda config: config["onlinesim"].update(timeout="soon", tiemout=3))
        for command in ("run", "check"):
            status, out, error = await scene.command(command)
            assert status == 78, command
            told = (out + error).splitlines()
            assert len(told) >= 3 and all("config.yaml:" in line for line in told), told
        assert not scene.journal.exists()


@played
async def test_other_hosts_settings_on_an_old_journal_are_refused(tmp_path: Path) -> None:
    async with playing(tmp_path, 1) as scene:
        await scene.start()
        await scene.stop()
        scene.configure(onlinesim={"host_count": 2, "host_index": 1})
        status, _, error = await scene.command("run")
        assert status == 78
        assert "host" in error


@played
async def test_the_server_comes_back_after_an_outage_and_everything_goes_out(
    tmp_path: Path,
) -> None:
    async with playing(tmp_path, 2) as scene:
        await scene.start()
        await scene.partner.close()
        for number in range(8):
            scene.send(number % 2, f"during the outage {number}")
        await scene.hears("partner unreachable")
        await scene.restart_partner()
        await scene.quiet()
        await scene.hears("partner answers again")
        verdict = scene.verdict()
        assert verdict.clean and verdict.delivered == 8
