"""The daily line: what came, what went, and what is wrong, or that nothing is.

At a fixed hour by the local clock, so that a daemon that is restarted now and then tells it all the
same, and whoever reads it knows when. The figures come from the journal, across restarts.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from gsmbridge.service.alarms import HELD, Alarm

DAY = 86400.0


class Daily:
    """Tells when the hour has come. A clock that jumps tells at most once a day."""

    def __init__(self, wall: float) -> None:
        """The day of *wall*, the start, counts as told if the hour is past."""
        self._seen = wall

    def due(self, wall: float, hour: int | None) -> bool:
        """Whether *hour* o'clock was passed since the last call."""
        before, self._seen = self._seen, wall
        if hour is None or wall <= before:
            return False
        return before < _last(wall, hour)


def _last(wall: float, hour: int) -> float:
    """When it was last *hour* o'clock, local time."""
    local = time.localtime(wall)
    today = time.mktime((*local[:3], hour, 0, 0, 0, 0, -1))
    if today <= wall:
        return today
    yesterday = time.localtime(wall - DAY)
    return time.mktime((*yesterday[:3], hour, 0, 0, 0, 0, -1))


def summary(counts: Mapping[str, int], alarms: Sequence[Alarm]) -> dict[str, object]:
    """The fields of the line. *counts*: `queries.day`."""
    wrong = "; ".join(alarm.what for alarm in alarms)
    return {
        "received": counts["received"],
        "delivered": counts["delivered"],
        "refused": counts["refused"],
        "waiting": counts["pending"],
        "held": sum(counts[state] for state in HELD),
        "wrong": f"wrong: {wrong}" if wrong else "nothing is wrong",
    }
