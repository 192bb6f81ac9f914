"""Which message is attempted next, and when. Pure: times are monotonic seconds, passed in.

Order: what arrives now comes first. The rest shares three quarters of the places by turns: due
retries, backlog (oldest first), and messages that the partner keeps ignoring, so that however
many there are of one, each of the others gets its share. One number holds at most a quarter of the
places, and what isn't fresh three quarters of those, for the same reason: a first attempt finds a
place. When the partner can't be reached, `Reach` has the last word.
"""

from __future__ import annotations

import heapq
import itertools
from collections import Counter, deque

from gsmbridge.forwarding.lane import Lane
from gsmbridge.forwarding.reach import Reach
from gsmbridge.message import Outgoing

FRESH_FOR = 2.0
"""Seconds for which an arrival that found no place goes before the backlog; then it joins it.
Without this, all that came during an outage would stand in the way of what arrives after it."""


class Schedule:
    """Every message that is to be pushed: waiting, or in flight. All steps are O(log n)."""

    def __init__(self, retry_interval: float, max_in_flight: int) -> None:
        self.reach = Reach(retry_interval, max_in_flight)
        self._messages: dict[int, Outgoing] = {}
        """Those that wait; an attempt takes its message out."""
        self._fresh, self._backlog, self._retries, self._ignored = Lane(), Lane(), Lane(), Lane()
        self._turns = deque([self._retries, self._backlog, self._ignored])
        self._arrivals: deque[tuple[float, int, int]] = deque()
        """(time, sequence, message) of the fresh; dead where `_arrived` says otherwise."""
        self._arrived: dict[int, int] = {}
        self._later: list[tuple[float, int, int]] = []
        """Heap of (due, sequence, message); dead where `_due` says otherwise."""
        self._due: dict[int, tuple[int, Lane]] = {}
        """Of those not due yet: sequence number, and the lane they will join."""
        self._sequence = itertools.count()
        self._in_flight: dict[int, tuple[str, bool]] = {}
        """Phone number, and whether it began as a fresh one."""
        self._per_number: Counter[str] = Counter()
        self._not_fresh: Counter[str] = Counter()
        self._in_flight_not_fresh = 0
        self._configure(max_in_flight)

    def configure(self, retry_interval: float, max_in_flight: int) -> None:
        """Go on with other settings; what is in flight stays."""
        self.reach.probe_interval = retry_interval
        self.reach.max_in_flight = max_in_flight
        self._configure(max_in_flight)
        for lane in (self._fresh, *self._turns):
            lane.call_back_all()

    def _configure(self, max_in_flight: int) -> None:
        self._limit = max_in_flight
        self._limit_not_fresh = max(1, max_in_flight * 3 // 4)
        self._number_limit = max(1, max_in_flight // 4)
        self._number_limit_not_fresh = max(1, self._number_limit * 3 // 4)

    @property
    def waiting(self) -> int:
        return len(self._messages)

    @property
    def in_flight(self) -> int:
        return len(self._in_flight)

    def oldest(self) -> float | None:
        """The smallest `order` (Unix time) of those that wait. O(n): for status only."""
        return min((message.order for message in self._messages.values()), default=None)

    def add(self, message: Outgoing, now: float, ignored: bool = False) -> None:
        """Schedule a message that is not in flight; one that waits already is scheduled anew.

        *ignored*: the partner answered that it does not care for it, and is likely to again.
        """
        sms_id = message.sms_id
        self.remove(sms_id)
        self._messages[sms_id] = message
        if message.due is not None and message.due > now:
            sequence = next(self._sequence)
            lane = self._ignored if ignored else self._retries
            self._due[sms_id] = (sequence, lane)
            heapq.heappush(self._later, (message.due, sequence, sms_id))
        elif message.attempts:
            self._retries.push(message.due or now, message.phone, sms_id)
        elif message.fresh:
            sequence = next(self._sequence)
            self._fresh.push(now, message.phone, sms_id)
            self._arrived[sms_id] = sequence
            self._arrivals.append((now, sequence, sms_id))
        else:
            self._backlog.push(message.order, message.phone, sms_id)

    def remove(self, sms_id: int) -> Outgoing | None:
        """Take out a message that waits; None if it doesn't."""
        message = self._messages.pop(sms_id, None)
        if message is not None and self._due.pop(sms_id, None) is None:
            for lane in (self._fresh, *self._turns):
                lane.discard(sms_id)
        return message

    def begin(self, now: float) -> Outgoing | None:
        """The message to attempt now, which is in flight from here on; None: none may begin."""
        self._join_lanes(now)
        if len(self._in_flight) >= self._limit or not self.reach.room(now):
            return None
        sms_id = self._fresh.take(self._has_room)
        fresh = sms_id is not None
        if sms_id is None:
            sms_id = self._take_by_turns()
        if sms_id is None:
            return None
        message = self._messages.pop(sms_id)
        self._in_flight[sms_id] = (message.phone, fresh)
        self._per_number[message.phone] += 1
        self._not_fresh[message.phone] += not fresh
        self._in_flight_not_fresh += not fresh
        self.reach.begun(sms_id, now)
        return message

    def end(self, sms_id: int) -> None:
        """The attempt is over and its place free. The message is gone unless added again."""
        phone, fresh = self._in_flight.pop(sms_id)
        _decrement(self._per_number, phone, 1)
        _decrement(self._not_fresh, phone, not fresh)
        self._in_flight_not_fresh -= not fresh
        self.reach.ended(sms_id)
        for lane in (self._fresh, *self._turns):
            lane.call_back(phone)

    def wake_at(self, now: float) -> float | None:
        """The next time at which `begin`, which has just found nothing, may find something
        without any other call before; None: not by waiting."""
        while self._later and not self._is_awaited(self._later[0]):
            heapq.heappop(self._later)
        due = self._later[0][0] if self._later else None
        if self.reach.unreachable_since is None:
            return due
        probe = self.reach.next_probe()
        if probe is None:
            return None
        if probe <= now:  # a probe may begin, but no message can: all are awaited or without room
            return due
        if len(self._messages) > len(self._due):
            return probe
        return max(probe, due) if due is not None else None

    def _has_room(self, phone: str) -> bool:
        return self._per_number[phone] < self._number_limit

    def _has_room_not_fresh(self, phone: str) -> bool:
        return (
            self._per_number[phone] < self._number_limit
            and self._not_fresh[phone] < self._number_limit_not_fresh
        )

    def _take_by_turns(self) -> int | None:
        """The first of the lane that has waited longest for its turn."""
        if self._in_flight_not_fresh >= self._limit_not_fresh:
            return None
        for lane in self._turns:
            sms_id = lane.take(self._has_room_not_fresh)
            if sms_id is not None:
                self._turns.remove(lane)
                self._turns.append(lane)
                return sms_id
        return None

    def _join_lanes(self, now: float) -> None:
        """What has become due joins its lane; what is no longer fresh, the backlog."""
        while self._later and self._later[0][0] <= now:
            item = heapq.heappop(self._later)
            due, _, sms_id = item
            if self._is_awaited(item):
                _, lane = self._due.pop(sms_id)
                lane.push(due, self._messages[sms_id].phone, sms_id)
        while self._arrivals and self._arrivals[0][0] <= now - FRESH_FOR:
            _, sequence, sms_id = self._arrivals.popleft()
            if self._arrived.get(sms_id) != sequence:
                continue  # it has arrived again since, and is fresh for longer
            del self._arrived[sms_id]
            if sms_id in self._fresh:
                self._fresh.discard(sms_id)
                message = self._messages[sms_id]
                self._backlog.push(message.order, message.phone, sms_id)

    def _is_awaited(self, item: tuple[float, int, int]) -> bool:
        _, sequence, sms_id = item
        return sms_id in self._due and self._due[sms_id][0] == sequence


def _decrement(counter: Counter[str], phone: str, by: int) -> None:
    counter[phone] -= by
    if not counter[phone]:
        del counter[phone]
