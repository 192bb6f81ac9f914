"""smsIds: a durable counter that never goes back, whatever happens to the journal (I4).

Ids are handed out from a block that was reserved in a small file of its own before the first of
them is used. Every start begins after the last reserved block: an id that a crashed process took
is never taken again, and neither is one that only a lost or restored journal knew.
"""

from __future__ import annotations

import os
from pathlib import Path

from gsmbridge.errors import JournalError
from gsmbridge.journal.database import adopt, sync_directory

EPOCH = 1577836800
"""2020-01-01 UTC: ids start at the seconds since then, so a reinstalled host does not reuse any."""
LAST = 2**31 - 1
BLOCK = 256


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

    def _aligned(self, at_least: int) -> int:
        return at_least + (self._index - at_least) % self._count
