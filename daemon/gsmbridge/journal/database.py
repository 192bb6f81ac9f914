"""The journal's file: opening, locking, schema, and what can be saved of a corrupt one."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from gsmbridge.errors import JournalError, JournalHeld, JournalRefused
from gsmbridge.journal.files import adopt, real, sync_directory
from gsmbridge.journal.files import prepare as prepare  # part of what is offered here
from gsmbridge.journal.migration import Migrations

T = TypeVar("T")

VERSION = 2
SCHEMA = Path(__file__).with_name("schema.sql")
TABLES = ("meta", "sims", "imsis", "modems", "pins", "own_words", "messages", "copies", "steps")

VITAL = ("meta", "sims", "imsis", "modems", "pins", "own_words")
"""Small tables, by which numbers are given."""
CHECKED_FIRST = 64 * 1024 * 1024
"""Bytes of a journal that are looked through before it is used: half a second on a slow disk's
host, about 120,000 messages. All of a larger one is looked through beside the work."""


@dataclass(frozen=True, slots=True)
class Salvage:
    """A corrupt journal that was set aside, and what of it was carried over."""

    aside: Path
    messages: int


class Lock:
    """The right to work on a journal: held by one process at a time, given up by its death."""

    def __init__(self, journal: Path) -> None:
        journal = real(journal)
        self._path = journal.with_name(journal.name + ".lock")
        self._fd: int | None = None

    def take(self) -> None:
        """JournalHeld, naming the holder's pid, where another process has it; OSError from disk."""
        if self._fd is not None:
            return
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.pread(fd, 32, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(fd)
            raise JournalHeld(
                f"the journal {self._path.with_suffix('')} is in use by process {pid}",
                "only one daemon or command can work on it at a time",
            ) from None
        adopt(self._path)
        with suppress(OSError):  # the pid is a courtesy; a full disk must not cost the lock
            os.ftruncate(fd, 0)
            os.pwrite(fd, b"%d\n" % os.getpid(), 0)
        self._fd = fd

    def release(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def prepare_directory(path: Path) -> None:
    """Make the journal's directory, with a mode that keeps others out."""
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)


def connect(
    path: Path,
    synchronous: str = "FULL",
    migrations: Migrations | None = None,
    checked_first: int = CHECKED_FIRST,
) -> sqlite3.Connection:
    """Open a journal and bring it to this program's schema. Of one that is larger than
    *checked_first* only the vital tables are looked through.

    sqlite3.DatabaseError (not OperationalError) means that the file is corrupt; OperationalError
    or OSError that it cannot be used right now. JournalRefused: written by a newer program, or a
    step to this one's schema does not fit it.
    """
    migrations = migrations or Migrations()
    db = sqlite3.connect(
        path, timeout=2.0, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    try:
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(f"PRAGMA synchronous = {synchronous}")
        db.execute("PRAGMA secure_delete = ON")
        db.execute("PRAGMA foreign_keys = ON")
        found = examine(db, VITAL if path.stat().st_size > checked_first else ())
        if found:
            raise sqlite3.DatabaseError(f"quick_check: {found}")
        newest = max([VERSION, *migrations.steps])
        version = _version(db, path, newest)
        if version == 0:
            db.executescript(
                f"BEGIN IMMEDIATE;\n{SCHEMA.read_text()}\nPRAGMA user_version = {VERSION};\nCOMMIT;"
            )
            version = VERSION
        if version < newest:
            migrations.run(db, path, version)
    except BaseException:
        db.close()
        raise
    return db


def examine(db: sqlite3.Connection, tables: Sequence[str] = ()) -> str:
    """What SQLite's quick check finds amiss in these tables, or in all of the file; empty if
    nothing."""
    for argument in tables or ("1",):
        found = str(db.execute(f"PRAGMA quick_check({argument})").fetchone()[0])
        if found != "ok":
            return found
    return ""


def _version(db: sqlite3.Connection, path: Path, newest: int) -> int:
    """The schema of a journal, 0 where it has none yet. JournalRefused: newer than *newest*."""
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    if version > newest:
        raise JournalRefused(
            f"the journal {path} has schema {version}, this program knows up to {newest}",
            "run the newer gsmbridge that wrote it",
        )
    return version


def is_corrupt(error: sqlite3.Error) -> bool:
    """Whether *error* says that the file's content is broken, rather than out of reach."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    return "quick_check" in str(error)


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
    fresh.execute("COMMIT")
    return carried


def _readable(path: Path, select: str) -> Iterator[tuple[Any, ...]]:
    """Rows up to the first that can't be read."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with suppress(sqlite3.Error), closing(sqlite3.connect(uri, uri=True)) as db:
        rows = db.execute(select)
        while (row := rows.fetchone()) is not None:
            yield row


def read(path: Path, query: Callable[[sqlite3.Connection], T]) -> T:
    """Ask a journal something on a connection of its own, which writes nothing."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            db.row_factory = sqlite3.Row
            if 0 < (version := _version(db, path, VERSION)) < VERSION:
                raise JournalError(
                    f"the journal {path} has schema {version}, this program wants {VERSION}",
                    "start the service: it brings the journal up to date",
                )
            return query(db)
    except sqlite3.Error as error:
        raise JournalError(f"the journal {path} can't be read: {error}") from error


def open_or_raise(path: Path) -> sqlite3.Connection:
    """For commands that work on the journal without the daemon: one plain error instead of many."""
    try:
        return connect(real(path))
    except sqlite3.Error as error:
        raise JournalError(
            f"the journal {path} can't be opened: {error}",
            "start the service: it saves what can be saved" if is_corrupt(error) else "",
        ) from error
