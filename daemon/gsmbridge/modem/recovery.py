"""The ladder that a failing modem is taken up, rung by rung: pure, times are passed in."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum

LONGEST_PAUSE = 30.0
"""Seconds between two attempts, at most."""
RESETS_AN_HOUR = 3
RARER_AFTER = 6
"""So many resets without lasting success, and one an hour has to do."""
HOUR = 3600.0


class Rung(Enum):
    """What is done to a modem that failed, from mild to rough."""

    SYNC = "synchronise"
    REOPEN = "reopen the port"
    REINIT = "start the SIM anew"
    RESET = "reset the modem"


@dataclass(frozen=True, slots=True)
class Step:
    """The next attempt, after *pause* seconds."""

    rung: Rung
    pause: float


LADDER = (
    Step(Rung.SYNC, 0.0),
    Step(Rung.SYNC, 2.0),
    Step(Rung.REOPEN, 2.0),
    Step(Rung.REOPEN, 5.0),
    Step(Rung.REINIT, 5.0),
    Step(Rung.RESET, 10.0),
    Step(Rung.REOPEN, 10.0),
    Step(Rung.REOPEN, 20.0),
    Step(Rung.RESET, 10.0),
)
"""Climbed in order; from the top on, `AT_TOP` in turn."""
AT_TOP = (Step(Rung.REOPEN, LONGEST_PAUSE), Step(Rung.REOPEN, 20.0), Step(Rung.RESET, 10.0))


class Ladder:
    """Where one modem stands on it."""

    def __init__(self) -> None:
        self.failures = 0
        self._resets: deque[float] = deque(maxlen=RARER_AFTER)
        self._unrecovered = 0

    def failed(self, now: float) -> Step:
        """The modem failed at *now* (seconds): what to try next. A reset that is not allowed yet
        is a reopening."""
        at, self.failures = self.failures, self.failures + 1
        step = LADDER[at] if at < len(LADDER) else AT_TOP[(at - len(LADDER)) % len(AT_TOP)]
        if step.rung is not Rung.RESET:
            return step
        if not self._may_reset(now):
            return Step(Rung.REOPEN, step.pause)
        self._resets.append(now)
        self._unrecovered += 1
        return step

    def recovered(self) -> None:
        """It works, and has for a while."""
        self.failures = self._unrecovered = 0

    def _may_reset(self, now: float) -> bool:
        lately = sum(now - reset < HOUR for reset in self._resets)
        return lately < (1 if self._unrecovered >= RARER_AFTER else RESETS_AN_HOUR)


def quiet_pause(tries: int) -> float:
    """Seconds until a port that says nothing, or cannot be opened, is tried again."""
    return min(2.0**tries, 10.0)
