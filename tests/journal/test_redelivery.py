"""The same octets twice on one SIM are one message, in whatever readings they are shown."""

from __future__ import annotations

from pathlib import Path

from gsmbridge.journal.journal import Journal
from gsmbridge.message import State
from tests.journal.desk import Desk, reading, seen


def test_a_redelivery_beside_its_first_copy_in_one_listing_is_no_new_message(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)
    pdu = desk.another()

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {0: pdu}, arrived=True))
        await journal.record(reading(sim, {0: pdu, 1: pdu}, complete=True))
        (out,) = desk.office.outgoing
        await journal.settle(out.sms_id, State.DELIVERED, 1, 200, "")
        assert {slot.slot for slot in await journal.to_free(sim, "a1")} == {0, 1}

    desk.work(main)


def test_two_copies_that_are_first_seen_together_are_one_message(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    pdu = desk.another()

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {0: pdu, 1: pdu}, complete=True))
        assert len(desk.office.outgoing) == 1

    desk.work(main)
