"""Attempts, verdicts and the operator's word, restarts included (I3, I4, I5)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from gsmbridge.errors import JournalError
from gsmbridge.journal import database, orders
from gsmbridge.journal.journal import Journal
from gsmbridge.journal.orders import Ordered
from gsmbridge.journal.outcome import Now, Outcome
from gsmbridge.journal.rules import Rules
from gsmbridge.message import Failure, Outgoing, State
from gsmbridge.numbers import Listed, Numbers
from tests.journal.desk import ICCID, PHONE, RULES, Desk, reading, rows, seen

OTHER_PHONE = "79088081051"
RENUMBERED = replace(RULES, numbers=Numbers((Listed(OTHER_PHONE, iccid=ICCID),)))
UNNUMBERED = Rules()
OTHER_ICCID = "89701012345678901249"
BOTH = Numbers((Listed(PHONE, iccid=ICCID), Listed(OTHER_PHONE, iccid=OTHER_ICCID)))


async def nothing(journal: Journal) -> None:
    pass


def received(
    desk: Desk, then: Callable[[Journal, Outgoing], Awaitable[None]], **options: bool
) -> None:
    """One life in which a message arrives, and *then*."""

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: desk.another()}, arrived=True))
        await then(journal, desk.office.outgoing[-1])

    desk.work(main, **options)  # type: ignore[arg-type]


def fail(journal: Journal, out: Outgoing, due: float, attempts: int = 1) -> None:
    journal.failed(Failure(out.sms_id, attempts, due, 503, "http"))


def restarted(desk: Desk, *, clean: bool = True, after: float = 0.0) -> Outgoing:
    """What a start hands out."""
    desk.world.run_until(desk.world.now + after)
    desk.work(nothing, clean=clean)
    (out,) = desk.office.outgoing
    return out


@pytest.mark.parametrize("clean", [True, False])
def test_the_rest_of_the_interval_is_waited_after_a_restart(tmp_path: Path, clean: bool) -> None:
    desk = Desk(tmp_path)
    due = desk.clock.monotonic() + 100.0

    async def then(journal: Journal, out: Outgoing) -> None:
        fail(journal, out, due, attempts=3)

    received(desk, then, clean=clean)
    out = restarted(desk)
    assert (out.due, out.attempts, out.frozen) == (due, 3, True)


def test_a_wait_that_is_over_counts_only_after_an_orderly_end(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def then(journal: Journal, out: Outgoing) -> None:
        fail(journal, out, desk.clock.monotonic() + 5)

    received(desk, then)
    out = restarted(desk, after=20, clean=False)
    assert out.due is not None and out.due < desk.clock.monotonic()
    out = restarted(desk)
    assert out.due is not None and out.due > desk.clock.monotonic() + 9


def test_the_whole_interval_is_waited_where_an_attempt_may_have_ended_unrecorded(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)

    async def then(journal: Journal, out: Outgoing) -> None:
        assert out.due is None and out.frozen

    received(desk, then, clean=False)
    out = restarted(desk)
    assert out.due is not None and 9 < out.due - desk.clock.monotonic() <= 10
    assert restarted(desk, after=3).due == out.due, "a second restart cuts nothing"


def test_what_was_never_attempted_needs_not_wait_after_an_orderly_end(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def then(journal: Journal, out: Outgoing) -> None:
        pass

    received(desk, then)
    assert restarted(desk).due is None


@pytest.mark.parametrize("clean", [True, False])
def test_the_monotonic_times_of_another_boot_say_nothing(tmp_path: Path, clean: bool) -> None:
    desk = Desk(tmp_path)

    async def then(journal: Journal, out: Outgoing) -> None:
        due = desk.clock.monotonic() + 100_000
        journal.failed(Failure(out.sms_id, 1, due, 503, "http", wait=3.0))

    received(desk, then, clean=clean)
    desk.clock.reboot()
    out = restarted(desk)
    assert out.due is not None and 9.9 < out.due - desk.clock.monotonic() <= 10


@pytest.mark.parametrize("clean", [True, False])
def test_the_wait_that_a_server_asked_for_outlives_a_reboot(tmp_path: Path, clean: bool) -> None:
    desk = Desk(tmp_path)

    async def then(journal: Journal, out: Outgoing) -> None:
        due = desk.clock.monotonic() + 60.0
        journal.failed(Failure(out.sms_id, 1, due, 503, "http", wait=60.0))

    received(desk, then, clean=clean)
    for _ in range(2):
        desk.clock.reboot()
        out = restarted(desk, clean=clean)
        assert out.due is not None and 59.9 < out.due - desk.clock.monotonic() <= 60


@pytest.mark.parametrize("wait", [3.0, 60.0])
def test_an_order_without_the_daemon_keeps_the_wait_of_an_earlier_boot(
    tmp_path: Path, wait: float
) -> None:
    desk = Desk(tmp_path)

    async def then(journal: Journal, out: Outgoing) -> None:
        due = desk.clock.monotonic() + 100_000
        journal.failed(Failure(out.sms_id, 1, due, 503, "http", wait=wait))
        await journal.reload(RENUMBERED)

    received(desk, then)
    desk.clock.reboot()
    now, outcome = Now.of(desk.clock), Outcome()
    with closing(database.connect(desk.path)) as db:
        orders.retry(db, RENUMBERED, now, rows(desk)[0]["sms_id"], outcome)
    (out,) = outcome.pending
    assert out.due == now.mono + max(RULES.retry_interval, wait)


def test_after_a_verdict_no_wait_is_left_over(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def then(journal: Journal, out: Outgoing) -> None:
        due = desk.clock.monotonic() + 60.0
        journal.failed(Failure(out.sms_id, 1, due, 503, "http", wait=60.0))
        await journal.settle(out.sms_id, State.REFUSED, 2, 400, "NO_OPERATION")
        await journal.retry(out.sms_id)
        again = desk.office.outgoing[-1]
        assert again.due is not None and 9 < again.due - desk.clock.monotonic() <= 10

    received(desk, then)


def test_backlog_that_was_not_frozen_may_go_at_once_and_frozen_may_not(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: desk.another(), 2: desk.another()}))
        one, two = desk.office.outgoing
        assert not one.frozen and not two.frozen
        await journal.freeze([two.sms_id])

    desk.work(main, clean=False)
    desk.work(nothing)
    assert [(out.frozen, out.due is None) for out in desk.office.outgoing] == [
        (False, True),
        (True, False),
    ]


def test_a_delivered_message_is_told_to_nobody_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def then(journal: Journal, out: Outgoing) -> None:
        await journal.settle(out.sms_id, State.DELIVERED, 1, 200, "")
        fail(journal, out, desk.clock.monotonic())
        for order in (journal.retry, journal.discard):
            with pytest.raises(JournalError, match="already delivered"):
                await order(out.sms_id)

    received(desk, then)
    desk.work(nothing)
    assert not desk.office.outgoing
    (row,) = rows(desk)
    assert (row["state"], row["status"], row["attempts"]) == ("delivered", 200, 1)


def test_a_refused_message_waits_for_the_operator_and_then_for_the_interval(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def then(journal: Journal, out: Outgoing) -> None:
        await journal.settle(out.sms_id, State.REFUSED, 1, 400, "NO_OPERATION")
        assert (await journal.retry(out.sms_id)).state is State.PENDING
        again = desk.office.outgoing[-1]
        assert again.due is not None and again.due >= desk.clock.monotonic() + 9
        assert (again.sms_id, again.phone, again.text) == (out.sms_id, out.phone, out.text)
        with pytest.raises(JournalError, match="already waiting"):
            await journal.retry(out.sms_id)

    received(desk, then)
    out = restarted(desk)
    assert out.due is not None and out.due > desk.clock.monotonic() + 8


def test_a_200_after_discard_is_a_delivery_and_a_refusal_is_not(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def then(journal: Journal, out: Outgoing) -> None:
        await journal.discard(out.sms_id)
        assert desk.office.gone == [out.sms_id]
        await journal.settle(out.sms_id, State.REFUSED, 1, 400, "NO_OP")
        assert rows(desk)[0]["state"] == "discarded"
        await journal.settle(out.sms_id, State.DELIVERED, 1, 200, "")
        assert rows(desk)[0]["state"] == "delivered"

    received(desk, then)


def test_a_verdict_for_a_message_that_the_journal_lost_is_no_error(tmp_path: Path) -> None:
    async def main(journal: Journal) -> None:
        await journal.settle(7, State.DELIVERED, 1, 200, "")

    Desk(tmp_path).work(main)


@pytest.mark.parametrize("name", ["retry", "discard"])
def test_unknown_messages_are_told(tmp_path: Path, name: str) -> None:
    async def main(journal: Journal) -> None:
        with pytest.raises(JournalError, match="no such message"):
            await getattr(journal, name)(7)

    Desk(tmp_path).work(main)


def test_retry_sends_what_is_stale_and_not_what_is_unreadable_or_skipped(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        slots = {
            1: desk.another(age=100_000.0),
            2: desk.another()[:-8],
            3: desk.pdu("ping", pid=0x40),
        }
        await journal.record(reading(sim, slots))
        stale, unreadable, skipped = (row["sms_id"] for row in rows(desk))
        assert await journal.retry(stale) == Ordered(State.PENDING, PHONE)
        for sms_id in (unreadable, skipped):
            with pytest.raises(JournalError):
                await journal.retry(sms_id)
            assert (await journal.discard(sms_id)).state is State.DISCARDED
            with pytest.raises(JournalError):
                await journal.retry(sms_id)
        assert len(await journal.to_free(sim, "a1")) == 2

    desk.work(main)
    (out,) = desk.office.outgoing
    assert out.phone == PHONE and out.due is None and not out.frozen


def test_retry_of_what_has_no_number_says_what_to_do(tmp_path: Path) -> None:
    desk = Desk(tmp_path, UNNUMBERED)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: desk.another()}, arrived=True))
        with pytest.raises(JournalError, match="list its SIM under numbers"):
            await journal.retry(rows(desk)[0]["sms_id"])

    desk.work(main)


def held_in_memory(desk: Desk, then: Callable[[Journal, int], Awaitable[None]]) -> None:
    """A message is found in the memory of a modem in which a SIM with a number is, and *then*."""

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: desk.another()}, store="ME", complete=True))
        await then(journal, rows(desk)[0]["sms_id"])

    desk.work(main)


def test_what_lay_in_a_modems_memory_is_pushed_only_under_a_number_that_is_said(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path, replace(RULES, numbers=BOTH))

    async def then(journal: Journal, sms_id: int) -> None:
        with pytest.raises(JournalError, match=f"gsmbridge retry {sms_id} --as"):
            await journal.retry(sms_id)
        with pytest.raises(JournalError, match="no SIM of this farm has the number"):
            await journal.retry(sms_id, "79990000000")
        assert await journal.retry(sms_id, OTHER_PHONE) == Ordered(State.PENDING, OTHER_PHONE)
        # Whatever asks for numbers anew, the operator's word holds.
        await seen(journal)
        await journal.reload(desk.rules)
        assert [out.phone for out in desk.office.outgoing] == [OTHER_PHONE]

    held_in_memory(desk, then)
    assert restarted(desk).phone == OTHER_PHONE


def test_a_refusal_does_not_open_the_number_of_what_lay_in_memory_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path, replace(RULES, numbers=BOTH))

    async def then(journal: Journal, sms_id: int) -> None:
        await journal.retry(sms_id, OTHER_PHONE)
        await journal.freeze([sms_id])
        await journal.settle(sms_id, State.REFUSED, 1, 400, "NO_OPERATION")
        with pytest.raises(JournalError, match="attempted under"):
            await journal.retry(sms_id, PHONE)
        assert (await journal.retry(sms_id)).phone == OTHER_PHONE

    held_in_memory(desk, then)


def test_what_came_while_the_sim_was_unsure_is_pushed_only_under_a_number_that_is_said(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        nobody = await seen(journal, None, imsi="unproved modem0")
        await journal.record(reading(nobody, {0: desk.another()}, store="", arrived=True))
        sms_id = rows(desk)[0]["sms_id"]
        with pytest.raises(JournalError, match="nobody can know which SIM"):
            await journal.retry(sms_id)
        assert (await journal.retry(sms_id, PHONE)).phone == PHONE

    desk.work(main)


def test_no_other_number_than_its_sims_can_be_said(tmp_path: Path) -> None:
    desk = Desk(tmp_path, replace(RULES, numbers=BOTH))

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: desk.another(age=100_000.0)}))
        sms_id = rows(desk)[0]["sms_id"]
        with pytest.raises(JournalError, match=f"its SIM has the number {PHONE}"):
            await journal.retry(sms_id, OTHER_PHONE)
        assert (await journal.retry(sms_id, PHONE)).phone == PHONE

    desk.work(main)


def test_a_number_that_is_disabled_cannot_be_said(tmp_path: Path) -> None:
    off = Listed(OTHER_PHONE, iccid=OTHER_ICCID, enabled=False)
    desk = Desk(tmp_path, replace(RULES, numbers=Numbers((*RULES.numbers.rows, off))))

    async def then(journal: Journal, sms_id: int) -> None:
        with pytest.raises(JournalError, match="no SIM of this farm has the number"):
            await journal.retry(sms_id, OTHER_PHONE)

    held_in_memory(desk, then)


def test_a_number_that_a_sim_brings_along_can_be_said(tmp_path: Path) -> None:
    desk = Desk(tmp_path, UNNUMBERED)

    async def main(journal: Journal) -> None:
        await seen(journal, OTHER_ICCID, own_numbers=(OTHER_PHONE,))
        nobody = await seen(journal, None, imsi="unproved modem0")
        await journal.record(reading(nobody, {0: desk.another()}, store="", arrived=True))
        assert (await journal.retry(rows(desk)[0]["sms_id"], OTHER_PHONE)).phone == OTHER_PHONE

    desk.work(main)


def test_a_reload_gives_unassigned_messages_their_number(tmp_path: Path) -> None:
    desk = Desk(tmp_path, UNNUMBERED)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: desk.another()}, arrived=True))
        await journal.reload(RULES)
        (out,) = desk.office.outgoing
        assert out.phone == PHONE and not out.frozen and out.due is None
        await journal.reload(RULES)
        assert len(desk.office.outgoing) == 1

    desk.work(main)


def test_a_start_gives_unassigned_messages_their_number(tmp_path: Path) -> None:
    desk = Desk(tmp_path, UNNUMBERED)

    async def main(journal: Journal) -> None:
        await journal.record(reading(await seen(journal), {1: desk.another()}, arrived=True))

    desk.work(main)
    desk.rules = RULES
    desk.work(nothing)
    assert [out.phone for out in desk.office.outgoing] == [PHONE]


def test_a_new_number_goes_to_what_had_no_attempt(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: desk.another()}))
        (old,) = desk.office.outgoing
        await journal.reload(RENUMBERED)
        assert desk.office.gone == [old.sms_id]
        new = desk.office.outgoing[-1]
        assert (new.sms_id, new.phone) == (old.sms_id, OTHER_PHONE)
        await journal.reload(UNNUMBERED)
        assert rows(desk)[0]["state"] == "unassigned"

    desk.work(main)


def test_a_message_with_a_new_number_is_withdrawn_before_it_is_told_anew(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        await journal.record(reading(await seen(journal), {1: desk.another()}))
        numbers = Numbers((replace(RULES.numbers.rows[0], phone="79990000009"),))
        await journal.reload(replace(RULES, numbers=numbers))

    desk.work(main)
    assert [what for what, _ in desk.office.order] == ["pending", "withdrawn", "pending"]


def test_what_had_an_attempt_is_held_and_goes_by_retry_under_its_old_number(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def then(journal: Journal, out: Outgoing) -> None:
        await journal.reload(RENUMBERED)
        assert desk.office.gone == [out.sms_id]
        (row,) = rows(desk)
        assert row["state"] == "unassigned" and OTHER_PHONE in row["reason"]
        await journal.retry(out.sms_id)
        again = desk.office.outgoing[-1]
        assert (again.phone, again.text, again.sms_id) == (PHONE, out.text, out.sms_id)
        # Whatever asks for numbers anew, the operator's word holds.
        await seen(journal)
        await journal.reload(RENUMBERED)
        assert rows(desk)[0]["state"] == "pending"

    received(desk, then)
    desk.rules = RENUMBERED
    assert restarted(desk).phone == PHONE


def test_a_number_that_comes_back_serves_what_was_held_after_its_wait(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    due = desk.clock.monotonic() + 50

    async def then(journal: Journal, out: Outgoing) -> None:
        await journal.reload(RENUMBERED)
        fail(journal, out, due)  # the attempt that was under way ends only now
        await journal.reload(RULES)
        again = desk.office.outgoing[-1]
        assert (again.phone, again.due, again.attempts) == (PHONE, due, 1)

    received(desk, then)


def test_a_number_that_comes_back_after_a_crash_waits_for_the_whole_interval(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)

    async def then(journal: Journal, out: Outgoing) -> None:
        fail(journal, out, desk.clock.monotonic() + 5)
        await journal.reload(RENUMBERED)

    async def later(journal: Journal) -> None:
        await journal.reload(RULES)
        (again,) = desk.office.outgoing
        assert again.due is not None and again.due >= began + RULES.retry_interval

    received(desk, then, clean=False)
    desk.rules = RENUMBERED
    desk.world.run_until(desk.world.now + 20)
    began = desk.clock.monotonic()
    desk.work(later)


def test_a_number_that_comes_back_waits_where_no_end_of_an_attempt_is_known(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def then(journal: Journal, out: Outgoing) -> None:
        await journal.reload(RENUMBERED)
        await journal.reload(RULES)
        again = desk.office.outgoing[-1]
        assert again.due is not None and again.due > desk.clock.monotonic() + 9

    received(desk, then)


def test_content_is_the_same_after_every_restart(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    told: list[Outgoing] = []

    async def then(journal: Journal, out: Outgoing) -> None:
        told.append(out)

    received(desk, then, clean=False)
    desk.rules = replace(RULES, strip_plus=True)
    told += [restarted(desk, clean=False), restarted(desk)]
    assert len({(out.sms_id, out.phone, out.phone_from, out.text) for out in told}) == 1


def test_a_message_of_a_disabled_number_is_held(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        off = Numbers((Listed(PHONE, iccid=ICCID, enabled=False),))
        await journal.reload(replace(RULES, numbers=off))
        await journal.record(reading(await seen(journal), {1: desk.another()}, arrived=True))

    desk.work(main)
    (row,) = rows(desk)
    assert (row["state"], row["reason"]) == ("unassigned", "number disabled")
