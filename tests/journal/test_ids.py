"""smsIds never go back and never repeat, whatever is lost."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsmbridge import RELEASED
from gsmbridge.errors import JournalError, JournalRefused
from gsmbridge.journal.ids import EPOCH, LAST, HighWater, Ids
from gsmbridge.journal.journal import Journal
from tests.journal.desk import Desk, reading, seen


def take(desk: Desk, messages: int = 1, **options: int | None) -> list[int]:
    """Start, journal so many new messages, end."""

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        for _ in range(messages):
            await journal.record(reading(sim, {1: desk.another()}, arrived=True))

    desk.work(main, **options)  # type: ignore[arg-type]
    return [out.sms_id for out in desk.office.outgoing if out.fresh]


def test_ids_begin_with_the_seconds_since_2020(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    floor = int(desk.clock.wall()) - EPOCH
    (first,) = take(desk)
    assert floor <= first < floor + 5


def test_a_start_raises_ids_to_the_clock(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    take(desk)
    desk.clock.jump(1_000_000)
    (later,) = take(desk)
    assert later >= int(desk.clock.wall()) - EPOCH - 5


@pytest.mark.parametrize("lost", [("journal.db.ids",), ("journal.db",), ()])
def test_no_id_comes_back_when_one_of_the_files_is_lost_and_the_clock_goes_back(
    tmp_path: Path, lost: tuple[str, ...]
) -> None:
    desk = Desk(tmp_path)
    used = take(desk, 300)
    for name in lost:
        (tmp_path / name).unlink()
    desk.clock.jump(-5_000_000)
    more = take(desk, 300)
    assert min(more) > max(used)
    assert len({*used, *more}) == 600


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe", b"many\n", b"-7\n"])
def test_a_damaged_high_water_file_is_made_up_for_by_the_journal(
    tmp_path: Path, damage: bytes
) -> None:
    desk = Desk(tmp_path)
    used = take(desk)
    (tmp_path / "journal.db.ids").write_bytes(damage)
    desk.clock.jump(-5_000_000)
    assert min(take(desk)) > max(used)


def test_an_id_that_no_message_has_does_not_come_back_when_the_high_water_file_is_lost(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)
    used = desk.work(lambda journal: journal.reserve_id())
    (tmp_path / "journal.db.ids").unlink()
    desk.clock.jump(-5_000_000)
    assert min(take(desk)) > used


def test_the_ids_of_messages_do_not_come_back_though_nobody_noted_them(tmp_path: Path) -> None:
    """As after a broken page that held the mark, with its file gone too."""
    desk = Desk(tmp_path)
    used = take(desk, 3)
    (tmp_path / "journal.db.ids").unlink()
    with closing(sqlite3.connect(desk.path)) as db, db:
        db.execute("DELETE FROM meta WHERE key = 'ids'")
    desk.clock.jump(-5_000_000)
    assert min(take(desk)) > max(used)


def test_with_both_files_lost_the_clock_keeps_ids_apart(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    used = take(desk)
    (tmp_path / "journal.db").unlink()
    (tmp_path / "journal.db.ids").unlink()
    desk.clock.jump(60)
    assert min(take(desk)) > max(used)


def test_hosts_of_one_key_never_share_an_id(tmp_path: Path) -> None:
    taken = []
    for index in range(3):
        folder = tmp_path / str(index)
        folder.mkdir()
        ids = take(Desk(folder), 5, index=index, count=3)
        assert {sms_id % 3 for sms_id in ids} == {index}
        taken += ids
    assert len(set(taken)) == 15


@pytest.mark.parametrize("options", [{"index": 1, "count": 2}, {"index": 0, "count": 3}])
def test_another_place_among_the_hosts_is_refused_with_78(
    tmp_path: Path, options: dict[str, int]
) -> None:
    desk = Desk(tmp_path)
    take(desk, index=0, count=2)
    with pytest.raises(JournalRefused, match=r"host_(index|count)") as refusal:
        take(desk, **options)
    assert refusal.value.exit_code == 78
    take(desk, index=0, count=2)


def test_a_fresh_journal_waits_for_the_clock_and_then_begins_with_the_release(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)
    desk.clock.jump(-desk.clock.wall())
    before = desk.clock.monotonic()
    (first,) = take(desk)
    assert 60 <= desk.clock.monotonic() - before < 62
    assert first == RELEASED - EPOCH
    assert desk.log.names().count("clock_not_set") == 1


def test_a_fresh_journal_goes_on_as_soon_as_the_clock_is_set(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    right = desk.clock.wall()
    desk.clock.jump(-right)
    desk.world.call_later(7.5, lambda: desk.clock.jump(right))
    before = desk.clock.monotonic()
    (first,) = take(desk)
    assert desk.clock.monotonic() - before < 10
    assert first >= int(right) - EPOCH


def test_a_journal_with_ids_does_not_wait_for_the_clock_though_it_holds_no_message(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)
    take(desk, 0)
    desk.clock.jump(-desk.clock.wall())
    before = desk.clock.monotonic()
    take(desk)
    assert desk.clock.monotonic() - before < 1


def test_a_clock_beyond_the_last_id_is_not_believed(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    used = take(desk)
    desk.clock.jump(100 * 365 * 86400)
    assert max(used) < min(take(desk)) < LAST


def test_sms_id_start_is_the_first_id_and_only_that(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert take(desk, 2, first_id=355) == [355, 356]
    (later,) = take(desk, first_id=355)
    assert later > 356


def test_ids_end_below_2_to_the_31(tmp_path: Path) -> None:
    ids = Ids(HighWater(tmp_path / "ids"), LAST)
    assert ids.take() == LAST
    with pytest.raises(JournalError, match="no smsId"):
        ids.take()


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 7).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))),
    st.lists(st.tuples(st.integers(-5000, 5000), st.integers(0, 300)), max_size=4),
)
def test_starts_with_any_floor_give_each_id_once_and_ever_higher(
    tmp_path_factory: pytest.TempPathFactory,
    place: tuple[int, int],
    starts: list[tuple[int, int]],
) -> None:
    index, count = place
    path = tmp_path_factory.mktemp("ids") / "ids"
    taken: list[int] = []
    for floor, many in starts:
        ids = Ids(HighWater(path), floor, index, count)
        taken += [ids.take() for _ in range(many)]
    assert all(a < b for a, b in pairwise(taken))
    assert all(sms_id >= 1 and sms_id % count == index % count for sms_id in taken)
