"""Power cuts in simulated time lose what was not synced, and a program that relies on it."""

from __future__ import annotations

import pytest

from gsmbridge.farm import recorder
from gsmbridge.farm.simulate.disk import SimulatedFile
from gsmbridge.farm.simulate.run import Plan, simulate
from gsmbridge.service.bridge import Surroundings


def test_commits_that_are_not_synced_are_noticed() -> None:
    try:
        recorder.install()
    except recorder.Unavailable as reason:
        pytest.skip(str(reason))

    def hasty(around: Surroundings) -> Surroundings:
        assert isinstance(around.disk, SimulatedFile)
        around.disk._synchronous = "NORMAL"
        return around

    for seed in range(6, 12):
        result = simulate(Plan(seed, days=0.2, troubles=15.0), hasty)
        if {violation.kind for violation in result.violations} & {"repeated", "doubled"}:
            return
    pytest.fail("a journal that is not synced passes")
