"""A modem that is never unplugged costs no more memory after a million messages."""

from __future__ import annotations

import asyncio
import gc

from tests.modem.farm_bench import Bench

from gsmbridge.modem.store import Store


def stores() -> list[Store]:
    return [each for each in gc.get_objects() if isinstance(each, Store)]


def test_a_delete_that_is_journalled_is_forgotten() -> None:
    bench = Bench()
    modem = bench.modem()
    before = {id(store) for store in stores()}  # of other tests, whose loops are kept

    async def scenario() -> None:
        await asyncio.sleep(5)
        for number in range(3):
            bench.intake.done.add(bench.store(modem, f"number {number}"))
            await asyncio.sleep(60)
        assert len(bench.intake.freed_copies) >= 3
        ours = [store for store in stores() if id(store) not in before]
        assert ours
        assert not any(store._sent for store in ours)

    bench.run(scenario)
