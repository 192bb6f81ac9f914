"""The ladder of recovery."""

from __future__ import annotations

from itertools import pairwise

import pytest

from gsmbridge.modem.recovery import (
    HOUR,
    LONGEST_PAUSE,
    ROUGH,
    Ladder,
    Rung,
    Trouble,
    quiet_pause,
)


def climb(
    ladder: Ladder, hours: float, rough: tuple[Rung, ...] = (Rung.RESET,)
) -> list[tuple[float, Rung]]:
    """Fail for so many hours, each attempt taking 15 s."""
    now, rungs = 0.0, []
    while now < hours * HOUR:
        step = ladder.failed(now, rough)
        assert step.pause <= LONGEST_PAUSE
        now += step.pause
        rungs.append((now, step.rung))
        now += 15.0
    return rungs


def test_the_first_rung_is_the_mildest() -> None:
    rungs = [rung for _, rung in climb(Ladder(), 0.05)]
    assert list(dict.fromkeys(rungs)) == [Rung.SYNC, Rung.REOPEN, Rung.REINIT, Rung.RESET]


@pytest.mark.parametrize("rough", [(Rung.RESET,), ROUGH])
def test_no_more_than_three_resets_an_hour_and_then_ever_rarer(rough: tuple[Rung, ...]) -> None:
    resets = [when for when, rung in climb(Ladder(), 240, rough) if rung in ROUGH]
    for begin in resets:
        assert sum(begin <= when < begin + HOUR - 60 for when in resets) <= 3
    gaps = [later - earlier for earlier, later in pairwise(resets[5:])]
    assert gaps == sorted(gaps) or max(gaps) >= 24 * HOUR
    assert 24 * HOUR <= gaps[-1] < 25 * HOUR  # never given up
    assert {rung for _, rung in climb(Ladder(), 2, rough)} >= set(rough)


def test_a_modem_that_no_reset_does_good_gets_none() -> None:
    rungs = {rung for _, rung in climb(Ladder(), 10, ())}
    assert rungs == {Rung.SYNC, Rung.REOPEN, Rung.REINIT}


def test_trouble_is_told_in_detail_at_first_and_then_ever_more_rarely() -> None:
    trouble = Trouble(0.0)
    told = [now for now in range(0, 5 * 86_400, 30) if trouble.reminder(now) is not None]
    assert told == [60, 900, 3600, 4 * 3600, 86_400, 2 * 86_400, 3 * 86_400, 4 * 86_400]
    assert [trouble.is_news(rung) for rung in (Rung.SYNC, Rung.SYNC, Rung.REOPEN)] == [
        True,
        False,
        True,
    ]
    assert trouble.is_news(Rung.RESET) and trouble.is_news(Rung.RESET)


def test_after_recovery_it_begins_at_the_foot() -> None:
    ladder = Ladder()
    climb(ladder, 0.1)
    ladder.recovered()
    assert ladder.failed(0.0).rung is Rung.SYNC


def test_a_silent_port_is_tried_at_least_every_ten_seconds() -> None:
    assert [quiet_pause(tries) for tries in range(6)] == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
    assert quiet_pause(100_000) == 10.0
