"""The ladder of recovery."""

from __future__ import annotations

from gsmbridge.modem.recovery import HOUR, LONGEST_PAUSE, Ladder, Rung, quiet_pause


def climb(ladder: Ladder, hours: float) -> list[tuple[float, Rung]]:
    """Fail for so many hours, each attempt taking 15 s."""
    now, rungs = 0.0, []
    while now < hours * HOUR:
        step = ladder.failed(now)
        assert step.pause <= LONGEST_PAUSE
        now += step.pause
        rungs.append((now, step.rung))
        now += 15.0
    return rungs


def test_the_first_rung_is_the_mildest() -> None:
    rungs = [rung for _, rung in climb(Ladder(), 0.05)]
    assert list(dict.fromkeys(rungs)) == [Rung.SYNC, Rung.REOPEN, Rung.REINIT, Rung.RESET]


def test_no_more_than_three_resets_an_hour_and_then_one() -> None:
    resets = [when for when, rung in climb(Ladder(), 24) if rung is Rung.RESET]
    for begin in resets:
        assert sum(begin <= when < begin + HOUR - 60 for when in resets) <= 3
    late = [when for when in resets if when > 12 * HOUR]
    assert 10 <= len(late) <= 13


def test_after_recovery_it_begins_at_the_foot() -> None:
    ladder = Ladder()
    climb(ladder, 0.1)
    ladder.recovered()
    assert ladder.failed(0.0).rung is Rung.SYNC


def test_a_silent_port_is_tried_at_least_every_ten_seconds() -> None:
    assert [quiet_pause(tries) for tries in range(6)] == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
