"""The journal's file on a simulated disk: real SQLite, and room or none; a process that dies
before, inside or after a commit; a power cut that loses what was not synced."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum, auto
from math import inf
from pathlib import Path
from typing import Any

from gsmbridge.clock import Clock
from gsmbridge.farm import recorder
from gsmbridge.farm.platter import Event, Image, Platter, read, restore
from gsmbridge.farm.virtual import SimulatedCrash
from gsmbridge.journal.disk import JournalFile
from gsmbridge.journal.salvage import Salvage
from gsmbridge.journal.writer import RETRY, Operation, Unwritable

PLENTY = 1 << 30
RECOVERY = 2 * RETRY
"""Seconds after which a journal that can be written again has been."""
RESERVE = 1024
"""Pages that the reserve holds: 4 MiB."""
FUSES = (10, 40, 2000)
"""Writes and syncs within which the power fails: of one commit, or of some that a checkpoint falls
into now and then."""


class Space(Enum):
    """What a disk can take."""

    PLENTY = auto()
    FULL = auto()
    """Nothing but what the reserve held."""
    BROKEN = auto()
    """Every write fails."""


class Disk:
    """What outlives the daemon: the state that every life's `SimulatedFile` goes by."""

    def __init__(self, now: Callable[[], float], folder: Path, rng: random.Random) -> None:
        self.space = Space.PLENTY
        self._now = now
        self._folder = folder
        self._rng = rng
        self._trouble = (0.0, 0.0)
        """World times between which nothing could be relied on to be committed, the last time."""
        self.crash: str = ""
        """"before", "inside", "after": where in the next transaction the process dies; "power":
        while it is written, the power fails."""
        self._platter = Platter({})
        self._left: Image | None = None
        """What a power cut left, until the next boot."""
        self._fuse = 0
        """Events until the power fails; 0: it doesn't."""
        self.blown = False
        """Whether it has failed since `power_up` because of that."""
        try:
            recorder.install()
            self.forgets = True
        except recorder.Unavailable:
            self.forgets = False
        """Whether a power cut loses what was not synced; where not, it only ends the process."""

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

    # ---- power ------------------------------------------------------------------------------

    @contextmanager
    def watched(self) -> Iterator[None]:
        """One life of the daemon, with its writes recorded."""
        if not self.forgets:
            yield
            return
        found = read(self._folder)
        if found != self._platter.now():  # somebody else was there between two lives
            self._platter = Platter(found)
        with recorder.watching(self._folder, self._record):
            yield

    @property
    def off(self) -> bool:
        """Whether the power has failed since `power_up`."""
        return self._left is not None

    def lose_power(self) -> None:
        """It fails now. What is written from here on reaches nothing."""
        if self.forgets and not self.off:
            self._left = self._platter.after_cut(self._rng)

    def light_fuse(self) -> None:
        """It fails after some of the writes to come; at once where those can't be seen."""
        self._fuse = self._rng.randint(1, self._rng.choice(FUSES))
        if not self.forgets:
            self.blown = True
            raise SimulatedCrash

    def power_up(self) -> None:
        """The next boot, if the power had failed: what the disk kept is all there is."""
        left, self._left = self._left, None
        self._fuse, self.blown = 0, False
        if left is not None:
            restore(self._folder, left)
            self._platter = Platter(read(self._folder))

    def _record(self, event: Event) -> None:
        if self.off:
            return
        self._platter.do(event)
        if self._fuse:
            self._fuse -= 1
            if not self._fuse:
                self.blown = True
                self.lose_power()


class SimulatedFile(JournalFile):
    """The journal's file as one life of the daemon has it open."""

    def __init__(
        self, path: Path, clock: Clock, disk: Disk, on_salvage: Callable[[Salvage], None]
    ) -> None:
        if disk.forgets:
            super().__init__(path, clock, on_salvage)
        else:
            super().__init__(path, clock, on_salvage, synchronous="OFF")
        self._disk = disk
        self._gave_up_reserve = False
        self._limited: tuple[object, int] | None = None
        """The connection that was limited last, and to how many pages."""

    def transact(self, operations: Sequence[Operation]) -> list[Any]:
        with self._powered():
            return self._transact(operations)

    def scrub(self) -> None:
        with self._powered():
            super().scrub()

    @contextmanager
    def _powered(self) -> Iterator[None]:
        """Without power there is no process, and nothing that it could be told."""
        try:
            yield
        finally:
            if self._disk.off:
                raise SimulatedCrash

    def _transact(self, operations: Sequence[Operation]) -> list[Any]:
        self._limit()
        crash, self._disk.crash = self._disk.crash, ""
        if crash == "power":
            self._disk.light_fuse()
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
        with self._powered():
            self._recover()

    def _recover(self) -> None:
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
        if self._limited != (db, limit):
            db.execute(f"PRAGMA max_page_count = {limit}")
            self._limited = (db, limit)


def _die(db: object) -> None:
    raise SimulatedCrash
