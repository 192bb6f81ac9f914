"""The ladder that a failing modem is taken up, rung by rung: pure, times are passed in."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

LONGEST_PAUSE = 30.0
"""Seconds between two attempts, at most."""
HOUR = 3600.0
RESETS_AN_HOUR = 3
RARER_AFTER = 6
"""So many resets without lasting success, and they become rare: an hour apart, then two, four..."""
RAREST = 24 * HOUR
LOUDER = (60.0, 15 * 60.0, HOUR, 4 * HOUR, 24 * HOUR)
"""Seconds of trouble at which it is told again; then once a day."""


class Rung(Enum):
    """What is done to a modem that failed, from mild to rough."""

    SYNC = "synchronise"
    REOPEN = "reopen the port"
    REINIT = "start the SIM anew"
    RESET = "reset the modem"
    USB_RESET = "reset its USB port"


ROUGH = (Rung.RESET, Rung.USB_RESET)
"""Counted together, limited, and done only to modems that come back from it."""


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
    Step(Rung.REOPEN, 20.0),
    Step(Rung.USB_RESET, 10.0),
)
"""Climbed in order; from the top on, `AT_TOP` in turn."""
AT_TOP = (
    Step(Rung.REOPEN, LONGEST_PAUSE),
    Step(Rung.REINIT, 20.0),
    Step(Rung.RESET, 10.0),
    Step(Rung.REOPEN, LONGEST_PAUSE),
    Step(Rung.REINIT, 20.0),
    Step(Rung.USB_RESET, 10.0),
)


class Ladder:
    """Where one modem stands on it."""

    def __init__(self) -> None:
        self.failures = 0
        self._resets: deque[float] = deque(maxlen=RARER_AFTER)
        self._unrecovered = 0

    def failed(self, now: float, rough: Collection[Rung] = (Rung.RESET,)) -> Step:
        """The modem failed at *now* (seconds): what to try next. *rough*: the resets that it may
        be given at all. One that is not allowed, or not yet, is a reopening."""
        at, self.failures = self.failures, self.failures + 1
        step = LADDER[at] if at < len(LADDER) else AT_TOP[(at - len(LADDER)) % len(AT_TOP)]
        if step.rung not in ROUGH:
            return step
        if step.rung not in rough or not self._may_reset(now):
            return Step(Rung.REOPEN, step.pause)
        self._resets.append(now)
        self._unrecovered += 1
        return step

    def recovered(self) -> None:
        """It works, and has for a while."""
        self.failures = self._unrecovered = 0

    def _may_reset(self, now: float) -> bool:
        if sum(now - reset < HOUR for reset in self._resets) >= RESETS_AN_HOUR:
            return False
        more = self._unrecovered - RARER_AFTER
        return more < 0 or now - self._resets[-1] >= min(HOUR * 2.0**more, RAREST)


class Trouble:
    """One stretch of time in which a modem does not work, and what has been told of it."""

    def __init__(self, began: float) -> None:
        self.began = began
        self._tried: Counter[Rung] = Counter()
        self._reminders = 0

    def is_news(self, rung: Rung) -> bool:
        """Whether *rung* is worth a line: the first time, and every reset. Call once for each."""
        self._tried[rung] += 1
        return self._tried[rung] == 1 or rung in ROUGH

    def reminder(self, now: float) -> float | None:
        """Seconds since it began, where it is time to tell of it again; else None."""
        lasted = now - self.began
        past = sum(lasted >= when for when in LOUDER)
        past += max(0, int(lasted // LOUDER[-1]) - 1)
        if past <= self._reminders:
            return None
        self._reminders = past
        return lasted


def quiet_pause(tries: int) -> float:
    """Seconds until a port that says nothing, or cannot be opened, is tried again."""
    return min(2.0 ** min(tries, 4), 10.0)
