"""What the farm needs of the world around it; the same farm runs in real and in simulated time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol


class Handle(Protocol):
    """Something that will be done."""

    def cancel(self) -> None: ...


class Scheduler(Protocol):
    """Time, and things to come. `farm.virtual.World` is one as it is."""

    @property
    def now(self) -> float:
        """Seconds, monotonic."""

    def call_later(self, delay: float, action: Callable[[], object]) -> Handle:
        """Do *action* in *delay* seconds, after what was asked for the same moment before."""


class LoopScheduler:
    """The running asyncio loop as a scheduler: real time, CLOCK_MONOTONIC on Linux, so that the
    records of two processes of one host can be laid side by side."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    @property
    def now(self) -> float:
        return self._loop.time()

    def call_later(self, delay: float, action: Callable[[], object]) -> Handle:
        return self._loop.call_later(delay, action)
