"""Which polls of a session are made in simulated time, and which are left out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from gsmbridge.farm.simulate.waits import ALL_POLLS, ONE_POLL, SkippingWait
from gsmbridge.farm.virtual import World, run
from gsmbridge.modem.appearance import FULL_PASS_EVERY

PORT = "modem0"
EVERY = 30.0


def polls(play: Callable[[World, SkippingWait], object]) -> list[tuple[int, float]]:
    """Number and time of each poll that a session makes in ten hours from its start at 0."""
    world = World(1, start=0.0)
    waits = SkippingWait(lambda: world.now, EVERY)
    made: list[tuple[int, float]] = []

    async def session() -> None:
        number = 1
        while True:
            number = await waits.wait(PORT, EVERY, asyncio.Event(), number)
            made.append((number, world.now))
            if number % FULL_PASS_EVERY == 0:
                waits.listed(PORT)
            number += 1

    async def day() -> None:
        task = asyncio.create_task(session())
        await asyncio.sleep(36000.0)
        task.cancel()

    play(world, waits)
    run(world, day())
    return made


def test_a_modem_that_nothing_happens_to_is_not_polled() -> None:
    assert polls(lambda world, waits: None) == []


def test_a_message_more_is_counted_at_the_very_next_poll() -> None:
    assert polls(
        lambda world, waits: world.call_at(1001.0, lambda: waits.stir(PORT, ONE_POLL))
    ) == [(34, 1020.0)]


def test_what_happens_is_looked_at_twice_then_with_the_next_listing_and_once_more() -> None:
    assert polls(
        lambda world, waits: world.call_at(1001.0, lambda: waits.stir(PORT, ALL_POLLS))
    ) == [(34, 1020.0), (35, 1050.0), (40, 1200.0), (41, 1230.0)]


def test_a_modem_in_trouble_is_polled_every_time() -> None:
    def play(world: World, waits: SkippingWait) -> None:
        waits.restless = lambda path: world.now < 1000.0

    made = [number for number, _ in polls(play)]
    assert made == [*range(1, 36), 40, 41], "as if something had happened when it was over"
