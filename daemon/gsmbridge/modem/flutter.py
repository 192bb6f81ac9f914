"""A modem whose SIM is in doubt again and again is given growing pauses. No I/O."""

from __future__ import annotations

STEADY = 60.0
"""Seconds after which an appearance was no flutter."""
LONGEST_BREATH = 10.0
"""Seconds between two appearances of a modem that never settles, at most."""
MOST = 8
"""Doublings of the pause that are counted."""


class Flutter:
    """Appearances that did not last, in a row. Times are the loop's."""

    def __init__(self) -> None:
        self.times = 0
        self._steady_at = 0.0

    def begins(self, now: float) -> None:
        """An appearance begins."""
        self._steady_at = now + STEADY

    def ends(self, now: float) -> float:
        """It is over: seconds to wait before the next."""
        if now >= self._steady_at:
            self.times = 0
            return 0.0
        self.times = min(self.times + 1, MOST)
        return min(0.05 * 2.0**self.times, LONGEST_BREATH)
