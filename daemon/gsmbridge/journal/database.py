"""The journal's file: opening, locking, schema, and what can be saved of a corrupt one."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from gsmbridge.errors import JournalError, JournalHeld, JournalRefused

T = TypeVar("T")

VERSION = 1
SCHEMA = Path(__file__).with_name("schema.sql")
TABLES = ("meta", "sims", "modems", "pins", "messages", "copies")


@dataclass(frozen=True, slots=True)
class Salvage:
    """A corrupt journal that was set aside, and what of it was carried over."""

    aside: Path
    messages: int


class Lock:
    """The right to work on a journal: held by one process at a time, given up by its death."""

    def __init__(self, journal: Path) -> None:
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


def adopt(path: Path) -> None:
    """Give a file that root made beside the journal to the directory's owner: the service's user
    must be able to write it later."""
    if os.geteuid() != 0:
        return
    owner = path.parent.stat()
    with suppress(OSError):  # a file system without owners
        os.chown(path, owner.st_uid, owner.st_gid)


def prepare(path: Path) -> None:
    """Make the journal's directory and its file, with modes that keep others out."""
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o640)
    os.close(fd)
    adopt(path)


def connect(path: Path, synchronous: str = "FULL") -> sqlite3.Connection:
    """Open a journal and bring it to this program's schema.

    sqlite3.DatabaseError (not OperationalError) means that the file is corrupt; OperationalError
    that it cannot be used right now. JournalRefused: written by a newer program.
    """
    db = sqlite3.connect(
        path, timeout=2.0, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    try:
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(f"PRAGMA synchronous = {synchronous}")
        db.execute("PRAGMA secure_delete = ON")
        db.execute("PRAGMA foreign_keys = ON")
        found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(f"quick_check: {found}")
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise JournalRefused(
                f"the journal {path} has schema {version}, this program knows up to {VERSION}",
                "run the newer gsmbridge that wrote it",
            )
        if version < VERSION:
            db.executescript(
                f"BEGIN IMMEDIATE;\n{SCHEMA.read_text()}\nPRAGMA user_version = {VERSION};\nCOMMIT;"
            )
    except BaseException:
        db.close()
        raise
    return db


def is_corrupt(error: sqlite3.Error) -> bool:
    """Whether *error* says that the file's content is broken, rather than out of reach."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    return "quick_check" in str(error)


def set_aside(path: Path, wall: float) -> Salvage:
    """Move a corrupt journal out of the way, never over anything, and start a new one from it.

    OSError or sqlite3.Error where even that cannot be done now.
    """
    stamp = datetime.fromtimestamp(wall, UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = path.with_name(f"{path.name}.corrupt-{stamp}")
    attempt = 1
    while aside.exists():
        attempt += 1
        aside = path.with_name(f"{path.name}.corrupt-{stamp}-{attempt}")
    for suffix in ("-wal", "-shm"):
        side = path.with_name(path.name + suffix)
        if side.exists():
            side.rename(aside.with_name(aside.name + suffix))
    path.rename(aside)
    prepare(path)
    with closing(connect(path)) as fresh:
        return Salvage(aside, _carry_over(aside, fresh))


def _carry_over(aside: Path, fresh: sqlite3.Connection) -> int:
    """Copy every row that can still be read; how many messages that were."""
    carried = 0
    fresh.execute("PRAGMA foreign_keys = OFF")
    fresh.execute("BEGIN IMMEDIATE")
    for table in TABLES:
        columns = [row["name"] for row in fresh.execute(f"PRAGMA table_info({table})")]
        marks = ", ".join("?" * len(columns))
        insert = f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({marks})"
        # From both ends: a broken page in the middle hides only what lies in it.
        for order in ("ASC", "DESC"):
            rows = 0
            with suppress(sqlite3.Error), closing(sqlite3.connect(aside)) as old:
                select = f"SELECT {', '.join(columns)} FROM {table} ORDER BY 1 {order}"
                for row in old.execute(select):
                    rows += fresh.execute(insert, row).rowcount
            if table == "messages":
                carried += rows
    fresh.execute("DELETE FROM copies WHERE sms_id NOT IN (SELECT sms_id FROM messages)")
    fresh.execute("COMMIT")
    return carried


def read(path: Path, query: Callable[[sqlite3.Connection], T]) -> T:
    """Ask a journal something on a connection of its own, which writes nothing."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            db.row_factory = sqlite3.Row
            return query(db)
    except sqlite3.Error as error:
        raise JournalError(f"the journal {path} can't be read: {error}") from error


def open_or_raise(path: Path) -> sqlite3.Connection:
    """For commands that work on the journal without the daemon: one plain error instead of many."""
    try:
        return connect(path)
    except sqlite3.Error as error:
        raise JournalError(
            f"the journal {path} can't be opened: {error}",
            "start the service: it saves what can be saved" if is_corrupt(error) else "",
        ) from error
