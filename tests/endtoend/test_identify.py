"""`gsmbridge identify` with the real daemon, and without it, on simulated modems."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from gsmbridge.farm.personalities import GENERIC, HUAWEI, QUECTEL
from tests.endtoend.scene import Scene, playing

Act = Callable[[Scene], Awaitable[None]]
Rows = list[dict[str, str]]


def play(folder: Path, act: Act, rows: Callable[[Scene], Rows], **more: Any) -> None:
    """*act* in a scene of three modems whose config has just *rows* as its numbers."""

    async def main() -> None:
        families = (GENERIC, HUAWEI, QUECTEL)
        async with playing(folder, 3, families=families, **more) as scene:
            scene.rewrite(lambda config: config.update(numbers=rows(scene)))
            await act(scene)

    asyncio.run(main())


def row(scene: Scene, sim: int, phone_of: int | None = None) -> dict[str, str]:
    """A line of the config for a SIM; wrong, if *phone_of* is another one."""
    card = scene.farm.sims[sim]
    number = scene.farm.sims[sim if phone_of is None else phone_of].msisdn
    return {"phone": number, "iccid": card.iccid}


def first(scene: Scene) -> Rows:
    return [row(scene, 0)]


def everyone(scene: Scene) -> Rows:
    return [row(scene, sim) for sim in range(3)]


def block(out: str) -> Any:
    """The `numbers:` block that was printed."""
    _, found, text = out.partition("\nnumbers:\n")
    return yaml.safe_load("numbers:\n" + text)["numbers"] if found else []


async def nothing_is_left(scene: Scene, own: int) -> None:
    """Every own message was skipped and has left its SIM; nothing was pushed."""
    await scene.quiet()
    assert list((await scene.states()).values()) == ["skipped"] * own
    document = await scene.asked("messages")
    assert {each["reason"] for each in document["messages"]} <= {"own message of identify"}
    assert scene.pushes() == []


def test_each_unknown_sim_sends_one_sms_and_its_sender_is_the_number(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.start()
        status, out, error = await scene.command(
            "identify", "--via", scene.farm.sims[0].msisdn, "--yes"
        )
        assert (status, error) == (0, "")
        assert "2 SMS will be sent" in out
        assert block(out) == [row(scene, 1), row(scene, 2)]
        assert len(scene.events("sent")) == 2
        await nothing_is_left(scene, own=2)
        await scene.hears("identify: SIM", 2)

    play(tmp_path, act, first)


def test_without_a_yes_nothing_is_sent(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.start()
        process = await asyncio.create_subprocess_exec(
            *scene_command(scene, "identify", "--via", scene.farm.sims[0].msisdn),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate()
        assert process.returncode == 1
        assert b"nothing was sent" in out
        assert scene.events("sent") == []

    play(tmp_path, act, first)


def scene_command(scene: Scene, *words: str) -> list[str]:
    import sys

    return [sys.executable, "-m", "gsmbridge", *words, "--config", str(scene.config)]


@pytest.mark.parametrize("ussd", [("*111#",), ()])
def test_the_network_is_asked_by_ussd(tmp_path: Path, ussd: tuple[str, ...]) -> None:
    async def act(scene: Scene) -> None:
        await scene.start()
        status, out, error = await scene.command("identify", "--yes", "--ussd", *ussd)
        assert (status, error) == (0, "")
        assert "no SMS will be sent" in out
        assert block(out) == [row(scene, 1), row(scene, 2)]
        codes = [event.fields["code"] for event in scene.events("ussd")]
        assert codes == [*(ussd or ("*112#",))] * 2
        assert scene.events("sent") == []

    play(tmp_path, act, first, identify={"ussd": {"250": "*100#", "25001": "*112#"}})


def test_a_reply_without_a_number_is_shown_and_gives_no_line(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.start()
        status, out, _ = await scene.command("identify", "--yes", "--ussd", "*113#")
        assert status == 1
        assert out.count('"Request accepted, please wait for an SMS"') == 2
        assert block(out) == []

    play(tmp_path, act, first)


def test_verify_names_the_line_that_is_wrong(tmp_path: Path) -> None:
    def swapped(scene: Scene) -> Rows:
        return [row(scene, 0), row(scene, 1, phone_of=2)]

    async def act(scene: Scene) -> None:
        await scene.start()
        for way in (["--ussd", "*100#"], ["--via", scene.farm.sims[0].msisdn], []):
            status, out, _ = await scene.command("identify", "--yes", "--verify", *way)
            assert status == 1
            wrong = [line for line in out.splitlines() if "WRONG" in line]
            assert len(wrong) == 1
            assert scene.farm.sims[1].iccid in wrong[0]
            assert f"the config says {scene.farm.sims[2].msisdn}" in wrong[0]
            assert "as the config says" in out
        await nothing_is_left(scene, own=2)

    play(tmp_path, act, swapped)


def test_verify_of_a_right_config_succeeds(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.start()
        status, out, _ = await scene.command("identify", "--yes", "--verify")
        assert status == 0
        assert out.count("as the config says") == 3
        assert len(scene.events("sent")) == 2

    play(tmp_path, act, everyone)


def test_a_receiver_whose_line_is_wrong_is_named(tmp_path: Path) -> None:
    def swapped(scene: Scene) -> Rows:
        return [row(scene, 0, phone_of=1)]

    async def act(scene: Scene) -> None:
        await scene.start()
        status, out, _ = await scene.command(
            "identify", "--yes", "--via", scene.farm.sims[1].msisdn
        )
        assert status == 1
        assert f"WRONG: messages to {scene.farm.sims[1].msisdn} arrive on another SIM" in out

    play(tmp_path, act, swapped)


def test_without_the_daemon_the_command_does_it_and_keeps_what_arrives(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        asking = asyncio.create_task(
            scene.command("identify", "--via", scene.farm.sims[0].msisdn, "--yes")
        )
        await scene.until(lambda: len(scene.events("sent")) >= 2, "both sent")
        scene.send(0, "code 1234")
        status, out, error = await asking
        assert (status, error) == (0, "")
        assert "the daemon does not run" in out
        assert block(out) == [row(scene, 1), row(scene, 2)]
        await scene.start()
        await scene.pushed(1)
        await scene.quiet()
        assert [each.request.text for each in scene.pushes()] == ["code 1234"]
        assert sorted((await scene.states()).values()) == ["delivered", "skipped", "skipped"]

    play(tmp_path, act, first)


def test_an_own_message_that_arrives_after_a_crash_is_not_pushed(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.start()
        scene.farm.modems[0].trouble.announce = "never"  # found by the next listing
        asking = asyncio.create_task(
            scene.command("identify", "--via", scene.farm.sims[0].msisdn, "--yes")
        )
        await scene.until(lambda: len(scene.events("sent")) >= 2, "both sent")
        await scene.kill()
        status, out, _ = await asking
        assert status == 1
        assert block(out) == []
        assert scene.farm.still_stored() == 2
        await scene.start()
        await nothing_is_left(scene, own=2)

    play(tmp_path, act, first)
