"""Figures as a tired person reads them, and how much each should worry them. Pure."""

from __future__ import annotations

from enum import IntEnum

from gsmbridge.modem.status import ModemStatus


class Mood(IntEnum):
    """How things stand, from good to bad."""

    OK = 0
    WARN = 1
    BAD = 2

    @property
    def word(self) -> str:
        return self.name.lower()


PHASES = {
    "ready": (Mood.OK, "ready"),
    "reading": (Mood.OK, "reading its SIM"),
    "setup": (Mood.WARN, "starting"),
    "opening": (Mood.WARN, "starting"),
    "no-sim": (Mood.BAD, "no SIM"),
    "pin": (Mood.BAD, "SIM locked"),
    "silent": (Mood.BAD, "does not answer"),
    "lost": (Mood.BAD, "gone"),
    "recovering": (Mood.BAD, "recovering"),
    "twin": (Mood.OK, "second port"),
}
"""`ModemStatus.phase` in words."""

FILLING = 0.8
"""Part of a SIM's slots from which it is nearly full."""
WEAK = -105
"""dBm below which messages may be late."""


def is_modem(status: ModemStatus) -> bool:
    """Whether there is a modem: not so for a port that never answered, or a modem's second one."""
    return status.phase != "twin" and (status.imei is not None or bool(status.model))


def phase(status: ModemStatus) -> tuple[Mood, str]:
    """How a modem is."""
    return PHASES.get(status.phase, (Mood.WARN, status.phase))


def fill(used: int | None, total: int | None) -> Mood:
    """How full a SIM is."""
    if used is None or not total or used < FILLING * total:
        return Mood.OK
    return Mood.BAD if used >= total else Mood.WARN


def mood(status: ModemStatus) -> Mood:
    """How a modem is, all in all."""
    registered = Mood.BAD if status.alarms else Mood.OK
    return max(phase(status)[0], fill(status.used, status.total), registered)


def span(seconds: float) -> str:
    """A length of time in its largest unit, such as `3 min`."""
    left = max(0, int(seconds))
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if left >= 2 * size:
            return f"{left // size} {unit}"
    return f"{left} s"


def ago(then: float | None, now: float) -> str:
    """How long ago; a dash where it is not known."""
    return "–" if then is None else f"{span(now - then)} ago"


def count(number: int, one: str, more: str = "") -> str:
    """A number of things."""
    return f"{number:,} {one if number == 1 else more or one + 's'}".replace(",", "\u202f")
