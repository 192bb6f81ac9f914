"""A journal file on a disk that fails when told to."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Any

from gsmbridge.journal.disk import JournalFile
from gsmbridge.journal.writer import Operation, Unwritable


class Disk(Enum):
    """How the disk is."""

    WELL = "well"
    DEAD = "dead"
    """Every commit fails."""
    FULL = "full"
    """There is only the room that the reserve takes, and it is little."""
    ROTTEN = "rotten"
    """The next commit comes upon a broken page that no check finds."""


class BrokenFile(JournalFile):
    """A journal file whose transactions fail as a whole, at their very end."""

    disk = Disk.WELL

    def fail(self, disk: Disk = Disk.DEAD) -> None:
        self.disk = disk

    def heal(self) -> None:
        self.disk = Disk.WELL

    def transact(self, operations: Sequence[Operation]) -> list[Any]:
        if self.disk is Disk.DEAD:
            return super().transact([*operations, _io_error])
        if self.disk is Disk.FULL and (self.reserve.exists() or len(operations) > 1):
            return super().transact([*operations, _full])
        if self.disk is Disk.ROTTEN:
            self.heal()
            return super().transact([*operations, _malformed])
        return super().transact(operations)

    def recover(self) -> None:
        if self.disk is Disk.WELL:
            super().recover()
        else:
            self.reserve.unlink(missing_ok=True)
            raise Unwritable(f"the disk is {self.disk.value}")

    @property
    def reserve(self) -> Path:
        return self.path.with_name(self.path.name + ".reserve")


def _io_error(db: sqlite3.Connection) -> None:
    raise _error("disk I/O error", sqlite3.SQLITE_IOERR)


def _full(db: sqlite3.Connection) -> None:
    raise _error("database or disk is full", sqlite3.SQLITE_FULL)


def _malformed(db: sqlite3.Connection) -> None:
    raise _error("database disk image is malformed", sqlite3.SQLITE_CORRUPT)


def _error(message: str, code: int) -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError(message)
    error.sqlite_errorcode = code
    return error
