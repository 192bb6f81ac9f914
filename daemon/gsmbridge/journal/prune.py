"""Forgetting what is not needed any more: first texts, later rows (I8), never what still lies on a
SIM: its hash must be known for as long."""

from __future__ import annotations

import sqlite3

from gsmbridge.journal.messages import DAY
from gsmbridge.journal.rules import REDELIVERY, Rules

_LEFT = "NOT EXISTS (SELECT 1 FROM copies WHERE copies.sms_id = messages.sms_id AND on_sim = 1)"
_FINISHED = "state IN ('delivered', 'refused', 'discarded', 'skipped')"


def prune(db: sqlite3.Connection, rules: Rules, wall: float) -> tuple[int, int]:
    """Erase texts and PDUs of delivered and discarded messages after `keep_text`, and everything of
    finished ones after `keep_days`; how many texts, how many rows."""
    erased = [
        row["sms_id"]
        for row in db.execute(
            f"UPDATE messages SET text = NULL WHERE state IN ('delivered', 'discarded')"
            f" AND text IS NOT NULL AND settled_at < ? AND {_LEFT} RETURNING sms_id",
            (wall - rules.keep_text,),
        )
    ]
    erased += [
        row["sms_id"]
        for row in db.execute(
            f"UPDATE messages SET text = NULL WHERE {_FINISHED} AND text IS NOT NULL"
            f" AND settled_at < ? RETURNING sms_id",
            (wall - rules.keep_days * DAY,),
        )
    ]
    db.executemany("UPDATE copies SET pdu = NULL WHERE sms_id = ?", [(i,) for i in erased])
    keep = max(rules.keep_days * DAY, REDELIVERY)
    rows = db.execute(
        f"DELETE FROM messages WHERE {_FINISHED} AND settled_at < ? AND {_LEFT}"
        " AND NOT EXISTS (SELECT 1 FROM copies WHERE copies.sms_id = messages.sms_id"
        " AND freed_at >= ?)",
        (wall - keep, wall - REDELIVERY),
    ).rowcount
    return len(erased), rows
