"""Modems that serve the store from a copy made at SIM start, when nobody saw another SIM go."""

from __future__ import annotations

import asyncio

from tests.modem.farm_bench import Bench

from gsmbridge.farm.modem import ModemModel
from gsmbridge.farm.personalities import by_name
from gsmbridge.farm.sim import make_sim
from gsmbridge.modem.recovery import Rung


def as_last_seen(bench: Bench, modem: ModemModel) -> None:
    """The journal knows the SIM that is in, and that it was in this modem last."""
    assert modem.sim is not None
    bench.intake.sims[modem.sim.iccid] = 1
    bench.intake.last_sim[modem.imei] = 1


def starts(bench: Bench, modem: ModemModel) -> int:
    """How often the SIM was switched off or on."""
    return sum(command.startswith("AT+CFUN=") for command in bench.sent(modem))


def test_a_copy_that_shows_a_message_of_another_sim_is_made_anew_before_it_is_believed() -> None:
    bench = Bench()
    modem = bench.modem(by_name("huawei"))
    old = bench.store(modem, "for the card before")
    new = make_sim(50)
    modem.insert(new, noticed=False)
    as_last_seen(bench, modem)
    bench.intake.elsewhere.add(old)
    bench.run(lambda: asyncio.sleep(60.0))
    assert bench.intake.identities() == []
    assert bench.intake.readings[-1].complete


def test_the_same_message_on_two_sims_is_believed_once_the_copy_is_fresh() -> None:
    bench = Bench()
    modem = bench.modem(by_name("huawei"))
    as_last_seen(bench, modem)
    to_both = bench.store(modem, "to all our customers")
    bench.intake.elsewhere.add(to_both)
    bench.run(lambda: asyncio.sleep(60.0))
    assert bench.intake.identities() == [to_both]


def test_a_copy_with_anything_new_is_made_anew_at_the_first_look() -> None:
    """Another card may have been in, started and gone again before the program looked."""
    bench = Bench()
    modem = bench.modem(by_name("huawei"))
    bench.store(modem, "for the card that was in meanwhile")
    modem.insert(make_sim(50), noticed=False)
    as_last_seen(bench, modem)
    bench.run(lambda: asyncio.sleep(60.0))
    assert bench.intake.identities() == []
    assert bench.intake.readings[-1].complete


def test_a_copy_with_nothing_new_is_believed_at_the_first_look() -> None:
    bench = Bench()
    modem = bench.modem(by_name("huawei"))
    as_last_seen(bench, modem)
    bench.run(lambda: asyncio.sleep(60.0))
    assert starts(bench, modem) == 0


def test_what_another_sim_has_too_starts_no_sim_anew_where_the_store_is_no_copy() -> None:
    bench = Bench()
    modem = bench.modem()
    to_both = bench.store(modem, "to all our customers")
    bench.intake.elsewhere.add(to_both)
    bench.run(lambda: asyncio.sleep(60.0))
    assert bench.intake.identities() == [to_both]
    assert starts(bench, modem) == 0


def test_a_sim_that_was_out_is_not_forgotten_when_it_is_told_to_be_in() -> None:
    bench = Bench()
    modem = bench.modem(by_name("huawei"))

    async def scenario() -> None:
        await asyncio.sleep(20.0)
        before = starts(bench, modem)
        modem.say("^SIMST:255")
        modem.say("^SIMST:1")
        await asyncio.sleep(30.0)
        assert starts(bench, modem) > before

    bench.run(scenario)


def test_a_copy_is_made_anew_after_a_silence_in_which_another_sim_may_have_been_in() -> None:
    """It was, a message came for it, and the first one is back: nothing of that was told."""
    bench = Bench()
    modem = bench.modem(by_name("huawei"))
    first = modem.sim
    assert first is not None

    def tried(rung: Rung) -> int:
        return dict(bench.fleet.statuses()[0].recoveries).get(rung.value, 0)

    async def scenario() -> None:
        await asyncio.sleep(20.0)
        assert bench.fleet.statuses()[0].phase == "ready"
        modem.trouble.hang = True
        modem.insert(make_sim(50), noticed=False)
        other = bench.deliver(modem, "for the card that was in meanwhile")
        modem.insert(first, noticed=False)
        await asyncio.sleep(30.0)
        assert tried(Rung.REOPEN) == 2, "it answers before anything rougher is tried"
        before = len(bench.sent(modem))
        modem.trouble.hang = False
        await asyncio.sleep(60.0)
        assert tried(Rung.REINIT) == tried(Rung.RESET) == 0
        assert bench.fleet.statuses()[0].phase == "ready"
        assert bench.intake.identities() == []
        assert bench.intake.owner(other) == set()
        since = bench.sent(modem)[before:]
        assert since.index("AT+CFUN=0") < since.index("AT+CMGL=4")

    bench.run(scenario)
