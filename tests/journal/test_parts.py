"""Messages in parts: joined in any order, and what has come is pushed when no more comes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from gsmbridge.farm import encode
from gsmbridge.farm.virtual import SimulatedClock
from gsmbridge.journal.journal import Journal
from gsmbridge.message import State
from tests.journal.broken import BrokenFile
from tests.journal.desk import RULES, Desk, reading, rows, seen


def parts(
    desk: Desk, *texts: str, sender: str = "Bank", reference: int = 7, age: float = 0.0, **more: Any
) -> dict[int, str]:
    """Slot and PDU of each part of one message."""
    return {
        number: desk.pdu(
            text,
            sender,
            age,
            header=encode.Concat(reference, len(texts), number).header(),
            **more,
        )
        for number, text in enumerate(texts, 1)
    }


async def arrive(journal: Journal, sim: int, slots: dict[int, str], *which: int) -> None:
    for number in which:
        await journal.record(reading(sim, {number: slots[number]}, arrived=True))


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_parts_in_any_order_are_one_message(tmp_path: Path, order: tuple[int, ...]) -> None:
    desk = Desk(tmp_path)
    slots = parts(desk, "one ", "two ", "three")

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await arrive(journal, sim, slots, *order[:2])
        assert not desk.office.outgoing
        await arrive(journal, sim, slots, order[2])
        (out,) = desk.office.outgoing
        assert out.text == "one two three" and out.fresh
        assert not await journal.to_free(sim, "a1"), "no part goes before the 200"
        await journal.settle(out.sms_id, State.DELIVERED, 1, 200, "")
        assert {slot.slot for slot in await journal.to_free(sim, "a1")} == {1, 2, 3}

    desk.work(main)
    assert len(rows(desk)) == 1


def test_all_parts_in_one_listing_are_one_message(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, parts(desk, "a", "b", "c"), complete=True))

    desk.work(main)
    assert [out.text for out in desk.office.outgoing] == ["abc"]


def test_a_doubled_part_changes_nothing_and_is_freed_with_the_others(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    slots = parts(desk, "a", "b")
    again = parts(desk, "a", "b", age=-40.0)  # sent again: the same words, another stamp

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await arrive(journal, sim, {**slots, 3: again[1], 4: again[2]}, 1, 3, 2, 4)
        (out,) = desk.office.outgoing
        assert out.text == "ab"
        await journal.settle(out.sms_id, State.DELIVERED, 1, 200, "")
        assert len(await journal.to_free(sim, "a1")) == 4

    desk.work(main)


def test_two_senders_with_one_reference_are_kept_apart(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    one, two = parts(desk, "a", "b"), parts(desk, "c", "d", sender="Shop")

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        slots = {1: one[1], 2: two[1], 3: two[2], 4: one[2]}
        await arrive(journal, sim, slots, 1, 2, 3, 4)

    desk.work(main)
    assert [(out.phone_from, out.text) for out in desk.office.outgoing] == [
        ("Shop", "cd"),
        ("Bank", "ab"),
    ]


def test_two_sims_with_one_sender_and_reference_are_kept_apart(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    texts = parts(desk, "a", "b")

    async def main(journal: Journal) -> None:
        one, two = await seen(journal), await seen(journal, None, imsi="250011234567890")
        await arrive(journal, one, texts, 1)
        await arrive(journal, two, texts, 2)
        assert desk.office.outgoing == []
        await arrive(journal, one, texts, 2)

    desk.work(main)
    assert [out.text for out in desk.office.outgoing] == ["ab"]
    assert sorted(row["state"] for row in rows(desk)) == ["collecting", "pending"]


def test_a_part_number_with_other_words_begins_a_new_message(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    one, two = parts(desk, "a", "b"), parts(desk, "c", "d", age=-9.0)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await arrive(journal, sim, {1: one[1], 2: two[1], 3: two[2], 4: one[2]}, 1, 2, 3, 4)

    desk.work(main)
    assert sorted(out.text for out in desk.office.outgoing) == ["ab", "cd"]


def test_a_surrogate_pair_may_lie_in_two_parts(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    octets = "ab\U0001f600cd".encode("utf-16-be")
    slots = {
        number: desk.pdu(
            half,  # type: ignore[arg-type]
            alphabet="ucs2",
            header=encode.Concat(3, 2, number).header(),
        )
        for number, half in enumerate((octets[:6], octets[6:]), 1)
    }

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await arrive(journal, sim, slots, 2, 1)

    desk.work(main)
    assert [out.text for out in desk.office.outgoing] == ["ab\U0001f600cd"]


def test_when_the_window_is_over_what_has_come_is_pushed_with_gaps_marked(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    slots = parts(desk, "a", "b", "c", "d", "e")

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await arrive(journal, sim, slots, 2)
        await asyncio.sleep(100)
        await arrive(journal, sim, slots, 5)
        began = desk.clock.monotonic()
        await asyncio.sleep(119)
        assert not desk.office.outgoing, "the window runs from the newest part"
        await asyncio.sleep(2)
        (out,) = desk.office.outgoing
        assert out.text == "[…]b[…]e" and out.fresh and out.frozen
        assert desk.clock.monotonic() - began < 122
        await asyncio.sleep(1000)

    desk.work(main, collect=True)
    assert len(desk.office.outgoing) == 1
    assert "gaps" in desk.log.names()


def test_a_late_part_goes_alone_with_gaps_under_its_own_id(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    slots = parts(desk, "a", "b", "c")

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await arrive(journal, sim, slots, 1, 3)
        await asyncio.sleep(3600)
        await arrive(journal, sim, slots, 2)
        await arrive(journal, sim, {**slots, 9: slots[2]}, 9)

    desk.work(main, collect=True)
    first, late = desk.office.outgoing
    assert (first.text, late.text) == ("a[…]c", "[…]b[…]")
    assert first.sms_id != late.sms_id


@pytest.mark.parametrize("off", [300, -300, 301, -301])
def test_a_late_part_is_one_by_its_stamp_which_may_be_five_minutes_off(
    tmp_path: Path, off: int
) -> None:
    desk = Desk(tmp_path)
    when = datetime.fromtimestamp(int(desk.clock.wall()), UTC)
    slots = parts(desk, "a", "b", "c", when=when)
    late = parts(desk, "a", "b", "c", when=when + timedelta(seconds=off))

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await arrive(journal, sim, slots, 1, 3)
        await asyncio.sleep(3600)
        await arrive(journal, sim, late, 2)

    desk.work(main, collect=True)
    texts = [out.text for out in desk.office.outgoing]
    assert texts == (["a[…]c", "[…]b[…]"] if abs(off) == 300 else ["a[…]c"])
    _, row = rows(desk)
    assert row["state"] == ("pending" if abs(off) == 300 else "collecting")


def test_the_window_begins_again_after_a_restart(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    slots = parts(desk, "a", "b")

    async def first(journal: Journal) -> None:
        await arrive(journal, await seen(journal), slots, 2)
        await asyncio.sleep(100)

    async def second(journal: Journal) -> None:
        await asyncio.sleep(119)
        assert not desk.office.outgoing
        await asyncio.sleep(2)
        assert [out.text for out in desk.office.outgoing] == ["[…]b"]

    desk.work(first, clean=False, collect=True)
    desk.clock.reboot()
    desk.work(second, collect=True)


def test_a_repeated_part_changes_nothing_after_a_reboot_either(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def whole(journal: Journal) -> None:
        await asyncio.sleep(500)
        await arrive(journal, await seen(journal), parts(desk, "one ", "two"), 1, 2)

    async def again(journal: Journal) -> None:
        await asyncio.sleep(30)
        await arrive(journal, await seen(journal), parts(desk, "one ", "two"), 2)

    desk.work(whole)
    desk.clock.reboot()
    desk.work(again)
    assert [row["text"] for row in rows(desk)] == ["one two"]


def test_a_window_that_ends_between_two_ticks_of_the_loops_clock_is_waited_for(
    tmp_path: Path,
) -> None:
    class Patient(SimulatedClock):
        asked = 0

        def monotonic(self) -> float:
            self.asked += 1
            assert self.asked < 1000, "it spins"
            return super().monotonic()

    desk = Desk(tmp_path, replace(RULES, multipart_timeout=120.1))
    desk.world.now = 2.0**22  # the window ends less than a tick after a moment of its loop
    desk.clock = Patient(desk.world, 1.8e9 - desk.world.now)
    desk.clock.reboot()
    slots = parts(desk, "a", "b")

    async def main(journal: Journal) -> None:
        await arrive(journal, await seen(journal), slots, 2)
        await asyncio.sleep(200)
        assert [out.text for out in desk.office.outgoing] == ["[…]b"]

    desk.work(main, collect=True)


def test_a_missing_part_joins_after_a_restart(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    slots = parts(desk, "a", "b")

    async def main(journal: Journal, which: int) -> None:
        await arrive(journal, await seen(journal), slots, which)

    desk.work(lambda journal: main(journal, 2), clean=False)
    desk.work(lambda journal: main(journal, 1), clean=False)
    assert [out.text for out in desk.office.outgoing] == ["ab"]


@pytest.mark.parametrize("usage", [{"used": 10, "total": 10}, {}])
def test_a_full_sim_cuts_the_window_to_30_s(tmp_path: Path, usage: dict[str, int]) -> None:
    desk = Desk(tmp_path)
    slots = parts(desk, "a", "b", "c")

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {}, used=10, total=10))
        await journal.record(reading(sim, {1: slots[1]}, arrived=True, **usage))
        await asyncio.sleep(20)
        await journal.record(reading(sim, {1: slots[1]}, used=10, total=10))
        await asyncio.sleep(9)
        assert not desk.office.outgoing
        await asyncio.sleep(2)
        assert [out.text for out in desk.office.outgoing] == ["a[…]"]

    desk.work(main, collect=True)


def test_a_discarded_unfinished_message_is_not_pushed_by_its_window(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    slots = parts(desk, "a", "b")

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await arrive(journal, sim, slots, 1)
        (row,) = rows(desk)
        await journal.discard(row["sms_id"])
        assert [slot.slot for slot in await journal.to_free(sim, "a1")] == [1]
        await asyncio.sleep(1000)

    desk.work(main, collect=True)
    assert not desk.office.outgoing


def test_a_part_that_comes_after_its_message_was_discarded_goes_out_by_itself(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)
    slots = parts(desk, "a", "b")

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await arrive(journal, sim, slots, 1)
        await journal.discard(rows(desk)[0]["sms_id"])
        await arrive(journal, sim, slots, 2)
        await asyncio.sleep(1000)

    desk.work(main, collect=True)
    assert [out.text for out in desk.office.outgoing] == ["[…]b"]


def test_one_part_that_is_surely_of_today_vouches_for_the_whole(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    old = parts(desk, "a", "b", age=100_000.0)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: old[1]}))
        await arrive(journal, sim, old, 2)

    desk.work(main)
    assert [out.text for out in desk.office.outgoing] == ["ab"]


def test_a_part_of_today_does_not_vouch_for_an_earlier_clients(tmp_path: Path) -> None:
    """Sender and reference came round again."""
    desk = Desk(tmp_path)
    old, new = parts(desk, "secret", "-", age=400_000.0), parts(desk, "-", "of today")

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: old[1]}))
        await arrive(journal, sim, new, 2)
        await asyncio.sleep(RULES.multipart_timeout + 1.0)

    desk.work(main, collect=True)
    assert [out.text for out in desk.office.outgoing] == ["[\N{HORIZONTAL ELLIPSIS}]of today"]
    assert [row["state"] for row in rows(desk)] == ["stale", "pending"]


def test_old_parts_on_a_new_sim_are_held_as_one_message(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, parts(desk, "a", "b", age=100_000.0), complete=True))

    desk.work(main)
    assert [(row["state"], row["text"]) for row in rows(desk)] == [("stale", "ab")]


def test_a_window_that_ends_while_nothing_can_be_written_is_not_forgotten(tmp_path: Path) -> None:
    desk = Desk(tmp_path, replace(RULES, multipart_timeout=20.0))
    slots = parts(desk, "a", "b")

    async def main(journal: Journal) -> None:
        assert isinstance(desk.file, BrokenFile)
        await arrive(journal, await seen(journal), slots, 1)
        desk.file.fail()
        await asyncio.sleep(60)
        assert not desk.office.outgoing
        desk.file.heal()
        await asyncio.sleep(5)
        assert [out.text for out in desk.office.outgoing] == ["a[…]"]

    desk.work(main, collect=True, file=BrokenFile)


def test_parts_that_differ_only_in_the_width_of_their_reference_are_kept_apart(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)
    when = datetime.fromtimestamp(int(desk.clock.wall()), UTC)
    narrow = desk.pdu("a", when=when, header=encode.Concat(5, 2, 1).header())
    wide = desk.pdu("b", when=when, header=encode.Concat(5, 2, 2, wide=True).header())

    async def main(journal: Journal) -> None:
        await journal.record(reading(await seen(journal), {1: narrow, 2: wide}, complete=True))

    desk.work(main)
    assert [row["state"] for row in rows(desk)] == ["collecting", "collecting"]


def test_a_window_that_ends_while_the_last_part_is_written_ends_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path, replace(RULES, multipart_timeout=20.0))

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        for tick in range(20):
            slots = parts(desk, f"a{tick}", f"b{tick}", reference=tick)
            await arrive(journal, sim, slots, 1)
            await asyncio.sleep(20.0 - tick * 0.0001)
            await arrive(journal, sim, slots, 2)
        await arrive(journal, sim, parts(desk, "last", "never", reference=99), 1)
        await asyncio.sleep(60)

    desk.work(main, collect=True)
    told = [out.sms_id for out in desk.office.outgoing]
    assert len(told) == len(set(told))
    texts = [out.text for out in desk.office.outgoing]
    assert {"a0[…]", "a19b19", "last[…]"} < set(texts)
