"""A journal whose writes are recorded, and what must be found of it after a power cut anywhere.

A cut happens after any recorded event. What the journal had promised by then, by returning, must be
in every folder that a disk may be left with.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gsmbridge.errors import GsmbridgeError
from gsmbridge.farm import recorder
from gsmbridge.farm.platter import Event, Image, Platter, read, restore
from gsmbridge.farm.virtual import SimulatedClock, World
from gsmbridge.journal.disk import JournalFile
from gsmbridge.journal.ids import HighWater, open_ids
from gsmbridge.journal.migration import Migrations
from gsmbridge.journal.salvage import Salvage
from gsmbridge.journal.writer import Unwritable
from gsmbridge.message import State

MEMORY = Path("/dev/shm")
AGAIN = 0.1
"""Share of cuts after which the power fails once more, during the start."""


@dataclass
class Promised:
    """What callers of the journal were told is done."""

    contents: dict[int, tuple[str | None, str, str | None]] = field(default_factory=dict)
    """Of messages by smsId: phone, sender, text."""
    settled: dict[int, State] = field(default_factory=dict)
    freed: set[int] = field(default_factory=set)
    attempts: dict[int, int] = field(default_factory=dict)
    """At least so many are noted."""
    highest: int = 0
    """Of the ids that were given out."""
    erased: set[str] = field(default_factory=set)
    """Texts that a clean-up must have removed from all files."""


class Tape:
    """The events of a folder, and what was promised between them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.base = read(folder)
        self.events: list[Event] = []
        self.promised = Promised()
        self.moments: list[tuple[int, Promised]] = [(0, Promised())]

    def keep(self) -> None:
        """From here on, what is promised now holds."""
        self.moments.append((len(self.events), deepcopy(self.promised)))

    def cuts(self) -> Iterator[tuple[Event, Platter, Promised]]:
        """The disk after each event, and what is promised by then."""
        platter, moments = Platter(self.base), list(self.moments)
        promised = Promised()
        for number, event in enumerate(self.events, 1):
            while moments and moments[0][0] < number:
                _, promised = moments.pop(0)
            platter.do(event)
            yield event, platter, promised


@contextmanager
def recorded(folder: Path) -> Iterator[Tape]:
    """Record what is done in *folder*; the test is skipped where that can't be seen."""
    tape = Tape(folder)
    try:
        with recorder.watching(folder, tape.events.append):
            yield tape
    except recorder.Unavailable as reason:
        pytest.skip(str(reason))


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder in memory where that can be: what is tried here is not the real disk."""
    place = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="gsmbridge-power-", dir=place) as folder:
        yield Path(folder)


class Inspector:
    """Starts the journal on what a cut left, and looks what is missing."""

    def __init__(
        self, folder: Path, migrations: Migrations | None = None, salvages: bool = False
    ) -> None:
        """*salvages*: the journal was corrupt before the cut."""
        self.folder = folder
        self.path = folder / "journal.db"
        self._migrations = migrations
        self._salvages = salvages
        # Of a host that lost its clock too, so that no time of day hides an id given out twice.
        self._clock = SimulatedClock(World(), wall_offset=0.0)

    def missing_after_two(self, image: Image, promised: Promised, rng: random.Random) -> list[str]:
        """The same where the power fails again while the journal starts on *image*."""
        restore(self.folder, image)
        with recorded(self.folder) as tape:
            self._start(lambda what: None)
        platter = Platter(tape.base)
        for event in tape.events[: rng.randint(0, len(tape.events))]:
            platter.do(event)
        return self.missing(platter.after_cut(rng), promised)

    def missing(self, image: Image, promised: Promised) -> list[str]:
        """What of *promised* is not to be found in *image*."""
        restore(self.folder, image)
        found: list[str] = []
        mark = HighWater(self.path.with_name("journal.db.ids")).read()
        if promised.highest >= mark > 0 or (promised.highest and not mark):
            found.append(f"id {promised.highest} is not below the mark {mark}")
        try:
            rows, copies, first = self._start(found.append)
        except (Unwritable, GsmbridgeError) as error:
            return [*found, f"no start: {error}"]
        if first <= promised.highest:
            found.append(f"id {first} after {promised.highest}")
        found += _lost(promised, rows, copies)
        return found + [f"{text!r} is still there" for text in self._readable(promised.erased)]

    def _start(self, on_salvage: Callable[[str], None]) -> tuple[Any, Any, int]:
        def told(salvage: Salvage) -> None:
            if not self._salvages:
                on_salvage("the journal is corrupt")

        file = JournalFile(self.path, self._clock, told, migrations=self._migrations)
        mark = HighWater(self.path.with_name("journal.db.ids"))
        try:
            results = file.transact(
                [
                    lambda db: [dict(row) for row in db.execute("SELECT * FROM messages")],
                    lambda db: [dict(row) for row in db.execute("SELECT * FROM copies")],
                    lambda db: open_ids(mark, 1, 0, 1, db).take(),
                    lambda db: db.execute("PRAGMA foreign_key_check").fetchall(),
                ]
            )
            file.scrub()
        finally:
            file.close()
        for result in results:
            if isinstance(result, Exception):
                raise result
        assert results[3] == [], "rows that lead nowhere"
        return results[0], results[1], results[2]

    def _readable(self, texts: set[str]) -> list[str]:
        files = {path: path.read_bytes() for path in sorted(self.folder.glob("journal.db*"))}
        found = (text for text in sorted(texts) if any(text.encode() in f for f in files.values()))
        return list(found)


def _lost(promised: Promised, rows: Any, copies: Any) -> list[str]:
    by_id = {row["sms_id"]: row for row in rows}
    on_sim = {copy["copy"] for copy in copies if copy["on_sim"]}
    found = []
    for sms_id, content in promised.contents.items():
        row = by_id.get(sms_id)
        if row is None:
            found.append(f"message {sms_id} is lost")
        elif (row["phone"], row["phone_from"], row["text"]) != content and not row["erased"]:
            found.append(f"message {sms_id} changed")
    for sms_id, state in promised.settled.items():
        if sms_id in by_id and by_id[sms_id]["state"] != state:
            found.append(f"message {sms_id} is {by_id[sms_id]['state']}, not {state}")
    for sms_id, attempts in promised.attempts.items():
        if sms_id in by_id and by_id[sms_id]["attempts"] < attempts:
            found.append(f"attempt {attempts} of message {sms_id} is lost")
    return found + [f"free {copy} is lost" for copy in sorted(promised.freed & on_sim)]


def cut_everywhere(
    tape: Tape, inspector: Inspector, rng: random.Random, tries: int, most: int = 1 << 30
) -> tuple[int, list[str]]:
    """Cut the power *tries* times after each event, at most *most* times in all, spread evenly.
    How often that was, and what was missing."""
    plan = [(number, n) for number in range(len(tape.events)) for n in range(tries)]
    if len(plan) > most:
        plan = sorted(rng.sample(plan, most))
    wanted: dict[int, int] = {}
    for number, _ in plan:
        wanted[number] = wanted.get(number, 0) + 1
    found: list[str] = []
    for number, (event, platter, promised) in enumerate(tape.cuts()):
        for _ in range(wanted.get(number, 0)):
            image = platter.after_cut(rng)
            what = inspector.missing(image, promised)
            if not what and rng.random() < AGAIN:
                what = inspector.missing_after_two(image, promised, rng)
            told = f"cut after event {number} ({type(event).__name__} {getattr(event, 'name', '')})"
            found += [f"{told}: {each}" for each in what]
    return len(plan), found


def journal_file(**options: Any) -> Any:
    """A kind of `JournalFile` for `Desk.work`: as in service but for *options*, and its write-ahead
    log is emptied often."""
    return partial(_SmallLog, options=options)


class _SmallLog(JournalFile):
    def __init__(self, path: Path, clock: Any, synchronous: str, options: dict[str, Any]) -> None:
        super().__init__(path, clock, **options)

    def _open(self) -> Any:
        db = super()._open()
        db.execute("PRAGMA wal_autocheckpoint = 25")
        return db
