"""Power cuts under load: the journal holds what it had committed, and every promise holds."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from gsmbridge.farm.recorder import Unavailable
from tests.crash.powercut import campaign
from tests.journal.power import scratch

CUTS = 5


@pytest.fixture
def folder() -> Iterator[Path]:
    with scratch() as place:
        yield place


def test_what_a_power_cut_leaves_is_enough_to_keep_every_promise(folder: Path) -> None:
    try:
        tally = asyncio.run(campaign(folder, CUTS, seed=3))
    except Unavailable as reason:
        pytest.skip(str(reason))
    assert not tally.violations, tally
    assert tally.cuts["cuts with unsynced writes"] > 0
