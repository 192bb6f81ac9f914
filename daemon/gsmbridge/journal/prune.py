"""Forgetting what is not needed any more: first texts, later rows (I8), never what still lies on a
SIM: its hash must be known for as long."""

from __future__ import annotations

import sqlite3

from gsmbridge.journal import steady
from gsmbridge.journal.ids import CLOCK_IS_SET
from gsmbridge.journal.messages import DAY
from gsmbridge.journal.outcome import Now
from gsmbridge.journal.rules import REDELIVERY, Rules

STEP = 500
"""Messages that one transaction touches at most."""

_FINISHED = "state IN ('delivered', 'refused', 'discarded', 'skipped')"
_GONE = "NOT EXISTS (SELECT 1 FROM copies WHERE copies.sms_id = messages.sms_id AND on_sim = 1)"
_FREED_BEFORE = (
    "NOT EXISTS (SELECT 1 FROM copies WHERE copies.sms_id = messages.sms_id AND freed_at >= ?)"
)
_NEW = "coalesce(scts, 0) BETWEEN ? AND ?"
"""By the network's clock: ours may have been wrong when the message was settled and freed."""
_UNTIMELY = (
    "SELECT sms_id FROM messages WHERE erased IN (0, 1) AND settled_at < ? ORDER BY sms_id LIMIT ?"
)
_ERASE = (
    "UPDATE messages SET text = NULL, erased = 1 WHERE sms_id IN"
    " (SELECT sms_id FROM messages WHERE erased = 0 AND settled_at < ? AND {} LIMIT ?)"
    " RETURNING sms_id"
)
_FORGET = (
    "DELETE FROM messages WHERE sms_id IN"  # nosec B608 # noqa: S608 - constants
    f" (SELECT sms_id FROM messages WHERE erased IN (0, 1) AND settled_at < ? AND NOT {_NEW}"
    f" AND {_FINISHED} AND {_GONE} AND {_FREED_BEFORE} LIMIT ?)"
)


def prune(db: sqlite3.Connection, rules: Rules, now: Now) -> bool:
    """Take one step; false where nothing was left to do.

    Texts and PDUs of delivered and discarded messages go `keep_text` after verdict and delete,
    those of all finished ones `keep_days` after the verdict, on the SIM or not; then the rows of
    those that were seen gone from it. What was settled before the clock was set counts from now on.
    A clock that leapt is not believed as to a row's age until it has run on for `REDELIVERY`.
    """
    wall = now.wall
    begun = steady.note(db, now)
    untimely = db.execute(_UNTIMELY, (CLOCK_IS_SET, STEP)).fetchall()
    db.executemany(
        "UPDATE copies SET freed_at = ? WHERE sms_id = ? AND freed_at IS NOT NULL",
        [(wall, row["sms_id"]) for row in untimely],
    )
    db.executemany(
        "UPDATE messages SET settled_at = ? WHERE sms_id = ?",
        [(wall, row["sms_id"]) for row in untimely],
    )
    done = f"state IN ('delivered', 'discarded') AND {_GONE} AND {_FREED_BEFORE}"
    read = wall - rules.keep_text
    old = wall - rules.keep_days * DAY
    erased = db.execute(_ERASE.format(done), (read, read, STEP)).fetchall()
    finished = f"{_FINISHED} AND NOT {_NEW}"
    erased += db.execute(_ERASE.format(finished), (old, old, wall + REDELIVERY, STEP)).fetchall()
    db.executemany("UPDATE copies SET pdu = NULL WHERE sms_id = ?", erased)
    redelivery = wall - REDELIVERY
    if begun > redelivery:
        return bool(untimely) or bool(erased)
    kept = (min(old, redelivery), redelivery, wall + REDELIVERY, redelivery)
    forgotten = db.execute(_FORGET, (*kept, STEP)).rowcount
    return bool(untimely) or bool(erased) or forgotten > 0
