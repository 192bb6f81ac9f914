"""The operator's word on a message: push it after all, or never."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from gsmbridge.errors import JournalError
from gsmbridge.journal import attempts, messages, sims
from gsmbridge.journal.life import Cause
from gsmbridge.journal.outcome import Now, Outcome
from gsmbridge.journal.rules import Rules
from gsmbridge.message import State
from gsmbridge.numbers import Numbered


@dataclass(frozen=True, slots=True)
class Ordered:
    """What an order came to."""

    state: State
    phone: str | None
    """The number that the message has now."""


def retry(
    db: sqlite3.Connection,
    rules: Rules,
    now: Now,
    sms_id: int,
    outcome: Outcome,
    under: str | None = None,
) -> Ordered:
    """Have a held, refused or stale message pushed. *under*: the number that the operator gives to
    one whose SIM nobody can know. JournalError: why it can't be."""
    row = _row(db, sms_id)
    if row["state"] == State.DELIVERED:
        raise JournalError("already delivered: never pushed again")
    if row["state"] == State.PENDING:
        raise JournalError("already waiting to be pushed")
    if row["text"] is None and row["state"] in (State.REFUSED, State.STALE, State.UNASSIGNED):
        raise JournalError("its text was erased")
    state = messages.move(db, now, row, Cause.RETRY)
    phone = _number(db, rules, row, under)
    due = attempts.rest_over(row, rules, now)
    row = db.execute(
        "UPDATE messages SET phone = ?, held_for = '', settled_at = NULL,"
        " insisted = frozen OR ?, due_at = ?, due_boot = ? WHERE sms_id = ? RETURNING *",
        (phone, under is not None, due, now.boot, sms_id),
    ).fetchone()
    outcome.pending.append(messages.outgoing(row, due=due))
    return Ordered(state, phone)


def discard(db: sqlite3.Connection, now: Now, sms_id: int, outcome: Outcome) -> Ordered:
    """Have a message never pushed. JournalError: why that can't be."""
    row = _row(db, sms_id)
    if row["state"] == State.DELIVERED:
        raise JournalError("already delivered")
    if row["state"] == State.DISCARDED:
        raise JournalError("already discarded")
    state = messages.move(db, now, row, Cause.DISCARD, "by the operator")
    db.execute("UPDATE messages SET settled_at = ? WHERE sms_id = ?", (now.wall, sms_id))
    outcome.withdrawn.append(sms_id)
    outcome.free_on.append(row["sim"])
    return Ordered(state, row["phone"])


def _row(db: sqlite3.Connection, sms_id: int) -> sqlite3.Row:
    row = messages.get(db, sms_id)
    if row is None:
        raise JournalError("no such message")
    return row


def _number(db: sqlite3.Connection, rules: Rules, row: sqlite3.Row, under: str | None) -> str:
    """The number to push a message under: the one of its attempts (I4), that of its SIM, or, where
    its SIM is not known, the operator's word alone (I6)."""
    if row["frozen"]:
        return _no_other(row["phone"], under, "it was attempted under")
    if row["held_for"] == messages.IN_MEMORY or not sims.is_known(db, row["sim"]):
        if under is None:
            raise JournalError(
                "nobody can know which SIM it came for, so none of its numbers is sure",
                f"if you know it: gsmbridge retry {row['sms_id']} --as NUMBER",
            )
        if not sims.has_number(db, rules, under):
            raise JournalError(f"no SIM of this farm has the number {under}")
        return under
    number = sims.resolve(db, rules, row["sim"])
    if not isinstance(number, Numbered):
        raise JournalError(f"{number.reason}: list its SIM under numbers and reload first")
    return _no_other(number.phone, under, "its SIM has the number")


def _no_other(phone: str, under: str | None, why: str) -> str:
    if under not in (None, phone):
        raise JournalError(f"{why} {phone}: it goes under no other")
    return phone
