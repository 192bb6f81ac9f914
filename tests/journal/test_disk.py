"""Disks that are full, dead or lie: nothing is lost, and everything resumes by itself."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gsmbridge.clock import SystemClock
from gsmbridge.errors import JournalError, JournalHeld, JournalRefused
from gsmbridge.farm import encode
from gsmbridge.journal import database
from gsmbridge.journal.disk import JournalFile
from gsmbridge.journal.journal import Journal
from gsmbridge.journal.rules import Rules
from gsmbridge.journal.salvage import set_aside
from gsmbridge.journal.writer import Unwritable
from gsmbridge.message import Failure, State
from tests.journal.broken import BrokenFile, Disk
from tests.journal.desk import Desk, reading, rows, seen, undated


def broken(desk: Desk) -> BrokenFile:
    assert isinstance(desk.file, BrokenFile)
    return desk.file


async def nothing(journal: Journal) -> None:
    pass


def copy_journal(folder: Path, to: Path) -> None:
    for file in folder.glob("journal.db*"):
        shutil.copy(file, to)


def left_by_a_crash(desk: Desk, folder: Path) -> Path:
    """The folder with what the disk holds when one message was just committed."""
    there = folder / "after"
    there.mkdir()

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: desk.another()}, arrived=True))
        copy_journal(folder, there)

    desk.work(main)
    return there


def fill(desk: Desk, messages: int) -> None:
    """Journal so many messages; the first third of them delivered."""

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        slots = {n: desk.another(age=float(n)) for n in range(messages)}
        await journal.record(reading(sim, slots))
        for out in desk.office.outgoing[: messages // 3]:
            await journal.settle(out.sms_id, State.DELIVERED, 1, 200, "")

    desk.work(main)


# ---- unwritable ---------------------------------------------------------------------------------


def test_what_is_read_while_nothing_can_be_written_waits_and_is_not_lost(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        broken(desk).fail()
        waiting = asyncio.create_task(
            journal.record(reading(sim, {1: desk.another()}, arrived=True))
        )
        await asyncio.sleep(100)
        assert not waiting.done() and not journal.writable() and journal.trouble
        broken(desk).heal()
        await waiting
        assert journal.writable() and journal.trouble is None

    desk.work(main, file=BrokenFile)
    assert len(desk.office.outgoing) == 1
    assert len(rows(desk)) == 1
    told = [name for name in desk.log.names() if name.startswith("journal_")]
    assert told == ["journal_unwritable", "journal_writable"], "told when it begins and ends"


def test_verdicts_and_frees_are_committed_from_the_reserve_of_a_full_disk(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    reserve = tmp_path / "journal.db.reserve"

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: desk.another()}, arrived=True))
        (out,) = desk.office.outgoing
        assert reserve.stat().st_blocks * 512 >= 4 << 20
        broken(desk).fail(Disk.FULL)
        new = reading(sim, {2: desk.another()}, arrived=True)
        waiting = asyncio.create_task(journal.record(new))
        async with asyncio.timeout(5):
            await journal.settle(out.sms_id, State.DELIVERED, 1, 200, "")
            (slot,) = await journal.to_free(sim, "a1")
            await journal.freed(slot.copy)
        assert not journal.writable() and not waiting.done() and not reserve.exists()
        broken(desk).heal()
        await waiting
        assert reserve.stat().st_blocks * 512 >= 4 << 20

    desk.work(main, file=BrokenFile)
    assert [row["state"] for row in rows(desk)] == ["delivered", "pending"]


def test_the_first_commit_that_finds_no_room_gives_the_reserve_up(tmp_path: Path) -> None:
    file = BrokenFile(tmp_path / "journal.db", SystemClock())
    file.transact([])
    assert file.reserve.exists()
    file.fail(Disk.FULL)
    with pytest.raises(Unwritable):
        file.transact([])
    assert not file.reserve.exists()
    file.close()


def test_a_verdict_that_is_known_at_the_end_is_committed_though_the_disk_is_full(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: desk.another()}, arrived=True))
        broken(desk).fail(Disk.FULL)
        new = reading(sim, {2: desk.another()}, arrived=True)
        lost = asyncio.create_task(journal.record(new))
        await asyncio.sleep(5)
        out = desk.office.outgoing[0]
        settled = asyncio.create_task(journal.settle(out.sms_id, State.DELIVERED, 1, 200, ""))
        await asyncio.sleep(0)
        journal.close(clean=True)
        await settled
        await asyncio.wait([lost])
        assert isinstance(lost.exception(), JournalError), "the reader is told that it is not kept"

    desk.work(main, file=BrokenFile)
    assert [row["state"] for row in rows(desk)] == ["delivered"]


def test_an_operation_that_the_disk_refuses_again_and_again_does_not_flap(tmp_path: Path) -> None:
    """Such as the high-water file: the journal itself takes a probe, and the message not."""
    desk = Desk(tmp_path)
    obstacle = tmp_path / "journal.db.ids.new"

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        obstacle.mkdir()
        waiting = asyncio.create_task(
            journal.record(reading(sim, {1: desk.another()}, arrived=True))
        )
        await asyncio.sleep(30)
        assert not waiting.done()
        obstacle.rmdir()
        await waiting

    desk.work(main)
    told = [name for name in desk.log.names() if name.startswith("journal_")]
    assert told == ["journal_unwritable", "journal_writable"]


def test_a_dead_disk_at_start_is_waited_for(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.path = tmp_path / "deep" / "journal.db"
    (tmp_path / "deep").write_text("in the way")
    desk.world.call_later(50, (tmp_path / "deep").unlink)
    before = desk.clock.monotonic()
    desk.work(seen)
    assert 50 <= desk.clock.monotonic() - before < 53


def test_an_order_that_fails_leaves_the_others_of_its_transaction_alone(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        results = await asyncio.gather(
            journal.discard(99),
            journal.record(reading(sim, {1: desk.another()}, arrived=True)),
            journal.retry(98),
            return_exceptions=True,
        )
        assert [isinstance(result, JournalError) for result in results] == [True, False, True]

    desk.work(main)
    assert len(rows(desk)) == 1


def test_what_nobody_waits_for_and_no_disk_takes_does_not_keep_the_writer_from_ending(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: desk.another()}, arrived=True))
        broken(desk).fail()
        out = desk.office.outgoing[0]
        journal.failed(Failure(out.sms_id, 1, desk.clock.monotonic() + 10, 503, "http"))
        await asyncio.sleep(5)
        journal.close(clean=True)

    desk.work(main, file=BrokenFile)
    assert desk.writer_failed is None


def test_faulty_sql_is_the_operations_fault_and_no_trouble_of_the_disk(tmp_path: Path) -> None:
    file = JournalFile(tmp_path / "journal.db", SystemClock())
    (error, two) = file.transact(
        [lambda db: db.execute("SELECT no_such_column FROM meta"), lambda db: 2]
    )
    file.close()
    assert isinstance(error, sqlite3.OperationalError) and two == 2


def test_an_operation_that_fails_half_way_changes_nothing(tmp_path: Path) -> None:
    file = JournalFile(tmp_path / "journal.db", SystemClock())

    def half(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO meta VALUES ('half', '1')")
        raise JournalError("no further")

    def whole(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO meta VALUES ('whole', '1')")

    file.transact([half, whole])
    (keys,) = file.transact([lambda db: [row["key"] for row in db.execute("SELECT * FROM meta")]])
    file.close()
    assert "whole" in keys and "half" not in keys


def test_a_commit_reaches_the_disk_before_it_returns_unless_told_otherwise(tmp_path: Path) -> None:
    file = JournalFile(tmp_path / "journal.db", SystemClock())
    (level,) = file.transact([lambda db: db.execute("PRAGMA synchronous").fetchone()[0]])
    file.close()
    assert level == 2, "FULL"


class Connection:
    """A connection whose commits fail while there is a *code* to fail with."""

    def __init__(self, db: sqlite3.Connection, code: list[int]) -> None:
        self._db = db
        self._code = code

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        if sql == "COMMIT" and self._code:
            error = sqlite3.OperationalError("no commit")
            error.sqlite_errorcode = self._code[0]
            raise error
        return self._db.execute(sql, *parameters)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)


@pytest.mark.parametrize("code", [sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL], ids=["dead", "full"])
def test_nobody_is_told_of_what_a_commit_failed_to_keep_until_one_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """Every statement before the commit goes well."""
    desk = Desk(tmp_path)
    failing: list[int] = []
    connect = database.connect
    monkeypatch.setattr(database, "connect", lambda *args: Connection(connect(*args), failing))

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        failing.append(code)
        waiting = asyncio.create_task(
            journal.record(reading(sim, {1: desk.another()}, arrived=True))
        )
        await asyncio.sleep(100)
        assert not waiting.done() and not journal.writable()
        assert not desk.office.outgoing and not rows(desk)
        failing.clear()
        await waiting
        assert len(desk.office.outgoing) == len(rows(desk)) == 1

    desk.work(main)


# ---- corrupt ------------------------------------------------------------------------------------


def asides(folder: Path) -> list[Path]:
    return [p for p in folder.glob("journal.db.corrupt-*") if p.name[-4:] not in ("-wal", "-shm")]


def broken_page(path: Path, table: str = "messages", skip: int = 2) -> None:
    """Overwrite a page full of rows."""
    with closing(sqlite3.connect(path)) as db:
        if ("ENABLE_DBSTAT_VTAB",) not in db.execute("PRAGMA compile_options").fetchall():
            pytest.skip("this SQLite can't tell where its pages are")
        (number,) = db.execute(
            "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf'"
            " ORDER BY pageno LIMIT 1 OFFSET ?",
            (table, skip),
        ).fetchone()
    with path.open("r+b") as file:
        file.seek(4096 * (number - 1))
        file.write(b"\xa5" * 4096)


@pytest.mark.parametrize("damage", ["garbage", "empty", "half", "header"])
def test_a_corrupt_journal_is_set_aside_and_ids_do_not_go_back(tmp_path: Path, damage: str) -> None:
    desk = Desk(tmp_path)
    fill(desk, 90)
    highest = max(row["sms_id"] for row in rows(desk))
    content = {
        "garbage": b"no database at all" * 300,
        "empty": b"",
        "half": desk.path.read_bytes()[: desk.path.stat().st_size // 2 + 100],
        "header": b"\0" * 100 + desk.path.read_bytes()[100:],
    }[damage]
    desk.path.write_bytes(content)
    desk.clock.jump(-5_000_000)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: desk.another()}, arrived=True))
        assert desk.office.outgoing[-1].sms_id > highest

    desk.work(main)
    assert [path.read_bytes() for path in asides(tmp_path)] == ([content] if content else [])
    assert not list(tmp_path.glob("*.salvaged*"))


def test_a_broken_page_costs_only_what_lies_in_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    fill(desk, 240)
    before = {row["sms_id"]: row for row in rows(desk)}
    broken_page(desk.path)
    desk.work(nothing)
    after = {row["sms_id"]: row for row in rows(desk)}
    assert 100 < len(after) < 240
    unread = ("due_at", "due_boot")
    for sms_id, row in after.items():
        assert {k: v for k, v in row.items() if k not in unread} == {
            k: v for k, v in before[sms_id].items() if k not in unread
        }
    assert len(asides(tmp_path)) == 1


def test_a_large_journal_is_used_at_once_and_looked_through_beside_the_work(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    fill(desk, 240)
    broken_page(desk.path, "steps")

    async def main(journal: Journal) -> None:
        assert desk.file.unexamined
        assert not asides(tmp_path), "it is not known yet"
        desk.file.examine()
        assert not desk.file.unexamined
        await seen(journal)
        assert len(asides(tmp_path)) == 1
        desk.file.examine()
        await seen(journal)

    desk.work(main, file=partial(JournalFile, checked_first=4096))
    assert len(asides(tmp_path)) == 1, "what was carried over is sound"
    assert len(rows(desk)) == 240


def test_what_numbers_are_given_by_is_looked_at_first_in_a_large_journal_too(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)
    fill(desk, 40)
    broken_page(desk.path, "sims", 0)
    desk.work(nothing, file=partial(JournalFile, checked_first=4096))
    assert len(asides(tmp_path)) == 1


def test_corruption_that_only_an_operation_finds_is_set_aside_too(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: desk.another()}, arrived=True))

        broken(desk).fail(Disk.ROTTEN)
        await journal.record(reading(sim, {2: desk.another()}, arrived=True))

    desk.work(main, file=BrokenFile)
    assert len(rows(desk)) == 2
    assert len(asides(tmp_path)) == 1


def test_a_sim_whose_row_was_lost_leaves_its_messages_held_and_visible(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    fill(desk, 3)
    with sqlite3.connect(desk.path) as db:
        db.execute("DELETE FROM sims")
    db.close()
    set_aside(desk.path, desk.clock.wall())
    desk.work(nothing)
    assert sorted(row["state"] for row in rows(desk)) == ["delivered", "unassigned", "unassigned"]


def lose_copies(desk: Desk) -> None:
    """A corrupt journal of which the messages can be read, and where they lie cannot."""
    with closing(sqlite3.connect(desk.path)) as db:
        db.execute("DELETE FROM copies")
        db.commit()
    set_aside(desk.path, desk.clock.wall())


@pytest.mark.parametrize("dated", [True, False])
@pytest.mark.parametrize("length", [20, 300])
def test_a_message_whose_copies_were_lost_is_known_when_it_is_read_again(
    tmp_path: Path, length: int, dated: bool
) -> None:
    desk = Desk(tmp_path)
    when = datetime.fromtimestamp(int(desk.clock.wall()), UTC)
    texts = [letter * length for letter in "abc"]
    slots: dict[int, str] = {}
    for number, text in enumerate(texts):
        for part in encode.message("+4915112345", text, when, reference=number):
            told = (encode.smsc_part() + part.tpdu).hex().upper()
            slots[len(slots)] = told if dated else undated(told)

    async def first(journal: Journal) -> None:
        await journal.record(reading(await seen(journal), slots))
        await journal.settle(desk.office.outgoing[0].sms_id, State.DELIVERED, 1, 200, "")

    async def again(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, slots, appearance="a2", complete=True))
        assert len(desk.office.outgoing) == 2, "those that waited, and no other"
        freeable = await journal.to_free(sim, "a2")
        assert {slot.sms_id for slot in freeable} == {row["sms_id"] for row in before[:1]}
        assert len(freeable) == len(slots) / 3

    desk.work(first)
    before = rows(desk)
    assert [row["text"] for row in before] == texts
    lose_copies(desk)
    desk.work(again)
    assert [row["sms_id"] for row in rows(desk)] == [row["sms_id"] for row in before]
    assert all(row["identity"] for row in rows(desk, "copies"))


def test_a_message_whose_copy_was_lost_is_not_taken_for_another_one(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    others = {
        1: desk.pdu("code 2"),
        2: desk.pdu("code 1", sender="Shop"),
        3: desk.pdu("code 1", age=1.0),
    }

    async def first(journal: Journal) -> None:
        await journal.record(reading(await seen(journal), {1: desk.pdu("code 1")}))

    async def again(journal: Journal) -> None:
        await journal.record(reading(await seen(journal), others))

    desk.work(first)
    lose_copies(desk)
    desk.work(again)
    assert [row["text"] for row in rows(desk)] == ["code 1", "code 2", "code 1", "code 1"]


def test_a_message_without_a_stamp_is_new_again_once_the_one_with_lost_copies_is_not_there(
    tmp_path: Path,
) -> None:
    """Each says what another said before: one that was freed, one that has left the SIM."""
    desk = Desk(tmp_path)
    alike = [undated(desk.pdu(f"code {number}")) for number in range(3)]

    async def first(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, dict(enumerate(alike)), complete=True))
        await journal.settle(desk.office.outgoing[0].sms_id, State.DELIVERED, 1, 200, "")
        (slot,) = await journal.to_free(sim, "a1")
        await journal.freed(slot.copy)

    async def again(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {0: alike[0], 2: alike[2]}, complete=True))
        assert len(rows(desk)) == 4
        await journal.record(reading(sim, {1: alike[1]}))

    desk.work(first)
    lose_copies(desk)
    desk.work(again)
    assert sorted(row["text"] for row in rows(desk)) == [f"code {n}" for n in (0, 0, 1, 1, 2)]


def test_what_arrives_without_a_stamp_is_not_the_one_whose_copies_were_lost(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)
    pdu = undated(desk.pdu())

    async def first(journal: Journal) -> None:
        await journal.record(reading(await seen(journal), {1: pdu}))

    async def again(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {2: pdu}, arrived=True))
        await journal.record(reading(sim, {1: pdu, 2: pdu}, complete=True))

    desk.work(first)
    lose_copies(desk)
    desk.work(again)
    assert len(rows(desk)) == 2


def test_setting_aside_is_never_over_anything(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    fill(desk, 3)
    wall = desk.clock.wall()
    names = {set_aside(desk.path, wall).aside.name for _ in range(3)}
    assert len(names) == 3
    assert len(rows(desk)) == 3


def test_what_sqlite_kept_beside_a_corrupt_journal_is_moved_away_with_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    there = left_by_a_crash(desk, tmp_path)
    path = there / "journal.db"
    wal, shm = (path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))
    assert wal.stat().st_size and shm.exists()
    path.write_bytes(b"no database at all" * 300)
    log = wal.read_bytes()
    aside = set_aside(path, desk.clock.wall()).aside
    assert aside.with_name(aside.name + "-wal").read_bytes() == log
    assert aside.with_name(aside.name + "-shm").exists()
    assert not wal.exists() and not shm.exists(), "they are of no other journal"


@pytest.mark.parametrize("moved", [False, True])
def test_a_crash_while_a_journal_is_saved_loses_nothing(tmp_path: Path, moved: bool) -> None:
    desk = Desk(tmp_path)
    fill(desk, 30)
    successor = tmp_path / "journal.db.salvaged"
    if moved:  # the corrupt file is out of the way, its complete successor not in its place yet
        desk.path.rename(successor)
    else:  # the successor is not complete
        successor.write_bytes(desk.path.read_bytes()[:5000])
        desk.path.write_bytes(b"\0" * 100 + desk.path.read_bytes()[100:])
    desk.work(nothing)
    assert len(rows(desk)) == (30 if moved else 0)
    assert not successor.exists()


def test_committed_but_not_yet_checkpointed_rows_outlive_a_crash(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    there = left_by_a_crash(desk, tmp_path)
    (out,) = desk.office.outgoing
    crashed = Desk(there)
    crashed.work(nothing)
    assert [after.sms_id for after in crashed.office.outgoing] == [out.sms_id]


# ---- whose it is --------------------------------------------------------------------------------

HOLD = """
import sys, pathlib
from gsmbridge.journal.database import Lock
Lock(pathlib.Path(sys.argv[1])).take()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_process_is_refused_with_the_pid_of_the_first_until_that_dies(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(desk.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None and holder.stdin is not None
    try:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(JournalHeld, match=f"process {holder.pid}"):
            desk.work(nothing)
    finally:
        holder.kill()
        holder.communicate()
    desk.work(nothing)


def test_a_journal_of_a_newer_program_is_refused_with_78_and_left_as_it_is(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    fill(desk, 1)
    with sqlite3.connect(desk.path) as db:
        db.execute(f"PRAGMA user_version = {database.VERSION + 1}")
    db.close()
    with pytest.raises(JournalRefused, match="newer") as refusal:
        desk.work(nothing)
    assert refusal.value.exit_code == 78
    assert len(rows(desk)) == 1
    assert not list(tmp_path.glob("*corrupt*"))


def test_nobody_else_can_read_the_files(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "var")
    umask = os.umask(0)
    try:

        async def main(journal: Journal) -> None:
            sim = await seen(journal)
            await journal.record(reading(sim, {1: desk.another()}, arrived=True))
            for file in (tmp_path / "var").iterdir():
                assert file.stat().st_mode & 0o137 == 0, file.name

        desk.work(main)
    finally:
        os.umask(umask)
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o750


# ---- what is erased -----------------------------------------------------------------------------

SECRET = "Your verification code is 800142"


def test_an_erased_text_is_in_no_file_any_more(tmp_path: Path) -> None:
    desk = Desk(tmp_path, Rules(numbers=Desk(tmp_path).rules.numbers, keep_text=3600.0))
    pdu = desk.pdu(SECRET)

    def found() -> list[str]:
        needles = (SECRET.encode(), pdu.encode())
        return [
            file.name
            for file in sorted(tmp_path.iterdir())
            if any(needle in file.read_bytes() for needle in needles)
        ]

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        tidying = asyncio.create_task(journal.keep_tidy())
        await journal.record(reading(sim, {1: pdu}, arrived=True))
        await journal.record(reading(sim, {n: desk.another() for n in range(2, 40)}))
        out = desk.office.outgoing[0]
        await journal.settle(out.sms_id, State.DELIVERED, 1, 200, "")
        (slot,) = await journal.to_free(sim, "a1")
        await journal.freed(slot.copy)
        assert found()
        await asyncio.sleep(2 * 3600 + 60)
        assert not found()
        tidying.cancel()

    desk.work(main)
    assert len(rows(desk)) == 39


def test_secrets_are_scrubbed_later_where_somebody_reads_the_file_meanwhile(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: desk.another()}, arrived=True))
        assert await journal._writer.scrub()
        assert (tmp_path / "journal.db-wal").stat().st_size == 0

    desk.work(main)
