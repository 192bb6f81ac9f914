"""What the config says about messages, as the journal's operations need it."""

from __future__ import annotations

from dataclasses import dataclass, field

from gsmbridge.message import State
from gsmbridge.numbers import Numbers

REDELIVERY = 7 * 86400.0
"""Seconds in which the bytes of a message that we deleted count as its redelivery."""
FULL_WINDOW = 30.0
"""Seconds that a full SIM waits for missing parts."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Replaced as a whole by a reload."""

    numbers: Numbers = field(default_factory=Numbers)
    retry_interval: float = 10.0
    multipart_timeout: float = 120.0
    max_stored_age: float | None = 86400.0
    sim_full: str = "keep"
    keep_text: float = 86400.0
    keep_days: float = 30.0
    strip_plus: bool = False

    def may_free(self) -> tuple[State, ...]:
        """States whose slots the operator lets us free while a SIM is nearly full."""
        settled = (State.REFUSED, State.SKIPPED, State.STALE)
        if self.sim_full == "free_refused":
            return settled
        if self.sim_full == "free_journalled":
            return (*settled, State.PENDING, State.UNASSIGNED, State.UNREADABLE, State.COLLECTING)
        return ()
