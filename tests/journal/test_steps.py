"""The history of a message: what happened to it, in order, bounded, without its text."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gsmbridge.errors import JournalError
from gsmbridge.farm.encode import Concat
from gsmbridge.journal import database, steps
from gsmbridge.journal.journal import Journal
from gsmbridge.journal.salvage import set_aside
from gsmbridge.message import Failure, State
from tests.journal.desk import Desk, reading, rows, seen


def told(desk: Desk, sms_id: int) -> list[dict[str, Any]]:
    """The steps of a message, without what does not apply."""
    return [
        {name: value for name, value in row.items() if value is not None}
        for row in rows(desk, "steps")
        if row["sms_id"] == sms_id
    ]


def kinds(desk: Desk, sms_id: int) -> list[str]:
    return [step["kind"] for step in told(desk, sms_id)]


def test_a_whole_life_is_told_in_order(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> int:
        sim = await seen(journal)
        slots = {n: desk.pdu(f"half {n}", header=Concat(1, 2, n).header()) for n in (1, 2)}
        first = reading(sim, {1: slots[1]}, arrived=True, path="/dev/ttyUSB3")
        await journal.record(first)
        await journal.record(reading(sim, slots, arrived=True, path="/dev/ttyUSB3"))
        (out,) = desk.office.outgoing
        due = desk.clock.monotonic() + 10
        journal.failed(Failure(out.sms_id, 1, due, 503, "http", 840))
        journal.failed(Failure(out.sms_id, 2, due, None, "timeout", 30_000))
        await journal.settle(out.sms_id, State.DELIVERED, 3, 200, "", 95)
        for slot in await journal.to_free(sim, "a1"):
            await journal.freed(slot.copy)
        return out.sms_id

    sms_id = desk.work(main)
    assert kinds(desk, sms_id) == [
        "read", "read", "whole", "failed", "failed", "answered 200", "freed", "freed",
    ]  # fmt: skip
    read, _, whole, failed, timed_out, delivered, freed, _ = told(desk, sms_id)
    assert (read["number"], read["modem"], read["store"], read["slot"]) == (
        1, "/dev/ttyUSB3", "SM", 1,
    )  # fmt: skip
    assert whole["state"] == "pending"
    assert (failed["number"], failed["status"], failed["error"], failed["ms"]) == (
        1, 503, "http", 840,
    )  # fmt: skip
    assert "status" not in timed_out
    assert (delivered["number"], delivered["status"], delivered["ms"]) == (3, 200, 95)
    assert (freed["slot"], freed["store"]) == (1, "SM")


def test_the_operators_word_is_told(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> int:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: desk.another()}, arrived=True))
        (out,) = desk.office.outgoing
        await journal.settle(out.sms_id, State.REFUSED, 1, 400, "NO_OPERATION", 50)
        await journal.retry(out.sms_id)
        with pytest.raises(JournalError):
            await journal.retry(out.sms_id)  # is pending already: a refused word is no step
        await journal.discard(out.sms_id)
        return out.sms_id

    sms_id = desk.work(main)
    assert kinds(desk, sms_id) == ["read", "whole", "terminal error", "retry", "discard"]
    assert told(desk, sms_id)[2]["error"] == "NO_OPERATION"


def test_what_is_set_aside_seen_again_or_gone_is_told(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    silent = desk.pdu("ping", pid=0x40)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: silent}, complete=True))
        await journal.record(reading(sim, {1: silent, 2: silent}, complete=True))
        await journal.record(reading(sim, {}, complete=True))

    desk.work(main)
    (message,) = rows(desk)
    assert kinds(desk, message["sms_id"]) == ["read", "aside", "again", "gone", "gone"]
    assert told(desk, message["sms_id"])[1]["state"] == "skipped"


def test_an_outage_of_days_leaves_its_beginning_and_its_end(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> int:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: desk.another()}, arrived=True))
        (out,) = desk.office.outgoing
        for attempt in range(1, 201):
            journal.failed(Failure(out.sms_id, attempt, 0.0, 503, "http", 1))
        await journal.settle(out.sms_id, State.DELIVERED, 201, 200, "", 1)
        return out.sms_id

    sms_id = desk.work(main)
    failed = [step["number"] for step in told(desk, sms_id) if step["kind"] == "failed"]
    assert failed == [*range(1, steps.FIRST + 1), *range(201 - steps.LAST, 201)]
    assert kinds(desk, sms_id)[-1] == "answered 200"


def test_no_step_holds_text_or_pdu(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    pdu = desk.pdu("secret 4711")

    async def main(journal: Journal) -> None:
        await journal.record(reading(await seen(journal), {1: pdu}, arrived=True))

    desk.work(main)
    values = str(rows(desk, "steps"))
    assert "4711" not in values and pdu not in values


def test_steps_go_with_their_message(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        await journal.record(reading(await seen(journal), {1: desk.another()}, arrived=True))

    desk.work(main)
    with closing(database.connect(desk.path)) as db:
        db.execute("DELETE FROM copies")
        db.execute("DELETE FROM messages")
    assert rows(desk, "steps") == []


def test_a_step_is_part_of_its_transaction(tmp_path: Path) -> None:
    """Taken back with it, and no commit of its own."""
    path = tmp_path / "journal.db"
    with closing(database.connect(path)) as db:
        db.execute("INSERT INTO sims (sim, first_seen, last_seen) VALUES (1, 0, 0)")
        db.execute(
            "INSERT INTO messages (sms_id, sim, state, phone_from, order_at, received_at,"
            " newest_at, boot) VALUES (7, 1, 'pending', '', 0, 0, 0, '')"
        )
        db.execute("BEGIN IMMEDIATE")
        steps.note(db, 7, 0.0, steps.READ)
        assert db.in_transaction
        db.execute("ROLLBACK")
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM steps").fetchone() == (0,)


def test_what_can_be_saved_of_a_corrupt_journal_keeps_its_history(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> int:
        await journal.record(reading(await seen(journal), {1: desk.another()}, arrived=True))
        return desk.office.outgoing[0].sms_id

    sms_id = desk.work(main)
    assert set_aside(desk.path, desk.clock.wall()).messages == 1
    assert kinds(desk, sms_id) == ["read", "whole"]
