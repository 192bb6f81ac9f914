"""What is done for each message must not grow with the number of messages."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from pathlib import Path
from typing import Any

from gsmbridge.farm.encode import Concat
from gsmbridge.journal.disk import JournalFile
from gsmbridge.journal.journal import Journal
from gsmbridge.message import Failure, State
from tests.journal.desk import Desk, reading, seen


class TracedFile(JournalFile):
    """Remembers one statement of each shape that is run on it."""

    shapes: dict[str, str]

    def _open(self) -> sqlite3.Connection:
        db = super()._open()
        self.shapes = {}
        db.set_trace_callback(lambda sql: self.shapes.setdefault(re.sub(r"\d+", "#", sql), sql))
        return db


def scans(path: Path, statements: list[str]) -> list[str]:
    """Statements that go through a whole table, other than that of the modems, which are few."""
    found = []
    db = sqlite3.connect(path)
    for sql in statements:
        if sql.split()[0] in ("SELECT", "UPDATE", "DELETE", "INSERT"):
            plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}")]
            if any(
                re.match(r"SCAN (?!CONSTANT|modems$)(?!\w+ USING.*INDEX)", step) for step in plan
            ):
                found.append(sql)
    db.close()
    return found


def test_no_statement_of_a_messages_life_goes_through_a_whole_table(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    part = desk.pdu("half", header=Concat(1, 2, 1).header())

    async def main(journal: Journal) -> list[str]:
        tidying: Any = asyncio.create_task(journal.keep_tidy())
        sim = await seen(journal)
        slots = {1: desk.another(), 2: part, 3: desk.pdu("ping", pid=0x40)}
        await journal.record(reading(sim, slots, arrived=True, used=3, total=3))
        await journal.record(reading(sim, slots, appearance="a2", complete=True))
        await seen(journal)
        (out,) = desk.office.outgoing
        await journal.freeze([out.sms_id])
        journal.failed(Failure(out.sms_id, 1, desk.clock.monotonic() + 10, 503, "http"))
        await journal.settle(out.sms_id, State.DELIVERED, 2, 200, "")
        for slot in await journal.to_free(sim, "a2"):
            await journal.freed(slot.copy)
        await journal.reload(desk.rules)
        await asyncio.sleep(10)
        tidying.cancel()
        assert isinstance(desk.file, TracedFile)
        return list(desk.file.shapes.values())

    statements = desk.work(main, file=TracedFile, collect=True)
    assert len(statements) > 40
    assert not [sql for sql in scans(desk.path, statements) if "FROM pins" not in sql]
