"""What becomes of those who share a transaction with a fault of the program, and of the last."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from gsmbridge.clock import SystemClock
from gsmbridge.farm.virtual import World, run
from gsmbridge.journal.disk import JournalFile
from gsmbridge.journal.writer import MOST, Writer


def fault(given: object) -> None:
    raise ZeroDivisionError


def one(db: sqlite3.Connection) -> int:
    return 1


def together(folder: Path, ask: Callable[[Writer], asyncio.Future[int]]) -> tuple[int, list[int]]:
    """Have *ask* put a fault into the batch of a write that is waited for, and told of; what that
    came to. The fault itself ends `run`, whose owner starts it again."""
    file = JournalFile(folder / "journal.db", SystemClock(), synchronous="OFF")
    told: list[int] = []

    async def life() -> int:
        writer = Writer(file, None, lambda reason: None)
        faulty = ask(writer)
        waited_for = asyncio.ensure_future(writer.do(one, then=told.append))
        await asyncio.sleep(0)  # both are asked for before the first batch
        running = asyncio.create_task(writer.run())
        async with asyncio.timeout(5):
            result = await waited_for
        await asyncio.wait([running, faulty])
        assert isinstance(running.exception(), ZeroDivisionError)
        return result

    result = run(World(1), life())
    file.close()
    return result, told


def test_a_fault_that_nobody_waits_for_keeps_no_committed_write_from_its_answer(
    tmp_path: Path,
) -> None:
    def ask(writer: Writer) -> asyncio.Future[int]:
        writer.later(fault)
        nobody: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        nobody.set_result(0)
        return nobody

    assert together(tmp_path, ask) == (1, [1])


def test_a_listener_that_fails_keeps_no_committed_write_from_its_answer(tmp_path: Path) -> None:
    def ask(writer: Writer) -> asyncio.Future[int]:
        return asyncio.ensure_future(writer.do(one, then=fault))

    assert together(tmp_path, ask) == (1, [1])


def test_all_that_waits_at_the_end_is_committed_however_much_it_is(tmp_path: Path) -> None:
    file = JournalFile(tmp_path / "journal.db", SystemClock(), synchronous="OFF")
    many = 2 * MOST + 1

    def job(db: sqlite3.Connection) -> None:
        db.execute("UPDATE meta SET value = value + 1 WHERE key = 'jobs'")

    async def life() -> None:
        writer = Writer(file, None, lambda reason: None)
        for _ in range(many):
            writer.later(job)
        writer.close()
        await writer.run()

    file.transact([lambda db: db.execute("INSERT INTO meta VALUES ('jobs', '0')")])
    run(World(1), life())
    file.close()
    with closing(sqlite3.connect(file.path)) as db:
        assert db.execute("SELECT value FROM meta WHERE key = 'jobs'").fetchone() == (str(many),)
