"""What is asked of the journal for people."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from gsmbridge.journal import database, queries
from gsmbridge.journal.journal import Journal
from gsmbridge.message import State
from tests.journal.desk import Desk, reading, seen

T = TypeVar("T")
DAY = 86400.0


def asked(desk: Desk, query: Callable[[sqlite3.Connection], T]) -> T:
    return database.read(desk.path, query)


def with_three_messages(folder: Path) -> Desk:
    """One delivered and gone, one refused and one stale, which stay on the SIM."""
    desk = Desk(folder)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        slots = {1: desk.another(), 2: desk.another()}
        await journal.record(reading(sim, slots, arrived=True, used=3, total=20))
        old = desk.another(age=3 * DAY)
        await journal.record(reading(sim, {**slots, 3: old}, used=3, total=20))
        first, second = (out.sms_id for out in desk.office.outgoing)
        await journal.settle(first, State.DELIVERED, 1, 200, "")
        await journal.settle(second, State.REFUSED, 1, 400, "NO_OP")
        for slot in await journal.to_free(sim, "a1"):
            await journal.freed(slot.copy)

    desk.work(main)
    return desk


def test_a_sim_is_full_when_what_stays_has_filled_it(tmp_path: Path) -> None:
    desk = with_three_messages(tmp_path)
    (sim,) = asked(desk, lambda db: queries.sims(db, desk.clock.wall()))
    assert (sim["used"], sim["total"]) == (2, 20)
    assert sim["full_in_days"] is None  # they may have lain there for years

    async def two_more(journal: Journal) -> None:
        slots = {4: desk.another(), 5: desk.another()}
        await journal.record(reading(await seen(journal), slots, used=4, total=20))

    desk.clock.jump(queries.FIRST_LOOK + 1.0)
    desk.work(two_more)
    wall = desk.clock.wall()
    (sim,) = asked(desk, lambda db: queries.sims(db, wall))
    assert sim["full_in_days"] == 16 / 2  # two a day stay, as far as is known
    (later,) = asked(desk, lambda db: queries.sims(db, wall + 4 * DAY))
    assert 31 <= later["full_in_days"] <= 33
    (much_later,) = asked(desk, lambda db: queries.sims(db, wall + 30 * DAY))
    assert much_later["full_in_days"] is None


def test_a_day_is_counted(tmp_path: Path) -> None:
    desk = with_three_messages(tmp_path)
    wall = desk.clock.wall()
    counts = asked(desk, lambda db: queries.day(db, wall - DAY))
    assert counts["received"] == 3
    assert (counts["delivered"], counts["refused"], counts["pending"]) == (1, 1, 0)
    assert (counts["unassigned"], counts["stale"], counts["unreadable"]) == (0, 1, 0)
    later = asked(desk, lambda db: queries.day(db, wall + 1))
    assert (later["received"], later["delivered"], later["stale"]) == (0, 0, 1)


def test_what_waits_for_a_person_is_counted(tmp_path: Path) -> None:
    assert asked(with_three_messages(tmp_path), queries.held) == {"stale": 1}
