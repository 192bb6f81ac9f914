"""What kill -9 at any boundary must not do (I1 to I6)."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from tests.crash.campaign import campaign
from tests.crash.points import BY_NAME, POINTS, WRITES
from tests.crash.statements import KINDS

KILLS = 30
SEED = int(os.environ.get("CRASH_SEED", "1"))


def test_thirty_kills_at_boundaries_lose_double_and_misattribute_nothing(tmp_path: Path) -> None:
    tally = asyncio.run(campaign(tmp_path, KILLS, SEED))
    print(f"seed {SEED}\n{tally}")
    assert not tally.violations, "\n\n".join(tally.timelines)
    assert tally.struck.total() > KILLS * 0.8
    assert tally.counts["delivered"] > KILLS


def test_every_point_has_a_name_of_its_own_and_every_kind_of_commit_its_points() -> None:
    assert len(BY_NAME) == len(POINTS)
    assert set(KINDS) == set(WRITES)
