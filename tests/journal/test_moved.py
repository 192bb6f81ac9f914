"""A journal that comes to another machine: its ids go on where those of a copy never are (I4)."""

from __future__ import annotations

from pathlib import Path

from gsmbridge.journal.ids import LAST, YEAR, HighWater, Ids
from gsmbridge.journal.journal import Journal
from tests.journal.desk import Desk
from tests.journal.test_disk import copy_journal


def take(desk: Desk, machine: str) -> tuple[bool, int]:
    """One start on *machine*: did the journal come from another, and the next id."""

    async def main(journal: Journal) -> tuple[bool, int]:
        return await journal.moved(machine), await journal.reserve_id()

    return desk.work(main)


def test_on_the_same_machine_ids_go_on(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    told, first = take(desk, "a" * 64)
    assert not told
    told, second = take(desk, "a" * 64)
    assert not told
    assert first < second < first + YEAR


def test_a_copy_on_another_machine_gives_out_no_id_of_the_first_for_a_year(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    original = Desk(here)
    _, first = take(original, "a" * 64)
    copy_journal(here, there)
    told, elsewhere = take(Desk(there), "b" * 64)
    assert told
    assert first + YEAR < elsewhere < first + 2 * YEAR + 1000
    told, again = take(Desk(there), "b" * 64)
    assert not told
    assert elsewhere < again < elsewhere + 1000


def test_a_machine_that_is_not_known_changes_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    take(desk, "a" * 64)
    told, second = take(desk, "")
    assert not told
    told, third = take(desk, "a" * 64)
    assert not told
    assert third < second + YEAR


def test_leaps_never_use_up_the_ids(tmp_path: Path) -> None:
    ids = Ids(HighWater(tmp_path / "ids"), 217_000_000, 3, 10)
    for _ in range(1000):
        ids.leap(YEAR + 7)
    sms_id = ids.take()
    assert LAST // 2 - YEAR - 20 < sms_id < LAST // 2
    assert sms_id % 10 == 3


def test_a_leap_outlives_a_crash(tmp_path: Path) -> None:
    ids = Ids(HighWater(tmp_path / "ids"), 217_000_000)
    ids.leap(YEAR)
    assert Ids(HighWater(tmp_path / "ids"), 1).take() == 217_000_000 + YEAR
