"""Messages an hour over the last day, as a small chart. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from gsmbridge.service.web.html import Html, tag
from gsmbridge.service.web.words import count

HOURS = 24
_WIDTH, _HEIGHT, _GAP = 12, 56, 2


def by_hour(arrivals: Iterable[float], now: float) -> list[int]:
    """How many of *arrivals* (Unix time) fell in each of the last `HOURS` hours, oldest first."""
    hours = [0] * HOURS
    for at in arrivals:
        back = int(max(0.0, now - at) // 3600)
        if back < HOURS:
            hours[HOURS - 1 - back] += 1
    return hours


def chart(hours: list[int], now: float) -> Html:
    """Bars that grow from the bottom, each with its hour and count to point at."""
    most = max(max(hours), 1)
    bars = [_bar(place, number, most, now) for place, number in enumerate(hours)]
    return tag(
        "svg",
        *bars,
        class_="hours",
        viewBox=f"0 0 {HOURS * _WIDTH} {_HEIGHT}",
        preserveAspectRatio="none",
        role="img",
        aria_label=f"Messages an hour over the last {HOURS} hours: "
        f"{hours[-1]} in the last hour, {max(hours)} in the busiest",
    )


def _bar(place: int, number: int, most: int, now: float) -> Html:
    height = max(round(number / most * (_HEIGHT - 2)), 2 if number else 1)
    end = datetime.fromtimestamp(now - (HOURS - 1 - place) * 3600)
    start = datetime.fromtimestamp(now - (HOURS - place) * 3600)
    return tag(
        "g",
        tag("title", f"{start:%H:%M}–{end:%H:%M}: {count(number, 'message')}"),
        tag("rect", x=place * _WIDTH, y=0, width=_WIDTH, height=_HEIGHT, class_="hover"),
        tag(
            "rect",
            x=place * _WIDTH + _GAP / 2,
            y=_HEIGHT - height,
            width=_WIDTH - _GAP,
            height=height,
            rx=1,
            class_="bar" if number else "none",
        ),
    )
