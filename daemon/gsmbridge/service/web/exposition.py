"""Prometheus' text format: how things stand, as metrics, beside what `Measures` counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from gsmbridge import __version__
from gsmbridge.message import State
from gsmbridge.modem.network import REGISTERED
from gsmbridge.modem.status import ModemStatus
from gsmbridge.printable import printable
from gsmbridge.service.alarms import KINDS, Alarm
from gsmbridge.service.web.snapshot import Books, Snapshot
from gsmbridge.service.web.words import is_modem

LONGEST_LABEL = 64
"""Characters of a value that a modem gave."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What the log counted."""

    events: Mapping[str, int]
    """By kind."""
    lost: int
    """Lines that could not be written."""


def exposition(
    registry: CollectorRegistry,
    now: Snapshot,
    books: Books,
    alarms: Sequence[Alarm],
    counts: Counts,
) -> bytes:
    """The answer to a scrape: what *registry* holds, and how things stand."""
    states = CollectorRegistry()
    states.register(States(now, books, alarms, counts))
    return generate_latest(registry) + generate_latest(states)


class States(Collector):
    """One moment's figures."""

    def __init__(
        self, now: Snapshot, books: Books, alarms: Sequence[Alarm], counts: Counts
    ) -> None:
        self._now = now
        self._books = books
        self._alarms = alarms
        self._counts = counts

    def collect(self) -> Iterator[Metric]:
        yield InfoMetricFamily("gsmbridge_build", "The program.", {"version": __version__})
        yield from self._queue()
        yield from self._forwarding()
        yield from self._standing()
        yield from _modems(self._now.modems, self._books)
        yield from self._program()

    def _queue(self) -> Iterator[Metric]:
        queue = self._books.queue
        yield _gauge(
            "gsmbridge_messages",
            "Messages in the journal, by state.",
            ("state",),
            (((state.value,), queue.get(state.value, 0)) for state in State) if queue else (),
        )
        oldest = self._books.oldest_pending
        yield _one(
            "gsmbridge_oldest_pending_seconds",
            "Since the oldest message that is still to be pushed was read; 0 where none is.",
            0.0 if oldest is None else max(0.0, self._now.at - oldest),
        )

    def _forwarding(self) -> Iterator[Metric]:
        stats = self._now.stats
        yield _one("gsmbridge_waiting", "Messages to be attempted, now or later.", stats.waiting)
        yield _one("gsmbridge_in_flight", "Attempts under way.", stats.in_flight)
        yield _one("gsmbridge_settling", "Verdicts not committed yet.", stats.settling)
        yield _count("gsmbridge_attempts", "Attempts begun.", stats.attempts)
        yield _counter(
            "gsmbridge_push_errors",
            "Attempts that failed or were refused, by error token or kind of failure.",
            ("error",),
            (((error,), count) for error, count in stats.errors),
        )
        yield _one(
            "gsmbridge_last_delivery_timestamp_seconds",
            "Unix time of the latest status 200; 0 where none is known.",
            max(stats.last_success or 0.0, self._books.last_delivery or 0.0),
        )

    def _standing(self) -> Iterator[Metric]:
        standing = Counter(alarm.kind for alarm in self._alarms)
        yield _gauge(
            "gsmbridge_alarms",
            "Alarms that stand, by kind (docs/operations.md).",
            ("kind",),
            (((kind,), standing[kind]) for kind in KINDS),
        )

    def _program(self) -> Iterator[Metric]:
        events = sorted(self._counts.events.items())
        yield _counter(
            "gsmbridge_events",
            "Events by kind (docs/logs.md).",
            ("event",),
            (((name,), count) for name, count in events),
        )
        yield _count("gsmbridge_log_lines_lost", "Log lines nobody took.", self._counts.lost)
        faults = self._now.crashes + self._now.stats.faults
        yield _count("gsmbridge_faults", "Faults of the program that it got over.", faults)
        yield _one("gsmbridge_numbers", "Numbers of the config, enabled.", self._now.numbers)


def _modems(modems: tuple[ModemStatus, ...], books: Books) -> Iterator[Metric]:
    info = InfoMetricFamily(
        "gsmbridge_modem",
        "What is known of a modem: join it to the others on modem.",
        labels=("modem",),
    )
    for each in modems:
        info.add_metric((label(each.path),), _about(each))
    yield info
    yield _gauge(
        "gsmbridge_modem_up",
        "1 where the modem is ready; absent for a port that never showed one, or a second one.",
        ("modem",),
        (((label(m.path),), float(m.phase == "ready")) for m in modems if is_modem(m)),
    )
    yield _gauge(
        "gsmbridge_modem_phase",
        "1 for the phase that the modem is in.",
        ("modem", "phase"),
        (((label(m.path), m.phase), 1.0) for m in modems),
    )
    yield _gauge(
        "gsmbridge_modem_registered",
        "1 where the modem is registered in its network, at home or roaming.",
        ("modem",),
        (((label(m.path),), float(m.registration in REGISTERED)) for m in modems if m.registration),
    )
    yield _known(
        "gsmbridge_modem_signal_dbm",
        "Received signal strength.",
        ((m, m.signal) for m in modems),
    )
    yield _known(
        "gsmbridge_sim_slots_used",
        "Occupied slots of the message store.",
        ((m, m.used) for m in modems),
    )
    yield _known(
        "gsmbridge_sim_slots",
        "Slots of the message store.",
        ((m, m.total) for m in modems),
    )
    yield _known(
        "gsmbridge_modem_last_sms_timestamp_seconds",
        "Unix time at which the SIM last had a message that was new.",
        ((m, books.heard(m)) for m in modems),
    )
    yield _known(
        "gsmbridge_modem_alarms",
        "Conditions that the modem has been in for long.",
        ((m, len(m.alarms)) for m in modems),
    )
    yield _counter(
        "gsmbridge_modem_resets",
        "Resets.",
        ("modem",),
        (((label(m.path),), m.resets) for m in modems),
    )
    yield _counter(
        "gsmbridge_modem_recoveries",
        "Tries to recover the modem, by rung of the ladder (docs/recovery.md).",
        ("modem", "rung"),
        (((label(m.path), rung), count) for m in modems for rung, count in m.recoveries),
    )


def _about(modem: ModemStatus) -> dict[str, str]:
    known = {
        "phone": modem.phone,
        "iccid": modem.iccid,
        "imei": modem.imei,
        "manufacturer": modem.manufacturer,
        "model": modem.model,
        "operator": modem.operator,
    }
    return {name: label(value or "") for name, value in known.items()}


def label(value: str) -> str:
    """A value of a label that others chose: printable, and not long. The client library escapes
    quotes and backslashes."""
    return printable(value[:LONGEST_LABEL])


Labelled = Iterable[tuple[tuple[str, ...], float]]


def _gauge(name: str, meaning: str, labels: tuple[str, ...], values: Labelled) -> Metric:
    family = GaugeMetricFamily(name, meaning, labels=labels)
    for labelled, value in values:
        family.add_metric(labelled, value)
    return family


def _counter(name: str, meaning: str, labels: tuple[str, ...], values: Labelled) -> Metric:
    family = CounterMetricFamily(name, meaning, labels=labels)
    for labelled, value in values:
        family.add_metric(labelled, value)
    return family


def _known(name: str, meaning: str, values: Iterable[tuple[ModemStatus, float | None]]) -> Metric:
    """A gauge of the modems for which the value is known."""
    known = (((label(modem.path),), value) for modem, value in values if value is not None)
    return _gauge(name, meaning, ("modem",), known)


def _one(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(name, meaning, value=value)


def _count(name: str, meaning: str, value: float) -> Metric:
    return CounterMetricFamily(name, meaning, value=value)
