"""Figures of the forwarding loop, for `status` and metrics."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from gsmbridge.forwarding.fruitless import Streak
from gsmbridge.onlinesim.answer import Alarm


@dataclass(frozen=True, slots=True)
class LastError:
    """The latest attempt that failed or was refused."""

    at: float
    """Unix time."""
    sms_id: int
    status: int | None
    error: str


@dataclass(frozen=True, slots=True)
class Stats:
    """A snapshot. Counts run from the start of the process."""

    waiting: int
    """To be attempted, now or later."""
    in_flight: int
    settling: int
    """With a verdict that is not committed yet."""
    oldest: float | None
    """Unix time (`Outgoing.order`) of the oldest that waits."""
    unreachable_for: float | None
    """Seconds since the partner was found unreachable; None: it answers, as far as is known."""
    paused: bool
    """The journal can't be written, so nothing begins."""
    alarms: tuple[Alarm, ...]
    last_success: float | None
    """Unix time of the latest status 200."""
    last_error: LastError | None
    attempts: int
    delivered: int
    refused: int
    failed: int
    faults: int
    """Unexpected exceptions."""
    errors: tuple[tuple[str, int], ...]
    """Failed and refused attempts by error word, sorted by word."""
    fruitless: Streak | None = None
    """Nothing is taken, and no answer says why."""


@dataclass(slots=True)
class Tally:
    """What is counted as it happens."""

    attempts: int = 0
    delivered: int = 0
    refused: int = 0
    failed: int = 0
    faults: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    last_success: float | None = None
    last_error: LastError | None = None

    def error(self, at: float, sms_id: int, status: int | None, error: str) -> None:
        """An attempt failed or was refused."""
        self.errors[error] += 1
        self.last_error = LastError(at, sms_id, status, error)
