"""Rows of messages: how they come to be, move and become something to push."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from gsmbridge.journal import events, sims, steps
from gsmbridge.journal.ids import Ids
from gsmbridge.journal.life import Cause, after
from gsmbridge.journal.outcome import Now, Outcome, Slot
from gsmbridge.journal.rules import Rules
from gsmbridge.message import Outgoing, Reading, State
from gsmbridge.numbers import Unnumbered
from gsmbridge.sms.pdu import Deliver
from gsmbridge.sms.text import render

DAY = 86400.0
FIRST_SMS = 946684800.0
"""2000-01-01: no time stamp before it is plausible."""
IN_MEMORY = "lay in the modem's own memory at start, so its SIM is not known"
"""Why a message is held whose row names the SIM that was in when it was found, and no more."""


def insert(
    db: sqlite3.Connection,
    rules: Rules,
    ids: Ids,
    now: Now,
    reading: Reading,
    deliver: Deliver,
    part_key: str | None = None,
) -> int:
    """A new message, to be completed by `whole`; its smsId."""
    sms_id = ids.take()
    scts = deliver.scts.timestamp() if deliver.scts is not None else None
    plausible = scts is not None and FIRST_SMS < scts < now.wall + DAY
    phone_from = deliver.sender
    if rules.strip_plus:
        phone_from = phone_from.removeprefix("+")
    db.execute(
        "INSERT INTO messages (sms_id, sim, state, phone_from, scts, order_at, received_at,"
        " part_key, total, held_for, newest_at, boot) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            sms_id,
            reading.sim,
            State.COLLECTING,
            phone_from,
            scts,
            scts if plausible else now.wall,
            now.wall,
            part_key,
            deliver.concat.total if part_key is not None and deliver.concat is not None else 1,
            held_for(db, rules, now, reading, deliver),
            now.mono,
            now.boot,
        ),
    )
    return sms_id


def held_for(
    db: sqlite3.Connection, rules: Rules, now: Now, reading: Reading, deliver: Deliver
) -> str:
    """Why a message that was not seen to arrive may be meant for an earlier client; else ""."""
    if reading.arrived:
        return ""
    if reading.store == "ME":
        return IN_MEMORY
    if rules.max_stored_age is None or deliver.scts is None:
        return ""
    listed = db.execute("SELECT listed FROM sims WHERE sim = ?", (reading.sim,)).fetchone()[
        "listed"
    ]
    if listed or now.wall - deliver.scts.timestamp() <= rules.max_stored_age:
        return ""
    return "lay on a SIM that is new here, older than max_stored_age"


def insert_copy(
    db: sqlite3.Connection,
    now: Now,
    reading: Reading,
    slot: Slot,
    sms_id: int,
    *,
    dated: bool,
    part: int = 1,
    content: str | None = None,
) -> int:
    """One slot's content as a row. Direct delivery has no slot and is nowhere on the SIM."""
    direct = reading.store == ""
    copy = db.execute(
        "INSERT INTO copies (sms_id, sim, identity, part, pdu, content, dated, modem,"
        " appearance, store, slot, on_sim) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            sms_id,
            reading.sim,
            slot.identity,
            part,
            slot.pdu,
            content,
            dated,
            reading.modem,
            reading.appearance,
            reading.store,
            None if direct else slot.slot,
            not direct,
        ),
    ).lastrowid
    assert copy is not None
    place = steps.place(reading, slot)
    steps.note(db, sms_id, now.wall, steps.READ, number=part, **place)
    return copy


def whole(
    db: sqlite3.Connection,
    rules: Rules,
    now: Now,
    sms_id: int,
    parts: Sequence[Deliver | None],
    outcome: Outcome,
    *,
    modem: str,
    fresh: bool,
) -> None:
    """All that will come of a collecting message is here: its text is settled, and either it goes
    out or it is held, with the reason."""
    row = db.execute("SELECT * FROM messages WHERE sms_id = ?", (sms_id,)).fetchone()
    number = sims.resolve(db, rules, row["sim"])
    phone, reason = None, row["held_for"]
    if reason:
        cause = Cause.OLD
    elif isinstance(number, Unnumbered):
        cause, reason = Cause.NO_NUMBER, number.reason
    else:
        cause, phone = Cause.WHOLE, number.phone
    row = db.execute(
        "UPDATE messages SET text = ?, phone = ?, frozen = ? WHERE sms_id = ? RETURNING *",
        (render(parts), phone, fresh and phone is not None, sms_id),
    ).fetchone()
    move(db, now, row, cause, reason)
    have = sum(part is not None for part in parts)
    fields = {
        "sms_id": sms_id,
        "phone": phone,
        "phone_from": row["phone_from"],
        "modem": modem,
        "text": row["text"],
    }
    if have < len(parts):
        outcome.tell(events.GAPS, have=have, total=len(parts), **fields)
    if phone is None:
        outcome.tell(
            events.HELD, state=after(State.COLLECTING, cause).value, reason=reason, **fields
        )
    else:
        count = f"{have} part{'s' if have > 1 else ''}"
        outcome.tell(events.RECEIVED, parts=count, **fields)
        outcome.pending.append(outgoing(row, fresh=fresh))


def get(db: sqlite3.Connection, sms_id: int) -> sqlite3.Row | None:
    """The row of a message, None if there is none."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM messages WHERE sms_id = ?", (sms_id,)
    ).fetchone()
    return row


def move(
    db: sqlite3.Connection,
    now: Now,
    row: sqlite3.Row,
    cause: Cause,
    reason: str = "",
    **facts: int | None,
) -> State:
    """Move a message by `life.MOVES`; its new state. JournalError where there is no such move.
    *facts* go into its history beside the cause."""
    state = after(State(row["state"]), cause)
    db.execute(
        "UPDATE messages SET state = ?, reason = ? WHERE sms_id = ?", (state, reason, row["sms_id"])
    )
    steps.note(db, row["sms_id"], now.wall, cause, state=state, error=reason or None, **facts)
    return state


def outgoing(row: sqlite3.Row, *, fresh: bool = False, due: float | None = None) -> Outgoing:
    """A pending row as the forwarding loop takes it."""
    return Outgoing(
        sms_id=row["sms_id"],
        phone=row["phone"],
        phone_from=row["phone_from"],
        text=row["text"],
        order=row["order_at"],
        fresh=fresh,
        attempts=row["attempts"],
        due=due,
        frozen=bool(row["frozen"]),
        sim=row["sim"],
    )
