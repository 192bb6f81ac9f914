"""Time as the program sees it: passed in, so that a farm can run in simulated time.

Waiting is asyncio's (`asyncio.sleep`, `asyncio.timeout`): under simulation the event loop itself
is virtual. Code that needs to *read* a clock takes a `Clock`.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Protocol

SHORTEST_WAIT = 0.001
"""Seconds: the loop's clock and ours may differ by a rounding, and waiting 0 s would spin."""


class Clock(Protocol):
    """The clocks of one host."""

    def monotonic(self) -> float:
        """Seconds since some point of this boot; the same base for every process of the boot."""

    def wall(self) -> float:
        """Unix time in seconds, right or wrong: it may jump. For ids, logs and message age only."""

    def boot_id(self) -> str:
        """A name of this boot: monotonic readings of two boots cannot be compared."""


class SystemClock:
    """The clocks of the machine the program runs on."""

    def __init__(self) -> None:
        try:
            self._boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        except OSError:  # not Linux, or /proc hidden: every start counts as a boot of its own
            self._boot = f"unknown-{time.time_ns()}"

    def monotonic(self) -> float:
        return time.monotonic()

    def wall(self) -> float:
        return time.time()

    def boot_id(self) -> str:
        return self._boot
