"""What can be saved of a corrupt journal: every row that can still be read, in a new one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gsmbridge.journal import steps
from gsmbridge.journal.assembly import SAME_SENDING
from gsmbridge.journal.database import connect
from gsmbridge.journal.files import prepare, sync_directory
from gsmbridge.sms import parts
from gsmbridge.sms.decoded import Deliver
from gsmbridge.sms.text import render

TABLES = ("meta", "sims", "imsis", "modems", "pins", "own_words", "messages", "copies", "steps")


@dataclass(frozen=True, slots=True)
class Salvage:
    """A corrupt journal that was set aside, and what of it was carried over."""

    aside: Path
    messages: int


def set_aside(path: Path, wall: float) -> Salvage:
    """Start a new journal from what can be read of a corrupt one, which is moved out of the way,
    never over anything.

    The new one takes its place only when it is complete: a crash on the way loses nothing.
    OSError or sqlite3.Error where it cannot be done now.
    """
    fresh = _successor(path)
    for file in _with_sides(fresh):
        file.unlink(missing_ok=True)
    prepare(fresh)
    with closing(connect(fresh)) as db:
        carried = _carry_over(path, db, wall)
    return Salvage(_succeed(path, wall), carried)


def finish_salvage(path: Path, wall: float) -> None:
    """Do the rest of a `set_aside` that a crash cut off after the corrupt file was moved."""
    if _successor(path).exists() and not path.exists():
        _succeed(path, wall)


def _successor(path: Path) -> Path:
    return path.with_name(path.name + ".salvaged")


def _with_sides(path: Path) -> list[Path]:
    """A database and what SQLite keeps beside it, the database first."""
    return [path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm")]


def _succeed(path: Path, wall: float) -> Path:
    """Put the successor in the place of a corrupt journal; where that is now."""
    stamp = datetime.fromtimestamp(wall, UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = path.with_name(f"{path.name}.corrupt-{stamp}")
    attempt = 1
    while aside.exists():
        attempt += 1
        aside = path.with_name(f"{path.name}.corrupt-{stamp}-{attempt}")
    for old, new in zip(_with_sides(path), _with_sides(aside), strict=True):
        if old.exists():
            old.rename(new)
    _successor(path).rename(path)
    sync_directory(path.parent)
    return aside


def _carry_over(corrupt: Path, fresh: sqlite3.Connection, wall: float) -> int:
    """Copy every row that can still be read; how many messages that were."""
    carried = 0
    fresh.execute("PRAGMA foreign_keys = OFF")
    fresh.execute("BEGIN IMMEDIATE")
    for table in TABLES:
        columns = [row["name"] for row in fresh.execute(f"PRAGMA table_info({table})")]
        # One that an older program wrote has fewer.
        there = {row[1] for row in _readable(corrupt, f"PRAGMA table_info({table})")}
        columns = [name for name in columns if name in there] or columns
        marks = ", ".join("?" * len(columns))
        names = ", ".join(columns)  # of our own schema, like the tables
        insert = f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})"  # nosec B608 # noqa: S608
        # From both ends: a broken page in the middle hides only what lies in it.
        for order in ("ASC", "DESC"):
            select = f"SELECT {names} FROM {table} ORDER BY 1 {order}"  # nosec B608 # noqa: S608
            for row in _readable(corrupt, select):
                rows = fresh.execute(insert, row).rowcount
                carried += rows if table == "messages" else 0
    for table in ("copies", "steps"):
        orphans = "sms_id NOT IN (SELECT sms_id FROM messages)"
        fresh.execute(f"DELETE FROM {table} WHERE {orphans}")  # nosec B608 # noqa: S608 - constants
    fresh.execute("DELETE FROM modems WHERE sim NOT IN (SELECT sim FROM sims)")
    # A SIM whose row was lost keeps its key: its messages stay, without a number.
    fresh.execute(
        "INSERT OR IGNORE INTO sims (sim, first_seen, last_seen)"
        " SELECT DISTINCT sim, :wall, :wall FROM messages",
        {"wall": wall},
    )
    for table in ("imsis", "own_words"):
        orphans = "sim NOT IN (SELECT sim FROM sims)"
        fresh.execute(f"DELETE FROM {table} WHERE {orphans}")  # nosec B608 # noqa: S608 - constants
    _stand_in_for_lost_copies(fresh)
    fresh.execute("COMMIT")
    return carried


def _stand_in_for_lost_copies(fresh: sqlite3.Connection) -> None:
    """A message was carried over, and what tells where it lies and by which PDU it is known was
    not: it gets copies without an identity, by which `recall` finds it. One without a time stamp
    that was freed does not: what says the same again is a new one."""
    whole = fresh.execute(
        "SELECT sms_id, sim, total, scts IS NOT NULL FROM messages WHERE text IS NOT NULL"
        " AND (scts IS NOT NULL OR sms_id NOT IN (SELECT sms_id FROM steps WHERE kind = ?))",
        (steps.FREED,),
    ).fetchall()
    for sms_id, sim, total, dated in whole:
        known = fresh.execute("SELECT part FROM copies WHERE sms_id = ?", (sms_id,))
        for part in sorted(set(range(1, total + 1)) - {row[0] for row in known}):
            fresh.execute(
                "INSERT INTO copies (sms_id, sim, identity, part, dated, modem, appearance, store,"
                " on_sim) VALUES (?, ?, '', ?, ?, '', '', '', 0)",
                (sms_id, sim, part, dated),
            )


def recall(db: sqlite3.Connection, sim: int, deliver: Deliver, *, arrived: bool) -> int | None:
    """The smsId of a message whose copy was lost with a corrupt journal and which, by sender, time
    stamp and text, is what was read just now; None if there is none. The copy's stand-in goes.
    What *arrived* just now without a time stamp is none that lay there before."""
    if deliver.scts is None and arrived:
        return None
    concat = deliver.concat
    lost = db.execute(
        "SELECT copy, sms_id, phone_from, part_key, text, scts FROM copies JOIN messages"
        " USING (sms_id) WHERE copies.sim = ? AND identity = '' AND part = ?",
        (sim, 1 if concat is None else concat.number),
    )
    said = render([deliver])
    stamp = None if deliver.scts is None else deliver.scts.timestamp()
    for copy, sms_id, phone_from, part_key, text, scts in lost.fetchall():
        if concat is None:
            same = part_key is None and (text, scts) == (said, stamp)
            same = same and phone_from in (deliver.sender, deliver.sender.removeprefix("+"))
        else:
            same = part_key == parts.key(deliver.sender, concat)
            same = same and said in (text or "") and _same_sending(scts, stamp)
        if same:
            db.execute("DELETE FROM copies WHERE copy = ?", (copy,))
            return int(sms_id)
    return None


def _same_sending(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= SAME_SENDING


def give_up(db: sqlite3.Connection, sim: int) -> None:
    """All that lies on a SIM was read: a message without a time stamp that is still missing there
    has left it, and what says the same from here on is a new one."""
    db.execute("DELETE FROM copies WHERE sim = ? AND identity = '' AND NOT dated", (sim,))


def _readable(path: Path, select: str) -> Iterator[tuple[Any, ...]]:
    """Rows up to the first that can't be read."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with suppress(sqlite3.Error), closing(sqlite3.connect(uri, uri=True)) as db:
        rows = db.execute(select)
        while (row := rows.fetchone()) is not None:
            yield row
