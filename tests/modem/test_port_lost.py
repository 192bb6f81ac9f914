"""A port that goes while nobody asks anything."""

from __future__ import annotations

import asyncio

from tests.modem.farm_bench import Bench
from tests.modem.test_fleet import by_path


def test_an_idle_port_that_goes_and_returns_at_once_is_opened_again_within_two_seconds() -> None:
    bench = Bench()
    modem = bench.modem()

    async def scenario() -> None:
        await asyncio.sleep(5)
        (name,) = bench.present()
        bench.detach(name)
        bench.attach(name, modem)
        await asyncio.sleep(0.1)
        assert by_path(bench, 0).phase == "lost"
        assert bench.told.names().count("modem_lost") == 1
        await asyncio.sleep(1.9)
        assert by_path(bench, 0).phase == "ready"
        identity = bench.deliver(modem, "after all")
        await asyncio.sleep(0.5)
        assert identity in bench.intake.identities(arrived=True)

    bench.run(scenario)
