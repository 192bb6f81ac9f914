"""The journal's file on a simulated disk: real SQLite, and room or none, and a process that dies
before, inside or after a commit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum, auto
from math import inf
from pathlib import Path
from typing import Any

from gsmbridge.clock import Clock
from gsmbridge.farm.virtual import SimulatedCrash
from gsmbridge.journal.database import Salvage
from gsmbridge.journal.disk import JournalFile
from gsmbridge.journal.writer import RETRY, Operation, Unwritable

PLENTY = 1 << 30
RECOVERY = 2 * RETRY
"""Seconds after which a journal that can be written again has been."""
RESERVE = 1024
"""Pages that the reserve holds: 4 MiB."""


class Space(Enum):
    """What a disk can take."""

    PLENTY = auto()
    FULL = auto()
    """Nothing but what the reserve held."""
    BROKEN = auto()
    """Every write fails."""


class Disk:
    """What outlives the daemon: the state that every life's `SimulatedFile` goes by."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.space = Space.PLENTY
        self._now = now
        self._trouble = (0.0, 0.0)
        """World times between which nothing could be relied on to be committed, the last time."""
        self.crash: str = ""
        """"before", "inside", "after": where in the next transaction the process dies."""

    def turn(self, space: Space) -> None:
        """It fills up, breaks, or works again."""
        self.space = space
        now = self._now()
        begin, end = self._trouble
        if space is not Space.PLENTY:
            self._trouble = (begin if now < end else now, inf)
        elif end == inf:
            self._trouble = (begin, now + RECOVERY)

    def troubled_since(self) -> float | None:
        """Since when (world time) what the daemon knows may be uncommitted; None: it isn't."""
        begin, end = self._trouble
        return begin if self._now() < end else None


class SimulatedFile(JournalFile):
    """The journal's file as one life of the daemon has it open.

    Synchronous is OFF: a process that dies takes nothing with it that the kernel has, and the
    history depends on what is in the file, not on when it reaches a platter.
    """

    def __init__(
        self, path: Path, clock: Clock, disk: Disk, on_salvage: Callable[[Salvage], None]
    ) -> None:
        super().__init__(path, clock, on_salvage, synchronous="OFF")
        self._disk = disk
        self._gave_up_reserve = False

    def transact(self, operations: Sequence[Operation]) -> list[Any]:
        self._limit()
        crash, self._disk.crash = self._disk.crash, ""
        if crash == "before":
            raise SimulatedCrash
        if crash == "inside":
            operations = [*operations, _die]
        try:
            results = super().transact(operations)
        except Unwritable:
            self._gave_up_reserve = True
            raise
        if crash == "after":
            raise SimulatedCrash
        return results

    def recover(self) -> None:
        if self._disk.space is not Space.PLENTY:
            self._gave_up_reserve = True
            raise Unwritable(f"{self.path}: database or disk is full")
        self._gave_up_reserve = False
        self._limit()
        super().recover()

    def _limit(self) -> None:
        """SQLite itself refuses what needs another page: as a full disk does, in mid-statement."""
        space = self._disk.space
        if space is Space.BROKEN:
            raise Unwritable(f"{self.path}: disk I/O error")
        db = self._connection()
        limit = PLENTY
        if space is Space.FULL:
            pages = db.execute("PRAGMA page_count").fetchone()[0]
            limit = pages + (RESERVE if self._gave_up_reserve else 0)
        db.execute(f"PRAGMA max_page_count = {limit}")


def _die(db: object) -> None:
    raise SimulatedCrash
