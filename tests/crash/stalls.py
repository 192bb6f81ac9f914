"""When this machine did not keep up: what rests on times says nothing then."""

from __future__ import annotations

import asyncio

STALL = 0.25
"""Seconds that the loop comes late."""
EVERY = 0.05
NEAR = 30.0
"""Seconds around a stall in which times are not judged: a message's attempts span several lives."""


class Stalls:
    """Watches how late the loop comes: it shares its processors with the daemons."""

    def __init__(self) -> None:
        self._spans: list[tuple[float, float]] = []

    async def watch(self) -> None:
        """Never returns."""
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(EVERY)
            if loop.time() - before > EVERY + STALL:
                self._spans.append((before, loop.time()))

    def near(self, at: float) -> bool:
        """Whether it stood still around *at*, a time of the loop."""
        return any(start - NEAR <= at <= end + NEAR for start, end in self._spans)
