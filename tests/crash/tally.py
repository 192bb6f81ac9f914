"""The result of a campaign: what was killed where, and what came of it; sums, tables, timelines."""

from __future__ import annotations

import re
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gsmbridge.farm.partner import Exchange
from gsmbridge.farm.truth import Event
from gsmbridge.farm.verdict import KINDS, Verdict, Violation
from tests.crash.points import POINTS

COUNTED = (
    "sent",
    "delivered",
    "refused",
    "held",
    "waiting",
    "with_gaps",
    "overwritten",
    "direct_lost",
    "pushes",
    "unavoidable_repeats",
)
"""Fields of a verdict that add up."""
TOLD_EVERY = 50
"""Kills, or cuts, between two words on how far a campaign is: a minute or two."""


@dataclass(slots=True)
class Tally:
    """One campaign's, or the sum of several."""

    seed: int
    struck: Counter[str] = field(default_factory=Counter)
    """Kills by point."""
    missed: Counter[str] = field(default_factory=Counter)
    """Kills at random, where the point that was meant was not reached in time."""
    happened: Counter[str] = field(default_factory=Counter)
    """What else went on, by the farm's own record."""
    counts: Counter[str] = field(default_factory=Counter)
    discarded: int = 0
    not_judged: int = 0
    """Violations that rest on times while the machine stood still."""
    violations: list[tuple[str, str]] = field(default_factory=list)
    """Kind, and what it was."""
    timelines: list[str] = field(default_factory=list)

    @property
    def kills(self) -> int:
        return self.struck.total() + self.missed.total()

    def never(self) -> list[str]:
        """Points that were never struck."""
        return [point.name for point in POINTS if not self.struck[point.name]]

    def judged(self, verdict: Verdict, violations: Iterable[Violation]) -> None:
        """Take over what the verdict counts, and every violation."""
        for name in COUNTED:
            self.counts[name] += getattr(verdict, name)
        self.violations += [(each.kind, each.what) for each in violations]

    def add(self, other: dict[str, Any]) -> None:
        """Another campaign's, as `document` gives it."""
        for name in ("struck", "missed", "happened", "counts"):
            getattr(self, name).update(other[name])
        self.discarded += other["discarded"]
        self.not_judged += other["not_judged"]
        self.violations += [(kind, what) for kind, what in other["violations"]]
        self.timelines += other["timelines"]

    def document(self) -> dict[str, Any]:
        """As JSON can carry it."""
        return {
            "seed": self.seed,
            "struck": dict(self.struck),
            "missed": dict(self.missed),
            "happened": dict(self.happened),
            "counts": dict(self.counts),
            "discarded": self.discarded,
            "not_judged": self.not_judged,
            "violations": self.violations,
            "timelines": self.timelines,
        }

    def __str__(self) -> str:
        by_kind = Counter(kind for kind, _ in self.violations)
        rows: list[tuple[str, int, str]] = [
            (point.name, self.struck[point.name], "") for point in POINTS
        ]
        rows.append(("at random: its point was not reached in time", self.missed.total(), ""))
        rows.append(("kills", self.kills, ""))
        rows += [(f"  {name}", count, "") for name, count in sorted(self.happened.items())]
        rows += [(name.replace("_", " "), self.counts[name], "") for name in COUNTED]
        rows.append(("discarded by the operator", self.discarded, ""))
        rows.append(("not judged: the machine stood still", self.not_judged, ""))
        rows += [(kind, by_kind[kind], promise) for kind, promise in KINDS.items()]
        rows += [(kind, count, "") for kind, count in by_kind.items() if kind not in KINDS]
        return "\n".join(f"{name:52}{count:8}  {what}".rstrip() for name, count, what in rows)


def untold(struck: int) -> None:
    """Tells nobody how far a campaign is."""


def telling(seed: int, planned: int) -> Callable[[int], None]:
    """Tells on stderr, now and then, how many of the *planned* kills there were."""

    def tell(struck: int) -> None:
        if struck % TOLD_EVERY == 0:
            print(f"seed {seed}: {struck} of {planned}", file=sys.stderr, flush=True)

    return tell


def timeline(
    violation: Violation,
    events: Sequence[Event],
    exchanges: Sequence[Exchange],
    kills: Sequence[tuple[float, str]],
    journal: Path,
) -> str:
    """All that concerns the message of a violation, by time: farm, server, kills, journal."""
    messages, ids = _concerned(violation, events, exchanges)
    lines: list[tuple[float, str]] = []
    for event in events:
        if event.fields.get("message") in messages and event.fields.get("message"):
            facts = {k: v for k, v in event.fields.items() if k not in ("parts", "pdus")}
            lines.append((event.at, f"farm    {event.kind} {facts}"))
    for each in exchanges:
        if each.request.sms_id in ids:
            said = f"smsId {each.request.sms_id} for {each.request.phone}"
            lines.append((each.received, f"server  request {each.request.attempt}, {said}"))
            if each.ended is not None:
                status = f"{each.status}, {'whole' if each.sent else 'cut off'}"
                lines.append(
                    (each.ended, f"server  answered {status}, smsId {each.request.sms_id}")
                )
    if lines:
        first, last = min(lines)[0] - 2.0, max(lines)[0] + 2.0
        lines += [(at, f"killed  {point}") for at, point in kills if first <= at <= last]
    shown = [f"  {at:12.4f}  {what}" for at, what in sorted(lines)]
    return "\n".join([f"{violation.kind}: {violation.what}", *shown, *_steps(journal, ids)])


def _concerned(
    violation: Violation, events: Sequence[Event], exchanges: Sequence[Exchange]
) -> tuple[set[int], set[int]]:
    """Messages of the farm, and smsIds, that a violation speaks of."""
    messages = {int(number) for number in re.findall(r"messages? (\d+)", violation.what)}
    ids = {int(number) for number in re.findall(r"smsId (\d+)", violation.what)}
    said = {(e.request.phone, e.request.text) for e in exchanges if e.request.sms_id in ids}
    sent = [event.fields for event in events if event.kind == "sent"]
    messages |= {each["message"] for each in sent if (each["to"], each["text"]) in said}
    said |= {(each["to"], each["text"]) for each in sent if each["message"] in messages}
    ids |= {e.request.sms_id for e in exchanges if (e.request.phone, e.request.text) in said}
    return messages, ids


def _steps(journal: Path, ids: set[int]) -> list[str]:
    """What the journal tells of messages, by the wall clock."""
    with closing(sqlite3.connect(journal)) as db:
        marks = ", ".join("?" * len(ids))
        steps = db.execute(
            "SELECT at, sms_id, kind, modem, slot, number, status, error, state FROM steps"
            f" WHERE sms_id IN ({marks}) ORDER BY at",
            sorted(ids),
        ).fetchall()
    return [
        f"  {datetime.fromtimestamp(at, UTC):%H:%M:%S.%f}  journal  smsId {sms_id} {kind} {facts}"
        for at, sms_id, kind, *facts in steps
    ]
