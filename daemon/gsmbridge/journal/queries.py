"""What people ask of the journal: read only."""

from __future__ import annotations

import sqlite3
from typing import Any

_MESSAGES = """
SELECT messages.*, sims.iccid, sims.imsi,
       (SELECT count(DISTINCT part) FROM copies WHERE copies.sms_id = messages.sms_id) AS have,
       (SELECT sum(on_sim) FROM copies WHERE copies.sms_id = messages.sms_id) AS slots,
       (SELECT max(freed_at) FROM copies WHERE copies.sms_id = messages.sms_id) AS freed_at,
       (SELECT group_concat(pdu, ' ') FROM copies WHERE copies.sms_id = messages.sms_id) AS pdus
  FROM messages JOIN sims USING (sim)
 WHERE (:state IS NULL OR state = :state) AND (:phone IS NULL OR phone = :phone)
   AND (:since IS NULL OR received_at >= :since)
 ORDER BY received_at, sms_id
"""


def messages(
    db: sqlite3.Connection, state: str | None, phone: str | None, since: float | None, text: bool
) -> list[dict[str, Any]]:
    """Messages, newest last (the shape is documented in docs/json.md)."""
    rows = db.execute(_MESSAGES, {"state": state, "phone": phone, "since": since})
    return [_message(row, text) for row in rows]


def _message(row: sqlite3.Row, text: bool) -> dict[str, Any]:
    message: dict[str, Any] = {
        "sms_id": row["sms_id"],
        "state": row["state"],
        "reason": row["reason"],
        "phone": row["phone"],
        "phone_from": row["phone_from"],
        "iccid": row["iccid"],
        "received": row["received_at"],
        "scts": row["scts"],
        "attempts": row["attempts"],
        "status": row["status"],
        "error": row["error"],
        "delivered": row["settled_at"] if row["state"] == "delivered" else None,
        "freed": row["freed_at"],
        "on_sim": row["slots"] or 0,
        "parts": {"have": row["have"], "total": row["total"]},
    }
    if text:
        message["text"] = row["text"]
        message["pdu"] = row["pdus"] if row["state"] == "unreadable" else None
    return message


def counts(db: sqlite3.Connection) -> dict[str, int]:
    """Messages by state."""
    rows = db.execute("SELECT state, count(*) AS n FROM messages GROUP BY state ORDER BY state")
    return {row["state"]: row["n"] for row in rows}


def oldest_pending(db: sqlite3.Connection) -> float | None:
    """When the oldest message that is still to be pushed was read, Unix time."""
    row = db.execute(
        "SELECT min(received_at) AS t FROM messages WHERE state = 'pending'"
    ).fetchone()
    oldest: float | None = row["t"]
    return oldest


def last_delivery(db: sqlite3.Connection) -> float | None:
    """When the last 200 was committed, Unix time."""
    row = db.execute(
        "SELECT max(settled_at) AS t FROM messages WHERE state = 'delivered'"
    ).fetchone()
    last: float | None = row["t"]
    return last


def sims(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """Every SIM that was ever seen."""
    rows = db.execute(
        "SELECT iccid, imsi, own_number, last_seen, last_sms, used, total FROM sims ORDER BY sim"
    )
    return [dict(row) for row in rows]
