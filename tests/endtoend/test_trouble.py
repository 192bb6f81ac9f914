"""Modems that hang, babble, lie, vanish and come back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.endtoend.scene import QUICK_HUAWEI, Scene, played, playing

IMPATIENT = {"command_timeout": 1, "poll_interval": 1}


async def delivers(scene: Scene, *texts: str) -> None:
    """All of it arrived, once, and left its SIM; nothing else did."""
    await scene.quiet()
    verdict = scene.verdict()
    assert verdict.clean, verdict.violations
    assert sorted(push.request.text for push in scene.pushes()) == sorted(texts)


@played
async def test_a_hung_modem_and_one_that_lies_delay_nobody_and_end_well(tmp_path: Path) -> None:
    """A delete that did nothing is repeated, and nothing pushed again."""
    async with playing(tmp_path, 4, modems=IMPATIENT) as scene:
        await scene.start()
        scene.strike_fault(0, "hang", revive="esc", chatter=True)
        scene.send(0, "in the hung one")
        scene.strike_fault(1, "delete", how="lie", seconds=3.0)
        scene.send(1, "in the liar")
        for number in range(10):
            scene.send(2 + number % 2, f"elsewhere {number}")
        elsewhere = [f"elsewhere {number}" for number in range(10)]
        await scene.until(lambda: all(scene.pushes(t) for t in elsewhere), "all the others")
        await delivers(scene, "in the hung one", "in the liar", *elsewhere)


@pytest.mark.parametrize("fault", ["storm", "pieces", "lumps", "echo", "prompt", "noise"])
@played
async def test_disturbed_lines_lose_nothing(fault: str, tmp_path: Path) -> None:
    async with playing(tmp_path, 1, families=(QUICK_HUAWEI,), modems=IMPATIENT) as scene:
        await scene.start()
        scene.strike_fault(0, fault)
        scene.send(0, "through it")
        scene.strike_fault(0, "noise", on="AT+CMGR", before=True)
        scene.send(0, "and again")
        await delivers(scene, "through it", "and again")


@played
async def test_an_arrival_in_the_middle_of_a_listing_is_not_lost(tmp_path: Path) -> None:
    async with playing(tmp_path, 1) as scene:
        scene.put(0, "there before")
        scene.strike_fault(0, "arrive", on="AT+CMGL", text="between")
        scene.strike_fault(0, "storm")
        await scene.start()
        await delivers(scene, "there before", "between")


@played
async def test_replies_that_come_too_late_are_not_taken_for_others(tmp_path: Path) -> None:
    async with playing(tmp_path, 1, modems=IMPATIENT) as scene:
        await scene.start()
        scene.strike_fault(0, "hang", seconds=4.0, late=True)
        scene.send(0, "first")
        scene.send(0, "second")
        await delivers(scene, "first", "second")


@played
async def test_unplugged_and_back_under_another_name_it_goes_on(tmp_path: Path) -> None:
    async with playing(tmp_path, 2) as scene:
        await scene.start()
        scene.strike_fault(0, "unplug", seconds=1.0, rename=True)
        scene.send(0, "meanwhile")
        scene.send(1, "next door")
        await scene.hears("modem gone")
        await scene.hears(" is ready", 3)
        await delivers(scene, "meanwhile", "next door")


@played
async def test_a_modem_that_restarts_by_itself_is_set_up_anew(tmp_path: Path) -> None:
    async with playing(tmp_path, 1, modems=IMPATIENT) as scene:
        await scene.start()
        scene.strike_fault(0, "reboot")
        scene.send(0, "while it boots")
        await delivers(scene, "while it boots")


@played
async def test_a_delete_that_was_done_but_denied_is_not_taken_for_one_that_failed(
    tmp_path: Path,
) -> None:
    async with playing(tmp_path, 1) as scene:
        await scene.start()
        scene.strike_fault(0, "delete", how="deny")
        scene.send(0, "gone all the same")
        await delivers(scene, "gone all the same")


@played
async def test_a_slot_that_was_overwritten_before_its_delete_is_left_alone(tmp_path: Path) -> None:
    async with playing(tmp_path, 1) as scene:
        await scene.start()
        deletes: list[str] = []
        scene.farm.modems[0].dialogue.before.append(
            lambda command: deletes.append(command) if "CMGD" in command else None
        )
        scene.partner.script = scene.answers_after(
            lambda: scene.strike_fault(0, "overwrite", text="in its place")
        )
        scene.send(0, "read first")
        await delivers(scene, "read first", "in its place")
        assert len(deletes) == 1


@played
async def test_unplugged_between_push_and_delete_the_slot_is_freed_later(tmp_path: Path) -> None:
    async with playing(tmp_path, 1) as scene:
        await scene.start()
        scene.partner.script = scene.answers_after(
            lambda: scene.strike_fault(0, "unplug", seconds=0.5, rename=True)
        )
        scene.send(0, "pushed, not deleted")
        await delivers(scene, "pushed, not deleted")
