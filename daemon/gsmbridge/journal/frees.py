"""Which slots may be deleted: those of messages that need no push any more, or that this program
sent itself, and those that the operator's `sim_full` allows while a SIM is nearly full (I2)."""

from __future__ import annotations

import sqlite3

from gsmbridge.journal import steps
from gsmbridge.journal.rules import Rules
from gsmbridge.message import SlotToFree, State

_DONE = f"(state IN ('{State.DELIVERED}', '{State.DISCARDED}') OR own = 1)"
"""Needs no push any more, or was never for anybody else."""
_SLOTS = (
    "SELECT copy, sms_id, store, slot, identity FROM copies JOIN messages USING (sms_id)"
    " WHERE copies.sim = ? AND on_sim = 1 AND appearance = ? AND slot IS NOT NULL"
    " AND {which} ORDER BY order_at, copy LIMIT ?"
)


def to_free(
    db: sqlite3.Connection, rules: Rules, sim: int, appearance: str
) -> tuple[SlotToFree, ...]:
    """The slots of *sim*, as seen in *appearance*, that are to be deleted now, oldest first."""
    done = _select(db, sim, appearance, _DONE, (), limit=-1)
    short = _short_of(db, rules, sim) - len(done)
    if short > 0:
        states = rules.may_free()
        which = f"own = 0 AND state IN ({', '.join('?' * len(states))})"
        done += _select(db, sim, appearance, which, states, limit=short)
    return tuple(done)


def _short_of(db: sqlite3.Connection, rules: Rules, sim: int) -> int:
    """Slots that a SIM lacks to be comfortable: max(3, 20 %) free ones."""
    if not rules.may_free():
        return 0
    row = db.execute("SELECT used, total FROM sims WHERE sim = ?", (sim,)).fetchone()
    if row is None or not row["total"]:
        return 0
    wanted = max(3, -(-row["total"] // 5))
    return int(wanted - (row["total"] - row["used"]))


def _select(
    db: sqlite3.Connection,
    sim: int,
    appearance: str,
    which: str,
    states: tuple[State, ...],
    limit: int,
) -> list[SlotToFree]:
    rows = db.execute(_SLOTS.format(which=which), (sim, appearance, *states, limit))
    return [SlotToFree(r["copy"], r["sms_id"], r["store"], r["slot"], r["identity"]) for r in rows]


def freed(db: sqlite3.Connection, copy: int, wall: float) -> None:
    """Our own delete was confirmed."""
    db.execute(
        "UPDATE sims SET used = max(0, used - 1)"
        " WHERE sim = (SELECT sim FROM copies WHERE copy = ?)",
        (copy,),
    )
    row = db.execute(
        "UPDATE copies SET on_sim = 0, freed_at = ? WHERE copy = ?"
        " RETURNING sms_id, store, slot, part",
        (wall, copy),
    ).fetchone()
    if row is not None:
        facts = {"number": row["part"], "store": row["store"], "slot": row["slot"]}
        steps.note(db, row["sms_id"], wall, steps.FREED, **facts)
