"""The wire's outgoing side: what a modem says, at the pace and in the pieces it comes in."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable

from gsmbridge.farm.world import Handle, Scheduler

TICK = 0.016
"""Seconds a USB serial adapter gathers bytes before it hands them on (FTDI's latency timer)."""
BACKLOG = 256 * 1024
"""Octets that wait for the line at most; what comes on top is lost, as in a modem's own buffer."""


class Line:
    """Sends octets in order. Unpaced and undisturbed it emits at once, within `send`."""

    def __init__(
        self, world: Scheduler, emit: Callable[[bytes], None], rng: random.Random, baud: int | None
    ) -> None:
        self.baud = baud
        self.split = False
        """Cut into pieces of 1 to 7 octets, each by itself."""
        self.hold = 0.0
        """Seconds that output is gathered, so that several replies come in one piece."""
        self._world = world
        self._emit = emit
        self._rng = rng
        self._waiting: deque[bytes] = deque()
        self._queued = 0
        self._timer: Handle | None = None

    def send(self, data: bytes) -> None:
        """Queue *data* behind what waits."""
        if self._timer is None and not (self.baud or self.split or self.hold):
            self._emit(data)
        elif self._queued + len(data) <= BACKLOG:
            self._waiting.append(data)
            self._queued += len(data)
            if self._timer is None:
                self._timer = self._world.call_later(self.hold or self._time_of(data), self._go)

    def clear(self) -> None:
        """Lose what waits: the modem is off."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._waiting.clear()
        self._queued = 0

    def _time_of(self, data: bytes) -> float:
        return min(TICK, len(data) * 10 / self.baud) if self.baud else 0.0

    def _go(self) -> None:
        self._timer = None
        piece = self._next_piece()
        if self._waiting:
            pause = max(self._time_of(piece), self._time_of(self._waiting[0]))
            self._timer = self._world.call_later(pause, self._go)
        self._emit(piece)

    def _next_piece(self) -> bytes:
        everything = b"".join(self._waiting)
        size = len(everything)
        if self.split:
            size = self._rng.randint(1, 7)
        elif self.baud:
            size = max(1, int(self.baud * TICK / 10))
        self.clear()
        piece, rest = everything[:size], everything[size:]
        if rest:
            self._waiting.append(rest)
            self._queued = len(rest)
        return piece
