"""What is forgotten, and what never."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gsmbridge.errors import JournalError
from gsmbridge.farm.encode import Concat
from gsmbridge.journal.journal import PRUNE_EVERY, Journal
from gsmbridge.message import State
from tests.journal.desk import RULES, Desk, reading, rows, seen

DAY = 86400.0
KEEP = replace(RULES, keep_text=2 * 3600.0, keep_days=10.0)
OTHER = "89701012345678901249"


class Tidy:
    """A journal that is tidied, with one message each way."""

    def __init__(self, folder: Path, rules: Any = KEEP) -> None:
        self.desk = Desk(folder, rules)
        self.sim = 0

    async def begin(self, journal: Journal, *pdus: str) -> None:
        self.tidying = asyncio.create_task(journal.keep_tidy())
        self.sim = await seen(journal)
        await journal.record(reading(self.sim, dict(enumerate(pdus)), complete=True))

    async def free(self, journal: Journal) -> None:
        for slot in await journal.to_free(self.sim, "a1"):
            await journal.freed(slot.copy)

    async def begin_and_end(self, journal: Journal, pdu: str) -> None:
        """The message is delivered and deleted."""
        await self.begin(journal, pdu)
        (out,) = self.desk.office.outgoing
        await journal.settle(out.sms_id, State.DELIVERED, 1, 200, "")
        await self.free(journal)

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds + PRUNE_EVERY)

    def texts(self) -> list[tuple[Any, Any]]:
        return [
            (row["text"] is not None, copy["pdu"] is not None)
            for row in rows(self.desk)
            for copy in rows(self.desk, "copies")
            if copy["sms_id"] == row["sms_id"]
        ]


@pytest.mark.parametrize("how", ["delivered", "discarded"])
def test_text_and_pdu_go_keep_text_after_verdict_and_delete_and_the_row_later(
    tmp_path: Path, how: str
) -> None:
    tidy = Tidy(tmp_path)

    async def main(journal: Journal) -> None:
        await tidy.begin(journal, tidy.desk.another())
        (out,) = tidy.desk.office.outgoing
        if how == "delivered":
            await journal.settle(out.sms_id, State.DELIVERED, 1, 200, "")
        else:
            await journal.discard(out.sms_id)
        await tidy.wait(3 * 3600)
        assert tidy.texts() == [(True, True)], "it still lies on its SIM"
        await tidy.free(journal)
        await asyncio.sleep(3600)
        assert tidy.texts() == [(True, True)], "its delete was only just now"
        await tidy.wait(2 * 3600)
        assert tidy.texts() == [(False, False)]
        (copy,) = rows(tidy.desk, "copies")
        assert copy["identity"], "its hash stays"
        await tidy.wait(8 * DAY)
        assert len(rows(tidy.desk)) == 1
        await tidy.wait(2 * DAY)
        assert not rows(tidy.desk) and not rows(tidy.desk, "copies")

    tidy.desk.work(main)


def test_what_still_lies_on_its_sim_is_known_for_good_though_its_text_goes(tmp_path: Path) -> None:
    tidy = Tidy(tmp_path)
    pdu = tidy.desk.another()

    async def main(journal: Journal) -> None:
        await tidy.begin(journal, pdu)
        (out,) = tidy.desk.office.outgoing
        await journal.settle(out.sms_id, State.REFUSED, 1, 400, "NO_OP")
        await tidy.wait(9 * DAY)
        assert tidy.texts() == [(True, True)]
        await tidy.wait(30 * DAY)
        assert tidy.texts() == [(False, False)]
        with pytest.raises(JournalError, match="erased"):
            await journal.retry(out.sms_id)
        await journal.record(reading(tidy.sim, {7: pdu}, appearance="a2", complete=True))
        assert len(tidy.desk.office.outgoing) == 1, "never a new message"
        await journal.record(reading(tidy.sim, {}, appearance="a2", complete=True))
        await tidy.wait(1)
        assert not rows(tidy.desk), "seen gone"

    tidy.desk.work(main)


def test_a_refused_message_that_left_its_sim_keeps_its_text_for_a_retry(tmp_path: Path) -> None:
    tidy = Tidy(tmp_path)

    async def main(journal: Journal) -> None:
        await tidy.begin(journal, tidy.desk.another())
        (out,) = tidy.desk.office.outgoing
        await journal.settle(out.sms_id, State.REFUSED, 1, 400, "NO_OPERATION")
        await journal.record(reading(tidy.sim, {}, complete=True))
        await tidy.wait(3 * 3600)
        assert tidy.texts() == [(True, True)]
        await journal.retry(out.sms_id)
        assert tidy.desk.office.outgoing[-1].text == out.text

    tidy.desk.work(main)


def test_what_waits_or_is_held_is_never_forgotten(tmp_path: Path) -> None:
    tidy = Tidy(tmp_path)

    async def main(journal: Journal) -> None:
        desk = tidy.desk
        await tidy.begin(journal, desk.another(), desk.another(age=2 * DAY), desk.another()[:-8])
        other = await seen(journal, OTHER)
        await journal.record(reading(other, {1: desk.another()}, complete=True))
        await journal.record(reading(tidy.sim, {}, complete=True))
        await journal.record(reading(other, {}, complete=True))
        await tidy.wait(100 * DAY)

    tidy.desk.work(main)
    kept = sorted((row["state"], row["text"] is not None) for row in rows(tidy.desk))
    assert kept == [
        ("pending", True),
        ("stale", True),
        ("unassigned", True),
        ("unreadable", False),
    ]
    assert all(copy["pdu"] for copy in rows(tidy.desk, "copies"))


def test_a_deleted_message_is_known_for_seven_days_however_short_rows_are_kept(
    tmp_path: Path,
) -> None:
    tidy = Tidy(tmp_path, replace(KEEP, keep_days=1.0))

    async def main(journal: Journal) -> None:
        await tidy.begin(journal, tidy.desk.another())
        (out,) = tidy.desk.office.outgoing
        await journal.settle(out.sms_id, State.DELIVERED, 1, 200, "")
        await tidy.wait(3 * DAY)
        await tidy.free(journal)
        await tidy.wait(6 * DAY)
        assert len(rows(tidy.desk)) == 1
        await tidy.wait(2 * DAY)
        assert not rows(tidy.desk)

    tidy.desk.work(main)


def test_the_pdus_of_skipped_and_unfinished_messages_go_too(tmp_path: Path) -> None:
    tidy = Tidy(tmp_path)
    part = tidy.desk.pdu("half of a secret", header=Concat(1, 2, 1).header())

    async def main(journal: Journal) -> None:
        await tidy.begin(journal, tidy.desk.pdu("ping", pid=0x40), part)
        _, unfinished = rows(tidy.desk)
        await journal.discard(unfinished["sms_id"])
        await tidy.free(journal)
        await tidy.wait(3 * 3600)
        assert tidy.texts() == [(False, True), (False, False)]
        await tidy.wait(11 * DAY)
        assert tidy.texts() == [(False, False)]

    tidy.desk.work(main)


def test_nothing_is_forgotten_while_the_clock_is_not_set(tmp_path: Path) -> None:
    tidy = Tidy(tmp_path)

    async def main(journal: Journal) -> None:
        await tidy.begin_and_end(journal, tidy.desk.another())
        tidy.desk.clock.jump(-tidy.desk.clock.wall())
        await tidy.wait(30 * DAY)

    tidy.desk.work(main)
    assert tidy.texts() == [(True, True)]


@pytest.mark.parametrize("reboot", [False, True])
@pytest.mark.parametrize("leaps", [(900 * DAY,), (-379 * DAY, 71 * DAY)])
def test_no_row_is_forgotten_by_a_clock_that_leapt_until_it_has_run_on(
    tmp_path: Path, leaps: tuple[float, ...], reboot: bool
) -> None:
    """Ahead by years; or behind by one, and then by less."""
    tidy = Tidy(tmp_path)
    *before, last = leaps

    async def first(journal: Journal) -> None:
        for leap in before:
            tidy.desk.clock.jump(leap)
        pdu = tidy.desk.pdu(age=sum(before))
        await tidy.begin_and_end(journal, pdu)
        await asyncio.sleep(60.0)
        tidy.tidying.cancel()
        if not reboot:
            await later(journal)

    async def later(journal: Journal) -> None:
        tidy.desk.clock.jump(last)
        tidying = asyncio.create_task(journal.keep_tidy())
        await asyncio.sleep(6 * DAY)
        assert len(rows(tidy.desk)) == 1
        tidying.cancel()

    tidy.desk.work(first)
    if reboot:
        tidy.desk.clock.reboot()
        tidy.desk.work(later)


@pytest.mark.parametrize("verdict", [State.DELIVERED, State.REFUSED])
def test_what_was_settled_while_the_clock_was_wrong_for_a_moment_is_kept_by_its_stamp(
    tmp_path: Path, verdict: State
) -> None:
    """Nobody looked at the clock meanwhile, so that no leap is known."""
    tidy = Tidy(tmp_path)

    async def main(journal: Journal) -> None:
        await tidy.begin(journal)
        await tidy.wait(8 * DAY)
        tidy.desk.clock.jump(-40 * DAY)
        pdu = tidy.desk.pdu(age=-40 * DAY)
        await journal.record(reading(tidy.sim, {1: pdu}, arrived=True))
        (out,) = tidy.desk.office.outgoing
        await journal.settle(out.sms_id, verdict, 1, 200, "")
        await tidy.free(journal)
        tidy.desk.clock.jump(40 * DAY)
        await tidy.wait(60.0)
        if verdict is State.REFUSED:
            assert tidy.texts() == [(True, True)]
        await journal.record(reading(tidy.sim, {4: pdu}, arrived=True))
        assert [row["sms_id"] for row in rows(tidy.desk)] == [out.sms_id]

    tidy.desk.work(main)


def test_a_clock_that_leapt_and_ran_on_is_believed(tmp_path: Path) -> None:
    tidy = Tidy(tmp_path)

    async def main(journal: Journal) -> None:
        await tidy.begin_and_end(journal, tidy.desk.another())
        tidy.desk.clock.jump(900 * DAY)
        await tidy.wait(8 * DAY)
        assert not rows(tidy.desk)

    tidy.desk.work(main)


def test_a_clock_that_went_back_and_ran_on_is_believed(tmp_path: Path) -> None:
    tidy = Tidy(tmp_path)

    async def main(journal: Journal) -> None:
        await tidy.begin(journal)
        tidy.desk.clock.jump(-300 * DAY)
        pdu = tidy.desk.pdu(age=-300 * DAY)
        await journal.record(reading(tidy.sim, {1: pdu}, arrived=True))
        (out,) = tidy.desk.office.outgoing
        await journal.settle(out.sms_id, State.DELIVERED, 1, 200, "")
        await tidy.free(journal)
        await tidy.wait(12 * DAY)
        assert not rows(tidy.desk)

    tidy.desk.work(main)


def test_more_than_one_step_is_tidied_in_one_go(tmp_path: Path) -> None:
    tidy = Tidy(tmp_path)
    pdus = [tidy.desk.another() for _ in range(1200)]

    async def main(journal: Journal) -> None:
        await tidy.begin(journal, *pdus)
        for out in tidy.desk.office.outgoing:
            await journal.settle(out.sms_id, State.DELIVERED, 1, 200, "")
        await tidy.free(journal)
        await tidy.wait(2 * 3600 + 60)
        assert {(row["text"], row["erased"]) for row in rows(tidy.desk)} == {(None, 1)}

    tidy.desk.work(main)
