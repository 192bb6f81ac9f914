"""The same octets twice on one SIM are one message, in whatever readings they are shown."""

from __future__ import annotations

from pathlib import Path

from gsmbridge.journal.journal import Journal
from gsmbridge.message import State
from gsmbridge.sms.identity import tpdu_identity
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


def test_a_message_is_known_where_it_was_seen_and_elsewhere_on_others(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    pdu, unseen = desk.another(), desk.another()

    async def main(journal: Journal) -> None:
        one, other = await seen(journal), await seen(journal, "89701012345678901249")
        await journal.record(reading(one, {1: pdu}, complete=True))
        assert await journal.known_elsewhere(other, [tpdu_identity(unseen), tpdu_identity(pdu)])
        assert not await journal.known_elsewhere(one, [tpdu_identity(pdu)])
        assert not await journal.known_elsewhere(other, [tpdu_identity(unseen)])
        assert await journal.known_here(one, [tpdu_identity(pdu)])
        assert not await journal.known_here(one, [tpdu_identity(pdu), tpdu_identity(unseen)])
        assert not await journal.known_here(other, [tpdu_identity(pdu)])

    desk.work(main)
