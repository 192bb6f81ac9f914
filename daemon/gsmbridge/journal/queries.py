"""What people ask of the journal: read only."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict, dataclass
from itertools import takewhile
from typing import Any

from gsmbridge.journal import steps as kinds

_MESSAGES = """
SELECT messages.*, sims.iccid, sims.imsi,
       (SELECT count(DISTINCT part) FROM copies WHERE copies.sms_id = messages.sms_id) AS have,
       (SELECT sum(on_sim) FROM copies WHERE copies.sms_id = messages.sms_id) AS slots,
       (SELECT max(freed_at) FROM copies WHERE copies.sms_id = messages.sms_id) AS freed_at,
       (SELECT group_concat(pdu, ' ') FROM copies WHERE copies.sms_id = messages.sms_id) AS pdus
  FROM messages JOIN sims USING (sim)
 WHERE (:sms_id IS NULL OR sms_id = :sms_id)
   AND (:state IS NULL OR state = :state) AND (:phone IS NULL OR phone = :phone)
   AND (:sender IS NULL OR phone_from = :sender OR phone_from = '+' || :sender)
   AND (:since IS NULL OR received_at >= :since)
   AND (:until IS NULL OR received_at <= :until)
 ORDER BY received_at, sms_id
"""


_SIMS = """
SELECT iccid, imsi, own_number, first_seen, last_seen, last_sms, used, total,
       (SELECT count(*) FROM copies JOIN messages USING (sms_id)
         WHERE copies.sim = sims.sim AND on_sim = 1
           AND received_at >= max(:since, first_seen + :first_look)
           AND state NOT IN ('delivered', 'discarded')) AS stayed
  FROM sims ORDER BY sim
"""
DAY = 86400.0
PACE_DAYS = 7.0
"""Days over which a SIM's pace of filling is taken."""
FIRST_LOOK = 600.0
"""Seconds in which what is read of a new SIM lay there before: it tells nothing of a pace."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages; None: all. Times are Unix seconds."""

    sms_id: int | None = None
    state: str | None = None
    phone: str | None = None
    sender: str | None = None
    """As it was sent; digits mean the number with a plus too."""
    since: float | None = None
    until: float | None = None


def messages(db: sqlite3.Connection, wanted: Wanted, text: bool) -> list[dict[str, Any]]:
    """Messages, newest last (the shape is documented in docs/json.md). One that is asked for by
    its id comes with its history."""
    rows = db.execute(_MESSAGES, asdict(wanted)).fetchall()
    found = [_message(row, text) for row in rows]
    if wanted.sms_id is not None:
        for message in found:
            message["steps"] = steps(db, wanted.sms_id)
    return found


def steps(db: sqlite3.Connection, sms_id: int) -> list[dict[str, Any]]:
    """What happened to a message, in order."""
    columns = ", ".join(("at", "kind", *kinds.FACTS))
    query = f"SELECT {columns} FROM steps WHERE sms_id = ?"  # nosec B608 # noqa: S608 - constants
    rows = db.execute(f"{query} ORDER BY step", (sms_id,))
    return [dict(row) for row in rows]


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


def held(db: sqlite3.Connection) -> dict[str, int]:
    """Messages that wait for a person, by state."""
    rows = db.execute(
        "SELECT state, count(*) AS n FROM messages"
        " WHERE state IN ('unassigned', 'stale', 'unreadable') GROUP BY state ORDER BY state"
    )
    return {row["state"]: row["n"] for row in rows}


def day(db: sqlite3.Connection, since: float) -> dict[str, int]:
    """What was received, delivered and refused since a Unix time, and what waits now."""
    row = db.execute(
        "SELECT count(*) FILTER (WHERE received_at >= :since AND own = 0) AS received,"
        " count(*) FILTER (WHERE state = 'delivered' AND settled_at >= :since) AS delivered,"
        " count(*) FILTER (WHERE state = 'refused' AND settled_at >= :since) AS refused,"
        " count(*) FILTER (WHERE state = 'pending') AS pending FROM messages",
        {"since": since},
    ).fetchone()
    waiting = dict.fromkeys(("unassigned", "stale", "unreadable"), 0)
    return {**dict(row), **waiting, **held(db)}


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


def sims(db: sqlite3.Connection, wall: float) -> list[dict[str, Any]]:
    """Every SIM that was ever seen, and in how many days it is full if it fills on as it did."""
    rows = db.execute(_SIMS, {"since": wall - PACE_DAYS * DAY, "first_look": FIRST_LOOK})
    found = []
    for row in rows:
        sim = dict(row)
        first_seen, stayed = sim.pop("first_seen"), sim.pop("stayed")
        sim["full_in_days"] = None
        if sim["total"] and stayed:
            days = min(PACE_DAYS, max(1.0, (wall - first_seen) / DAY))
            sim["full_in_days"] = max(0, sim["total"] - sim["used"]) / (stayed / days)
        found.append(sim)
    return found


def arrivals(db: sqlite3.Connection, since: float, most: int) -> list[tuple[float, str]]:
    """When the messages since *since* (Unix time) were read, and their states, newest first.

    ids rise as messages come, so only these rows are looked at, at most *most*.
    """
    rows = db.execute(
        "SELECT received_at, state FROM messages ORDER BY sms_id DESC LIMIT ?", (most,)
    )
    return [(row[0], row[1]) for row in takewhile(lambda row: row[0] >= since, rows)]


def last_sms(db: sqlite3.Connection) -> dict[str, float]:
    """When each SIM, by its ICCID, else IMSI, last had a message that was new, Unix time."""
    rows = db.execute("SELECT coalesce(iccid, imsi), last_sms FROM sims WHERE last_sms IS NOT NULL")
    return {row[0]: row[1] for row in rows}
