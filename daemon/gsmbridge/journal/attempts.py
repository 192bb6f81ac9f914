"""What the forwarding loop writes, and what it starts from after a restart (I3, I5)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from gsmbridge.journal import events, messages, sims, steps
from gsmbridge.journal.life import Cause
from gsmbridge.journal.outcome import Now, Outcome
from gsmbridge.journal.rules import Rules
from gsmbridge.message import Failure, State
from gsmbridge.numbers import Numbered


def freeze(db: sqlite3.Connection, sms_ids: Sequence[int]) -> None:
    """From here on an attempt of these may have begun."""
    db.executemany("UPDATE messages SET frozen = 1 WHERE sms_id = ?", [(i,) for i in sms_ids])


def settle(
    db: sqlite3.Connection,
    now: Now,
    sms_id: int,
    state: State,
    attempts: int,
    status: int,
    error: str,
    ms: int | None,
    outcome: Outcome,
) -> None:
    """A verdict came. A message that was discarded meanwhile stays so unless it was delivered."""
    row = messages.get(db, sms_id)
    if row is None:
        return  # its row was lost with a corrupt journal: there is nothing left to settle
    cause = Cause.ANSWERED_200 if state is State.DELIVERED else Cause.TERMINAL_ERROR
    if row["state"] == state or (row["state"] == State.DISCARDED and state is State.REFUSED):
        return
    facts = {"number": attempts, "status": status, "ms": ms}
    messages.move(db, now, row, cause, error if state is State.REFUSED else "", **facts)
    db.execute(
        "UPDATE messages SET attempts = ?, status = ?, error = ?, settled_at = ?, due_at = NULL,"
        " wait = NULL WHERE sms_id = ?",
        (attempts, status, error, now.wall, sms_id),
    )
    if state is State.DELIVERED:
        outcome.free_on.append(row["sim"])


def failed(db: sqlite3.Connection, boot: str, failure: Failure, at: float) -> None:
    """An attempt ended without a verdict, at Unix time *at*."""
    noted = db.execute(
        "UPDATE messages SET attempts = ?, status = ?, error = ?, due_at = ?, due_boot = ?,"
        " wait = ? WHERE sms_id = ? AND state IN (?, ?)",
        (
            failure.attempts,
            failure.status,
            failure.error,
            failure.due,
            boot,
            failure.wait,
            failure.sms_id,
            State.PENDING,
            State.UNASSIGNED,
        ),
    )
    if noted.rowcount:
        facts = {"number": failure.attempts, "status": failure.status, "ms": failure.ms}
        steps.note(db, failure.sms_id, at, steps.FAILED, error=failure.error, **facts)


def waiting(db: sqlite3.Connection, rules: Rules, now: Now, outcome: Outcome) -> None:
    """All that waits at a start: messages to push, with the time before which they must not be,
    and messages that wait for parts, whose window begins again."""
    _wait_after_restart(db, rules, now)
    for row in db.execute("SELECT * FROM messages WHERE state = ?", (State.PENDING,)):
        outcome.pending.append(messages.outgoing(row, due=row["due_at"]))
    for row in db.execute("SELECT sms_id FROM messages WHERE state = ?", (State.COLLECTING,)):
        outcome.collecting[row["sms_id"]] = now.mono + rules.multipart_timeout


def _wait_after_restart(db: sqlite3.Connection, rules: Rules, now: Now) -> None:
    """Note when messages may be attempted next, where that is not known any more.

    A recorded time that is still to come holds: nothing was attempted before it. One that is past,
    or none, only counts after an orderly end: otherwise an attempt may have begun and failed
    unrecorded. Of another boot only the length of the wait is known: it begins anew.
    """
    clean = (
        db.execute("DELETE FROM meta WHERE key = 'clean' RETURNING value").fetchone() is not None
    )
    unknown = "due_at IS NOT NULL AND due_boot <> :boot"
    if not clean:
        unknown = "due_at IS NULL OR due_boot <> :boot OR due_at <= :mono"
    db.execute(
        "UPDATE messages SET due_boot = :boot, due_at = :mono + "  # nosec B608 # noqa: S608
        " iif(due_boot <> :boot, max(:interval, coalesce(wait, 0)), :interval)"
        f" WHERE state IN ('pending', 'unassigned') AND frozen = 1 AND ({unknown})",
        {"interval": rules.retry_interval, "boot": now.boot, "mono": now.mono},
    )


def resolve_again(
    db: sqlite3.Connection, rules: Rules, now: Now, outcome: Outcome, sim: int | None = None
) -> None:
    """Numbers may have changed: give one to what had none, and hold what was attempted under
    another (of one SIM, or of all)."""
    query = "SELECT * FROM messages WHERE state IN ('pending', 'unassigned')"
    query += " AND sim = ? ORDER BY sms_id" if sim is not None else " ORDER BY sms_id"
    found: dict[int, Numbered | None] = {}
    for row in db.execute(query, () if sim is None else (sim,)).fetchall():
        if row["sim"] not in found:
            number = sims.resolve(db, rules, row["sim"])
            found[row["sim"]] = number if isinstance(number, Numbered) else None
        _resolve_one(db, rules, now, row, found[row["sim"]], outcome)


def _resolve_one(
    db: sqlite3.Connection,
    rules: Rules,
    now: Now,
    row: sqlite3.Row,
    number: Numbered | None,
    outcome: Outcome,
) -> None:
    phone = number.phone if number is not None else None
    pending = row["state"] == State.PENDING
    if row["phone"] == phone and (pending or phone is None):
        return
    sms_id = row["sms_id"]
    if row["insisted"]:
        return
    if row["frozen"] and row["phone"] != phone:
        if pending:
            reason = f"number changed to {phone or 'none'} after an attempt"
            messages.move(db, now, row, Cause.NUMBER_CHANGED, reason)
            outcome.withdrawn.append(sms_id)
            outcome.tell(
                events.NUMBER_CHANGED, sms_id=sms_id, phone=row["phone"], now=phone or "none"
            )
        return
    if pending:
        outcome.withdrawn.append(sms_id)
    if phone is None:
        messages.move(db, now, row, Cause.NO_NUMBER, "its SIM has no number any more")
        db.execute("UPDATE messages SET phone = NULL WHERE sms_id = ?", (sms_id,))
        return
    if not pending:
        messages.move(db, now, row, Cause.RESOLVED)
    row = db.execute(
        "UPDATE messages SET phone = ? WHERE sms_id = ? RETURNING *", (phone, sms_id)
    ).fetchone()
    outcome.pending.append(messages.outgoing(row, due=rest_over(row, rules, now)))


def rest_over(row: sqlite3.Row, rules: Rules, now: Now) -> float | None:
    """When the wait after the last attempt is over: it may have ended only just now."""
    if not row["frozen"]:
        return None
    if row["due_boot"] == now.boot and row["due_at"] is not None:
        return float(row["due_at"])
    return now.mono + max(rules.retry_interval, row["wait"] or 0.0)
