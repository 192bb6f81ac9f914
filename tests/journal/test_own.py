"""Messages that the program sends itself: known before they are sent, never pushed, then freed."""

from __future__ import annotations

from pathlib import Path

import pytest

from gsmbridge.journal import own
from gsmbridge.journal.journal import Journal
from tests.journal.desk import Desk, reading, seen

WORD = "ABCDEFGHJKLM"
OTHER = "89701012345678909996"


def rows(desk: Desk) -> list[tuple[str, str]]:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(desk.path)) as db:
        return db.execute("SELECT state, reason FROM messages ORDER BY sms_id").fetchall()


@pytest.mark.parametrize(
    "text",
    [own.text_with(WORD), f"{own.text_with(WORD)}\nSent by Farm Mobile", f"> gsmbridge {WORD}."],
)
def test_an_own_message_is_skipped_told_and_freed(tmp_path: Path, text: str) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        sim, other = await seen(journal), await seen(journal, OTHER)
        arrival = await journal.expect(WORD, other)
        slots = await journal.record(reading(sim, {3: desk.pdu(text, "+79081234567")}))
        assert arrival.result() == own.Own(WORD, "+79081234567", sim)
        assert [slot.slot for slot in slots] == [3]
        assert await journal.to_free(sim, "a1") == slots
        await journal.freed(slots[0].copy)
        assert await journal.to_free(sim, "a1") == ()

    desk.work(main)
    assert desk.office.outgoing == []
    assert rows(desk) == [("skipped", own.REASON)]


def test_an_own_message_that_arrives_after_a_crash_is_skipped_and_freed(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def send(journal: Journal) -> None:
        await journal.expect(WORD, await seen(journal, OTHER))

    async def receive(journal: Journal) -> None:
        sim = await seen(journal)
        pdu = desk.pdu(own.text_with(WORD), "+79081234567")
        slots = await journal.record(reading(sim, {3: pdu}, arrived=True))
        assert [slot.slot for slot in slots] == [3]

    desk.work(send, clean=False)
    desk.work(receive)
    assert desk.office.outgoing == []
    assert rows(desk) == [("skipped", own.REASON)]


def test_an_own_message_that_came_past_the_store_is_skipped(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        arrival = await journal.expect(WORD, sim)
        pdu = desk.pdu(own.text_with(WORD), "+79081234567")
        assert await journal.record(reading(sim, {0: pdu}, store="", arrived=True)) == ()
        assert arrival.done()

    desk.work(main)
    assert rows(desk) == [("skipped", own.REASON)]


def test_the_same_word_again_is_skipped_and_freed_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.expect(WORD, sim)
        first, again = (desk.pdu(own.text_with(WORD), "+7908", age=age) for age in (60, 0))
        slots = await journal.record(reading(sim, {1: first, 2: again}))
        assert [slot.slot for slot in slots] == [1, 2]

    desk.work(main)
    assert rows(desk) == [("skipped", own.REASON)] * 2


@pytest.mark.parametrize(
    "text",
    [
        "gsmbridge ABCDEFGHJKLN",
        "gsmbridge",
        f"gsmbridge {WORD}Z",
        f"gsmbridge {WORD.lower()}",
        WORD,
        "Your code is 1234",
    ],
)
def test_a_message_with_no_word_of_ours_is_pushed(tmp_path: Path, text: str) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        arrival = await journal.expect(WORD, sim)
        assert await journal.record(reading(sim, {1: desk.pdu(text)}, arrived=True)) == ()
        assert not arrival.done()

    desk.work(main)
    assert [outgoing.text for outgoing in desk.office.outgoing] == [text]


def test_whoever_waits_no_longer_is_no_hindrance(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        arrival = await journal.expect(WORD, sim)
        arrival.cancel()
        await journal.record(reading(sim, {1: desk.pdu(own.text_with(WORD))}))

    desk.work(main)
    assert rows(desk) == [("skipped", own.REASON)]
