"""What is wrong and lasts: one list, for `status`, for whoever is to be told, for the daily line.

Pure: what is looked at is passed in, and so is the time. No text of a message, no key and no PIN is
in any of it. What each kind means and what to do about it: docs/operations.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field

from gsmbridge.config.schema import Number
from gsmbridge.forwarding.events import ALARM_HINTS
from gsmbridge.forwarding.fruitless import Streak
from gsmbridge.forwarding.stats import Stats
from gsmbridge.modem.status import ModemStatus

Key = tuple[str, str]

KINDS = (
    "partner_unreachable",
    *(f"partner_{alarm.value}" for alarm in ALARM_HINTS),
    "nothing_accepted",
    "journal_unwritable",
    "modem_down",
    "number_missing",
    "sim_full",
    "not_registered",
    "messages_held",
)

HELD = ("unassigned", "stale", "unreadable")
"""States in which a message waits for a person."""

SHORTEST = 18
"""Digits of an ICCID at least (`iccid.canonical`)."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that is wrong for as long as this stands."""

    kind: str
    subject: str
    """A port or a number; empty where it concerns the host."""
    what: str
    """One line for people, as it is now."""
    since: float = 0.0
    """Unix time at which it was first seen, before it became an alarm where that takes a while."""

    @property
    def key(self) -> Key:
        return self.kind, self.subject


@dataclass(frozen=True, slots=True)
class Sight:
    """What there is to see of the bridge."""

    stats: Stats
    trouble: str | None
    """Why the journal can't be written."""
    modems: tuple[ModemStatus, ...] = ()
    numbers: tuple[Number, ...] = ()
    held: Mapping[str, int] = field(default_factory=dict)
    """Messages in the states of `HELD`."""
    down_after: float = 300.0
    """Seconds that a modem may be down, or a SIM missing, before it is an alarm."""


class Alarms:
    """Remembers since when each thing is wrong."""

    def __init__(self) -> None:
        self._since: dict[Key, float] = {}
        self._amiss: dict[Key, tuple[float, float]] = {}
        """Since when things are amiss that become alarms only after a while: by both clocks."""

    def look(self, sight: Sight, mono: float, wall: float) -> tuple[Alarm, ...]:
        """The alarms that stand now. *mono* and *wall*: the time, on both clocks."""
        amiss = {alarm.key: alarm for alarm in _amiss(sight)}
        self._amiss = {key: self._amiss.get(key, (mono, wall)) for key in amiss}
        late = [amiss[k] for k, (at, _) in self._amiss.items() if mono - at >= sight.down_after]
        found = [*_at_once(sight), *late]
        begun = {key: at for key, (_, at) in self._amiss.items()}
        self._since = {a.key: begun.get(a.key, self._since.get(a.key, wall)) for a in found}
        return tuple(Alarm(a.kind, a.subject, a.what, self._since[a.key]) for a in found)


def _at_once(sight: Sight) -> Iterator[Alarm]:
    """What is an alarm as soon as it is seen."""
    stats = sight.stats
    if stats.unreachable_for is not None:
        waiting = stats.waiting + stats.in_flight
        lasts = f"{stats.unreachable_for:.0f} s"
        what = f"partner unreachable for {lasts}, {waiting} waiting"
        yield Alarm("partner_unreachable", "", what)
    for alarm in stats.alarms:
        yield Alarm(f"partner_{alarm.value}", "", f"partner: {ALARM_HINTS[alarm]}")
    if sight.trouble is not None:
        yield Alarm("journal_unwritable", "", f"journal can't be written: {sight.trouble}")
    for modem in sight.modems:
        if modem.total and modem.used is not None and modem.used >= modem.total:
            what = f"{modem.path}: SIM store full, {modem.total} slots: no message can come"
            yield Alarm("sim_full", modem.path, what)
        for told in modem.alarms:
            yield Alarm("not_registered", modem.path, f"{modem.path}: {told}")
    held = [f"{sight.held[state]} {state}" for state in HELD if sight.held.get(state)]
    if held:
        yield Alarm("messages_held", "", f"messages wait for a person: {', '.join(held)}")


def _amiss(sight: Sight) -> Iterator[Alarm]:
    """What is an alarm only if it lasts. A port that never answered is no modem yet: whether
    something is missing, the numbers tell."""
    if (streak := sight.stats.fruitless) is not None:
        yield Alarm("nothing_accepted", "", _nothing_accepted(streak))
    for modem in sight.modems:
        known = modem.imei is not None or bool(modem.model)
        if known and modem.phase not in ("ready", "twin"):
            why = f" ({modem.last_error})" if modem.last_error else ""
            yield Alarm(
                "modem_down", modem.path, f"{modem.path}: modem is down: {modem.phase}{why}"
            )
    ready = [modem for modem in sight.modems if modem.phase == "ready"]
    for row in missing(sight.numbers, ready):
        what = f"{row.phone}: its SIM {row.iccid or row.imsi} is ready in no modem"
        yield Alarm("number_missing", row.phone, what)


def _nothing_accepted(streak: Streak) -> str:
    """In words, with the likely reason."""
    told = " or ".join(f"HTTP {status}" for status in streak.statuses)
    broken = all(status == 429 or status >= 500 for status in streak.statuses)
    why = "the partner's server is in trouble" if broken else "onlinesim.url may be wrong"
    tried = f"{streak.messages} were tried and every answer was {told}"
    return f"no message was accepted for {streak.seconds:.0f} s, {tried}: {why}"


def missing(numbers: Iterable[Number], modems: Iterable[ModemStatus]) -> Iterator[Number]:
    """The numbers in use whose SIM is in none of *modems*."""
    modems = list(modems)
    iccids = {modem.iccid for modem in modems if modem.iccid is not None}
    imsis = {modem.imsi for modem in modems if modem.imsi is not None}
    begun = Counter(start for iccid in iccids for start in _starts(iccid))
    for row in numbers:
        if not row.enabled or (row.imsi is not None and row.imsi in imsis):
            continue
        if row.iccid is None or not _shown(row.iccid, iccids, begun):
            yield row


def _shown(iccid: str, shown: Set[str], begun: Mapping[str, int]) -> bool:
    """As `iccid.match`, for many at once: in full, or one of the two begins with the other and
    with no third."""
    if iccid in shown:
        return True
    return begun.get(iccid, 0) + sum(start in shown for start in _starts(iccid)) == 1


def _starts(iccid: str) -> Iterator[str]:
    """What a modem, or a row, may show of it."""
    return (iccid[:length] for length in range(SHORTEST, len(iccid)))
