"""The journal's file: opening, locking, schema."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar

from gsmbridge.errors import JournalError, JournalHeld, JournalRefused
from gsmbridge.journal.files import adopt, real
from gsmbridge.journal.files import prepare as prepare  # part of what is offered here
from gsmbridge.journal.migration import Migrations

T = TypeVar("T")

VERSION = 2
SCHEMA = Path(__file__).with_name("schema.sql")
VITAL = ("meta", "sims", "imsis", "modems", "pins", "own_words")
"""Small tables, by which numbers are given."""
CHECKED_FIRST = 64 * 1024 * 1024
"""Bytes of a journal that are looked through before it is used: half a second on a slow disk's
host, about 120,000 messages. All of a larger one is looked through beside the work."""


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
