"""What a reading means: which slots are known, which are new messages, which are gone.

Everything here runs inside one transaction of the writer's thread: a reading is journalled as a
whole or not at all. One that tells nothing new changes no row, so that its commit writes nothing:
messages that stay on their SIMs are listed again for months, and SD cards wear.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from gsmbridge.journal import assembly, events, messages, own, salvage, steady, steps
from gsmbridge.journal.ids import CLOCK_IS_SET, Ids
from gsmbridge.journal.outcome import Now, Outcome, Slot
from gsmbridge.journal.rules import REDELIVERY, Rules
from gsmbridge.message import Reading, State
from gsmbridge.sms import parts
from gsmbridge.sms.pdu import Deliver, Foreign, Skipped, Unreadable


def record(
    db: sqlite3.Connection,
    rules: Rules,
    ids: Ids,
    now: Now,
    reading: Reading,
    slots: Iterable[Slot],
    outcome: Outcome,
) -> None:
    """Journal a reading."""
    there: set[int] = set()
    for slot in slots:
        if isinstance(slot.decoded, Foreign) or _came_for_another_sim(db, reading, slot):
            continue
        copy = _known_copy(db, now, reading, slot, there, outcome)
        if copy is None:
            copy = _new(db, rules, ids, now, reading, slot, outcome)
        there.add(copy)
    if reading.used is not None:
        db.execute(
            "UPDATE sims SET used = :used, total = :total"
            " WHERE sim = :sim AND (used IS NOT :used OR total IS NOT :total)",
            {"used": reading.used, "total": reading.total, "sim": reading.sim},
        )
    assembly.hurry(db, now, reading.sim, outcome)
    if reading.complete:
        _not_there(db, now, reading, there)
        if reading.store != "ME":
            salvage.give_up(db, reading.sim)
            db.execute("UPDATE sims SET listed = 1 WHERE sim = ? AND NOT listed", (reading.sim,))
        db.execute(
            "INSERT INTO modems VALUES (?, ?)"
            " ON CONFLICT DO UPDATE SET sim = excluded.sim WHERE sim <> excluded.sim",
            (reading.modem, reading.sim),
        )


def _came_for_another_sim(db: sqlite3.Connection, reading: Reading, slot: Slot) -> bool:
    """Whether this lies in the modem's own memory since another SIM was in: then it is known, and
    no message of the SIM that is in now."""
    if reading.store != "ME" or reading.arrived:
        return False
    row = db.execute(
        "SELECT 1 FROM copies"
        " WHERE identity = ? AND modem = ? AND store = 'ME' AND sim <> ? AND on_sim = 1",
        (slot.identity, reading.modem, reading.sim),
    ).fetchone()
    return row is not None


def _known_copy(
    db: sqlite3.Connection,
    now: Now,
    reading: Reading,
    slot: Slot,
    there: set[int],
    outcome: Outcome,
) -> int | None:
    """The journal's row for what lies in this slot, brought up to date; None if it is new."""
    alike = db.execute(
        "SELECT copy, sms_id, store, slot, appearance, on_sim, freed_at, dated, scts, newest_at,"
        " boot FROM copies JOIN messages USING (sms_id)"
        " WHERE copies.sim = ? AND identity = ? ORDER BY copy DESC",
        (reading.sim, slot.identity),
    ).fetchall()
    rows = [row for row in alike if row["copy"] not in there]
    place = (reading.appearance, reading.store, slot.slot)
    for row in rows:
        if row["on_sim"] and (row["appearance"], row["store"], row["slot"]) == place:
            return int(row["copy"])
    if reading.store == "":
        # Direct delivery has no slot: the same bytes again are the same message, unless undated.
        for row in rows:
            if row["dated"] and _recent(db, row, now):
                _tell_again(db, now, row["copy"], reading, slot, outcome)
                return int(row["copy"])
        return None
    _displace(db, reading, slot.slot)
    for row in rows:
        seen_now = row["appearance"] == reading.appearance and row["slot"] is not None
        if row["freed_at"] is None and not (row["on_sim"] and seen_now):
            db.execute(
                "UPDATE copies SET on_sim = 1, slot = ?, appearance = ?, store = ?, modem = ?"
                " WHERE copy = ?",
                (slot.slot, reading.appearance, reading.store, reading.modem, row["copy"]),
            )
            return int(row["copy"])
    for row in alike:
        if row["on_sim"] or (row["dated"] and _recent(db, row, now)):
            return _another_copy(db, now, reading, slot, row["copy"], outcome)
    return None


def _recent(db: sqlite3.Connection, row: sqlite3.Row, now: Now) -> bool:
    """Whether a copy was not deleted by us, or only lately: the same bytes are the same message.

    Our own clock may have been wrong then: a time before it was set is none, and its service
    centre's time stamp counts as well, as does how long ago it was read since this host started.
    Once it leapt, it tells nothing of what was before until it has run on for as long.
    """
    freed, stamp = row["freed_at"], row["scts"]
    if freed is None or freed < CLOCK_IS_SET:
        return True
    if row["boot"] == now.boot and now.mono - row["newest_at"] < REDELIVERY:
        return True
    if any(t is not None and now.wall - t < REDELIVERY for t in (freed, stamp)):
        return True
    return now.wall - steady.since(db, now) < REDELIVERY


def _another_copy(
    db: sqlite3.Connection, now: Now, reading: Reading, slot: Slot, like: int, outcome: Outcome
) -> int:
    """The same message lies on its SIM once more."""
    copy = db.execute(
        "INSERT INTO copies (sms_id, sim, identity, part, pdu, content, dated, modem, appearance,"
        " store, slot, on_sim)"
        " SELECT sms_id, sim, identity, part, pdu, content, dated, ?, ?, ?, ?, 1"
        " FROM copies WHERE copy = ?",
        (reading.modem, reading.appearance, reading.store, slot.slot, like),
    ).lastrowid
    assert copy is not None
    _tell_again(db, now, copy, reading, slot, outcome)
    return copy


def _tell_again(
    db: sqlite3.Connection, now: Now, copy: int, reading: Reading, slot: Slot, outcome: Outcome
) -> None:
    row = db.execute(
        "SELECT sms_id, state FROM messages JOIN copies USING (sms_id) WHERE copy = ?", (copy,)
    ).fetchone()
    steps.note(db, row["sms_id"], now.wall, steps.AGAIN, **steps.place(reading, slot))
    outcome.tell(events.AGAIN, sms_id=row["sms_id"], state=row["state"], modem=reading.shown)


def _displace(db: sqlite3.Connection, reading: Reading, slot: int) -> None:
    """Something else lies in this slot now: what was there is somewhere else, or gone."""
    db.execute(
        "UPDATE copies SET slot = NULL"
        " WHERE sim = ? AND appearance = ? AND store = ? AND slot = ? AND on_sim = 1",
        (reading.sim, reading.appearance, reading.store, slot),
    )


def _not_there(db: sqlite3.Connection, now: Now, reading: Reading, there: set[int]) -> None:
    """After a complete listing: what it did not show has left the SIM."""
    rows = db.execute(
        "SELECT copy, sms_id, part FROM copies WHERE sim = ? AND on_sim = 1 AND store = ?"
        " AND (store <> 'ME' OR modem = ?)",
        (reading.sim, reading.store, reading.modem),
    ).fetchall()
    for row in rows:
        if row["copy"] not in there:
            db.execute("UPDATE copies SET on_sim = 0, slot = NULL WHERE copy = ?", (row["copy"],))
            facts = {"number": row["part"], "modem": reading.shown, "store": reading.store}
            steps.note(db, row["sms_id"], now.wall, steps.GONE, **facts)


def _new(
    db: sqlite3.Connection,
    rules: Rules,
    ids: Ids,
    now: Now,
    reading: Reading,
    slot: Slot,
    outcome: Outcome,
) -> int:
    """A message, or a part, that the journal has never seen on this SIM."""
    decoded = slot.decoded
    db.execute("UPDATE sims SET last_sms = ? WHERE sim = ?", (now.wall, reading.sim))
    if isinstance(decoded, Skipped | Unreadable):
        state = State.SKIPPED if isinstance(decoded, Skipped) else State.UNREADABLE
        return _aside(db, ids, now, reading, slot, state, decoded.reason, outcome)
    assert isinstance(decoded, Deliver)
    dated, concat = decoded.scts is not None, decoded.concat
    known = salvage.recall(db, reading.sim, decoded, arrived=reading.arrived)
    if known is not None:
        part, content = (1, None) if concat is None else (concat.number, parts.content(decoded))
        return messages.insert_copy(
            db, now, reading, slot, known, dated=dated, part=part, content=content
        )
    if concat is not None:
        return assembly.part(db, rules, ids, now, reading, slot, decoded, concat, outcome)
    if (word := own.word_in(db, decoded)) is not None:
        outcome.own.append(own.Own(word, decoded.sender, reading.sim))
        return _aside(
            db, ids, now, reading, slot, State.SKIPPED, own.REASON, outcome, dated=dated, ours=True
        )
    sms_id = messages.insert(db, rules, ids, now, reading, decoded)
    copy = messages.insert_copy(db, now, reading, slot, sms_id, dated=dated)
    messages.whole(
        db, rules, now, sms_id, [decoded], outcome, modem=reading.shown, fresh=reading.arrived
    )
    return copy


def _aside(
    db: sqlite3.Connection,
    ids: Ids,
    now: Now,
    reading: Reading,
    slot: Slot,
    state: State,
    reason: str,
    outcome: Outcome,
    *,
    dated: bool = True,
    ours: bool = False,
) -> int:
    """Journal what is not for forwarding, or can't be; its copy's key. *ours*: we sent it."""
    sms_id = ids.take()
    db.execute(
        "INSERT INTO messages (sms_id, sim, state, reason, phone_from, order_at, received_at,"
        " newest_at, boot, settled_at, own) VALUES (?, ?, ?, ?, '', ?, ?, ?, ?, ?, ?)",
        (
            sms_id,
            reading.sim,
            state,
            reason,
            now.wall,
            now.wall,
            now.mono,
            now.boot,
            now.wall,
            ours,
        ),
    )
    outcome.tell(
        events.SKIPPED if state is State.SKIPPED else events.HELD,
        sms_id=sms_id,
        state=state.value,
        phone_from="unknown sender",
        reason=reason,
        modem=reading.shown,
    )
    copy = messages.insert_copy(db, now, reading, slot, sms_id, dated=dated)
    steps.note(db, sms_id, now.wall, steps.ASIDE, state=state, error=reason)
    return copy
