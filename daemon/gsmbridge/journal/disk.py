"""The journal file behind the writer: it outlives a full disk, a read-only one, a corrupt file."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from gsmbridge.clock import Clock
from gsmbridge.journal import database
from gsmbridge.journal.files import prepare, real
from gsmbridge.journal.migration import Migrations, forget_copies
from gsmbridge.journal.reserve import Reserve
from gsmbridge.journal.salvage import Salvage, finish_salvage, set_aside
from gsmbridge.journal.writer import Operation, Unwritable


class JournalFile:
    """One journal file and its reserve. Used by one thread at a time."""

    def __init__(
        self,
        path: Path,
        clock: Clock,
        on_salvage: Callable[[Salvage], None] = lambda salvage: None,
        synchronous: str = "FULL",
        migrations: Migrations | None = None,
        checked_first: int = database.CHECKED_FIRST,
    ) -> None:
        """*on_salvage* is called, in the writer's thread, after a corrupt file was set aside.
        *checked_first*: see `database.connect`."""
        self.path = path = real(path)
        self.lock = database.Lock(path)
        self._reserve = Reserve(path.with_name(path.name + ".reserve"))
        self._clock = clock
        self._on_salvage = on_salvage
        self._synchronous = synchronous
        self._migrations = migrations or Migrations()
        self._db: sqlite3.Connection | None = None
        self._broken = False
        self._checked_first = checked_first
        self._condemned = False
        self.unexamined = False
        """It was too large to be looked through when it was opened: `examine` is to be called."""

    def transact(self, operations: Sequence[Operation]) -> list[Any]:
        """See `writer.Disk`."""
        db = self._connection()
        try:
            db.execute("BEGIN IMMEDIATE")
            results = [self._one(db, operation) for operation in operations]
            db.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            self._give_way(error)
            raise Unwritable(f"{self.path}: {error}") from error
        return results

    def recover(self) -> None:
        """See `writer.Disk`: whole again once it takes a commit and has its reserve."""
        db = self._connection()
        try:
            self._reserve.keep()
            db.execute("BEGIN IMMEDIATE")
            db.execute(
                "INSERT OR REPLACE INTO meta VALUES ('probe', ?)", (str(self._clock.wall()),)
            )
            db.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            self._give_way(error)
            raise Unwritable(f"{self.path}: {error}") from error

    def scrub(self) -> None:
        """See `writer.Disk`: the write-ahead log keeps old pages until it is emptied, and the copy
        made before an upgrade keeps what was erased since."""
        db = self._connection()
        try:
            busy = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            forget_copies(self.path, self._clock.wall())
        except (sqlite3.Error, OSError) as error:
            self._give_way(error)
            raise Unwritable(f"{self.path}: {error}") from error
        if busy:
            raise Unwritable(f"{self.path}: somebody reads it")

    def examine(self) -> None:
        """Look through all of the file while it is in use; called in any thread. If anything is
        amiss, the next transaction sets it aside first."""
        self.unexamined = False
        try:
            uri = f"{self.path.absolute().as_uri()}?mode=ro"
            with closing(sqlite3.connect(uri, uri=True)) as db:
                self._condemned = database.examine(db) != ""
        except sqlite3.Error as error:
            self._condemned = database.is_corrupt(error)

    def close(self) -> None:
        """Close the file and let others have it."""
        self._drop()
        self.lock.release()

    def _one(self, db: sqlite3.Connection, operation: Operation) -> Any:
        db.execute("SAVEPOINT one")
        try:
            result = operation(db)
        except Exception as error:
            if _is_the_disks(error):
                raise  # the whole transaction fails
            # Handed to the caller, who waits for it; the others in this transaction go on.
            db.execute("ROLLBACK TO one")
            result = error
        db.execute("RELEASE one")
        return result

    def _connection(self) -> sqlite3.Connection:
        if self._condemned:
            self._drop()
            self._condemned, self._broken = False, True
        if self._db is None:
            try:
                database.prepare_directory(self.path)
                self.lock.take()
                finish_salvage(self.path, self._clock.wall())
                prepare(self.path)
                self._db = self._open()
                self._reserve.keep()
            except (sqlite3.Error, OSError) as error:
                self._give_way(error)
                raise Unwritable(f"{self.path}: {error}") from error
        return self._db

    def _open(self) -> sqlite3.Connection:
        try:
            if not self._broken:
                return self._connect()
        except sqlite3.DatabaseError as error:
            if not database.is_corrupt(error):
                raise
        salvage = set_aside(self.path, self._clock.wall())
        self._broken = False
        self._on_salvage(salvage)
        return self._connect()

    def _connect(self) -> sqlite3.Connection:
        first = self._checked_first
        db = database.connect(self.path, self._synchronous, self._migrations, first)
        self.unexamined = self.path.stat().st_size > first
        return db

    def _give_way(self, error: Exception) -> None:
        """Undo a failed transaction; make room for verdicts; a broken file is opened anew."""
        if _no_room(error):
            self._reserve.give_up()
        if self._db is not None and self._db.in_transaction:
            try:
                self._db.execute("ROLLBACK")
            except sqlite3.Error:
                self._drop()
        if isinstance(error, sqlite3.Error) and not _no_room(error):
            self._broken = database.is_corrupt(error)  # whatever a quick check says of it
            self._drop()

    def _drop(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            try:
                db.close()
            except sqlite3.Error:  # closed as far as it can be; the file is opened anew anyway
                return


def _no_room(error: Exception) -> bool:
    """Whether the disk, or the user's part of it, is full."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL


def _is_the_disks(error: Exception) -> bool:
    """Whether the disk is at fault, rather than the operation: SQLITE_ERROR is faulty SQL."""
    if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
        return False
    if isinstance(error, sqlite3.DatabaseError):
        return getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_ERROR
    return isinstance(error, OSError)
