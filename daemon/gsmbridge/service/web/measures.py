"""What is counted and timed as it happens: pushes by number, how long things take.

Events pass through `Measures` on their way to the log, attempts on their way to the client,
transactions on their way to the disk: nothing of the bridge knows that it is measured.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

from gsmbridge.clock import Clock
from gsmbridge.events import Events, Kind, Level
from gsmbridge.forwarding import events as forwarding
from gsmbridge.forwarding.push import Attempt, Push
from gsmbridge.journal import events as journal
from gsmbridge.journal.writer import Disk, Operation
from gsmbridge.message import Outgoing
from gsmbridge.service.bridge import Surroundings
from gsmbridge.service.log import line_of

MOST_NUMBERS = 2048
"""Numbers with figures of their own: what a SIM says of itself must not fill the memory."""
OTHER = "other"
"""The number under which those beyond are counted."""
MOST_UNATTEMPTED = 10_000
"""Messages remembered from their arrival to their first attempt."""
REMEMBERED = 12
"""Warnings and errors kept for the status page."""

OUTCOMES = {
    forwarding.DELIVERED.name: "delivered",
    forwarding.REFUSED.name: "refused",
    forwarding.FAILED.name: "failed",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A warning or an error as it was told."""

    at: float
    """Unix time."""
    level: Level
    line: str


class Measures:
    """Implements `events.Events` in front of the log."""

    def __init__(self, log: Events, clock: Clock) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._log = log
        self._clock = clock
        self._arrived: OrderedDict[object, float] = OrderedDict()
        self._numbers: dict[str, None] = {}
        self.recent: deque[Told] = deque(maxlen=REMEMBERED)
        self.registry = CollectorRegistry()
        self._pushes = Counter(
            "gsmbridge_pushes",
            "Attempts that ended, by number and outcome: delivered, refused or failed.",
            ("phone", "outcome"),
            registry=self.registry,
        )
        self._attempts = self._histogram(
            "gsmbridge_attempt_duration_seconds",
            "From the beginning of an attempt to its HTTP status, or to its failure.",
            (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
        )
        self._first = self._histogram(
            "gsmbridge_first_attempt_delay_seconds",
            "From a message's being journalled to its first attempt.",
            (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 10, 60),
        )
        self._delivery = self._histogram(
            "gsmbridge_delivery_delay_seconds",
            "From the service centre's time stamp, where plausible, else the reading, to status"
            " 200. The stamp is in whole seconds of the operator's clock.",
            (1, 2, 3, 5, 10, 20, 30, 60, 120, 300, 900, 3600, 86400),
        )
        self._commits = self._histogram(
            "gsmbridge_journal_commit_seconds",
            "One transaction of the journal, sync included.",
            (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
        )

    def emit(self, kind: Kind, /, **fields: object) -> None:
        """See `Events.emit`."""
        self._log.emit(kind, **fields)
        if kind.level <= Level.WARNING:
            self.recent.append(Told(self._clock.wall(), kind.level, line_of(kind, fields)))
        if kind is journal.RECEIVED:
            self._received(fields["sms_id"])
        elif (outcome := OUTCOMES.get(kind.name)) is not None:
            self._pushes.labels(self._number(str(fields["phone"])), outcome).inc()

    def around(self, around: Surroundings) -> Surroundings:
        """What a bridge touches, measured."""
        return replace(
            around,
            log=self,
            disk=self.timed_disk(around.disk),
            push=lambda config: self.timed_push(around.push(config)),
        )

    def timed_push(self, push: Push) -> Push:
        """*push*, its attempts timed."""

        async def timed(message: Outgoing) -> Attempt:
            began = self._clock.monotonic()
            if (arrived := self._arrived.pop(message.sms_id, None)) is not None:
                self._first.observe(began - arrived)
            try:
                attempt = await push(message)
            finally:
                self._attempts.observe(self._clock.monotonic() - began)
            if attempt.status == 200:
                self._delivery.observe(max(0.0, self._clock.wall() - message.order))
            return attempt

        return timed

    def timed_disk(self, disk: Disk) -> Disk:
        """*disk*, its transactions timed."""
        return _TimedDisk(disk, self._commits)

    def _received(self, sms_id: object) -> None:
        self._arrived[sms_id] = self._clock.monotonic()
        if len(self._arrived) > MOST_UNATTEMPTED:
            self._arrived.popitem(last=False)

    def _number(self, phone: str) -> str:
        if phone not in self._numbers:
            if len(self._numbers) >= MOST_NUMBERS:
                return OTHER
            self._numbers[phone] = None
        return phone

    def _histogram(self, name: str, meaning: str, buckets: Sequence[float]) -> Histogram:
        return Histogram(name, meaning, buckets=buckets, registry=self.registry)


class _TimedDisk:
    """See `writer.Disk`. Works in the writer's thread, where a simulated clock has no say."""

    def __init__(self, disk: Disk, commits: Histogram) -> None:
        self._disk = disk
        self._commits = commits

    def transact(self, operations: Sequence[Operation]) -> list[Any]:
        began = time.perf_counter()
        results = self._disk.transact(operations)
        self._commits.observe(time.perf_counter() - began)
        return results

    def recover(self) -> None:
        self._disk.recover()

    def scrub(self) -> None:
        self._disk.scrub()
