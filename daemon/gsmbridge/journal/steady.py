"""Since when the host's wall clock has run on without a leap: what it said before that tells no
age."""

from __future__ import annotations

import sqlite3

from gsmbridge.journal.messages import DAY
from gsmbridge.journal.outcome import Now

LEAP = DAY
"""Seconds by which the wall clock goes astray from the monotonic one before that is a leap; after
a boot, by which it went back, or on."""


def since(db: sqlite3.Connection, now: Now) -> float:
    """The wall time of the last leap, or of the first call. Written down where there was one.

    A host off for longer than `LEAP` looks like one whose clock went ahead, and counts as that.
    """
    noted = _noted(db)
    if noted is not None:
        boot, mono, wall, begun = noted
        passed = now.mono - mono if boot == now.boot else 0.0
        if abs(now.wall - wall - passed) <= LEAP:
            return begun
    _write(db, now, now.wall)
    return now.wall


def note(db: sqlite3.Connection, now: Now) -> float:
    """The same; and the next leap is one from now."""
    begun = since(db, now)
    _write(db, now, begun)
    return begun


def _noted(db: sqlite3.Connection) -> tuple[str, float, float, float] | None:
    """Boot, monotonic and wall time of the last note, and what `since` gave then. None where there
    is none, or a salvaged one that makes no sense."""
    row = db.execute("SELECT value FROM meta WHERE key = 'steady'").fetchone()
    if row is None:
        return None
    try:
        boot, *seconds = row["value"].split()
        mono, wall, begun = map(float, seconds)
    except ValueError:
        return None
    return boot, mono, wall, begun


def _write(db: sqlite3.Connection, now: Now, begun: float) -> None:
    value = f"{now.boot} {now.mono!r} {now.wall!r} {begun!r}"
    db.execute("INSERT OR REPLACE INTO meta VALUES ('steady', ?)", (value,))
