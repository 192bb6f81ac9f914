"""The power fails, a disk keeps any part of the unsynced: every promise is found (I1, I3, I4)."""

from __future__ import annotations

import os
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gsmbridge.farm.platter import Platter, restore
from gsmbridge.journal.files import adopt, sync_directory
from gsmbridge.journal.ids import BLOCK, HighWater, Ids
from gsmbridge.journal.journal import Journal
from tests.journal.desk import Desk, reading, rows, seen
from tests.journal.power import (
    Inspector,
    Promised,
    Tape,
    cut_everywhere,
    journal_file,
    recorded,
    scratch,
)
from tests.journal.power_script import Script
from tests.journal.test_disk import asides, copy_journal, fill, nothing
from tests.journal.test_migration import MIGRATIONS, in_every_state, schema

NEWEST = max(MIGRATIONS.steps)
CUTS = int(os.environ.get("POWER_CUTS", "100"))
"""For each test here, about."""
SEEDS = range(int(os.environ.get("POWER_SEED", "0")), int(os.environ.get("POWER_SEED", "0")) + 2)


def play(folder: Path, seed: int, **options: str) -> Tape:
    """Two lives of a journal, the first of which makes it."""
    desk = Desk(folder)
    with recorded(folder) as tape:
        script = Script(desk, tape, random.Random(seed), steps=15)
        for _ in range(2):
            desk.work(script.play, file=journal_file(**options))
            tape.keep()
    return tape


def promise_all(desk: Desk, tape: Tape) -> None:
    """All that the journal holds was promised before anything on *tape* happened."""
    for row in rows(desk):
        content = (row["phone"], row["phone_from"], row["text"])
        tape.promised.contents[row["sms_id"]] = content
        tape.promised.highest = max(tape.promised.highest, row["sms_id"])
    tape.moments[0] = (0, tape.promised)


# ---- a day's work -------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_committed_is_there_after_a_cut_anywhere(seed: int) -> None:
    with scratch() as folder, scratch() as after:
        tape = play(folder, seed)
        cuts, missing = cut_everywhere(tape, Inspector(after), random.Random(seed), 3, CUTS)
    assert not missing, "\n".join(missing[:20])
    assert cuts >= min(CUTS, 400)


@pytest.mark.parametrize("synchronous", ["OFF", "NORMAL"])
def test_commits_that_are_not_synced_are_noticed(synchronous: str) -> None:
    with scratch() as folder, scratch() as after:
        tape = play(folder, 1, synchronous=synchronous)
        _, missing = cut_everywhere(tape, Inspector(after), random.Random(1), 1, 60)
    assert any("is lost" in what for what in missing), missing


# ---- an upgrade ---------------------------------------------------------------------------------


def test_an_upgrade_that_loses_power_loses_nothing() -> None:
    with scratch() as folder, scratch() as after:
        desk = Desk(folder)
        in_every_state(desk)
        with recorded(folder) as tape:
            promise_all(desk, tape)
            desk.work(nothing, file=journal_file(migrations=MIGRATIONS))
        assert schema(desk.path) == max(MIGRATIONS.steps)
        inspector = Inspector(after, MIGRATIONS)
        rng = random.Random(2)
        _, missing = cut_everywhere(tape, inspector, rng, 3, CUTS)
        assert not missing, "\n".join(missing[:20])
        for _, platter, _ in tape.cuts():
            if rng.random() < 0.3:
                assert_the_copy_is_whole(platter, after, rng, len(rows(desk)))


def assert_the_copy_is_whole(
    platter: Platter, folder: Path, rng: random.Random, messages: int
) -> None:
    """If there is one, under its final name."""
    restore(folder, platter.after_cut(rng))
    copy = folder / f"journal.db.before-{NEWEST}"
    if copy.exists():
        with closing(sqlite3.connect(copy)) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert db.execute("SELECT count(*) FROM messages").fetchone() == (messages,)


# ---- a corrupt journal --------------------------------------------------------------------------


def break_an_index(path: Path) -> None:
    """So that the file is corrupt, and every row of every table can still be read."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        if ("ENABLE_DBSTAT_VTAB",) not in db.execute("PRAGMA compile_options").fetchall():
            pytest.skip("this SQLite can't tell where its pages are")
        (number,) = db.execute(
            "SELECT pageno FROM dbstat WHERE name = 'imsis_sim' AND pagetype = 'leaf'"
        ).fetchone()
    with path.open("r+b") as file:
        file.seek(4096 * (number - 1))
        file.write(b"\xa5" * 4096)


def killed_at_work(folder: Path, to: Path) -> int:
    """Leave in *to* what a killed process leaves: some of it in the write-ahead log alone. How many
    messages that is."""
    desk = Desk(folder)
    fill(desk, 20)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {n: desk.another() for n in range(30, 40)}))
        copy_journal(folder, to)

    desk.work(main)
    return len(rows(desk))


def test_a_salvage_that_loses_power_loses_nothing_that_could_be_read() -> None:
    with scratch() as before, scratch() as folder, scratch() as after:
        messages = killed_at_work(before, folder)
        break_an_index(folder / "journal.db")
        desk = Desk(folder)
        with recorded(folder) as tape:
            promise_all(desk, tape)
            desk.work(nothing, file=journal_file())
        assert len(asides(folder)) == 1 and len(rows(desk)) == messages
        inspector = Inspector(after, salvages=True)
        _, missing = cut_everywhere(tape, inspector, random.Random(3), 3, CUTS)
        assert not missing, "\n".join(missing[:20])


# ---- the ids ------------------------------------------------------------------------------------


class Careless(HighWater):
    """Does not wait for the disk."""

    def write(self, mark: int) -> None:
        temporary = self.path.with_name(self.path.name + ".new")
        temporary.write_text(f"{mark}\n")
        adopt(temporary)
        temporary.replace(self.path)
        sync_directory(self.path.parent)


class Forgetful(HighWater):
    """Has the content written, and not the name."""

    def write(self, mark: int) -> None:
        with self.path.with_name("other").open("w") as file:
            file.write(f"{mark}\n")
            file.flush()
            os.fsync(file)
        self.path.with_name("other").replace(self.path)


def ids_given_twice(kind: type[HighWater]) -> int:
    """After how many of some cuts the file of ids alone would let one be given out again."""
    rng, twice = random.Random(4), 0
    with scratch() as folder, scratch() as after:
        with recorded(folder) as tape:
            ids = Ids(kind(folder / "ids"), floor=1)
            for _ in range(3 * BLOCK):
                tape.promised = Promised(highest=ids.take())
                tape.keep()
        for _, platter, promised in tape.cuts():
            for _ in range(20):
                restore(after, platter.after_cut(rng))
                mark = HighWater(after / "ids").read()
                twice += Ids(HighWater(after / "ids"), floor=1).take() <= promised.highest
                assert mark <= 4 * BLOCK + 2, "no garbage is taken for a mark"
    return twice


def test_no_id_is_given_twice_though_nothing_but_their_file_is_left() -> None:
    assert ids_given_twice(HighWater) == 0


@pytest.mark.parametrize("kind", [Careless, Forgetful])
def test_a_mark_of_ids_that_is_not_synced_is_noticed(kind: type[HighWater]) -> None:
    assert ids_given_twice(kind) > 0
