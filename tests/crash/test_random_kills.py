"""What kill -9 at any moment must not do (I1 to I6)."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from tests.crash.campaign import campaign

KILLS = 100
SEED = int(os.environ.get("CRASH_SEED", "1"))


def test_a_hundred_kills_under_load_lose_double_and_misattribute_nothing(tmp_path: Path) -> None:
    verdict = asyncio.run(campaign(tmp_path, KILLS, SEED))
    print(f"seed {SEED}\n{verdict}")
    assert verdict.clean, verdict.violations
    assert verdict.delivered + verdict.refused == verdict.sent > KILLS
