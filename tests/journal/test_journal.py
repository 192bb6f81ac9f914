"""The journal from outside: what is recorded, pushed, freed and found again."""

from __future__ import annotations

from pathlib import Path

from gsmbridge.journal.journal import Journal
from gsmbridge.message import State
from tests.journal.desk import PHONE, Desk, reading, seen


def test_a_message_that_arrives_is_pending_under_the_number_of_its_sim(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {3: desk.pdu("hello", "+49171123")}, arrived=True))

    desk.work(main)
    (out,) = desk.office.outgoing
    assert (out.phone, out.phone_from, out.text) == (PHONE, "+49171123", "hello")
    assert out.fresh and out.frozen and out.attempts == 0


def test_a_delivered_message_is_freed_and_never_pending_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    pdu = desk.pdu()

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        assert not await journal.record(reading(sim, {3: pdu}, complete=True))
        (out,) = desk.office.outgoing
        await journal.settle(out.sms_id, State.DELIVERED, 1, 200, "")
        assert desk.office.freeable == [sim]

    desk.work(main, clean=False)

    async def again(journal: Journal) -> None:
        sim = await seen(journal)
        (slot,) = await journal.record(
            reading(sim, {7: pdu.lower() + "FFFF"}, appearance="a2", complete=True)
        )
        assert slot.slot == 7
        assert not await journal.to_free(sim, "a1")
        await journal.freed(slot.copy)
        assert not await journal.to_free(sim, "a2")

    desk.work(again)
    assert not desk.office.outgoing
