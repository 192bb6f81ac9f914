"""One modem's way up the ladder and back to work, told and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Protocol

from gsmbridge.errors import ModemError
from gsmbridge.events import Kind
from gsmbridge.modem import events as kinds
from gsmbridge.modem.recovery import HOUR, ROUGH, Ladder, Rung, Step, Trouble


class Tell(Protocol):
    """Tells an event of the modem."""

    def __call__(self, kind: Kind, /, **fields: object) -> None: ...


class Climb:
    """What was tried with a modem that failed."""

    def __init__(self, tell: Tell, ladder: Ladder) -> None:
        self.ladder = ladder
        self._tell = tell
        self._trouble: Trouble | None = None
        self._tried: Counter[Rung] = Counter()
        self._told: Rung | None = None

    @property
    def in_trouble(self) -> bool:
        return self._trouble is not None

    def lasted(self, now: float) -> float:
        """Seconds since the modem worked; 0 while it does."""
        return now - self._trouble.began if self._trouble is not None else 0.0

    @property
    def resets(self) -> int:
        return sum(self._tried[rung] for rung in ROUGH)

    @property
    def tried(self) -> tuple[tuple[str, int], ...]:
        """How often each rung was tried since the start."""
        return tuple((rung.value, self._tried[rung]) for rung in Rung if self._tried[rung])

    def failed(self, error: ModemError, now: float, rough: Collection[Rung]) -> Step:
        """The modem failed at *now* (loop time). What to try next, told at first in detail, then
        ever more rarely and louder. *rough*: the resets it may be given."""
        if self._trouble is None:
            self._trouble = Trouble(now)
            self._tell(kinds.MODEM_TROUBLE, error=error.message)
        elif self._told is not None:
            self._tell(kinds.RECOVERY_FAILED, rung=self._told.value, error=error.message)
        if (lasted := self._trouble.reminder(now)) is not None:
            kind = kinds.MODEM_DOWN if lasted < HOUR else kinds.MODEM_DEAD
            self._tell(kind, minutes=round(lasted / 60), error=error.message)
        step = self.ladder.failed(now, rough)
        self._tried[step.rung] += 1
        self._told = step.rung if self._trouble.is_news(step.rung) else None
        if self._told is not None:
            self._tell(kinds.RECOVERY_STEP, rung=step.rung.value, attempt=self.ladder.failures)
        return step

    def works(self, now: float) -> None:
        """The modem is ready."""
        if self._trouble is not None:
            self._tell(kinds.MODEM_RECOVERED, seconds=round(now - self._trouble.began))
            self._trouble = self._told = None
