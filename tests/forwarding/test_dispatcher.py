"""The forwarding loop in simulated time: when attempts are made, and what becomes of them."""

from __future__ import annotations

import asyncio

import pytest

from gsmbridge.errors import JournalError
from gsmbridge.forwarding.push import ForwardingSettings
from gsmbridge.forwarding.settler import MOST
from gsmbridge.message import Outgoing, State
from gsmbridge.onlinesim.answer import Alarm
from tests.forwarding.rig import Request, Rig, Says, message


def numbered(count: int, first: int = 1, **fields: object) -> list[Outgoing]:
    """Messages of as many numbers."""
    return [message(i, f"7900{i:07d}", **fields) for i in range(first, first + count)]


def test_message_is_pushed_at_once_and_its_delivery_committed() -> None:
    rig = Rig()
    rig.push_for(1, message(1, fresh=True))
    assert rig.begins(1) == [0.0]
    assert rig.journal.settled[1][0] is State.DELIVERED
    assert rig.dispatcher.stats().delivered == 1
    assert rig.told.lines == ["pushed 1 for 79000000001, attempt 1, 100 ms"]


def test_delivery_is_committed_before_a_body_that_drips_for_long() -> None:
    rig = Rig(lambda _: Says(body_delay=20))
    rig.push_for(30, message(1))
    assert rig.journal.settled[1] == (State.DELIVERED, pytest.approx(0.105))


@pytest.mark.parametrize("status", [201, 202, 204, 206, 302])
def test_no_status_but_200_is_a_delivery(status: int) -> None:
    rig = Rig(lambda request: Says(status if request.began == 0 else 200))
    rig.push_for(15, message(1))
    assert rig.begins(1) == [0.0, 10.1]
    assert rig.journal.settled[1] == (State.DELIVERED, pytest.approx(10.205))


def test_failed_attempt_is_repeated_one_interval_after_its_end() -> None:
    rig = Rig(lambda _: Says(503, delay=2.0, body_delay=1.0))
    rig.push_for(40, message(1))
    assert rig.begins(1) == [0.0, 13.0, 26.0, 39.0]
    assert [failure.due for failure in rig.journal.failures[:3]] == [13.0, 26.0, 39.0]
    assert [failure.attempts for failure in rig.journal.failures[:3]] == [1, 2, 3]
    assert rig.told.lines[0] == "push of 1 failed, attempt 1: HTTP 503 in 3000 ms, next in 10 s"


def test_retry_after_of_the_server_is_waited_where_it_is_longer() -> None:
    rig = Rig(lambda request: Says(429, retry_after=30 if request.began == 0 else 3, delay=0))
    rig.push_for(45, message(1))
    assert rig.begins(1) == [0.0, 30.0, 40.0]
    assert [failure.wait for failure in rig.journal.failures[:2]] == [30.0, 10.0]


def test_every_attempt_carries_the_same_content() -> None:
    rig = Rig(lambda _: Says(500))
    rig.push_for(50, message(1))
    contents = {(r.message.text, r.message.phone, r.message.phone_from) for r in rig.partner.of(1)}
    assert len(rig.partner.of(1)) == 5
    assert len(contents) == 1


def test_rest_of_the_interval_is_waited_after_a_restart() -> None:
    rig = Rig()
    rig.push_for(10, message(1, attempts=3, due=7.5))
    assert rig.begins(1) == [7.5]


@pytest.mark.parametrize("token", ["NO_OPERATION", "NO_OP", "BAD_SERVICE"])
def test_terminal_error_ends_a_message(token: str) -> None:
    rig = Rig(lambda _: Says(400, token))
    rig.push_for(30, message(1))
    assert rig.begins(1) == [0.0]
    assert rig.journal.settled[1][0] is State.REFUSED


@pytest.mark.parametrize("token", ["IGNORED", "SERVICE_BAN"])
def test_ignored_message_is_repeated_every_interval(token: str) -> None:
    rig = Rig(lambda _: Says(400, token, delay=0))
    rig.push_for(35, message(1))
    assert rig.begins(1) == [0.0, 10.0, 20.0, 30.0]


def test_configured_terminal_error_ends_a_message() -> None:
    rig = Rig(lambda _: Says(400, "IGNORED"), terminal_errors=("IGNORED",))
    rig.push_for(30, message(1))
    assert rig.journal.settled[1][0] is State.REFUSED


def test_error_token_in_a_200_is_a_delivery_with_a_warning() -> None:
    rig = Rig(lambda _: Says(200, "NO_OPERATION"))
    rig.push_for(30, message(1))
    assert rig.journal.settled[1][0] is State.DELIVERED
    assert rig.told.count("delivered_with_error") == 1
    assert rig.dispatcher.stats().errors == (("NO_OPERATION", 1),)


@pytest.mark.parametrize(
    ("numbers", "at_once", "of_a_number"), [(2, 8, 4), (9, 16, 4), (99, 16, 4)]
)
def test_places_and_the_quarter_of_a_number_are_never_exceeded(
    numbers: int, at_once: int, of_a_number: int
) -> None:
    rig = Rig(lambda _: Says(delay=1.0))
    first_alone = [message(i, "79990000000", fresh=True) for i in range(1, 50)]
    others = [
        message(i, f"7900000{i % (numbers - 1):04d}", fresh=i % 2 == 0) for i in range(50, 200)
    ]
    rig.push_for(60, *first_alone, *others)
    assert rig.partner.most_at_once == at_once
    assert rig.partner.most_of_a_number == of_a_number
    assert len(rig.journal.settled) == 199


def test_number_with_hanging_retries_still_gets_its_fresh_message_out() -> None:
    def script(request: Request) -> Says:
        return Says(delay=0.1) if request.message.fresh else Says(silent="timeout", delay=30)

    rig = Rig(script)

    async def story() -> None:
        rig.add(*(message(i) for i in range(1, 20)))
        await asyncio.sleep(5)
        rig.add(message(100, fresh=True))
        await asyncio.sleep(1)

    rig.play(story())
    assert rig.begins(100) == [5.0]


def test_fresh_message_is_attempted_at_once_before_ten_thousand_of_backlog() -> None:
    rig = Rig(lambda _: Says(delay=0.02))

    async def story() -> None:
        rig.add(*(message(i, f"7900000{i % 300:04d}", frozen=False) for i in range(1, 10_001)))
        for number in range(20_001, 20_011):
            await asyncio.sleep(0.5)
            rig.add(message(number, f"7911{number}", fresh=True))
        await asyncio.sleep(12)

    rig.play(story())
    waits = [rig.begins(20_000 + i)[0] - 0.5 * i for i in range(1, 11)]
    assert max(waits) < 0.001
    assert all(0 < len(batch) <= 64 for batch in rig.journal.frozen)
    assert rig.dispatcher.stats().delivered > 5000


def test_a_flood_to_one_number_costs_the_others_nothing() -> None:
    rig = Rig(lambda _: Says(delay=1.0))

    async def story() -> None:
        for second in range(60):  # 100 a second to one number, far more than can be pushed
            first = 1 + second * 100
            rig.add(*(message(first + i, "79990000000", fresh=True) for i in range(100)))
            rig.add(message(20_000 + second, f"7900000{second:04d}", fresh=True))
            await asyncio.sleep(1)

    rig.play(story())
    assert [rig.begins(20_000 + second) for second in range(60)] == [
        [second] for second in range(60)
    ]
    assert rig.partner.most_of_a_number == 4


def test_the_only_free_place_goes_to_what_arrives_now() -> None:
    rig = Rig(max_in_flight=1)
    rig.push_for(5, *numbered(3), message(9, fresh=True))
    assert [request.message.sms_id for request in rig.partner.requests] == [9, 1, 2, 3]


def test_backlog_goes_oldest_first() -> None:
    rig = Rig(max_in_flight=1)
    orders = [5.0, 3.0, 9.0, 1.0]
    rig.push_for(3, *(message(i, order=order) for i, order in enumerate(orders, start=1)))
    assert [request.message.order for request in rig.partner.requests] == sorted(orders)


def test_backlog_is_frozen_before_its_first_attempt_and_only_once() -> None:
    rig = Rig(lambda _: Says(500, delay=0))
    rig.push_for(12, message(1, frozen=False))
    assert rig.begins(1) == [0.005, 10.005]
    assert rig.journal.frozen == [[1]]


def test_ignored_messages_do_not_crowd_out_backlog_and_retries() -> None:
    def script(request: Request) -> Says:
        if request.message.sms_id <= 2000:
            return Says(400, "IGNORED", delay=0.1)
        if request.message.sms_id <= 2010 and request.message.attempts == 0:
            return Says(500, delay=0.1)
        return Says(delay=0.1)

    rig = Rig(script)

    async def story() -> None:
        rig.add(*numbered(2000))
        await asyncio.sleep(20)
        rig.add(*numbered(10, first=2001, order=2e9), *numbered(300, first=3001, order=2e9))
        await asyncio.sleep(30)

    rig.play(story())
    for sms_id in range(2001, 2011):
        first, second = rig.begins(sms_id)
        assert 9.9999 < second - (first + 0.1) < 11
    assert all(sms_id in rig.journal.settled for sms_id in range(3001, 3301))
    assert len(rig.partner.requests) > 4000, "places were left unused"


def test_unreachable_server_is_probed_by_one_message_at_a_time_another_each_time() -> None:
    rig = Rig(lambda request: Says(silent="refused", delay=0))
    rig.push_for(100.5, *numbered(8))
    later = [request for request in rig.partner.requests if request.began > 0]
    assert [request.began for request in later] == [10.0 * i for i in range(1, 11)]
    assert len({request.message.sms_id for request in later[:8]}) == 8
    assert rig.told.count("partner_unreachable") == 1
    assert any("unreachable (partner: refused), 8 waiting" in line for line in rig.told.lines)
    assert rig.dispatcher.stats().unreachable_for == pytest.approx(100.5)


def test_window_opens_step_by_step_once_the_server_answers() -> None:
    rig = Rig(
        lambda request: Says(silent="refused", delay=0) if request.began < 60 else Says(delay=1.0)
    )
    rig.push_for(80, *numbered(100))
    begun: dict[float, int] = {}
    for request in rig.partner.requests:
        if request.began >= 60:
            begun[request.began] = begun.get(request.began, 0) + 1
    # a probe, then doubling up to the three quarters that are for messages that aren't fresh
    assert list(begun.items())[:6] == [(60, 1), (61, 1), (62, 2), (63, 4), (64, 8), (65, 12)]
    assert rig.told.lines.count("partner answers again after 61 s, 100 waiting") == 1


def test_hanging_attempts_from_before_an_outage_do_not_delay_what_follows_it() -> None:
    def script(request: Request) -> Says:
        if request.message.sms_id <= 10:
            return Says(silent="timeout", delay=300)
        return Says(silent="refused", delay=0) if request.began < 5 else Says()

    rig = Rig(script)

    async def story() -> None:
        rig.add(*numbered(10))
        await asyncio.sleep(1)
        rig.add(*numbered(20, first=11))
        await asyncio.sleep(25)

    rig.play(story())
    assert all(sms_id in rig.journal.settled for sms_id in range(11, 31))


def test_one_number_timing_out_alone_is_not_an_unreachable_server() -> None:
    rig = Rig(lambda request: Says(silent="timeout", delay=30))
    rig.push_for(200, *(message(i) for i in range(1, 20)))
    assert rig.told.count("partner_unreachable") == 0


def test_one_message_timing_out_again_and_again_is_not_an_unreachable_server() -> None:
    rig = Rig(lambda request: Says(silent="timeout", delay=1))
    rig.push_for(200, message(1), message(2, "79000000002"))
    assert rig.told.count("partner_unreachable") == 0
    assert len(rig.partner.of(1)) == 19


def test_timeouts_beside_answers_are_not_an_unreachable_server() -> None:
    def script(request: Request) -> Says:
        chokes = request.message.sms_id <= 4
        return Says(silent="timeout", delay=30) if chokes else Says(500, delay=0.1)

    rig = Rig(script)
    rig.push_for(200, *numbered(6))
    assert rig.told.count("partner_unreachable") == 0


def test_fresh_message_after_an_outage_does_not_wait_behind_those_of_the_outage() -> None:
    rig = Rig(
        lambda request: Says(silent="refused", delay=0) if request.began < 300 else Says(delay=0.5)
    )

    async def story() -> None:
        for sms_id in range(1, 1501):
            rig.add(message(sms_id, f"7900{sms_id % 100:07d}", fresh=True))
            await asyncio.sleep(0.2)
        await asyncio.sleep(330 - rig.world.now)
        assert rig.dispatcher.stats().waiting > 500
        rig.add(message(5000, "79990000000", fresh=True))
        await asyncio.sleep(1)

    rig.play(story())
    assert rig.begins(5000) == [330.0]


def test_nothing_begins_while_the_journal_cannot_be_written() -> None:
    rig = Rig()

    async def story() -> None:
        rig.journal.is_writable = False
        rig.add(message(1, fresh=True))
        await asyncio.sleep(100)
        assert rig.partner.requests == []
        assert rig.dispatcher.stats().paused
        rig.journal.is_writable = True
        await asyncio.sleep(2)

    rig.play(story())
    assert 1 in rig.journal.settled
    assert (rig.told.count("forwarding_paused"), rig.told.count("forwarding_resumed")) == (1, 1)


def test_known_200_waits_for_the_disk_without_a_second_push_and_without_a_place() -> None:
    rig = Rig(max_in_flight=1)

    async def story() -> None:
        rig.add(message(1))
        await asyncio.sleep(0.05)
        rig.journal.is_writable = False
        await asyncio.sleep(200)
        rig.add(message(1))
        stats = rig.dispatcher.stats()
        assert (stats.settling, stats.in_flight) == (1, 0)
        rig.journal.is_writable = True
        await asyncio.sleep(2)

    rig.play(story())
    assert len(rig.partner.of(1)) == 1
    assert rig.journal.settled[1][0] is State.DELIVERED


def test_known_200_that_a_mistake_of_ours_keeps_out_of_the_journal_is_committed_later() -> None:
    rig = Rig()
    rig.journal.bug = ZeroDivisionError("code 1234")
    rig.push_for(30, message(1))
    assert rig.begins(1) == [0.0]
    assert rig.journal.settled[1] == (State.DELIVERED, pytest.approx(10.11))
    assert rig.dispatcher.stats().faults == 1
    assert not any("code 1234" in line for line in rig.told.lines)


def test_fault_in_an_attempt_is_told_and_the_message_stays_due() -> None:
    bug = ZeroDivisionError("code 1234")
    rig = Rig(lambda request: Says(bug=bug, delay=0) if request.began == 0 else Says())
    rig.push_for(15, message(1))
    assert rig.begins(1) == [0.0, 10.0]
    assert rig.dispatcher.stats().faults == 1
    assert not any("code 1234" in line for line in rig.told.lines)


def test_close_lets_what_is_in_flight_end_within_its_grace() -> None:
    rig = Rig(lambda _: Says(delay=7.0))
    rig.push_for(1, message(1))
    assert rig.world.now < 8
    assert 1 in rig.journal.settled


def test_close_drops_what_is_not_over_in_time_and_notes_that_it_ended() -> None:
    rig = Rig(lambda _: Says(delay=25.0))
    rig.push_for(1, message(1))
    assert rig.world.now == 9.0
    assert rig.partner.of(1)[0].cancelled
    assert rig.journal.settled == {}
    (failure,) = rig.journal.failures
    assert (failure.error, failure.attempts, failure.due) == ("dropped", 1, 19.0)


def test_close_does_not_take_a_known_200_for_a_failure() -> None:
    rig = Rig(lambda _: Says(body_delay=25.0))
    rig.push_for(1, message(1))
    assert rig.partner.of(1)[0].cancelled
    assert 1 in rig.journal.settled
    assert rig.journal.failures == []


def test_close_ends_in_time_though_a_verdict_cannot_be_committed() -> None:
    rig = Rig()

    async def story() -> None:
        rig.add(message(1))
        await asyncio.sleep(0.05)
        rig.journal.is_writable = False
        await asyncio.sleep(1)

    rig.play(story())
    assert rig.world.now < 10
    assert rig.told.count("verdict_uncommitted") == 1


def test_withdrawn_message_is_not_attempted() -> None:
    rig = Rig(lambda _: Says(500))

    async def story() -> None:
        rig.add(message(1))
        await asyncio.sleep(1)
        assert rig.dispatcher.withdraw(1)
        await asyncio.sleep(30)

    rig.play(story())
    assert len(rig.partner.of(1)) == 1
    assert rig.dispatcher.stats().waiting == 0


def test_message_withdrawn_in_flight_ends_its_attempt_and_is_not_repeated() -> None:
    rig = Rig(lambda _: Says(500, delay=2))

    async def story() -> None:
        rig.add(message(1))
        await asyncio.sleep(1)
        assert not rig.dispatcher.withdraw(1)
        await asyncio.sleep(30)

    rig.play(story())
    assert len(rig.partner.of(1)) == 1
    assert len(rig.journal.failures) == 1


def test_message_added_again_while_in_flight_goes_on_without_overlap() -> None:
    rig = Rig(lambda _: Says(500, delay=2))

    async def story() -> None:
        rig.add(message(1))
        await asyncio.sleep(1)
        rig.dispatcher.withdraw(1)
        rig.add(message(1))
        await asyncio.sleep(12)

    rig.play(story())
    assert rig.begins(1) == [0.0, 12.0]


def test_key_alarm_begins_once_and_ends_once_with_a_corrected_key() -> None:
    rig = Rig(lambda _: Says(401, delay=0.1))

    async def corrected(message: Outgoing) -> object:
        rig.partner.script = lambda _: Says()
        return await rig.partner.push(message)

    async def story() -> None:
        rig.add(*numbered(5))
        await asyncio.sleep(35)
        assert rig.dispatcher.stats().alarms == (Alarm.KEY,)
        rig.dispatcher.reload(ForwardingSettings(), corrected)  # type: ignore[arg-type]
        await asyncio.sleep(10)

    rig.play(story())
    assert len(rig.journal.settled) == 5
    assert (rig.told.count("partner_alarm"), rig.told.count("partner_alarm_ended")) == (1, 1)
    assert rig.dispatcher.stats().alarms == ()


def test_alarm_of_one_number_does_not_flap_while_others_are_delivered() -> None:
    rig = Rig(lambda request: Says(403) if request.message.sms_id == 1 else Says())

    async def story() -> None:
        rig.add(message(1))
        for sms_id in range(2, 60):
            rig.add(message(sms_id, "79000000002", fresh=True))
            await asyncio.sleep(2)

    rig.play(story())
    assert (rig.told.count("partner_alarm"), rig.told.count("partner_alarm_ended")) == (1, 0)


def test_answers_that_take_nothing_and_name_no_error_are_told_until_one_is_taken() -> None:
    rig = Rig(lambda request: Says(404 if request.message.sms_id % 2 else 503))

    async def story() -> None:
        rig.add(*numbered(2))
        await asyncio.sleep(60)
        assert rig.dispatcher.stats().fruitless is None, "two may be what the server chokes on"
        rig.add(message(3))
        await asyncio.sleep(60)
        streak = rig.dispatcher.stats().fruitless
        assert streak is not None and (streak.messages, streak.statuses) == (3, (404, 503))
        assert 119 < streak.seconds <= 121
        rig.dispatcher.withdraw(3)
        assert rig.dispatcher.stats().fruitless is None, "what is pushed no more counts no more"
        rig.add(message(4))
        await asyncio.sleep(15)
        assert rig.dispatcher.stats().fruitless is not None
        rig.partner.script = lambda _: Says()
        await asyncio.sleep(15)
        assert rig.dispatcher.stats().fruitless is None

    rig.play(story())


@pytest.mark.parametrize("other", [Says(), Says(400, "NO_OPERATION"), Says(400, "IGNORED")])
def test_messages_that_the_server_chokes_on_while_others_get_on_are_no_streak(other: Says) -> None:
    rig = Rig(lambda request: Says(500) if request.message.sms_id <= 3 else other)

    async def story() -> None:
        for sms_id in range(1, 40):
            rig.add(message(sms_id, str(79000000000 + sms_id), fresh=True))
            await asyncio.sleep(2)
            streak = rig.dispatcher.stats().fruitless
            assert sms_id < 4 or streak is None or streak.seconds < 5
        rig.dispatcher.withdraw(1)

    rig.play(story())


def test_reload_changes_the_places_at_once() -> None:
    rig = Rig(lambda _: Says(delay=1.0), max_in_flight=1)

    async def story() -> None:
        rig.add(*numbered(100))
        await asyncio.sleep(2.5)
        assert rig.partner.most_at_once == 1
        rig.dispatcher.reload(ForwardingSettings(max_in_flight=40), rig.partner.push)
        await asyncio.sleep(1)

    rig.play(story())
    assert rig.partner.most_at_once == 30


def test_journal_that_refuses_to_freeze_means_that_nothing_was_sent() -> None:
    rig = Rig()

    async def refuse(sms_ids: object) -> None:
        raise JournalError("closed")

    rig.journal.freeze = refuse  # type: ignore[method-assign]
    rig.push_for(3, message(1, frozen=False))
    assert rig.partner.requests == []
    assert rig.journal.failures == []


def test_number_that_changes_before_the_request_begins_is_the_one_that_is_pushed() -> None:
    rig = Rig(lambda _: Says())

    async def story() -> None:
        rig.add(message(1, "79000000001", frozen=False))
        await asyncio.sleep(0.001)  # its attempt has a place, and waits to be frozen
        rig.dispatcher.withdraw(1)
        rig.add(message(1, "79000000002", frozen=False))
        rig.add(message(2, "79000000001", frozen=False))
        await asyncio.sleep(0.001)
        rig.dispatcher.withdraw(2)
        await asyncio.sleep(30)

    rig.play(story())
    assert [request.message.phone for request in rig.partner.of(1)] == ["79000000002"]
    assert not rig.partner.of(2)


def test_no_more_is_pushed_than_the_journal_keeps_up_with() -> None:
    rig = Rig(lambda _: Says(delay=0.001))

    async def story() -> None:
        rig.journal.pace = 0.5  # a slow card: each commit takes half a second
        rig.add(*numbered(400))
        rig.add(message(1000, due=rig.world.now + 3))
        await asyncio.sleep(2)
        assert len(rig.partner.requests) - len(rig.journal.settled) <= MOST + 16
        rounds = rig.dispatcher.beats
        rig.journal.pace = 20.0
        await asyncio.sleep(10)
        assert rig.dispatcher.beats - rounds < 400, "it sleeps while it waits for commits"
        rig.journal.pace = 0.5
        await asyncio.sleep(60)

    rig.play(story())
    assert len(rig.journal.settled) == 401
