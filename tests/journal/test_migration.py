"""A journal that an older program wrote: brought to a newer schema whole, or left as it was.

The steps here are made up, of every sort that later ones may be; those that there are come last.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gsmbridge.errors import JournalRefused
from gsmbridge.journal import database, migration
from gsmbridge.journal.disk import JournalFile
from gsmbridge.journal.journal import Journal
from gsmbridge.journal.migration import Migrations, Upgrade, statements
from gsmbridge.journal.salvage import TABLES, set_aside
from gsmbridge.journal.writer import Unwritable
from gsmbridge.message import State
from tests.journal.desk import Desk, reading, rows, seen
from tests.journal.test_disk import copy_journal, nothing
from tests.journal.test_parts import parts

NOW = database.VERSION
NEXT, LAST = NOW + 1, NOW + 2
STEPS = {
    NEXT: """-- A column; an index; a value; what a trigger holds is one statement.
        ALTER TABLE messages ADD COLUMN note TEXT NOT NULL DEFAULT '';
        CREATE INDEX messages_note ON messages (note) WHERE note <> '';
        UPDATE messages SET note = 'old' WHERE state = 'stale';
        CREATE TRIGGER noted AFTER UPDATE OF note ON messages BEGIN
            INSERT OR REPLACE INTO meta VALUES ('noted', new.sms_id);
        END;
    """,
    LAST: """
        -- A table made anew, on which others lean; a column renamed.
        CREATE TABLE sims_new AS SELECT * FROM sims;
        CREATE TABLE sims_made (
            sim INTEGER PRIMARY KEY, iccid TEXT UNIQUE, imsi TEXT, own_number TEXT,
            listed INTEGER NOT NULL DEFAULT 0, first_seen REAL NOT NULL, last_seen REAL NOT NULL,
            last_sms REAL, used INTEGER, total INTEGER, colour TEXT DEFAULT 'red'
        );
        INSERT INTO sims_made SELECT *, 'blue' FROM sims_new;
        DROP TABLE sims_new;
        DROP TABLE sims;
        ALTER TABLE sims_made RENAME TO sims;
        CREATE INDEX sims_own_number ON sims (own_number);
    """,
}
PLENTY = 1 << 40
MIGRATIONS = Migrations(STEPS, lambda path: PLENTY)
STATEMENTS = sum(1 for sql in STEPS.values() for _ in statements(sql))

UNNUMBERED = "89701012345678901249"


def in_every_state(desk: Desk) -> None:
    """Leave a journal that holds a message in each state, by what the program itself does."""

    async def main(journal: Journal) -> None:
        sim, other = await seen(journal), await seen(journal, UNNUMBERED, modem="modem1")
        broken = desk.another()[:-8]
        await journal.record(
            reading(sim, {1: desk.another(age=200_000.0), 2: desk.pdu("", pid=0x40), 3: broken})
        )
        await journal.record(reading(other, {1: desk.another()}, arrived=True, modem="modem1"))
        await journal.record(reading(sim, {4: parts(desk, "a", "b")[1]}, arrived=True))
        await journal.record(
            reading(sim, {slot: desk.another() for slot in (5, 6, 7, 8)}, arrived=True)
        )
        delivered, refused, discarded, _ = (out.sms_id for out in desk.office.outgoing)
        await journal.settle(delivered, State.DELIVERED, 1, 200, "")
        await journal.settle(refused, State.REFUSED, 1, 400, "NO_OPERATION")
        await journal.discard(discarded)

    desk.work(main)
    assert {row["state"] for row in rows(desk)} == {state.value for state in State}


def upgrading(migrations: Migrations = MIGRATIONS) -> Any:
    """A journal file of a program that knows the steps."""
    return partial(JournalFile, migrations=migrations)


def schema(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        version: int = db.execute("PRAGMA user_version").fetchone()[0]
        return version


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [f"schema {schema(path)}", *db.iterdump()]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("old")
    in_every_state(Desk(folder))
    return folder


@pytest.fixture
def old(template: Path, tmp_path: Path) -> Desk:
    """A journal of the old schema that holds a message in each state."""
    copy_journal(template, tmp_path)
    return Desk(tmp_path)


# ---- it goes well -------------------------------------------------------------------------------


def test_messages_in_every_state_come_through_as_they_were(old: Desk) -> None:
    before = {table: rows(old, table) for table in TABLES}
    old.work(nothing, file=upgrading())
    assert schema(old.path) == LAST
    for table in ("messages", "copies", "steps", "imsis", "modems", "pins", "own_words"):
        known = before[table][0].keys() if before[table] else ()
        after = [{name: row[name] for name in known} for row in rows(old, table)]
        assert after == before[table], table
    assert [row["note"] for row in rows(old) if row["state"] == "stale"] == ["old"]
    assert {row["colour"] for row in rows(old, "sims")} == {"blue"}


def test_an_upgraded_journal_goes_on_where_it_was(old: Desk) -> None:
    waiting = {row["sms_id"] for row in rows(old) if row["state"] == "pending"}
    greatest = max(row["sms_id"] for row in rows(old))
    old.work(nothing, file=upgrading())
    assert {out.sms_id for out in old.office.outgoing} == waiting

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {9: old.another()}, arrived=True, appearance="a2"))
        assert old.office.outgoing[-1].sms_id > greatest

    old.work(main, file=upgrading())


def test_the_journal_before_the_upgrade_is_kept_beside_it(old: Desk) -> None:
    before = dump(old.path)
    upgrades: list[Upgrade] = []
    old.work(nothing, file=upgrading(replace(MIGRATIONS, told=upgrades.append)))
    copy = old.path.with_name(f"journal.db.before-{LAST}")
    assert upgrades == [Upgrade(NOW, LAST, copy)]
    assert dump(copy) == before
    assert copy.stat().st_mode & 0o777 == 0o640
    assert not list(old.path.parent.glob("*unfinished*"))


def test_an_upgrade_happens_once(old: Desk) -> None:
    upgrades: list[Upgrade] = []
    for _ in range(2):
        old.work(nothing, file=upgrading(replace(MIGRATIONS, told=upgrades.append)))
    assert len(upgrades) == 1


def test_what_is_only_in_the_write_ahead_log_is_copied_and_upgraded_too(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    there = tmp_path / "there"
    there.mkdir()

    async def main(journal: Journal) -> None:
        await journal.record(reading(await seen(journal), {1: desk.another()}, arrived=True))
        copy_journal(tmp_path, there)

    desk.work(main)
    crashed = Desk(there)
    assert (there / "journal.db-wal").stat().st_size > 0
    crashed.work(nothing, file=upgrading())
    assert len(rows(crashed)) == 1
    assert schema(there / f"journal.db.before-{LAST}") == NOW


def test_a_new_journal_is_of_the_newest_schema(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.work(nothing, file=upgrading())
    assert schema(desk.path) == LAST


# ---- the copy is not for good -------------------------------------------------------------------


def test_the_copy_goes_after_a_day_with_the_texts_in_it(old: Desk) -> None:
    copy = old.path.with_name(f"journal.db.before-{LAST}")
    old.work(nothing, file=upgrading())
    made = copy.stat().st_mtime
    migration.forget_copies(old.path, made + migration.COPY_STAYS - 1)
    assert copy.exists()
    migration.forget_copies(old.path, made + migration.COPY_STAYS)
    assert not copy.exists() and old.path.exists()


def test_scrubbing_the_journal_looks_after_the_copy(old: Desk) -> None:
    old.work(nothing, file=upgrading())
    copy = old.path.with_name(f"journal.db.before-{LAST}")
    file = upgrading()(old.path, old.clock)
    try:
        os.utime(copy, (now := old.clock.wall(), now))
        file.scrub()
        assert copy.exists()
        os.utime(copy, (0, 0))
        file.scrub()
        assert not copy.exists()
    finally:
        file.close()


# ---- it does not go well ------------------------------------------------------------------------


class Failing(sqlite3.Connection):
    """Fails at its statement number *fail_at*, as a disk does."""

    fail_at = 0
    code = sqlite3.SQLITE_IOERR
    count = 0

    def execute(self, *args: Any) -> sqlite3.Cursor:
        self.count += 1
        if self.count == self.fail_at:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = self.code
            raise error
        return super().execute(*args)


# Beside those of the steps: foreign keys off, begin, check, version, commit.
@pytest.mark.parametrize("number", range(1, STATEMENTS + 6))
@pytest.mark.parametrize("code", [sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL])
def test_whichever_statement_fails_the_old_journal_is_intact(
    old: Desk, number: int, code: int
) -> None:
    before = dump(old.path)
    with closing(sqlite3.connect(old.path, isolation_level=None, factory=Failing)) as db:
        db.fail_at, db.code = number, code
        with pytest.raises(sqlite3.OperationalError):
            MIGRATIONS.run(db, old.path, NOW)
    assert dump(old.path) == before
    old.work(nothing)  # the old program works with it as ever
    old.work(nothing, file=upgrading())
    assert schema(old.path) == LAST


@pytest.mark.parametrize("number", range(2, STATEMENTS + 6))
def test_a_crash_before_whichever_statement_leaves_the_old_journal(old: Desk, number: int) -> None:
    before = dump(old.path)
    there = old.path.parent / "there"
    there.mkdir()
    with closing(sqlite3.connect(old.path, isolation_level=None, factory=Failing)) as db:
        db.execute("PRAGMA cache_size = 1")  # pages spill into the log before the commit
        db.fail_at = number + 1
        with pytest.raises(sqlite3.OperationalError):
            MIGRATIONS.run(db, old.path, NOW)
        copy_journal(old.path.parent, there)
    assert dump(there / "journal.db") == before


def test_with_too_little_room_nothing_is_changed_and_it_is_said_plainly(old: Desk) -> None:
    before = dump(old.path)
    file = upgrading(Migrations(STEPS, lambda path: 1 << 20))(old.path, old.clock)
    try:
        with pytest.raises(Unwritable, match=rf"16 MiB must be free .* schema {LAST}, 1 MiB are;"):
            file.recover()
    finally:
        file.close()
    assert dump(old.path) == before
    assert not list(old.path.parent.glob("*before*"))
    assert old.path.with_name("journal.db.reserve").exists(), "it is for verdicts"


def test_it_goes_on_by_itself_once_there_is_room(old: Desk) -> None:
    room = iter([0, 0, PLENTY])
    old.work(nothing, file=upgrading(Migrations(STEPS, lambda path: next(room))))
    assert schema(old.path) == LAST
    assert "journal_unwritable" in old.log.names()
    assert old.log.names()[-1] == "journal_writable"


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE no_such_table ADD COLUMN a;",
        "UPDATE messages SET state = 'x'; UPDATE messages SET state = NULL;",
        "DELETE FROM sims;",
    ],
)
def test_a_step_that_does_not_fit_ends_with_78_and_changes_nothing(old: Desk, sql: str) -> None:
    before = dump(old.path)
    with pytest.raises(
        JournalRefused, match=f"from schema {NOW} to {NEXT}: .*it is as it was"
    ) as refusal:
        old.work(nothing, file=upgrading(Migrations({NEXT: sql}, lambda path: PLENTY)))
    assert refusal.value.exit_code == 78
    assert dump(old.path) == before


def test_a_journal_newer_than_the_steps_is_refused(old: Desk) -> None:
    old.work(nothing, file=upgrading())
    with pytest.raises(JournalRefused, match=f"schema {LAST}, this program knows up to {NOW}"):
        old.work(nothing)


def test_a_command_without_the_daemon_says_what_to_do_with_an_older_or_newer_journal(
    old: Desk,
) -> None:
    old.work(nothing, file=upgrading())
    with pytest.raises(JournalRefused, match="run the newer gsmbridge"):
        database.read(old.path, lambda db: None)


def test_what_can_be_read_of_a_broken_older_journal_is_carried_over(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    in_every_state(desk)
    before = rows(desk)
    with closing(sqlite3.connect(desk.path)) as db:
        db.execute("ALTER TABLE messages DROP COLUMN own")  # as if it were new in this schema
        db.commit()
    set_aside(desk.path, desk.clock.wall())
    assert rows(desk) == before


# ---- the steps that there are -------------------------------------------------------------------


def test_there_is_a_step_to_every_schema_after_the_first() -> None:
    assert list(migration.known()) == list(range(2, database.VERSION + 1))
    assert f"-- Schema {database.VERSION}." in database.SCHEMA.read_text("utf-8")


def columns(path: Path) -> dict[str, set[tuple[Any, ...]]]:
    """The columns of each table, whatever their order."""
    with closing(sqlite3.connect(path)) as db:
        return {
            table: {row[1:] for row in db.execute(f"PRAGMA table_info({table})")}
            for table in TABLES
        }


def make_first(path: Path) -> None:
    """Take back what the steps that there are did."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("ALTER TABLE messages DROP COLUMN wait")
        db.execute("PRAGMA user_version = 1")
        db.commit()


def test_a_command_that_comes_by_a_link_leaves_its_copy_beside_the_journal(
    old: Desk, tmp_path: Path
) -> None:
    """There the daemon finds it after a day, and removes it with the texts in it."""
    make_first(old.path)
    link = tmp_path / "elsewhere" / "linked.db"
    link.parent.mkdir()
    link.symlink_to(old.path)
    database.open_or_raise(link).close()
    assert [file.name for file in link.parent.iterdir()] == ["linked.db"]
    assert old.path.with_name("journal.db.before-2").exists()


def test_the_first_schema_comes_to_the_newest_with_messages_in_every_state(old: Desk) -> None:
    newest = columns(old.path)
    make_first(old.path)
    before = rows(old)
    old.work(nothing)
    assert (schema(old.path), columns(old.path)) == (NOW, newest)
    unread = ("due_at", "due_boot", "wait")
    assert [{k: v for k, v in row.items() if k not in unread} for row in rows(old)] == [
        {k: v for k, v in row.items() if k not in unread} for row in before
    ]
    assert [row["wait"] for row in rows(old)] == [None] * len(before)


def test_statements_are_told_apart() -> None:
    sql = "-- a;\nSELECT ';';\nSELECT 2\n;\nSELECT 3\n"
    assert list(statements(sql)) == ["-- a;\nSELECT ';';\n", "SELECT 2\n;\n", "SELECT 3\n"]
