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
    row = db.execute("SELECT value FROM meta WHERE key = 'steady'").fetchone()
    if row is None:
        _write(db, now, now.wall)
        return now.wall
    boot, mono, wall, begun = row["value"].split()
    passed = now.mono - float(mono) if boot == now.boot else 0.0
    if abs(now.wall - float(wall) - passed) <= LEAP:
        return float(begun)
    _write(db, now, now.wall)
    return now.wall


def note(db: sqlite3.Connection, now: Now) -> float:
    """The same; and the next leap is one from now."""
    begun = since(db, now)
    _write(db, now, begun)
    return begun


def _write(db: sqlite3.Connection, now: Now, begun: float) -> None:
    value = f"{now.boot} {now.mono!r} {now.wall!r} {begun!r}"
    db.execute("INSERT OR REPLACE INTO meta VALUES ('steady', ?)", (value,))
