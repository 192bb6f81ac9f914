"""Multipart messages in the journal: where a part belongs, and when what has come is pushed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from gsmbridge.journal import events, messages
from gsmbridge.journal.ids import Ids
from gsmbridge.journal.outcome import Now, Outcome, Slot
from gsmbridge.journal.rules import FULL_WINDOW, Rules
from gsmbridge.message import Reading, State
from gsmbridge.sms import parts
from gsmbridge.sms.pdu import Deliver, decode
from gsmbridge.sms.udh import Concat

SAME_SENDING = 300.0
"""Seconds by which the service centre's stamps of one message's parts may differ."""


def part(
    db: sqlite3.Connection,
    rules: Rules,
    ids: Ids,
    now: Now,
    reading: Reading,
    slot: Slot,
    deliver: Deliver,
    concat: Concat,
    outcome: Outcome,
) -> int:
    """Journal a part that was never seen on this SIM; its copy's key."""
    key = parts.key(deliver.sender, concat)
    content = parts.content(deliver)
    stamp = deliver.scts.timestamp() if deliver.scts is not None else None
    candidates = _candidates(db, rules, now, reading.sim, key, stamp)
    decision = parts.decide(concat, content, stamp, candidates)
    match decision:
        case parts.Duplicate(sms_id) | parts.Joins(sms_id):
            pass
        case parts.Begins() | parts.AloneAfterGaps():
            sms_id = messages.insert(db, rules, ids, now, reading, deliver, part_key=key)
    copy = messages.insert_copy(
        db,
        now,
        reading,
        slot,
        sms_id,
        dated=deliver.scts is not None,
        part=concat.number,
        content=content,
    )
    if isinstance(decision, parts.Duplicate):
        return copy
    if isinstance(decision, parts.Joins) and not messages.held_for(
        db, rules, now, reading, deliver
    ):
        # A part that is surely meant for today's client vouches for the whole.
        db.execute("UPDATE messages SET held_for = '' WHERE sms_id = ?", (sms_id,))
    db.execute(
        "UPDATE messages SET newest_at = ?, boot = ? WHERE sms_id = ?", (now.mono, now.boot, sms_id)
    )
    if isinstance(decision, parts.AloneAfterGaps) or decision.completes:
        finish(db, rules, now, sms_id, outcome, modem=reading.shown, fresh=reading.arrived)
    else:
        outcome.collecting[sms_id] = now.mono + rules.multipart_timeout
        outcome.tell(
            events.PART,
            sms_id=sms_id,
            part=concat.number,
            total=concat.total,
            phone_from=deliver.sender,
            modem=reading.shown,
        )
    return copy


def finish(
    db: sqlite3.Connection,
    rules: Rules,
    now: Now,
    sms_id: int,
    outcome: Outcome,
    *,
    modem: str,
    fresh: bool,
) -> None:
    """Wait for no more parts of a message: what has come is all of it."""
    total = db.execute("SELECT total FROM messages WHERE sms_id = ?", (sms_id,)).fetchone()["total"]
    have: list[Deliver | None] = [None] * total
    for row in db.execute("SELECT part, pdu FROM copies WHERE sms_id = ? ORDER BY copy", (sms_id,)):
        decoded = decode(row["pdu"])
        if isinstance(decoded, Deliver):
            have[row["part"] - 1] = decoded
    outcome.whole.append(sms_id)
    messages.whole(db, rules, now, sms_id, have, outcome, modem=modem, fresh=fresh)


def expire(
    db: sqlite3.Connection, rules: Rules, now: Now, sms_ids: Iterable[int], outcome: Outcome
) -> None:
    """The window of these is over."""
    for sms_id in sms_ids:
        row = db.execute(
            "SELECT modem FROM messages JOIN copies USING (sms_id) WHERE sms_id = ? AND state = ?",
            (sms_id, State.COLLECTING),
        ).fetchone()
        if row is not None:
            finish(db, rules, now, sms_id, outcome, modem=row["modem"], fresh=True)


def hurry(db: sqlite3.Connection, now: Now, sim: int, outcome: Outcome) -> None:
    """A full SIM has no room for the missing parts: what waits on it waits less long."""
    row = db.execute("SELECT used, total FROM sims WHERE sim = ?", (sim,)).fetchone()
    if row["total"] and row["used"] >= row["total"]:
        for waiting in db.execute(
            "SELECT sms_id FROM messages WHERE sim = ? AND state = ?", (sim, State.COLLECTING)
        ):
            outcome.hurried[waiting["sms_id"]] = now.mono + FULL_WINDOW


def _candidates(
    db: sqlite3.Connection, rules: Rules, now: Now, sim: int, key: str, stamp: float | None
) -> list[parts.Candidate]:
    """The messages under a part's key that it may belong to, oldest first."""
    rows = db.execute(
        "SELECT * FROM messages WHERE sim = ? AND part_key = ? ORDER BY sms_id", (sim, key)
    )
    found = []
    for row in rows.fetchall():
        present = {
            copy["part"]: copy["content"]
            for copy in db.execute(
                "SELECT part, content FROM copies WHERE sms_id = ? AND identity <> ''",
                (row["sms_id"],),
            )
        }
        stage = _stage(row, present)
        if stage is parts.Stage.COLLECTING:
            if row["held_for"] and not _one_sending(row, stamp):
                continue  # an earlier client's, and today's
        elif not _within(row, rules, now, stage, stamp):
            continue
        found.append(parts.Candidate(row["sms_id"], stage, present, row["scts"]))
    return found


def _stage(row: sqlite3.Row, present: dict[int, str]) -> parts.Stage:
    if row["state"] == State.COLLECTING:
        return parts.Stage.COLLECTING
    return parts.Stage.WHOLE if len(present) == row["total"] else parts.Stage.GAPS


def _one_sending(row: sqlite3.Row, stamp: float | None) -> bool:
    """Whether stamps allow a part to be of this message; one without a stamp may be."""
    return row["scts"] is None or stamp is None or abs(row["scts"] - stamp) <= SAME_SENDING


def _within(
    row: sqlite3.Row, rules: Rules, now: Now, stage: parts.Stage, stamp: float | None
) -> bool:
    """Whether a finished message can still be meant: references come round again.

    A late part of one that went out with gaps may take hours; its stamp tells it.
    """
    late = stage is parts.Stage.GAPS and row["scts"] is not None and stamp is not None
    if late and abs(row["scts"] - stamp) <= SAME_SENDING:
        return True
    same_boot = row["boot"] == now.boot
    age: float = now.mono - row["newest_at"] if same_boot else now.wall - row["received_at"]
    return abs(age) <= rules.multipart_timeout
