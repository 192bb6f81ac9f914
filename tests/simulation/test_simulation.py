"""Farm-days in simulated time: the promises hold, one seed is one history, and mistakes show."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from gsmbridge.farm.simulate.host import Vary
from gsmbridge.farm.simulate.report import table
from gsmbridge.farm.simulate.run import Plan, Result, simulate
from gsmbridge.journal.journal import Journal
from tests.simulation import broken

STORMY = Plan(days=0.2, troubles=15.0)


@cache
def played(plan: Plan) -> Result:
    return simulate(plan)


@pytest.mark.parametrize("seed", range(2))
def test_every_promise_holds_on_two_bad_days(seed: int) -> None:
    result = played(Plan(seed, days=2.0))
    assert not result.violations, table(result, 0.0)
    arrived = result.verdict.sent - result.verdict.waiting  # a SIM may lie in a drawer for a day
    assert result.verdict.delivered > 0.9 * arrived > 400
    assert result.kills > 20


@pytest.mark.parametrize("seed", range(3))
def test_every_promise_holds_when_something_happens_every_minute(seed: int) -> None:
    result = played(replace(STORMY, seed=seed))
    assert not result.violations, table(result, 0.0)
    assert result.kills > 10


def test_without_troubles_all_is_delivered_at_the_first_try() -> None:
    result = simulate(Plan(days=0.5, troubles=0.0))
    assert not result.violations, table(result, 0.0)
    assert result.kills == 0
    assert result.verdict.unavoidable_repeats == 0


def test_one_seed_is_one_history() -> None:
    plan = replace(STORMY, days=0.1)
    first, again = simulate(plan), simulate(plan)
    assert (first.digest, first.events) == (again.digest, again.events)
    assert first.digest != simulate(replace(plan, seed=1)).digest


def with_journal(journal: type[Journal]) -> Vary:
    return lambda around: replace(around, journal=journal)


MISTAKES: dict[str, tuple[Vary, tuple[str, ...]]] = {
    "deletes before the 200": (with_journal(broken.DeletesUnpushed), ("deleted_early",)),
    "commits the 200 late": (with_journal(broken.CommitsLate), ("repeated",)),
    "forgets intervals": (with_journal(broken.ForgetsIntervals), ("early", "overlapping")),
    "retries early": (broken.retries_early, ("early",)),
    "reuses ids": (broken.reuses_ids, ("id_reused", "changed")),
    "believes the first SIM": (broken.believes_the_first_sim, ("misattributed",)),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_noticed(name: str) -> None:
    vary, expected = MISTAKES[name]
    for seed in range(5):
        kinds = {
            violation.kind for violation in simulate(replace(STORMY, seed=seed), vary).violations
        }
        if kinds & set(expected):
            return
    pytest.fail(f"a program that {name} passes")
