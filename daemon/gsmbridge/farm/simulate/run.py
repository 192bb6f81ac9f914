"""One history from its first start to the verdict on it."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from gsmbridge.farm.partner_script import Reply
from gsmbridge.farm.pushes import Push, of_exchanges
from gsmbridge.farm.simulate import beginnings
from gsmbridge.farm.simulate.host import Vary
from gsmbridge.farm.simulate.leftovers import Leftovers, left
from gsmbridge.farm.simulate.server import TERMINAL_REPLIES
from gsmbridge.farm.simulate.stage import LONGEST_WAY, Stage
from gsmbridge.farm.simulate.traffic import Traffic
from gsmbridge.farm.simulate.troubles import DAY, Troubles
from gsmbridge.farm.verdict import COMMIT_WINDOW, Circumstances, Verdict, Violation, judge
from gsmbridge.journal.writer import LAZY

SETTLE = 2 * 3600.0
"""Seconds without any trouble before the verdict: longer than any pause of the daemon."""
MEMORY = Path("/dev/shm")  # nosec B108 # noqa: S108 - a folder of its own is made in it


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be simulated."""

    seed: int = 0
    days: float = 1.0
    modems: int = 4
    daily: float = 100.0
    """Messages a day for each modem."""
    troubles: float = 1.0
    """How often things go wrong, compared with a bad day; 0: never."""
    trace: bool = False

    @property
    def command(self) -> str:
        """Replays it."""
        return (
            f"python -m gsmbridge.farm.simulate --seed {self.seed} --days {self.days:g}"
            f" --modems {self.modems} --daily {self.daily:g}"
            f" --troubles {self.troubles:g}"
        )


@dataclass(frozen=True, slots=True)
class Result:
    """What became of it."""

    plan: Plan
    verdict: Verdict
    violations: tuple[Violation, ...]
    """The verdict's, and those that only this simulation can see."""
    leftovers: Leftovers
    digest: str
    events: int
    lives: int
    kills: int
    drawn: Counter[str]
    """Troubles, odd messages and answers, by name."""
    trace: tuple[str, ...]


def simulate(plan: Plan, vary: Vary = lambda around: around) -> Result:
    """Play *plan* in a folder of its own, in memory where that can be."""
    place = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="gsmbridge-simulate-", dir=place) as folder:
        return _play(plan, Path(folder), vary)


def _play(plan: Plan, folder: Path, vary: Vary) -> Result:
    stage = Stage(plan.seed, plan.modems, folder, trace=plan.trace, vary=vary)
    if plan.troubles:
        beginnings.draw(stage)
    traffic, troubles = Traffic(stage), Troubles(stage)
    for modem in stage.farm.modems:
        modem.start()
    traffic.lay(most=3)
    traffic.schedule(plan.days, plan.daily)
    troubles.schedule(plan.days, plan.troubles)
    world, host = stage.world, stage.host
    end = world.now + plan.days * DAY
    world.call_at(end, troubles.settle)
    world.call_at(end + 60.0, host.stop)
    world.call_at(end + SETTLE, host.stop)
    pauses = stage.chance()
    while world.now < end + SETTLE:
        host.live()
        pause = min(3600.0, pauses.expovariate(1 / 20.0))
        world.run_until(max(world.now + pause, host.off_until))
    return outcome(plan, stage)


def outcome(plan: Plan, stage: Stage) -> Result:
    """What became of all that was played on *stage*."""
    pushes = _pushes(stage)
    onlinesim = stage.host.config.onlinesim
    seen = [
        replace(push, phone=stage.numbering.msisdn(push.phone) or push.phone) for push in pushes
    ]
    verdict = judge(
        stage.truth.events,
        seen,
        interval=onlinesim.retry_interval,
        timeout=onlinesim.timeout,
        kills=_kills(stage),
        circumstances=_circumstances(stage),
    )
    leftovers = left(stage)
    own = [*_wrong_numbers(stage, pushes), *_impatience(stage), *leftovers.violations]
    return Result(
        plan,
        verdict,
        (*verdict.violations, *own),
        leftovers,
        stage.history.digest,
        stage.history.count,
        stage.host.lives,
        stage.host.crashes,
        stage.drawn,
        tuple(stage.history.lines),
    )


def _circumstances(stage: Stage) -> Circumstances:
    """What cannot be blamed on the daemon."""
    pdus = stage.host.discarded
    discarded = {
        event.fields["message"]
        for event in (stage.truth.events if pdus else ())
        if event.kind == "sent"
        and any(tpdu in pdu for tpdu in event.fields["pdus"] for pdu in pdus)
    }
    return Circumstances(stage.host.losses, discarded, stage.host.retried)


def _kills(stage: Stage) -> list[float]:
    """When the daemon died; what it had sent may have arrived after it."""
    return [time for kill in stage.host.kills for time in (kill, kill + LONGEST_WAY)]


def _pushes(stage: Stage) -> list[Push]:
    """What the server saw; a reply that the line swallowed was not sent."""
    answers = stage.server.answers
    exchanges = stage.partner.exchanges
    pushes = of_exchanges(
        exchanges, lambda exchange: answers[exchange.request.number] in TERMINAL_REPLIES
    )
    dead = stage.server.dead

    def swallowed(push: Push) -> bool:
        at = push.answered
        return at is not None and any(
            at <= end and start <= at + LONGEST_WAY for start, end in dead
        )

    return [replace(push, sent=False) if swallowed(push) else push for push in pushes]


def _wrong_numbers(stage: Stage, pushes: list[Push]) -> list[Violation]:
    """First attempts under a number that the SIM did not have between arrival and attempt (I6)."""
    sent = {
        (event.fields["sender"], event.fields["text"]): event.at
        for event in stage.truth.events
        if event.kind == "sent"
    }
    found, known = [], set()
    for push in pushes:
        if push.sms_id in known:
            continue
        known.add(push.sms_id)
        start = sent.get((push.phone_from, push.text), 0.0)
        if not stage.numbering.was_valid(push.phone, start, push.first_byte):
            what = f"smsId {push.sms_id} for {push.phone}, which its SIM did not have"
            found.append(Violation("misattributed", push.first_byte, what))
    return found


def _impatience(stage: Stage) -> list[Violation]:
    """Attempts before the time that the server's Retry-After asked for (I5), if it was known: a
    failed attempt is written within a second, and no clock compares two boots."""
    found, kills = [], _kills(stage)
    last: dict[int, tuple[float, float]] = {}
    for exchange in stage.partner.exchanges:
        sms_id = exchange.request.sms_id
        over, wait = last.get(sms_id, (0.0, 0.0))
        forgetting = stage.host.losses  # the journal tells how long, after a power cut too
        rebooted = any(over < cut < exchange.first_byte for cut in forgetting)
        if exchange.first_byte < over + wait - 0.05 and not rebooted:
            what = f"smsId {sms_id}: {exchange.first_byte - over:.3f} s after Retry-After {wait:g}"
            found.append(Violation("early", exchange.first_byte, what))
        last.pop(sms_id, None)
        wait = min(120.0, _retry_after(stage.server.answers[exchange.request.number]))
        if not wait or exchange.answered is None or not exchange.sent:
            continue
        known = exchange.answered + LAZY + COMMIT_WINDOW
        if not any(exchange.received <= kill <= known for kill in kills):
            last[sms_id] = (exchange.answered, wait)
    return found


def _retry_after(reply: Reply) -> float:
    return float((reply.headers or {}).get("Retry-After", "0"))
