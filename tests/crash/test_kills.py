"""What kill -9 at any boundary must not do (I1 to I6)."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from gsmbridge.journal.journal import Journal
from tests.crash.campaign import age, campaign
from tests.crash.points import BY_NAME, POINTS, WRITES
from tests.crash.statements import KINDS
from tests.journal.desk import rows
from tests.journal.test_prune import Tidy

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


def test_what_a_campaign_ages_is_forgotten_at_the_next_start(tmp_path: Path) -> None:
    tidy = Tidy(tmp_path)

    async def first(journal: Journal) -> None:
        await tidy.begin_and_end(journal, tidy.desk.another())
        await tidy.wait(60.0)
        assert len(rows(tidy.desk)) == 1

    async def second(journal: Journal) -> None:
        tidying = asyncio.create_task(journal.keep_tidy())
        await asyncio.sleep(60.0)
        tidying.cancel()

    tidy.desk.work(first)
    with closing(sqlite3.connect(tidy.desk.path)) as db:
        age(db)
        db.commit()
    tidy.desk.work(second)
    assert not rows(tidy.desk)
