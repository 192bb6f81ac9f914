"""What a reading means: the same message again, another one, or one that is gone."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gsmbridge.journal.journal import Journal
from gsmbridge.journal.rules import REDELIVERY
from gsmbridge.message import Outgoing, State
from tests.journal.desk import RULES, Desk, reading, rows, seen, undated

OTHER = "89701012345678901249"
DAY = 86400.0


async def deliver(journal: Journal, out: Outgoing) -> None:
    await journal.settle(out.sms_id, State.DELIVERED, out.attempts + 1, 200, "")


def test_the_same_message_elsewhere_is_the_same_row(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    pdu = desk.another()

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        for place in (
            {"appearance": "a1"},
            {"appearance": "a2", "modem": "modem1"},
            {"appearance": "a3", "complete": True},
        ):
            await journal.record(reading(sim, {len(place): pdu}, **place))

    desk.work(main)
    desk.work(main, clean=False)
    desk.work(main)
    assert len(rows(desk)) == 1
    assert len(rows(desk, "copies")) == 1


def test_the_same_bytes_on_another_sim_are_another_message(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    pdu = desk.another()

    async def main(journal: Journal) -> None:
        await journal.record(reading(await seen(journal), {1: pdu}))
        await journal.record(reading(await seen(journal, OTHER), {1: pdu}))

    desk.work(main)
    assert len({row["sms_id"] for row in rows(desk)}) == 2


async def push_and_delete(desk: Desk, journal: Journal, sim: int, pdu: str) -> Outgoing:
    """Once round: read, delivered, and deleted from its SIM."""
    await journal.record(reading(sim, {1: pdu}, arrived=True))
    (out,) = desk.office.outgoing
    await deliver(journal, out)
    (slot,) = await journal.to_free(sim, "a1")
    await journal.freed(slot.copy)
    return out


@pytest.mark.parametrize("days, same", [(0.0, True), (6.9, True), (7.1, False)])
def test_what_we_deleted_and_see_again_is_a_redelivery_for_seven_days(
    tmp_path: Path, days: float, same: bool
) -> None:
    desk = Desk(tmp_path)
    pdu = desk.another()

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        out = await push_and_delete(desk, journal, sim, pdu)
        await asyncio.sleep(days * DAY)
        again = await journal.record(reading(sim, {4: pdu}, arrived=True))
        if same:
            assert [(slot.sms_id, slot.slot) for slot in again] == [(out.sms_id, 4)]
            assert "again" in desk.log.names()
        else:
            assert not again

    desk.work(main)
    assert len(desk.office.outgoing) == (1 if same else 2)
    assert REDELIVERY == 7 * DAY


@pytest.mark.parametrize("later", [0.0, -DAY, -30 * DAY])
def test_what_was_deleted_while_the_clock_was_wrong_is_a_redelivery_all_the_same(
    tmp_path: Path, later: float
) -> None:
    """A host without a clock is in 1970 until it has asked a time server; or it is at its last
    shutdown."""
    desk = Desk(tmp_path)
    pdu = desk.another()
    wrong = desk.clock.wall()

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        desk.clock.jump(-wrong)
        await push_and_delete(desk, journal, sim, pdu)
        desk.clock.jump(wrong + later)
        tidying = asyncio.create_task(journal.keep_tidy())
        await asyncio.sleep(60.0)
        tidying.cancel()
        desk.clock.jump(-later)
        assert await journal.record(reading(sim, {4: pdu}, arrived=True))

    desk.work(main)
    assert len(desk.office.outgoing) == 1


@pytest.mark.parametrize(
    "wrong_by, restart, age",
    [(-300 * DAY, False, 400 * DAY), (None, True, 400 * DAY), (-300 * DAY, True, 0.0)],
)
def test_what_was_deleted_while_the_clock_was_wrong_is_known_though_nobody_saw_it_leap(
    tmp_path: Path, wrong_by: float | None, restart: bool, age: float
) -> None:
    """Wrong, and right again, between two looks at a clock that had run on for long; its stamp is
    wrong too, or all that there is."""
    desk = Desk(tmp_path)

    async def first(journal: Journal) -> str:
        tidying = asyncio.create_task(journal.keep_tidy())
        await asyncio.sleep(8 * DAY)
        tidying.cancel()
        pdu = desk.another(age=age)
        back = -desk.clock.wall() if wrong_by is None else wrong_by
        desk.clock.jump(back)
        await push_and_delete(desk, journal, await seen(journal), pdu)
        desk.clock.jump(-back)
        if not restart:
            await again(journal, pdu)
        return pdu

    async def again(journal: Journal, pdu: str) -> None:
        await journal.record(reading(await seen(journal), {4: pdu}, arrived=True))

    pdu = desk.work(first)
    if restart:
        desk.clock.reboot()
        desk.work(lambda journal: again(journal, pdu))
    assert len(rows(desk)) == 1


@pytest.mark.parametrize(
    "wrong_by, restart", [(-300 * DAY, False), (-300 * DAY, True), (None, True)]
)
def test_what_was_deleted_while_the_clock_was_wrong_is_known_though_its_stamp_is_wrong_too(
    tmp_path: Path, wrong_by: float | None, restart: bool
) -> None:
    """Months back, in one life of the host; in 1970, and told again after the next reboot."""
    desk = Desk(tmp_path)
    pdu = desk.another(age=400 * DAY)
    back = -desk.clock.wall() if wrong_by is None else wrong_by

    async def first(journal: Journal) -> None:
        desk.clock.jump(back)
        await push_and_delete(desk, journal, await seen(journal), pdu)
        if not restart:
            await again(journal)

    async def again(journal: Journal) -> None:
        desk.clock.jump(-back)
        await journal.record(reading(await seen(journal), {4: pdu}, arrived=True))

    desk.work(first)
    if restart:
        desk.clock.reboot()
        desk.work(again)
    assert len(rows(desk)) == 1


def rows_of_what_is_told_again(desk: Desk, between: Callable[[], object], days: float = 0.0) -> int:
    """How many messages one is taken for that is delivered, deleted, and read anew *days* after
    *between*."""
    pdu = desk.another()

    async def first(journal: Journal) -> None:
        await push_and_delete(desk, journal, await seen(journal), pdu)

    async def again(journal: Journal) -> None:
        await asyncio.sleep(days * DAY)
        await journal.record(reading(await seen(journal), {4: pdu}, arrived=True))

    desk.work(first)
    between()
    desk.work(again)
    return len(rows(desk))


@pytest.mark.parametrize("days, same", [(3.0, True), (8.0, False)])
def test_a_clock_that_leapt_tells_no_age_until_it_has_run_on_for_seven_days(
    tmp_path: Path, days: float, same: bool
) -> None:
    """A dead battery: the host boots years ahead."""
    desk = Desk(tmp_path)

    def leap() -> None:
        desk.clock.reboot()
        desk.clock.jump(900 * DAY)

    assert rows_of_what_is_told_again(desk, leap, days) == (1 if same else 2)


@pytest.mark.parametrize(
    "note, same", [(None, False), ("", True), ("boot-1", True), ("boot-1 now 2 3", True)]
)
def test_a_note_of_the_clock_that_makes_no_sense_counts_as_a_leap(
    tmp_path: Path, note: str | None, same: bool
) -> None:
    """Eight days go by; by a note that is right, the clock ran on for all of them."""
    desk = Desk(tmp_path)

    def wait() -> None:
        desk.world.run_until(desk.world.now + 8 * DAY)
        if note is not None:
            with closing(sqlite3.connect(desk.path)) as db, db:
                changed = db.execute("UPDATE meta SET value = ? WHERE key = 'steady'", (note,))
                assert changed.rowcount == 1

    assert rows_of_what_is_told_again(desk, wait) == (1 if same else 2)


def test_what_has_no_valid_time_stamp_is_new_at_once_after_our_delete(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    pdu = undated(desk.another())

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: pdu}, arrived=True))
        await journal.record(reading(sim, {1: pdu}, appearance="a2", complete=True))
        (out,) = desk.office.outgoing
        await deliver(journal, out)
        (slot,) = await journal.to_free(sim, "a2")
        await journal.freed(slot.copy)
        assert not await journal.record(reading(sim, {1: pdu}, appearance="a2", arrived=True))

    desk.work(main)
    one, two = desk.office.outgoing
    assert one.sms_id != two.sms_id


def test_two_copies_of_one_message_are_pushed_once_and_both_freed(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    pdu = desk.another()

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: pdu}, arrived=True))
        await journal.record(reading(sim, {2: pdu}, arrived=True))
        await journal.record(reading(sim, {2: pdu, 1: pdu}, complete=True))
        (out,) = desk.office.outgoing
        await deliver(journal, out)
        assert {slot.slot for slot in await journal.to_free(sim, "a1")} == {1, 2}
        slots = await journal.record(reading(sim, {5: pdu, 6: pdu}, appearance="a2", complete=True))
        assert {slot.slot for slot in slots} == {5, 6}

    desk.work(main)
    assert len(rows(desk, "copies")) == 2


def test_a_slot_that_holds_another_message_now_is_not_freed_for_the_first(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    one, two = desk.another(), desk.another()

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: one}, arrived=True))
        await deliver(journal, desk.office.outgoing[0])
        assert not await journal.record(reading(sim, {1: two}, arrived=True))
        (slot,) = await journal.record(reading(sim, {1: two, 2: one}, complete=True))
        assert (slot.slot, slot.sms_id) == (2, desk.office.outgoing[0].sms_id)

    desk.work(main)


def test_slots_of_another_store_or_appearance_are_not_mixed_up(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    pdu = desk.another()

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: pdu}, arrived=True))
        await journal.record(reading(sim, {1: pdu}, store="ME", arrived=True))
        (out,) = desk.office.outgoing
        await deliver(journal, out)
        slots = await journal.to_free(sim, "a1")
        assert {(slot.store, slot.slot) for slot in slots} == {("SM", 1), ("ME", 1)}
        assert not await journal.to_free(sim, "a2")

    desk.work(main)


def test_a_complete_listing_marks_what_it_does_not_show_as_gone(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    one, two = desk.another(), desk.another()

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: one, 2: two}, complete=True))
        for out in tuple(desk.office.outgoing):
            await deliver(journal, out)
        partly = await journal.record(reading(sim, {2: two}))
        assert len(partly) == 2, "a partial reading says nothing of the others"
        wholly = await journal.record(reading(sim, {2: two}, complete=True))
        assert [slot.slot for slot in wholly] == [2]

    desk.work(main)


def test_a_reading_that_tells_nothing_new_writes_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    slots = {1: desk.another(), 2: desk.another()}
    log = desk.path.with_name(desk.path.name + "-wal")

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        first = reading(sim, slots, complete=True, used=2, total=20)
        await journal.record(first)
        written = log.read_bytes()
        await journal.record(first)
        assert log.read_bytes() == written
        await journal.record(replace(first, total=25))
        assert log.read_bytes() != written

    desk.work(main)


def test_what_was_gone_and_is_back_is_the_same_message_for_good(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    pdu = desk.another()

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: pdu}, complete=True))
        (out,) = desk.office.outgoing
        await deliver(journal, out)
        await journal.record(reading(sim, {}, complete=True))
        desk.clock.jump(20 * DAY)
        (slot,) = await journal.record(reading(sim, {1: pdu}, appearance="a2", complete=True))
        assert slot.sms_id == out.sms_id

    desk.work(main)
    assert len(desk.office.outgoing) == 1


def test_what_lies_on_a_sim_without_a_number_is_held_unassigned(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        sim = await seen(journal, OTHER)
        assert not await journal.record(reading(sim, {1: desk.another()}, arrived=True))

    desk.work(main)
    (row,) = rows(desk)
    assert (row["state"], row["phone"], row["frozen"]) == ("unassigned", None, 0)
    assert "not listed" in row["reason"]


@pytest.mark.parametrize(
    "age, options, state",
    [
        (2 * DAY, {}, "stale"),
        (2 * DAY, {"complete": True}, "stale"),
        (2 * DAY, {"arrived": True}, "pending"),
        (0.9 * DAY, {}, "pending"),
        (-2 * DAY, {}, "pending"),
    ],
)
def test_only_what_lay_long_on_a_new_sim_is_stale(
    tmp_path: Path, age: float, options: dict[str, bool], state: str
) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        await journal.record(reading(await seen(journal), {1: desk.pdu(age=age)}, **options))

    desk.work(main)
    (row,) = rows(desk)
    assert row["state"] == state


def test_nothing_is_stale_on_a_known_sim_nor_without_a_limit_nor_undated(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: undated(desk.another())}, complete=True))
        await journal.record(reading(sim, {2: desk.another(age=9 * DAY)}))
        await journal.reload(replace(RULES, max_stored_age=None))
        new = await seen(journal, OTHER)
        await journal.record(reading(new, {1: desk.another(age=9 * DAY)}))

    desk.work(main)
    assert [row["state"] for row in rows(desk)] == ["pending", "pending", "unassigned"]


def test_a_listing_of_the_modems_memory_does_not_make_the_sims_store_known(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {}, store="ME", complete=True))
        await journal.record(reading(sim, {1: desk.pdu(age=2 * DAY)}, complete=True))

    desk.work(main)
    assert [row["state"] for row in rows(desk)] == ["stale"]


def test_what_lay_in_the_modems_memory_at_start_is_held(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    old, new = desk.another(), desk.another()

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: old}, store="ME", complete=True))
        await journal.record(reading(sim, {2: new}, store="ME", arrived=True))
        await journal.record(reading(sim, {1: old, 2: new}, store="ME", complete=True))

    desk.work(main)
    held, pending = rows(desk)
    assert held["state"] == "stale" and "own memory" in held["reason"]
    assert pending["state"] == "pending"


def test_what_came_for_one_sim_into_the_modems_memory_is_no_message_of_the_next(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)
    pdu = desk.another()

    async def main(journal: Journal) -> None:
        one, two = await seen(journal), await seen(journal, OTHER)
        await journal.record(reading(one, {1: pdu}, store="ME", arrived=True))
        memory = {"store": "ME", "appearance": "a2", "complete": True}
        assert not await journal.record(reading(two, {1: pdu}, **memory))
        await deliver(journal, desk.office.outgoing[0])
        memory["appearance"] = "a3"
        (slot,) = await journal.record(reading(one, {1: pdu}, **memory))
        assert slot.sms_id == desk.office.outgoing[0].sms_id

    desk.work(main)
    assert len(rows(desk)) == 1


def test_the_modems_memory_of_another_modem_is_not_gone_by_a_listing_here(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: desk.another()}, store="ME", arrived=True))
        await journal.record(reading(sim, {}, modem="modem1", store="ME", complete=True))
        await journal.record(reading(sim, {}, store="SM", complete=True))

    desk.work(main)
    assert [row["on_sim"] for row in rows(desk, "copies")] == [1]


def test_unreadable_and_skipped_messages_are_kept_and_stay_on_the_sim(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    pdu = desk.another()
    short, silent = pdu[:-8], desk.pdu("ping", pid=0x40)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        slots = {1: short, 2: silent, 3: pdu}
        assert not await journal.record(reading(sim, slots, complete=True))
        assert not await journal.record(reading(sim, slots, appearance="a2", complete=True))

    desk.work(main)
    assert [row["state"] for row in rows(desk)] == ["unreadable", "skipped", "pending"]
    assert [row["pdu"] for row in rows(desk, "copies")] == [short, silent, pdu]
    assert all(row["reason"] for row in rows(desk)[:2])


def test_dummies_and_submitted_messages_are_neither_journalled_nor_freed(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        submit = "0001000B919707880818F000000361F118"
        slots = {1: "00", 2: "00FFFFFF", 3: submit}
        assert not await journal.record(reading(sim, slots, complete=True))

    desk.work(main)
    assert not rows(desk)


def test_a_direct_delivery_is_pushed_once_and_found_again_in_a_slot(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    pdu = desk.another()

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        for _ in range(2):
            assert not await journal.record(reading(sim, {0: pdu}, store="", arrived=True))
        (out,) = desk.office.outgoing
        await deliver(journal, out)
        assert not await journal.to_free(sim, "a1")
        (slot,) = await journal.record(reading(sim, {7: pdu}, arrived=True))
        assert (slot.sms_id, slot.slot) == (out.sms_id, 7)

    desk.work(main)
    assert len(rows(desk)) == 1


def test_direct_deliveries_without_a_valid_time_stamp_are_messages_of_their_own(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)
    pdu = undated(desk.another())

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        for _ in range(2):
            await journal.record(reading(sim, {0: pdu}, store="", arrived=True))

    desk.work(main)
    assert len(desk.office.outgoing) == 2


def test_a_reading_whose_reader_gave_up_is_told_all_the_same(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        task = asyncio.create_task(journal.record(reading(sim, {1: desk.another()}, arrived=True)))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        await asyncio.sleep(1)

    desk.work(main)
    assert len(desk.office.outgoing) == 1


@pytest.mark.parametrize(
    "sim_full, freed",
    [
        ("keep", []),
        ("free_refused", ["refused", "skipped"]),
        ("free_journalled", ["refused", "skipped", "pending"]),
    ],
)
def test_a_nearly_full_sim_is_relieved_only_as_the_operator_chose(
    tmp_path: Path, sim_full: str, freed: list[str]
) -> None:
    desk = Desk(tmp_path, replace(RULES, sim_full=sim_full))
    pdus = [desk.another(age=50.0), desk.pdu("ping", pid=0x40), desk.another(age=10.0)]

    async def main(journal: Journal) -> list[int]:
        sim = await seen(journal)
        slots = dict(enumerate(pdus, 1))
        await journal.record(reading(sim, slots, complete=True, used=3, total=10))
        await journal.settle(desk.office.outgoing[0].sms_id, State.REFUSED, 1, 400, "NO_OP")
        assert not await journal.to_free(sim, "a1"), "there is room"
        full = reading(sim, slots, complete=True, used=10, total=10)
        slots_to_free = await journal.record(full)
        for slot in slots_to_free:
            await journal.freed(slot.copy)
        return [slot.sms_id for slot in slots_to_free]

    ids = desk.work(main)
    states = {row["sms_id"]: row["state"] for row in rows(desk)}
    assert sorted(states[sms_id] for sms_id in ids) == sorted(freed)
    assert len(states) == 3, "the journal keeps them all"


def test_no_more_is_freed_than_makes_a_fifth_free(tmp_path: Path) -> None:
    desk = Desk(tmp_path, replace(RULES, sim_full="free_journalled"))
    pdus = [desk.another(age=100.0 - n) for n in range(10)]

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        slots = dict(enumerate(pdus, 1))
        wanted = await journal.record(reading(sim, slots, complete=True, used=49, total=50))
        assert [slot.slot for slot in wanted] == list(range(1, 10)), "oldest first"
        for slot in wanted:
            await journal.freed(slot.copy)
        assert not await journal.to_free(sim, "a1")

    desk.work(main)


def test_what_goes_anyway_makes_room_before_anything_that_waits_does(tmp_path: Path) -> None:
    desk = Desk(tmp_path, replace(RULES, sim_full="free_journalled"))
    pdus = [desk.another(age=100.0 - n) for n in range(6)]

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, dict(enumerate(pdus, 1)), used=17, total=20))
        delivered = desk.office.outgoing[-1]
        await deliver(journal, delivered)
        assert [slot.sms_id for slot in await journal.to_free(sim, "a1")] == [delivered.sms_id]

    desk.work(main)


def test_a_stamp_from_the_future_or_the_past_orders_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: desk.another(age=100.0)}))
        await journal.record(reading(sim, {2: desk.another(age=-9 * DAY)}))
        old = datetime(1995, 1, 1, tzinfo=UTC)
        await journal.record(reading(sim, {3: desk.another(when=old)}, arrived=True))

    desk.work(main)
    first, *others = desk.office.outgoing
    assert abs(desk.clock.wall() - 100 - first.order) < 5
    assert all(abs(desk.clock.wall() - out.order) < 5 for out in others)
