"""Many seeds, one after the other on every core; what came out is added up from run to run."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from gsmbridge.farm.simulate.run import Plan, simulate

SEEDS_A_PROCESS = 40
"""A dead loop is kept for ever (farm/virtual.py), some 15 MB for two days of a farm: now and then
its process must go."""
KEPT = ("farm_days", "messages", "lives", "crashes", "repeats", "broken", "seconds")
"""What is added up from run to run."""


@dataclass(frozen=True, slots=True)
class Played:
    """One seed, in short."""

    plan: Plan
    digest: str
    messages: int
    lives: int
    crashes: int
    repeats: int
    drawn: Counter[str]
    violations: tuple[str, ...]
    seconds: float

    def __str__(self) -> str:
        broken = f"{len(self.violations)} BROKEN" if self.violations else "ok"
        return (
            f"seed {self.plan.seed}: {self.messages} messages, {self.lives} lives,"
            f" {self.crashes} crashes, {troubles(self.drawn)} troubles, {self.repeats} repeats,"
            f" history {self.digest}, {self.seconds:.1f} s, {broken}"
        )


@dataclass(slots=True)
class Total:
    """What came out of all that was played."""

    counts: dict[str, float] = field(default_factory=lambda: dict.fromkeys(KEPT, 0))
    drawn: Counter[str] = field(default_factory=Counter)

    def add(self, played: Played) -> None:
        plan = played.plan
        farms = plan.modems / Plan().modems * plan.daily / Plan().daily
        here = (
            plan.days * farms,
            played.messages,
            played.lives,
            played.crashes,
            played.repeats,
            len(played.violations),
            played.seconds,
        )
        for name, number in zip(KEPT, here, strict=True):
            self.counts[name] += number
        self.drawn.update(played.drawn)

    def __str__(self) -> str:
        counts = self.counts
        return (
            f"{counts['farm_days']:.6g} farm-days, {counts['messages']} messages,"
            f" {counts['lives']} lives, {counts['crashes']} crashes,"
            f" {troubles(self.drawn)} troubles, {counts['repeats']} unavoidable repeats,"
            f" {counts['broken']} promises broken, {counts['seconds']:.0f} s of processor time"
        )

    def by_kind(self) -> str:
        """A line for each kind of trouble, answer and message."""
        return "\n".join(f"{kind:28}{number:8}" for kind, number in sorted(self.drawn.items()))


class Ledger:
    """Which seed is next, and what all runs of this checkout came to; in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        self.next_seed: int = kept.get("next_seed", 0)
        self.total = Total()
        self.total.counts |= kept.get("counts", {})
        self.total.drawn.update(kept.get("drawn", {}))

    def seeds(self) -> Iterator[int]:
        """From the next one on; each is given away once."""
        while True:
            seed, self.next_seed = self.next_seed, self.next_seed + 1
            self._write()
            yield seed

    def add(self, played: Played) -> None:
        self.total.add(played)
        self._write()

    def _write(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        kept = {
            "next_seed": self.next_seed,
            "counts": self.total.counts,
            "drawn": self.total.drawn,
        }
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(kept, indent=1), encoding="utf-8")
        fresh.replace(self._path)


def troubles(drawn: Counter[str]) -> int:
    """All that was drawn but plain messages."""
    return sum(drawn.values()) - drawn["message plain"]


def play(plan: Plan) -> Played:
    """Play one seed. What the program itself raises is a promise broken, too."""
    began = time.process_time()
    try:
        result = simulate(plan)
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        return Played(plan, "", 0, 0, 0, 0, Counter(), (what,), time.process_time() - began)
    return Played(
        plan,
        result.digest,
        result.verdict.sent,
        result.lives,
        result.kills,
        result.verdict.unavoidable_repeats,
        result.drawn,
        tuple(f"{each.kind} at {each.at:.3f}: {each.what}" for each in result.violations),
        time.process_time() - began,
    )


def run(
    plans: Iterator[Plan], jobs: int, hours: float | None, done: Callable[[Played], None]
) -> None:
    """Play *plans* in *jobs* processes, none begun after *hours*; each goes to *done*."""
    deadline = None if hours is None else time.monotonic() + 3600.0 * hours
    context = get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, max_tasks_per_child=SEEDS_A_PROCESS) as pool:
        running: set[Future[Played]] = set()
        while True:
            while len(running) < jobs and (deadline is None or time.monotonic() < deadline):
                plan = next(plans, None)
                if plan is None:
                    break
                running.add(pool.submit(play, plan))
            if not running:
                return
            ended, running = wait(running, return_when=FIRST_COMPLETED)
            for future in ended:
                done(future.result())
