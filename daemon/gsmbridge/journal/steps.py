"""What happened to a message, step by step, for people: `gsmbridge messages --id`.

A step is written in the transaction of what it tells, so it costs no commit of its own. Steps hold
neither text nor PDU, and go with their message.
"""

from __future__ import annotations

import sqlite3

from gsmbridge.journal.life import Cause
from gsmbridge.journal.outcome import Slot
from gsmbridge.message import Reading

FIRST, LAST = 5, 20
"""Of each kind that many steps stay: an outage of days must not fill the journal."""

READ = "read"
"""A message, or part *number* of one, was read from a slot (or came past the store)."""
AGAIN = "again"
"""The same bytes lay there, or came, once more."""
ASIDE = "aside"
"""Not for forwarding, or it can't be decoded."""
FAILED = "failed"
"""Attempt *number* ended without a verdict."""
FREED = "freed"
"""Our delete of a slot was confirmed."""
GONE = "gone"
"""A whole listing didn't show it any more, and the delete was not ours."""

KINDS = (READ, AGAIN, ASIDE, FAILED, FREED, GONE, *(cause.value for cause in Cause))
"""Moves between states are told under the name of their cause."""

FACTS = ("modem", "store", "slot", "number", "status", "error", "ms", "state")
"""The columns beside *at* and *kind*; what does not apply is NULL."""

_INSERT = (
    f"INSERT INTO steps (sms_id, step, at, kind, {', '.join(FACTS)})"  # nosec B608 # noqa: S608
    " VALUES (?, (SELECT coalesce(max(step), 0) + 1 FROM steps WHERE sms_id = ?), ?, ?"
    f"{', ?' * len(FACTS)})"
)
_OF_KIND = "SELECT step FROM steps WHERE sms_id = :sms_id AND kind = :kind ORDER BY step"
_TRIM = (
    "DELETE FROM steps WHERE sms_id = :sms_id AND kind = :kind"  # nosec B608 # noqa: S608
    f" AND step IN ({_OF_KIND} LIMIT -1 OFFSET {FIRST})"
    f" AND step NOT IN ({_OF_KIND} DESC LIMIT {LAST})"
)


_FEW = frozenset((READ, ASIDE, Cause.WHOLE.value, Cause.ANSWERED_200.value))
"""Kinds that no message has many of: no time is spent on bounding them."""


def place(reading: Reading, slot: Slot) -> dict[str, str | int | None]:
    """Where something was read, as facts. Direct delivery has no slot."""
    direct = reading.store == ""
    return {
        "modem": reading.shown,
        "store": None if direct else reading.store,
        "slot": None if direct else slot.slot,
    }


def note(
    db: sqlite3.Connection, sms_id: int, at: float, kind: str, **facts: str | int | None
) -> None:
    """Add a step to a message's history. *at* is Unix time; the names of *facts* are in `FACTS`."""
    values = [facts.get(name) for name in FACTS]
    db.execute(_INSERT, (sms_id, sms_id, at, kind, *values))
    few = kind in _FEW or (kind == FAILED and int(facts.get("number") or 0) <= FIRST + LAST)
    if not few:
        db.execute(_TRIM, {"sms_id": sms_id, "kind": kind})
