"""smsIds: a durable counter that never goes back, whatever happens to the journal (I4).

Ids are handed out from a block that was reserved in a small file of its own before the first of
them is used. Every start begins after the last reserved block: an id that a crashed process took
is never taken again, and neither is one that only a lost or restored journal knew.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from gsmbridge import RELEASED
from gsmbridge.errors import JournalError, JournalRefused
from gsmbridge.journal.files import adopt, sync_directory

EPOCH = 1577836800
"""2020-01-01 UTC: ids start at the seconds since then, so a reinstalled host does not reuse any."""
CLOCK_IS_SET = 1767225600
"""2026-01-01 UTC: a clock before it was never set."""
LAST = 2**31 - 1
BLOCK = 256
YEAR = 365 * 86400


class HighWater:
    """The file of reserved ids: one decimal number, below which every id may have been used."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> int:
        """The mark; 0 where there is none or it cannot be understood (the journal has a copy)."""
        try:
            return int(self.path.read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return 0

    def write(self, mark: int) -> None:
        """Replace the mark durably. OSError where the disk refuses."""
        temporary = self.path.with_name(self.path.name + ".new")
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
        try:
            os.write(fd, b"%d\n" % mark)
            os.fsync(fd)
        finally:
            os.close(fd)
        adopt(temporary)
        temporary.replace(self.path)
        sync_directory(self.path.parent)


class Ids:
    """Hands out ids ≡ *index* mod *count*, each once."""

    def __init__(self, high_water: HighWater, floor: int, index: int = 0, count: int = 1) -> None:
        self._file = high_water
        self._index, self._count = index, count
        self._reserved = max(high_water.read(), 1)
        self._next = self._aligned(max(self._reserved, floor, 1))

    @property
    def reserved(self) -> int:
        """Every id handed out so far is below this."""
        return self._reserved

    def take(self) -> int:
        """The next id. OSError where no further block can be reserved."""
        sms_id = self._next
        if sms_id > LAST:
            raise JournalError("no smsId is left below 2^31", "ask the partner before going on")
        if sms_id >= self._reserved:
            mark = sms_id + BLOCK * self._count
            self._file.write(mark)
            self._reserved = mark
        self._next = sms_id + self._count
        return sms_id

    def leap(self, by: int) -> None:
        """Go on at least *by* ids further; durable. Never past the middle of all there are, so
        that no number of leaps can use them up."""
        start = self._aligned(self._next + by)
        if start < LAST // 2:
            self._file.write(start)
            self._next = self._reserved = start

    def _aligned(self, at_least: int) -> int:
        return at_least + (self._index - at_least) % self._count


def lowest(wall: float, fresh: bool) -> int:
    """The lowest id that a start may begin with, at Unix time *wall*. *fresh*: the journal has
    none yet."""
    since = int(wall) - EPOCH
    if since > LAST:
        return 1  # an absurd clock: it would leave no id
    return RELEASED - EPOCH if fresh and since < CLOCK_IS_SET - EPOCH else since


def open_ids(
    high_water: HighWater, floor: int, index: int, count: int, db: sqlite3.Connection
) -> Ids:
    """The id counter of this journal, which must have been made for the same place among hosts."""
    for key, value in (("host_index", index), ("host_count", count)):
        row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        if row is not None and int(row["value"]) != value:
            raise JournalRefused(
                f"the journal was made with {key} {row['value']}, the config says {value}",
                "hosts would give out each other's ids: set it back, or begin a new journal",
            )
        db.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (key, str(value)))
    mark = db.execute("SELECT value FROM meta WHERE key = 'ids'").fetchone()
    last = db.execute("SELECT max(sms_id) AS last FROM messages").fetchone()["last"]
    ids = Ids(
        high_water, max(floor, int(mark["value"]) if mark else 0, (last or 0) + 1), index, count
    )
    keep_mark(db, ids)
    return ids


def moved(db: sqlite3.Connection, ids: Ids, machine: str) -> bool:
    """Whether this journal was last used on another machine than *machine* (see
    `service.machine`), which is noted. If so, the other one may still give out ids from a copy of
    it: they go on a year or two of seconds further, each machine elsewhere."""
    row = db.execute("SELECT value FROM meta WHERE key = 'machine'").fetchone()
    if not machine or (row is not None and row["value"] == machine):
        return False
    db.execute("INSERT OR REPLACE INTO meta VALUES ('machine', ?)", (machine,))
    if row is None:
        return False
    ids.leap(YEAR + int(machine[:8], 16) % YEAR)
    keep_mark(db, ids)
    return True


def keep_mark(db: sqlite3.Connection, ids: Ids) -> None:
    """A copy of the high-water mark, should its file be lost."""
    db.execute(
        "INSERT INTO meta VALUES ('ids', ?)"
        " ON CONFLICT DO UPDATE SET value = excluded.value WHERE value <> excluded.value",
        (str(ids.reserved),),
    )
