"""The schedule against a naive model: lists, and every rule written out as a condition."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gsmbridge.forwarding.reach import Reach
from gsmbridge.forwarding.schedule import FRESH_FOR, Schedule
from gsmbridge.message import Outgoing
from tests.forwarding.rig import message

INTERVAL = 10.0
PHONES = [f"7900000000{i}" for i in range(5)]


@dataclass
class Waits:
    message: Outgoing
    kind: str
    since: float
    key: float
    place: int
    """First come, first served among equals."""


class ScheduleAgainstModel(RuleBasedStateMachine):
    """While the server answers: whatever `begin` gives is what the rules give."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.places = 8
        self.schedule = Schedule(INTERVAL, self.places)
        self.waits: list[Waits] = []
        self.flights: dict[int, tuple[Outgoing, bool]] = {}
        self.turns = ["retry", "backlog", "ignored"]
        self.next_id = 1
        self.counted = 0

    def put(self, outgoing: Outgoing, ignored: bool = False) -> None:
        if outgoing.due is not None and outgoing.due > self.now:
            kind, key = ("ignored" if ignored else "retry"), outgoing.due
        elif outgoing.fresh:
            kind, key = "fresh", self.now
        else:
            kind, key = "backlog", outgoing.order
        self.counted += 1
        self.waits.append(Waits(outgoing, kind, self.now, key, self.counted))

    @rule(phone=st.sampled_from(PHONES), fresh=st.booleans(), order=st.integers(0, 5))
    def arrives(self, phone: str, fresh: bool, order: int) -> None:
        outgoing = message(self.next_id, phone, fresh=fresh, order=float(order))
        self.next_id += 1
        self.schedule.add(outgoing, self.now)
        self.put(outgoing)

    @rule(data=st.data(), outcome=st.sampled_from(["done", "failed", "ignored"]))
    @precondition(lambda self: self.flights)
    def attempt_ends(self, data: st.DataObject, outcome: str) -> None:
        sms_id = data.draw(st.sampled_from(sorted(self.flights)))
        outgoing, _ = self.flights.pop(sms_id)
        self.schedule.end(sms_id)
        if outcome != "done":
            again = replace(outgoing, attempts=1, due=self.now + INTERVAL, fresh=False)
            self.schedule.add(again, self.now, ignored=outcome == "ignored")
            self.put(again, ignored=outcome == "ignored")

    @rule(data=st.data())
    @precondition(lambda self: self.waits)
    def is_withdrawn(self, data: st.DataObject) -> None:
        gone = data.draw(st.sampled_from(sorted(w.message.sms_id for w in self.waits)))
        assert self.schedule.remove(gone) is not None
        self.waits = [w for w in self.waits if w.message.sms_id != gone]

    @rule(data=st.data(), fresh=st.booleans(), order=st.integers(0, 5))
    @precondition(lambda self: self.waits)
    def is_added_again(self, data: st.DataObject, fresh: bool, order: int) -> None:
        waits = data.draw(st.sampled_from(sorted(self.waits, key=lambda w: w.message.sms_id)))
        again = replace(waits.message, fresh=fresh, order=float(order), due=None, attempts=0)
        if waits.kind == "fresh":
            return  # how long it has been fresh would have two answers
        self.schedule.add(again, self.now)
        self.waits.remove(waits)
        self.put(again)

    @rule(seconds=st.sampled_from([0.5, 2.0, 5.0, 10.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(places=st.sampled_from([1, 2, 4, 8, 16]))
    def places_change(self, places: int) -> None:
        self.places = places
        self.schedule.configure(INTERVAL, places)

    @rule(times=st.integers(1, 12))
    def begins(self, times: int) -> None:
        for _ in range(times):
            expected = self.model_begin()
            begun = self.schedule.begin(self.now)
            assert (begun and begun.sms_id) == (expected and expected.sms_id)

    def model_begin(self) -> Outgoing | None:
        for waits in sorted(self.waits, key=lambda w: (w.since, w.place)):
            if waits.kind == "fresh" and waits.since <= self.now - FRESH_FOR:
                self.counted += 1
                waits.kind, waits.key, waits.place = "backlog", waits.message.order, self.counted
        if len(self.flights) >= self.places:
            return None
        quarter = max(1, self.places // 4)
        per_number = Counter(m.phone for m, _ in self.flights.values())
        found = self.first("fresh", lambda phone: per_number[phone] < quarter)
        if found is None:
            not_fresh = Counter(m.phone for m, fresh in self.flights.values() if not fresh)
            if sum(not_fresh.values()) >= max(1, self.places * 3 // 4):
                return None
            limit = max(1, quarter * 3 // 4)
            for kind in self.turns:
                found = self.first(
                    kind, lambda phone: per_number[phone] < quarter and not_fresh[phone] < limit
                )
                if found is not None:
                    self.turns.remove(kind)
                    self.turns.append(kind)
                    break
        if found is None:
            return None
        self.waits.remove(found)
        self.flights[found.message.sms_id] = (found.message, found.kind == "fresh")
        return found.message

    def first(self, kind: str, has_room) -> Waits | None:  # type: ignore[no-untyped-def]
        ready = [
            w
            for w in self.waits
            if w.kind == kind
            and has_room(w.message.phone)
            and (w.message.due is None or w.message.due <= self.now)
        ]
        return min(ready, key=lambda w: (w.key, w.place), default=None)

    @invariant()
    def counts_agree(self) -> None:
        assert self.schedule.waiting == len(self.waits)
        assert self.schedule.in_flight == len(self.flights)


ScheduleAgainstModel.TestCase.settings = settings(
    max_examples=60, stateful_step_count=60, deadline=None
)
TestScheduleAgainstModel = ScheduleAgainstModel.TestCase


def begin_all(schedule: Schedule, now: float) -> list[int]:
    begun = []
    while (outgoing := schedule.begin(now)) is not None:
        begun.append(outgoing.sms_id)
    return begun


def test_fresh_may_use_every_place_and_the_rest_three_quarters() -> None:
    schedule = Schedule(INTERVAL, 16)
    for i in range(1, 101):
        schedule.add(message(i, f"7900{i:07d}"), 0.0)
    assert begin_all(schedule, 0.0) == list(range(1, 13))
    for i in range(101, 201):
        schedule.add(message(i, f"7900{i:07d}", fresh=True), 0.0)
    assert begin_all(schedule, 0.0) == [101, 102, 103, 104]


def test_one_place_is_enough_for_everything() -> None:
    schedule = Schedule(INTERVAL, 1)
    schedule.add(message(1), 0.0)
    schedule.add(message(2, fresh=True), 0.0)
    assert begin_all(schedule, 0.0) == [2]
    schedule.end(2)
    assert begin_all(schedule, 0.0) == [1]


def test_wake_time_is_the_first_due_time_of_what_still_waits() -> None:
    schedule = Schedule(INTERVAL, 16)
    for i, due in ((1, 30.0), (2, 10.0), (3, 20.0)):
        schedule.add(message(i, attempts=1, due=due), 0.0)
    schedule.remove(2)
    assert schedule.begin(0.0) is None
    assert schedule.wake_at(0.0) == 20.0


def test_added_again_a_message_waits_once_and_by_its_new_time() -> None:
    schedule = Schedule(INTERVAL, 16)
    schedule.add(message(1, attempts=1, due=10.0), 0.0)
    schedule.add(message(1, attempts=1, due=None), 0.0)
    assert begin_all(schedule, 0.0) == [1]
    assert begin_all(schedule, 50.0) == []
    assert schedule.waiting == 0


def test_added_again_with_a_later_time_a_message_does_not_begin_at_the_earlier_one() -> None:
    schedule = Schedule(INTERVAL, 16)
    schedule.add(message(1, attempts=1, due=10.0), 0.0)
    schedule.add(message(1, attempts=2, due=20.0), 0.0)
    assert begin_all(schedule, 19.9) == []
    assert begin_all(schedule, 20.0) == [1]


def unreachable_schedule(waiting: int, phones: int = 10) -> Schedule:
    """Unreachable since 0, its first probe due at 10, and all in flight over."""
    schedule = Schedule(INTERVAL, 16)
    for i in range(1, waiting + 1):
        schedule.add(message(i, f"7900{i % phones:07d}"), 0.0)
    for sms_id in begin_all(schedule, 0.0):
        schedule.end(sms_id)
        schedule.reach.silent(sms_id, f"7900{sms_id % phones:07d}", 0.0, 0.0)
    assert schedule.reach.unreachable_since == 0.0
    return schedule


def test_only_one_probe_is_under_way_however_long_it_takes() -> None:
    schedule = unreachable_schedule(40)
    assert schedule.wake_at(0.0) == 10.0
    assert begin_all(schedule, 9.99) == []
    assert len(begin_all(schedule, 10.0)) == 1
    assert schedule.wake_at(10.0) is None
    assert begin_all(schedule, 35.0) == []


def test_waking_never_spins_while_a_probe_has_nothing_to_send() -> None:
    schedule = unreachable_schedule(12)
    assert schedule.waiting == 0
    assert schedule.wake_at(50.0) is None
    schedule.add(message(99, attempts=1, due=60.0), 50.0)
    assert schedule.begin(50.0) is None
    assert schedule.wake_at(50.0) == 60.0


def test_silence_of_attempts_from_before_the_last_answer_proves_nothing() -> None:
    reach = Schedule(INTERVAL, 16).reach
    reach.answered(20.0)
    for sms_id in range(1, 10):
        assert not reach.silent(sms_id, PHONES[sms_id % 5], began=0.0, now=30.0)
    assert [reach.silent(i, PHONES[i % 5], began=21.0, now=31.0) for i in range(3)][-1]


def test_three_messages_of_one_number_are_not_enough() -> None:
    reach = Schedule(INTERVAL, 16).reach
    assert not any(reach.silent(i, PHONES[0], 0.0, 1.0) for i in range(50))
    assert reach.silent(51, PHONES[1], 0.0, 1.0)


def test_one_message_of_each_of_two_numbers_is_not_enough() -> None:
    reach = Schedule(INTERVAL, 16).reach
    assert not any(reach.silent(i % 2, PHONES[i % 2], 0.0, 1.0) for i in range(50))


def test_what_arrives_again_is_fresh_from_then_on() -> None:
    schedule = Schedule(INTERVAL, 4)  # one place a number
    schedule.add(message(1, fresh=True), 1000.0)
    assert schedule.begin(1000.0) is not None
    schedule.add(message(2, fresh=True, order=5.0), 1000.0)
    schedule.remove(2)
    schedule.add(message(3, fresh=False, order=1.0), 1001.0)
    schedule.add(message(2, fresh=True, order=5.0), 1001.0)
    schedule.end(1)
    begun = schedule.begin(1002.5)  # over two seconds after its first arrival, not its second
    assert begun is not None and begun.sms_id == 2


def test_a_fresh_message_that_its_number_held_back_begins_when_a_place_is_free() -> None:
    schedule = Schedule(INTERVAL, 4)
    for number in (1, 2):
        schedule.add(message(number, fresh=True), 0.0)
    first = schedule.begin(0.0)
    assert first is not None
    assert schedule.begin(0.0) is None
    schedule.end(first.sms_id)
    second = schedule.begin(0.1)
    assert second is not None
    assert second.sms_id == 2


def test_what_answered_since_tells_nothing_of_silence_from_before() -> None:
    reach = Reach(INTERVAL, 16)
    reach.silent(1, "one number", 0.0, 1.0)
    reach.answered(2.0)
    for number in range(2, 6):
        assert not reach.silent(number, "another number", 1.0 + number, 2.0 + number)
