"""Ports that come, go, hang and belong together."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from tests.modem.farm_bench import Bench

from gsmbridge.at.port import PortName
from gsmbridge.farm.personalities import GENERIC, HUAWEI, QUECTEL
from gsmbridge.farm.sim import make_sim
from gsmbridge.modem.status import ModemStatus


def by_path(bench: Bench, number: int) -> ModemStatus:
    return next(each for each in bench.fleet.statuses() if each.path == f"/dev/modem{number}")


def test_many_modems_are_ready_within_two_seconds() -> None:
    bench = Bench()
    for _ in range(64):
        bench.modem()

    async def scenario() -> None:
        await asyncio.sleep(2)
        assert [status.phase for status in bench.fleet.statuses()] == ["ready"] * 64

    bench.run(scenario)


def test_of_two_sims_at_once_with_one_iccid_and_two_imsis_one_is_served() -> None:
    """Their last digits are cut off. One after the other they are a card with several IMSIs."""
    bench = Bench()
    sims = [make_sim(1), make_sim(2)]
    sims[1].iccid = sims[0].iccid
    modems = [bench.modem(sim=sim) for sim in sims]

    async def scenario() -> None:
        await asyncio.sleep(60)
        assert [by_path(bench, number).phase for number in range(2)] == ["ready", "no-sim"]
        assert "shows its ICCID too" in by_path(bench, 1).last_error
        assert len({seen.imsi for seen in bench.intake.seen}) == 1
        modems[0].remove()
        await asyncio.sleep(60)
        assert [by_path(bench, number).phase for number in range(2)] == ["no-sim", "ready"]

    bench.run(scenario)


def test_a_hung_modem_recovers_and_no_other_notices() -> None:
    bench = Bench()
    hung, well = bench.modem(), bench.modem()

    async def scenario() -> None:
        await asyncio.sleep(5)
        hung.trouble.hang = True
        for number in range(100):
            identity = bench.deliver(well, f"code {number}")
            await asyncio.sleep(1)
            assert identity in bench.intake.identities(arrived=True)
            bench.intake.done.add(identity)
            bench.fleet.wake(2)
        assert by_path(bench, 0).phase == "recovering"
        hung.dialogue.recover()
        await asyncio.sleep(60)
        assert by_path(bench, 0).phase == "ready"
        assert bench.told.names().count("modem_trouble") == 1
        assert bench.told.names().count("modem_recovered") == 1
        identity = bench.deliver(hung, "after all")
        await asyncio.sleep(0.5)
        assert identity in bench.intake.identities(arrived=True)

    bench.run(scenario)


def test_a_modem_that_only_a_reset_revives_is_reset() -> None:
    bench = Bench()
    modem = bench.modem(QUECTEL)

    async def scenario() -> None:
        await asyncio.sleep(5)
        modem.trouble.hang = True
        modem.trouble.revive = "cfun"
        await asyncio.sleep(240)
        status = by_path(bench, 0)
        assert status.phase == "ready"
        assert status.resets == 1

    bench.run(scenario)


def test_a_modem_that_babbles_but_does_not_answer_counts_as_hung() -> None:
    bench = Bench()
    modem = bench.modem(replace(HUAWEI, chatter_off="", chatter_every=0.5))

    async def scenario() -> None:
        await asyncio.sleep(10)
        modem.trouble.hang = True
        await asyncio.sleep(90)
        assert by_path(bench, 0).phase == "recovering"

    bench.run(scenario)


def test_a_port_that_returns_under_another_name_works_again_within_seconds() -> None:
    bench = Bench()
    modem = bench.modem()

    async def scenario() -> None:
        await asyncio.sleep(5)
        bench.detach(bench.names[0])
        await asyncio.sleep(3)
        bench.attach(PortName("/dev/modem9", "/dev/modem9"), modem)
        await asyncio.sleep(2.5)
        assert by_path(bench, 9).phase == "ready"
        identity = bench.deliver(modem, "back")
        await asyncio.sleep(0.5)
        assert identity in bench.intake.identities(arrived=True)
        assert len(bench.fleet.statuses()) == 1

    bench.run(scenario)


def test_two_ports_that_swap_names_keep_their_sims() -> None:
    bench = Bench()
    one, two = bench.modem(), bench.modem()

    async def scenario() -> None:
        await asyncio.sleep(5)
        names = list(bench.names)
        for name in names:
            bench.detach(name)
        bench.modems.clear()
        bench.attach(names[0], two)
        bench.attach(names[1], one)
        await asyncio.sleep(5)
        first = bench.deliver(one, "for one")
        second = bench.deliver(two, "for two")
        await asyncio.sleep(1)
        assert bench.intake.owner(first) == {1}
        assert bench.intake.owner(second) == {2}

    bench.run(scenario)


def test_ports_of_one_usb_device_are_one_modem_and_a_dumb_one_is_passed_over() -> None:
    bench = Bench()
    dumb = bench.modem(usb="/sys/1-1", interface=0)
    modem = bench.modem(QUECTEL, usb="/sys/1-1", interface=2)
    dumb.power_off()

    async def scenario() -> None:
        await asyncio.sleep(30)
        (status,) = bench.fleet.statuses()
        assert (status.phase, status.path) == ("ready", "/dev/modem1")
        identity = bench.deliver(modem, "code")
        await asyncio.sleep(0.5)
        assert bench.intake.identities(arrived=True) == [identity]

    bench.run(scenario)


def test_a_second_port_of_a_modem_without_usb_stays_closed() -> None:
    bench = Bench()
    sim = make_sim(1)
    one, two = bench.modem(sim=sim), bench.modem(sim=sim)
    two.imei = one.imei

    async def scenario() -> None:
        await asyncio.sleep(90)
        phases = [status.phase for status in bench.fleet.statuses()]
        assert sorted(phases) == ["ready", "twin"]
        assert bench.told.names().count("modem_twin") == 1

    bench.run(scenario)


def test_modems_of_a_pool_that_share_one_imei_are_all_served() -> None:
    bench = Bench()
    modems = [bench.modem() for _ in range(16)]
    for modem in modems:
        modem.imei = "350000000000006"

    async def scenario() -> None:
        await asyncio.sleep(10)
        assert [status.phase for status in bench.fleet.statuses()] == ["ready"] * 16

    bench.run(scenario)


def test_a_port_that_says_nothing_is_retried_without_a_word() -> None:
    bench = Bench()
    modem = bench.modem()
    modem.power_off()

    async def scenario() -> None:
        await asyncio.sleep(600)
        assert bench.told.names() == []
        assert by_path(bench, 0).phase == "silent"
        modem.power_on()
        await asyncio.sleep(40)
        assert by_path(bench, 0).phase == "ready"

    bench.run(scenario)


def test_an_error_of_the_program_costs_one_modem_a_second() -> None:
    bench = Bench()
    bench.modem()
    other = bench.modem()
    crashes = iter((True,))

    def crash(reading: object) -> None:
        if next(crashes, False):
            raise ValueError("it quotes 0791947106004034")

    bench.intake.on_record = crash

    async def scenario() -> None:
        await asyncio.sleep(5)
        assert [status.phase for status in bench.fleet.statuses()] == ["ready", "ready"]
        assert bench.told.names().count("modem_crashed") == 1
        (told,) = (fields for name, fields in bench.told.events if name == "modem_crashed")
        assert str(told["error"]).startswith("ValueError at test_fleet.py:"), "no PDU (I8)"
        identity = bench.deliver(other, "code")
        await asyncio.sleep(0.5)
        assert identity in bench.intake.identities(arrived=True)

    bench.run(scenario)


def test_a_port_that_matches_no_more_is_given_back() -> None:
    bench = Bench()
    bench.modem()

    async def scenario() -> None:
        await asyncio.sleep(5)
        bench.names.clear()
        await asyncio.sleep(3)
        assert bench.fleet.statuses() == []

    bench.run(scenario)


def test_a_late_answer_of_a_hung_modem_is_nobodys_message() -> None:
    bench = Bench()
    modem = bench.modem(GENERIC)
    stored = bench.store(modem, "one")

    async def scenario() -> None:
        await asyncio.sleep(5)
        modem.trouble.hang = modem.trouble.late = True
        bench.intake.done.add(stored)
        bench.fleet.wake(1)
        await asyncio.sleep(20)
        modem.dialogue.recover()
        await asyncio.sleep(120)
        assert by_path(bench, 0).phase == "ready"
        assert bench.intake.identities() == [stored]
        assert modem.sim is not None
        assert modem.sim.sms.used == 0

    bench.run(scenario)


def test_a_modem_that_goes_takes_no_sim_along_that_is_in_another_one_by_then() -> None:
    bench = Bench()
    former, latter = bench.modem(), bench.modem()
    sim = former.sim
    assert sim is not None
    stored = bench.store(former, "code")

    async def scenario() -> None:
        await asyncio.sleep(20)
        former.remove(noticed=False)
        await asyncio.sleep(60)
        latter.insert(sim)
        await asyncio.sleep(60)
        bench.detach(bench.names[0])
        await asyncio.sleep(5)
        bench.intake.done.add(stored)
        bench.fleet.wake(1)
        await asyncio.sleep(3)
        assert bench.intake.freed_copies

    bench.run(scenario)
