"""Judges a run from outside: what the farm did, against what the partner's server was sent.

Nothing the daemon says of itself is asked. I1 to I6 are the promises of the project's design.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gsmbridge.farm.pushes import Push
from gsmbridge.farm.sent import Message
from gsmbridge.farm.truth import Event, Fields

COMMIT_WINDOW = 1.0
"""Seconds from the server's answer in which a kill may keep it from being committed (I3)."""

KINDS = {
    "lost": "I1 stored, never pushed, gone from every store",
    "deleted_early": "I2 deleted with no 200 before",
    "repeated": "I3 pushed after a known 200",
    "doubled": "I3 pushed under a second smsId",
    "retried_refused": "I5 pushed after a terminal error",
    "id_reused": "I4 one smsId, two messages",
    "changed": "I4 one smsId, two contents",
    "altered": "I4 content that was never sent",
    "misattributed": "I6 under the number of another SIM",
    "early": "I5 retried before the interval was over",
    "overlapping": "I5 two attempts of a message at once",
}
"""Violations, and the promises they break."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken promise."""

    kind: str
    at: float
    what: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of everything. `str()` of it is a table."""

    sent: int
    delivered: int
    """Messages all of whose arrived parts are covered by pushes that got a 200."""
    refused: int
    """Messages that were answered by a terminal error."""
    held: int
    """Messages that are not delivered and still lie somewhere."""
    waiting: int
    """Messages that never reached a modem whole, and are not delivered."""
    with_gaps: int
    """Pushes of a message in which parts were missing."""
    overwritten: int
    """Parts that the network replaced before they were pushed."""
    direct_lost: int
    """Parts handed over by +CMT, hence stored nowhere, and never pushed."""
    pushes: int
    unavoidable_repeats: int
    """Pushes after a 200 that can't have been known, or can't have been committed (I3)."""
    violations: tuple[Violation, ...]

    @property
    def clean(self) -> bool:
        return not self.violations

    def count(self, kind: str) -> int:
        return sum(violation.kind == kind for violation in self.violations)

    def __str__(self) -> str:
        rows: list[tuple[str, int, str]] = [
            ("sent", self.sent, ""),
            ("delivered", self.delivered, ""),
            ("refused", self.refused, ""),
            ("held on a SIM", self.held, ""),
            ("not arrived", self.waiting, ""),
            ("pushes", self.pushes, ""),
            ("pushes with gaps", self.with_gaps, ""),
            ("repeats, unavoidable", self.unavoidable_repeats, ""),
            ("overwritten by network", self.overwritten, ""),
            ("lost in +CMT", self.direct_lost, ""),
        ]
        rows += [(kind, self.count(kind), promise) for kind, promise in KINDS.items()]
        return "\n".join(f"{name:24}{number:8}  {what}".rstrip() for name, number, what in rows)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What nobody can blame the daemon for."""

    losses: Sequence[float] = ()
    """When it lost its journal, or a part of it: what it knew before is not known after. An older
    copy put back knows neither the attempts since nor that they froze a number."""
    discarded: Collection[int] = ()
    """Messages (by number) of which the operator said that they need no push."""
    retried: Collection[int] = ()
    """The smsId of messages that the operator wanted pushed in spite of a terminal error."""


NOTHING_SPECIAL = Circumstances()


def judge(
    events: Iterable[Event],
    pushes: Iterable[Push],
    *,
    interval: float = 10.0,
    timeout: float = 30.0,
    kills: Sequence[float] = (),
    tolerance: float = 0.05,
    frees_unpushed: bool = False,
    circumstances: Circumstances = NOTHING_SPECIAL,
) -> Verdict:
    """The verdict on a run.

    *interval* and *timeout* as in the daemon's config. *kills*: when it was killed. *tolerance*:
    seconds by which the clocks of two processes and the network between them may shift an
    interval. *frees_unpushed*: `sim_full` allows it.
    """
    court = _Court(interval, timeout, kills, tolerance, frees_unpushed, circumstances)
    return court.judge(events, pushes)


class _Court:
    def __init__(
        self,
        interval: float,
        timeout: float,
        kills: Sequence[float],
        tolerance: float,
        frees_unpushed: bool,
        circumstances: Circumstances,
    ) -> None:
        self.interval = interval
        self.timeout = timeout
        self.kills = kills
        self.tolerance = tolerance
        self.frees_unpushed = frees_unpushed
        self.circumstances = circumstances
        self.messages: dict[int, Message] = {}
        """By number; a message sent again as the same octets is the same message."""
        self.by_octets: dict[tuple[str, ...], Message] = {}
        self.by_content: dict[tuple[str, str, str], list[Message]] = defaultdict(list)
        self.by_sender: dict[tuple[str, str], list[Message]] = defaultdict(list)
        self.by_text: dict[tuple[str, str], list[Message]] = defaultdict(list)
        self.owners: dict[int, Message] = {}
        self.violations: list[Violation] = []
        self.with_gaps = 0
        self.repeats = 0

    def judge(self, events: Iterable[Event], pushes: Iterable[Push]) -> Verdict:
        for event in events:
            self._happened(event)
        ordered = sorted(pushes, key=lambda push: push.received)
        for push in ordered:
            self._assign(push)
        by_id: dict[int, list[Push]] = defaultdict(list)
        for push in ordered:
            by_id[push.sms_id].append(push)
        for sms_id, attempts in by_id.items():
            if sms_id:
                self._judge_attempts(attempts)
        for message in self.by_octets.values():
            self._judge_message(message)
        return self._sum_up(len(ordered))

    def _blame(self, kind: str, at: float, what: str) -> None:
        self.violations.append(Violation(kind, at, what))

    # -- the farm's side ------------------------------------------------------------------------

    def _happened(self, event: Event) -> None:
        fields = event.fields
        if event.kind == "sent":
            self._sent(fields)
            return
        message = self.messages.get(fields.get("message") or 0)
        if message is None:
            return
        part = fields["part"]
        match event.kind:
            case "stored":
                message.arrived.add(part)
                message.copies[part] += 1
            case "direct":
                message.arrived.add(part)
                message.direct.add(part)
            case "overwritten" | "taken":
                message.copies[part] -= 1
                message.replaced.add(part)
            case "deleted":
                message.copies[part] -= 1
                message.deletions.append((part, event.at))

    def _sent(self, fields: Fields) -> None:
        octets = (fields["to"], *fields["pdus"])
        known = self.by_octets.get(octets)
        if known is None:
            to, sender, text = fields["to"], fields["sender"], fields["text"]
            known = Message(fields["message"], to, sender, text, tuple(fields["parts"]))
            self.by_octets[octets] = known
            self.by_content[to, sender, text].append(known)
            self.by_sender[to, sender].append(known)
            self.by_text[sender, text].append(known)
        self.messages[fields["message"]] = known

    # -- the partner's side ---------------------------------------------------------------------

    def _assign(self, push: Push) -> None:
        """Find the message that *push* is of."""
        message, parts = self._find(push)
        if message is None:
            elsewhere = self.by_text.get((push.phone_from, push.text))
            kind = "misattributed" if elsewhere else "altered"
            self._blame(kind, push.received, f"smsId {push.sms_id} for {push.phone}: {push.text!r}")
            return
        owner = self.owners.setdefault(push.sms_id, message)
        if owner is not message:
            what = f"smsId {push.sms_id}: messages {owner.number} and {message.number}"
            self._blame("id_reused", push.received, what)
        message.pushes.setdefault(push.sms_id, []).append((push, parts))
        self.with_gaps += parts != message.all_parts

    def _find(self, push: Push) -> tuple[Message | None, frozenset[int]]:
        same = self.by_content.get((push.phone, push.phone_from, push.text), [])
        if same:
            known = [message for message in same if push.sms_id in message.pushes]
            fresh = [message for message in same if not message.pushes]
            message = (known or fresh or same)[0]
            return message, message.all_parts
        for message in self.by_sender.get((push.phone, push.phone_from), []):
            if parts := message.said_with_gaps(push.text):
                return message, parts
        return None, frozenset()

    def _judge_attempts(self, attempts: list[Push]) -> None:
        """Attempts under one smsId, by time."""
        for earlier, later in pairwise(attempts):
            what = f"smsId {later.sms_id} for {later.phone}"
            forgotten = self._lost_between(earlier.received, later.first_byte)
            if later.content != earlier.content and not forgotten:
                self._blame("changed", later.received, what)
            self._judge_interval(earlier, later, what)
        for number, later in enumerate(attempts[1:], 1):
            self._judge_repeat(attempts[:number], later)

    def _judge_interval(self, earlier: Push, later: Push, what: str) -> None:
        running = earlier.first_byte + self.timeout
        if earlier.ended is not None:
            running = min(running, earlier.ended)
        if earlier.answered is not None:
            running = min(running, earlier.answered)
        pause = later.first_byte - earlier.over
        if later.first_byte < running - self.tolerance:
            if not self._killed(earlier.first_byte, later.first_byte):
                self._blame("overlapping", later.first_byte, what)
        elif self._lost_between(earlier.over, later.first_byte):
            return
        elif pause < self.interval - self.tolerance and earlier.status != 200:
            self._blame("early", later.first_byte, f"{what}: after {pause:.3f} s")

    def _judge_repeat(self, before: Sequence[Push], later: Push) -> None:
        what = f"smsId {later.sms_id} for {later.phone}"
        accepted = [push for push in before if push.status == 200 and push.over < later.first_byte]
        if accepted:
            if all(self._unavoidable(push, later) for push in accepted):
                self.repeats += 1
            else:
                self._blame("repeated", later.first_byte, what)
        refusals = [push for push in before if push.terminal and push.over < later.first_byte]
        if later.sms_id in self.circumstances.retried:
            return
        if not all(self._unavoidable(push, later) for push in refusals):
            self._blame("retried_refused", later.first_byte, what)

    def _unavoidable(self, answered: Push, later: Push) -> bool:
        """Whether an answer may never have arrived, never have been committed, or be forgotten."""
        return (
            not answered.sent
            or self._killed(answered.received, answered.over + COMMIT_WINDOW)
            or self._lost_between(answered.received, later.first_byte)
        )

    def _killed(self, start: float, end: float) -> bool:
        return any(start <= kill <= end for kill in self.kills)

    def _lost_between(self, start: float, end: float) -> bool:
        return any(start <= loss <= end for loss in self.circumstances.losses)

    # -- both -----------------------------------------------------------------------------------

    def _judge_message(self, message: Message) -> None:
        what = f"message {message.number} for {message.to}"
        self._judge_doubles(message, what)
        if message.number in self.circumstances.discarded:
            return
        covered, refused = message.covered(), message.refused()
        for part, at in message.deletions:
            if self._too_many_deleted(message, part, at) and not self.frees_unpushed:
                self._blame("deleted_early", at, f"{what}, part {part}")
        for part in sorted(message.arrived - covered - refused - message.direct - message.replaced):
            if message.copies[part] <= 0:
                last = max((at for each, at in message.deletions if each == part), default=0.0)
                self._blame("lost", last, f"{what}, part {part}")

    def _too_many_deleted(self, message: Message, part: int, at: float) -> bool:
        """Of messages that say the same, no push tells which it was of: so they are counted."""
        alike = self.by_content[message.to, message.sender, message.text]
        deleted = sum(any(p == part and t <= at for p, t in m.deletions) for m in alike)
        return deleted > sum(part in m.covered(at) for m in alike)

    def _judge_doubles(self, message: Message, what: str) -> None:
        seen: dict[int, int] = {}
        for sms_id, pushes in message.pushes.items():
            first, parts = pushes[0]
            if other := [seen[part] for part in sorted(parts) if part in seen]:
                known = message.pushes[other[0]][0][0]
                if self._lost_between(known.received, first.first_byte):
                    self.repeats += 1
                else:
                    what = f"{what}: smsId {other[0]} and {sms_id}"
                    self._blame("doubled", first.received, what)
            seen.update(dict.fromkeys(parts, sms_id))

    def _sum_up(self, pushes: int) -> Verdict:
        messages = self.by_octets.values()
        counts = dict.fromkeys(("delivered", "refused", "held", "waiting"), 0)
        for message in messages:
            counts[self._fate(message)] += 1
        return Verdict(
            sent=len(messages),
            **counts,
            with_gaps=self.with_gaps,
            overwritten=sum(len(each.replaced - each.covered()) for each in messages),
            direct_lost=sum(len(m.direct - m.covered() - m.refused()) for m in messages),
            pushes=pushes,
            unavoidable_repeats=self.repeats,
            violations=tuple(sorted(self.violations, key=lambda each: (each.at, each.kind))),
        )

    def _fate(self, message: Message) -> str:
        covered = message.covered()
        if message.arrived and message.arrived <= covered:
            return "delivered"
        if message.refused():
            return "refused"
        return "held" if any(number > 0 for number in message.copies.values()) else "waiting"
