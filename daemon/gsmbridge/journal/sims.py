"""SIM identities in the journal: IMSI and ICCID once seen together are one for good."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gsmbridge import iccid as iccids
from gsmbridge.errors import JournalError
from gsmbridge.journal.rules import Rules
from gsmbridge.message import SimSeen, SimState
from gsmbridge.numbers import Numbered, Unnumbered

ACCEPTED, UNKNOWN, REFUSED = 1, 0, -1
"""What a SIM answered to its PIN."""
SHARED = "shared "
"""In `meta`, before the beginning of ICCIDs of which several SIMs show no more."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A SIM was seen. *claims* is true where it, or the number stored on it, is news, which may
    change the numbers of other SIMs too."""

    state: SimState
    claims: bool


def seen(db: sqlite3.Connection, rules: Rules, sim: SimSeen, wall: float) -> Sighting:
    """Find or make the identity of a SIM that a modem shows."""
    if sim.iccid is None and sim.imsi is None:
        raise JournalError("a SIM without ICCID and IMSI has no identity")
    row = _find(db, sim)
    if row is None:
        key = db.execute(
            "INSERT INTO sims (first_seen, last_seen) VALUES (?, ?)", (wall, wall)
        ).lastrowid
        assert key is not None
    else:
        key = row["sim"]
    claims = False
    if sim.iccid is not None:
        claims = _note_iccid(db, key, sim.iccid) and any(_neighbours(db, key, sim.iccid))
        _ready(db, sim.iccid)
    if sim.imsi is not None:
        _shows(db, key, sim.imsi)
    db.execute("UPDATE sims SET last_seen = ? WHERE sim = ?", (wall, key))
    if sim.own_numbers:  # none may only mean that a busy SIM did not answer: what was read stays
        own = sim.own_numbers[0] if len(sim.own_numbers) == 1 else None
        claims |= bool(
            db.execute(
                "UPDATE sims SET own_number = ? WHERE sim = ? AND own_number IS NOT ?",
                (own, key, own),
            ).rowcount
        )
    last = db.execute("SELECT sim FROM modems WHERE modem = ?", (sim.modem,)).fetchone()
    changed = last is None or last["sim"] != key
    if changed:  # should the one before come back unnoticed, what the modem shows may be this one's
        db.execute("DELETE FROM modems WHERE modem = ?", (sim.modem,))
    # Should this one go back unnoticed, what that modem shows lacks what came here.
    db.execute("DELETE FROM modems WHERE sim = ? AND modem <> ?", (key, sim.modem))
    return Sighting(state(db, rules, key, changed), claims)


def _note_iccid(db: sqlite3.Connection, sim: int, iccid: str) -> bool:
    """Note that a SIM shows this ICCID, and tell whether that is news. Where a neighbour shows no
    more than the same, this one goes by its IMSI alone, and what both show means neither."""
    query = (
        "UPDATE OR IGNORE sims SET iccid = ?"
        " WHERE sim = ? AND (iccid IS NULL OR length(iccid) < length(?))"
    )
    news = db.execute(query, (iccid, sim, iccid)).rowcount
    if db.execute("SELECT 1 FROM sims WHERE sim = ? AND iccid IS NULL", (sim,)).fetchone():
        news = db.execute("INSERT OR IGNORE INTO meta VALUES (?, '')", (SHARED + iccid,)).rowcount
    return bool(news)


def _shows(db: sqlite3.Connection, sim: int, imsi: str) -> None:
    """Note that a SIM shows this IMSI."""
    db.execute("UPDATE sims SET imsi = ? WHERE sim = ?", (imsi, sim))
    db.execute(
        "INSERT OR REPLACE INTO imsis"
        " SELECT ?, ?, coalesce(max(seen), 0) + 1 FROM imsis WHERE imsi = ?",
        (imsi, sim, imsi),
    )


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


def known_elsewhere(db: sqlite3.Connection, sim: int, identities: Sequence[str]) -> bool:
    """Whether one of these messages lies or lay on another SIM."""
    query = (
        "SELECT 1 FROM copies WHERE sim IN (SELECT sim FROM sims WHERE sim <> ?) AND identity = ?"
    )
    return any(db.execute(query, (sim, identity)).fetchone() for identity in identities)


def known_here(db: sqlite3.Connection, sim: int, identities: Sequence[str]) -> bool:
    """Whether all of these messages lie or lay on this SIM."""
    query = "SELECT 1 FROM copies WHERE sim = ? AND identity = ?"
    return all(db.execute(query, (sim, identity)).fetchone() for identity in identities)


def resolve(db: sqlite3.Connection, rules: Rules, sim: int) -> Numbered | Unnumbered:
    """The number that the messages of a SIM go out under."""
    row = db.execute("SELECT iccid, imsi, own_number FROM sims WHERE sim = ?", (sim,)).fetchone()
    own = row["own_number"]
    claimed = db.execute(
        "SELECT own_number FROM sims WHERE own_number = ? AND sim <> ?", (own, sim)
    ).fetchall()
    return rules.numbers.resolve(
        row["iccid"],
        _listed_imsi(db, rules, sim) or row["imsi"],
        own,
        [other["own_number"] for other in claimed],
        _neighbours(db, sim, row["iccid"]),
    )


def numbers(db: sqlite3.Connection, rules: Rules, sims: Iterable[int]) -> dict[int, Numbered]:
    """The numbers of those of *sims* that have one."""
    known = {row["sim"] for row in db.execute("SELECT sim FROM sims")}
    found = {sim: resolve(db, rules, sim) for sim in known.intersection(sims)}
    return {sim: number for sim, number in found.items() if isinstance(number, Numbered)}


def _neighbours(db: sqlite3.Connection, sim: int, iccid: str | None) -> Iterator[str]:
    """The ICCIDs of other SIMs that begin like this one's, or that beginning where they show no
    more; asked for only where they matter."""
    start = (iccid or "")[: iccids.SHORTEST]
    if db.execute("SELECT 1 FROM meta WHERE key = ?", (SHARED + start,)).fetchone():
        yield start
    query = "SELECT iccid FROM sims WHERE iccid >= ? AND iccid < ? AND sim <> ?"
    yield from (row["iccid"] for row in db.execute(query, (start, f"{start}G", sim)))


def is_known(db: sqlite3.Connection, sim: int) -> bool:
    """Whether this row is a SIM that was seen. One that lost its identity with a corrupt journal,
    and one that stands for messages whose SIM could not be proved, are none."""
    row = db.execute("SELECT iccid, imsi FROM sims WHERE sim = ?", (sim,)).fetchone()
    return row["iccid"] is not None or (row["imsi"] is not None and row["imsi"].isdecimal())


def has_number(db: sqlite3.Connection, rules: Rules, phone: str) -> bool:
    """Whether *phone* is in use by the config, or by a SIM that is not listed there."""
    if any(row.phone == phone and row.enabled for row in rules.numbers.rows):
        return True
    owners = db.execute("SELECT sim FROM sims WHERE own_number = ?", (phone,)).fetchall()
    found = (resolve(db, rules, row["sim"]) for row in owners)
    return any(isinstance(number, Numbered) and number.phone == phone for number in found)


def _listed_imsi(db: sqlite3.Connection, rules: Rules, sim: int) -> str | None:
    """An IMSI by which the config lists a SIM, of all that it showed. None where they are listed
    with several numbers: then only the one that it shows now can tell (I6)."""
    rows = db.execute("SELECT imsi FROM imsis WHERE sim = ? ORDER BY imsi", (sim,)).fetchall()
    entries = {row["imsi"]: rules.numbers.listed(None, row["imsi"]) for row in rows}
    phones = {imsi: entry.phone for imsi, entry in entries.items() if entry is not None}
    return next(iter(phones)) if len(set(phones.values())) == 1 else None


def _find(db: sqlite3.Connection, sim: SimSeen) -> sqlite3.Row | None:
    by_imsi: sqlite3.Row | None = db.execute(
        "SELECT sims.* FROM imsis JOIN sims USING (sim) WHERE imsis.imsi = ?"
        " ORDER BY seen DESC LIMIT 1",
        (sim.imsi,),
    ).fetchone()
    if sim.iccid is None:
        return by_imsi
    by_iccid: sqlite3.Row | None = db.execute(
        "SELECT * FROM sims WHERE iccid = ?", (sim.iccid,)
    ).fetchone()
    if by_iccid is None or len(sim.iccid) == iccids.SHORTEST:
        by_iccid = _cut_off(db, sim.iccid, sim.imsi, by_imsi)
    if by_iccid is None:
        # A SIM known by its IMSI alone shows its ICCID now. Another ICCID is another card.
        return by_imsi if by_imsi is not None and by_imsi["iccid"] is None else None
    if by_imsi is not None and by_imsi["iccid"] is None and by_imsi["sim"] != by_iccid["sim"]:
        _merge(db, by_imsi["sim"], by_iccid["sim"])
    return by_iccid


def _cut_off(
    db: sqlite3.Connection, iccid: str, imsi: str | None, by_imsi: sqlite3.Row | None
) -> sqlite3.Row | None:
    """The SIM of which a modem shows the ICCID cut off, here or at an earlier time. Neighbours have
    the same beginning, and may show no more: where IMSIs are known, they tell them apart."""
    if by_imsi is not None and by_imsi["iccid"] is not None and _cut(by_imsi["iccid"], iccid):
        return by_imsi
    known = [row["iccid"] for row in db.execute("SELECT iccid FROM sims WHERE iccid NOT NULL")]
    match = iccids.match(iccid, known)
    row: sqlite3.Row | None = db.execute("SELECT * FROM sims WHERE iccid = ?", (match,)).fetchone()
    if row is None or imsi is None:
        return row
    shown = db.execute("SELECT imsi FROM imsis WHERE sim = ?", (row["sim"],)).fetchall()
    return None if shown and imsi not in [each["imsi"] for each in shown] else row


def _cut(one: str, other: str) -> bool:
    return len(one) != len(other) and iccids.same(one, other)


def _merge(db: sqlite3.Connection, one: int, into: int) -> None:
    """Two rows turned out to be the same SIM."""
    for table in ("messages", "copies", "modems", "imsis", "own_words"):
        move = f"UPDATE OR REPLACE {table} SET sim = ? WHERE sim = ?"  # nosec B608 # noqa: S608
        db.execute(move, (into, one))
    db.execute(
        "UPDATE sims SET listed = max(listed, (SELECT listed FROM sims WHERE sim = ?))"
        " WHERE sim = ?",
        (one, into),
    )
    db.execute("DELETE FROM sims WHERE sim = ?", (one,))


def may_send_pin(db: sqlite3.Connection, iccid: str, pin: str, untouched: bool) -> bool:
    """Note that *pin* is about to be sent. False if it was sent before and refused. One whose
    outcome is unknown counts as refused too, since the third wrong one locks the card; unless all
    tries are *untouched*: then it was right, or never reached the card."""
    iccid = _as_in_pins(db, iccid)
    digest = hashlib.sha256(f"{iccid}:{pin}".encode()).hexdigest()
    row = db.execute("SELECT digest, accepted FROM pins WHERE iccid = ?", (iccid,)).fetchone()
    if row is not None and row["digest"] == digest:
        again = (ACCEPTED, UNKNOWN) if untouched else (ACCEPTED,)
        if row["accepted"] not in again:
            return False
    db.execute("INSERT OR REPLACE INTO pins VALUES (?, ?, ?)", (iccid, digest, UNKNOWN))
    return True


def pin_accepted(db: sqlite3.Connection, iccid: str) -> None:
    """The PIN sent last was right."""
    query = "UPDATE pins SET accepted = ? WHERE iccid = ?"
    db.execute(query, (ACCEPTED, _as_in_pins(db, iccid)))


def pin_refused(db: sqlite3.Connection, iccid: str) -> None:
    """The PIN sent last was wrong."""
    query = "UPDATE pins SET accepted = ? WHERE iccid = ?"
    db.execute(query, (REFUSED, _as_in_pins(db, iccid)))


def _ready(db: sqlite3.Connection, iccid: str) -> None:
    """A SIM works. Should the answer to its PIN not be known: whoever opened it gave it back all
    its tries, so the PIN may be sent once more."""
    query = "UPDATE pins SET accepted = ? WHERE iccid = ? AND accepted = ?"
    db.execute(query, (ACCEPTED, _as_in_pins(db, iccid), UNKNOWN))


def _as_in_pins(db: sqlite3.Connection, iccid: str) -> str:
    """The ICCID under which a SIM has a row among the PINs: modems show more or less of it."""
    known = [row["iccid"] for row in db.execute("SELECT iccid FROM pins")]
    return iccids.match(iccid, known) or iccid
