"""A modem session against simulated modems."""

from __future__ import annotations

import asyncio

from tests.modem.farm_bench import Bench


def test_stored_messages_are_recorded_as_one_complete_listing() -> None:
    bench = Bench()
    modem = bench.modem()
    stored = [bench.store(modem, "one"), bench.store(modem, "two")]

    async def scenario() -> None:
        await asyncio.sleep(5)
        assert bench.intake.readings[0].complete
        assert bench.intake.identities() == stored
        assert not bench.intake.identities(arrived=True)

    bench.run(scenario)


def test_an_announced_message_is_recorded_at_once_as_arrived() -> None:
    bench = Bench()
    modem = bench.modem()

    async def scenario() -> None:
        await asyncio.sleep(5)
        identity = bench.deliver(modem, "code 1234")
        await asyncio.sleep(0.1)
        assert bench.intake.identities(arrived=True) == [identity]

    bench.run(scenario)


def test_a_slot_that_may_go_is_deleted_and_seen_empty() -> None:
    bench = Bench()
    modem = bench.modem()
    identity = bench.store(modem, "one")

    async def scenario() -> None:
        await asyncio.sleep(5)
        bench.intake.done.add(identity)
        bench.fleet.wake(1)
        await asyncio.sleep(1)
        assert bench.intake.freed_copies == [1]
        assert modem.sim is not None
        assert modem.sim.sms.used == 0

    bench.run(scenario)
