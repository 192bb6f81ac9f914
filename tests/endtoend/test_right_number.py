"""SIMs move, ports are renamed, numbers change: each message under the number it was sent to."""

from __future__ import annotations

from pathlib import Path

import pytest

from gsmbridge.farm.partner_script import NAMED
from tests.endtoend.scene import QUICK, QUICK_HUAWEI, Scene, played, playing

POLLED = {"poll_interval": 1}


async def each_under_its_number(scene: Scene, count: int) -> None:
    await scene.quiet()
    await scene.until(lambda: scene.verdict().delivered == count, "all delivered")
    verdict = scene.verdict()
    assert verdict.clean, verdict.violations
    for push in scene.pushes():
        assert push.request.text.startswith(f"for {push.request.phone}, ")


def send_to_all(scene: Scene) -> None:
    """No two alike: the same bytes within a second would be a redelivery."""
    for sim in scene.farm.sims:
        text = f"for {sim.msisdn}, {len(scene.events('sent'))}"
        scene.farm.network.send(sim.msisdn, text)


@pytest.mark.parametrize("noticed", [True, False])
@pytest.mark.parametrize("family", [QUICK, QUICK_HUAWEI], ids=lambda family: family.name)
@played
async def test_sims_swapped_at_work(family, noticed: bool, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    async with playing(tmp_path, 2, families=(family,), modems=POLLED) as scene:
        await scene.start()
        scene.partner.script = lambda _: NAMED["unavailable"]
        send_to_all(scene)
        await scene.pushed(2)
        scene.strike_fault(0, "swap_sims", other=1, noticed=noticed)
        scene.partner.script = lambda _: NAMED["ok"]
        await scene.hears(" is ready", 4)
        send_to_all(scene)
        await each_under_its_number(scene, 4)


@played
async def test_sims_swapped_while_the_daemon_is_down(tmp_path: Path) -> None:
    async with playing(tmp_path, 2, families=(QUICK_HUAWEI,)) as scene:
        await scene.start()
        await scene.stop()
        send_to_all(scene)
        scene.strike_fault(0, "swap_sims", other=1, noticed=False)
        await scene.start()
        send_to_all(scene)
        await each_under_its_number(scene, 4)


@played
async def test_two_ports_swap_their_names(tmp_path: Path) -> None:
    async with playing(tmp_path, 3) as scene:
        await scene.start()
        scene.strike_fault(0, "swap_ports", other=1)
        send_to_all(scene)
        await scene.hears(" is ready", 5)
        send_to_all(scene)
        await each_under_its_number(scene, 6)


@played
async def test_a_sim_pulled_with_undelivered_messages_comes_back_elsewhere(tmp_path: Path) -> None:
    async with playing(tmp_path, 2, modems=POLLED) as scene:
        await scene.start()
        scene.partner.script = lambda _: NAMED["unavailable"]
        send_to_all(scene)
        await scene.pushed(2)
        scene.strike_fault(1, "remove_sim", seconds=None)
        scene.strike_fault(0, "swap_sims", other=1)
        scene.partner.script = lambda _: NAMED["ok"]
        await scene.until(lambda: scene.verdict().delivered == 2, "both delivered")
        verdict = scene.verdict()
        assert verdict.clean, verdict.violations


@played
async def test_the_number_stored_on_the_sim_serves_where_the_config_has_none(
    tmp_path: Path,
) -> None:
    async with playing(tmp_path, 1, own_numbers=True) as scene:
        scene.rewrite(lambda config: config.update(numbers=[]))
        await scene.start()
        send_to_all(scene)
        await each_under_its_number(scene, 1)


@played
async def test_without_a_number_a_message_is_held_until_a_reload_gives_one(tmp_path: Path) -> None:
    async with playing(tmp_path, 1) as scene:
        row = {"phone": scene.farm.sims[0].msisdn, "iccid": scene.farm.sims[0].iccid}
        scene.rewrite(lambda config: config.update(numbers=[]))
        await scene.start()
        send_to_all(scene)
        await scene.hears("unassigned ")
        assert not scene.pushes()
        assert list((await scene.states()).values()) == ["unassigned"]
        scene.rewrite(lambda config: config.update(numbers=[row]))
        scene.reload()
        await each_under_its_number(scene, 1)


@played
async def test_a_number_that_changes_after_an_attempt_holds_the_message(tmp_path: Path) -> None:
    async with playing(tmp_path, 1) as scene:
        await scene.start()
        scene.partner.script = lambda _: NAMED["unavailable"]
        scene.send(0, "asked for under the old number")
        await scene.pushed(1)
        scene.rewrite(lambda config: config["numbers"][0].update(phone="79990000001"))
        scene.reload()
        await scene.hears("reloaded")
        await scene.hears("held ")
        assert list((await scene.states()).values()) == ["unassigned"]
        scene.partner.script = lambda _: NAMED["ok"]
        scene.send(0, "asked for under the new number")
        await scene.until(lambda: bool(scene.pushes("asked for under the new number")), "the new")
        (new,) = scene.pushes("asked for under the new number")
        assert new.request.phone == "79990000001"
        (held,) = [i for i, state in (await scene.states()).items() if state == "unassigned"]
        assert (await scene.command("retry", str(held)))[0] == 0
        await scene.quiet()
        old = scene.pushes("asked for under the old number")
        assert {push.request.phone for push in old} == {scene.farm.sims[0].msisdn}
        assert {push.request.sms_id for push in old} == {held}
