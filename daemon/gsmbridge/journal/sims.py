"""SIM identities in the journal: IMSI and ICCID once seen together are one for good."""

from __future__ import annotations

import hashlib
import sqlite3

from gsmbridge import iccid as iccids
from gsmbridge.errors import JournalError
from gsmbridge.journal.rules import Rules
from gsmbridge.message import SimSeen, SimState
from gsmbridge.numbers import Numbered, Unnumbered


def seen(db: sqlite3.Connection, rules: Rules, sim: SimSeen, wall: float) -> SimState:
    """Find or make the identity of a SIM that a modem shows."""
    if sim.iccid is None and sim.imsi is None:
        raise JournalError("a SIM without ICCID and IMSI has no identity")
    row = _find(db, sim)
    if row is None:
        key = db.execute(
            "INSERT INTO sims (iccid, imsi, first_seen, last_seen) VALUES (?, ?, ?, ?)",
            (sim.iccid, _free_imsi(db, sim.imsi), wall, wall),
        ).lastrowid
        assert key is not None
    else:
        key = row["sim"]
        if row["imsi"] is None:
            db.execute("UPDATE sims SET imsi = ? WHERE sim = ?", (_free_imsi(db, sim.imsi), key))
        if sim.iccid is not None and (row["iccid"] is None or len(row["iccid"]) < len(sim.iccid)):
            db.execute("UPDATE sims SET iccid = ? WHERE sim = ?", (sim.iccid, key))
    db.execute("UPDATE sims SET last_seen = ? WHERE sim = ?", (wall, key))
    if sim.own_numbers:  # none may only mean that a busy SIM did not answer: what was read stays
        own = sim.own_numbers[0] if len(sim.own_numbers) == 1 else None
        db.execute("UPDATE sims SET own_number = ? WHERE sim = ?", (own, key))
    last = db.execute("SELECT sim FROM modems WHERE modem = ?", (sim.modem,)).fetchone()
    changed = last is not None and last["sim"] != key
    return state(db, rules, key, changed)


def state(db: sqlite3.Connection, rules: Rules, sim: int, changed: bool = False) -> SimState:
    """What is known of a SIM."""
    row = db.execute("SELECT * FROM sims WHERE sim = ?", (sim,)).fetchone()
    number = resolve(db, rules, sim)
    return SimState(
        sim=sim,
        iccid=row["iccid"],
        imsi=row["imsi"],
        listed=bool(row["listed"]),
        changed=changed,
        phone=number.phone if isinstance(number, Numbered) else None,
    )


def resolve(db: sqlite3.Connection, rules: Rules, sim: int) -> Numbered | Unnumbered:
    """The number that the messages of a SIM go out under."""
    row = db.execute("SELECT iccid, imsi, own_number FROM sims WHERE sim = ?", (sim,)).fetchone()
    own = row["own_number"]
    claimed = db.execute(
        "SELECT own_number FROM sims WHERE own_number = ? AND sim <> ?", (own, sim)
    ).fetchall()
    return rules.numbers.resolve(
        row["iccid"], row["imsi"], own, [other["own_number"] for other in claimed]
    )


def _find(db: sqlite3.Connection, sim: SimSeen) -> sqlite3.Row | None:
    by_imsi: sqlite3.Row | None = db.execute(
        "SELECT * FROM sims WHERE imsi = ?", (sim.imsi,)
    ).fetchone()
    if sim.iccid is None:
        return by_imsi
    by_iccid: sqlite3.Row | None = db.execute(
        "SELECT * FROM sims WHERE iccid = ?", (sim.iccid,)
    ).fetchone()
    if by_iccid is None:
        known = [row["iccid"] for row in db.execute("SELECT iccid FROM sims WHERE iccid NOT NULL")]
        match = iccids.match(sim.iccid, known)
        by_iccid = db.execute("SELECT * FROM sims WHERE iccid = ?", (match,)).fetchone()
    if by_iccid is None:
        # A SIM known by its IMSI alone shows its ICCID now. Another ICCID is another card.
        return by_imsi if by_imsi is not None and by_imsi["iccid"] is None else None
    if by_imsi is not None and by_imsi["iccid"] is None and by_imsi["sim"] != by_iccid["sim"]:
        _merge(db, by_imsi["sim"], by_iccid["sim"])
    return by_iccid


def _merge(db: sqlite3.Connection, one: int, into: int) -> None:
    """Two rows turned out to be the same SIM."""
    for table in ("messages", "copies", "modems"):
        db.execute(f"UPDATE {table} SET sim = ? WHERE sim = ?", (into, one))
    db.execute(
        "UPDATE sims SET listed = max(listed, (SELECT listed FROM sims WHERE sim = ?))"
        " WHERE sim = ?",
        (one, into),
    )
    db.execute("DELETE FROM sims WHERE sim = ?", (one,))


def _free_imsi(db: sqlite3.Connection, imsi: str | None) -> str | None:
    """*imsi* unless another card holds it already (a replaced card keeps its subscriber's IMSI)."""
    held = db.execute("SELECT 1 FROM sims WHERE imsi = ?", (imsi,)).fetchone()
    return None if held else imsi


def may_send_pin(db: sqlite3.Connection, iccid: str, pin: str) -> bool:
    """Note that *pin* is about to be sent. False if it was sent before and never accepted: a try
    whose outcome is unknown counts as refused, since the third wrong one locks the card."""
    digest = hashlib.sha256(f"{iccid}:{pin}".encode()).hexdigest()
    row = db.execute("SELECT digest, accepted FROM pins WHERE iccid = ?", (iccid,)).fetchone()
    if row is not None and row["digest"] == digest and not row["accepted"]:
        return False
    db.execute("INSERT OR REPLACE INTO pins VALUES (?, ?, 0)", (iccid, digest))
    return True


def pin_accepted(db: sqlite3.Connection, iccid: str) -> None:
    """The PIN sent last was right."""
    db.execute("UPDATE pins SET accepted = 1 WHERE iccid = ?", (iccid,))
