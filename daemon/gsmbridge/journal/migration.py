"""Bringing a journal that an older program wrote to the schema of this one.

All steps run in one transaction, after a copy of the journal was made: whatever fails, it is as it
was before. The copy holds texts too, so it does not stay for long.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from gsmbridge.errors import JournalRefused
from gsmbridge.journal.files import prepare, sync_directory

FOLDER = Path(__file__).with_name("migrations")

COPY_STAYS = 86400
"""Seconds: longer than it takes to see that an upgrade went well."""
SPARE = 16 * 1024 * 1024
"""Bytes that must be free beside what the upgrade takes: messages go on arriving after it."""
FAULTY = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH)
"""Result codes that mean a step which does not fit the journal, rather than a disk in trouble."""


@dataclass(frozen=True, slots=True)
class Upgrade:
    """A journal that was brought to a newer schema."""

    old: int
    new: int
    copy: Path
    """The journal as it was before."""


def known() -> Mapping[int, str]:
    """The steps that this program has: SQL by the schema that it leads to."""
    return {int(file.stem): file.read_text("utf-8") for file in sorted(FOLDER.glob("*.sql"))}


def free_space(path: Path) -> int:
    """Bytes that this user may still write to a file's disk."""
    disk = os.statvfs(path.parent)
    return disk.f_bavail * disk.f_frsize


@dataclass(frozen=True, slots=True)
class Migrations:
    """The steps, and what they need of the world."""

    steps: Mapping[int, str] = field(default_factory=known)
    free: Callable[[Path], int] = free_space
    told: Callable[[Upgrade], None] = lambda upgrade: None
    """Called, in the thread that opens the journal, after the upgrade is committed."""

    def run(self, db: sqlite3.Connection, path: Path, old: int) -> None:
        """Bring *db*, opened from *path* and at schema *old*, to the newest there is a step to.

        Where it raises, *db* is to be closed, and the journal is as it was. OSError or
        sqlite3.Error: the disk has no room or fails. JournalRefused: a step does not fit it.
        """
        new = max(self.steps)
        self._make_sure_of_room(path, new)
        copy = _copy(db, path, new)
        try:
            self._transact(db, old, new)
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF not in FAULTY:
                raise
            raise JournalRefused(
                f"the journal {path} can't be brought from schema {old} to {new}: {error}",
                "it is as it was: run the gsmbridge that wrote it, and report this",
            ) from error
        self.told(Upgrade(old, new, copy))

    def _transact(self, db: sqlite3.Connection, old: int, new: int) -> None:
        # Tables that are made anew would take their dependents' rows with them; checked at the end.
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("BEGIN IMMEDIATE")
        for version in range(old + 1, new + 1):
            for statement in statements(self.steps[version]):
                db.execute(statement)
        if db.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise sqlite3.IntegrityError("rows would lead nowhere")
        db.execute(f"PRAGMA user_version = {new}")
        db.execute("COMMIT")
        db.execute("PRAGMA foreign_keys = ON")

    def _make_sure_of_room(self, path: Path, new: int) -> None:
        """For a copy, and as much again in the write-ahead log if a step rewrites everything."""
        files = (path, path.with_name(path.name + "-wal"))
        needed = 2 * sum(file.stat().st_size for file in files if file.exists()) + SPARE
        free = self.free(path)
        if free < needed:
            # Not ENOSPC: what is held in reserve for verdicts would be given up for nothing.
            raise OSError(
                f"{needed >> 20} MiB must be free to bring the journal to schema {new},"
                f" {free >> 20} MiB are; nothing was changed"
            )


def statements(sql: str) -> Iterator[str]:
    """The statements of a script one by one: `executescript` would commit what came before."""
    statement = ""
    for line in sql.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        yield statement


def forget_copies(path: Path, wall: float) -> None:
    """Remove copies that have been there long enough. OSError where that can't be done."""
    for copy in sorted(path.parent.glob(f"{path.name}.before-*")):
        if wall - copy.stat().st_mtime >= COPY_STAYS:
            copy.unlink()


def _copy(db: sqlite3.Connection, path: Path, new: int) -> Path:
    """Copy the journal as it is now, write-ahead log included; where the copy is."""
    copy = path.with_name(f"{path.name}.before-{new}")
    unfinished = copy.with_name(copy.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    prepare(unfinished)
    try:
        with closing(sqlite3.connect(unfinished)) as target:
            db.backup(target)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    unfinished.replace(copy)
    sync_directory(path.parent)
    return copy
