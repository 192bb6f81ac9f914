"""Many seeds: each once, added up from run to run; what they take of the program."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from gsmbridge.farm.simulate import __main__ as command
from gsmbridge.farm.simulate import branches
from gsmbridge.farm.simulate.campaign import Ledger, Played, play, troubles
from gsmbridge.farm.simulate.run import Plan

SHORT = ["--days", "0.02", "--modems", "2"]


def played(seed: int, *violations: str) -> Played:
    drawn = Counter({"message plain": 90, "host crash": 3})
    return Played(Plan(seed, days=2.0), "", 100, 4, 3, 1, drawn, violations, 5.0)


def test_seeds_go_on_where_the_last_run_ended_and_its_sums_too(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "ledger.json"
    first = Ledger(path)
    seeds = first.seeds()
    assert [next(seeds), next(seeds)] == [0, 1]
    first.add(played(0))
    again = Ledger(path)
    assert next(again.seeds()) == 2
    again.add(played(2, "lost"))
    assert again.total.counts["farm_days"] == 4.0
    assert again.total.counts["broken"] == 1
    assert troubles(again.total.drawn) == 6
    assert str(Ledger(path).total) == str(again.total)


def test_more_modems_are_more_farm_days(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.json")
    ledger.add(Played(Plan(0, 1.0, modems=8, daily=50.0), "", 0, 0, 0, 0, Counter(), (), 0.0))
    assert ledger.total.counts["farm_days"] == 1.0


def test_what_the_program_raises_is_a_broken_promise() -> None:
    failed = play(Plan(modems=0))
    assert failed.violations
    assert "BROKEN" in str(failed)


def test_a_run_plays_each_seed_in_a_process_and_tells_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = ["--state", str(tmp_path / "ledger.json")]
    assert command.main([*SHORT, "--seeds", "2", "--jobs", "2", *state]) == 0
    assert command.main(["--total", *state]) == 0
    told = capsys.readouterr().out
    assert "seed 0: " in told and "seed 1: " in told
    assert "all runs: 0.02 farm-days" in told  # two modems are half a farm
    assert Ledger(tmp_path / "ledger.json").next_seed == 2


def test_the_share_of_branches_is_told_for_each_package() -> None:
    table = branches.measured(lambda: play(Plan(days=0.01, modems=1)), missing=True)
    assert "journal " in table and "all of these" in table
    assert "farm" not in table
