"""Each fault of the matrix: the promises hold, the operator is told, and nothing is left undone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gsmbridge.farm.simulate.report import table
from gsmbridge.farm.simulate.stage import Stage
from gsmbridge.farm.simulate.troubles import Troubles, catalogue
from tests.faults.drawn import DRAWN, Apart
from tests.faults.matrix import MATRIX, Row, rows
from tests.faults.scene import Scenario, play
from tests.test_docs import kinds

ROOT = Path(__file__).parents[2]
PLAYED = [row for row in rows() if not isinstance(row.proof, str)]
ELSEWHERE = [row for row in rows() if isinstance(row.proof, str)]


def named(row: Row) -> str:
    return row.fault


@pytest.mark.parametrize("row", PLAYED, ids=named)
def test_every_promise_holds_and_the_log_says_what_happened(row: Row) -> None:
    scenario: Scenario = row.proof  # type: ignore[assignment]
    played = play(scenario, families=row.families)
    result = played.result
    assert not result.violations, table(result, 0.0)
    assert not set(row.told) - set(played.told), played.told
    assert result.verdict.delivered + sum(result.leftovers.held.values()) >= result.verdict.sent


@pytest.mark.parametrize("row", ELSEWHERE, ids=named)
def test_a_test_that_is_named_exists(row: Row) -> None:
    assert isinstance(row.proof, str)
    file, _, name = row.proof.partition("::")
    text = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(rf"^(?:async )?def {name}\(", text, re.MULTILINE), row.proof


def test_no_fault_is_told_twice_and_each_says_what_is_done() -> None:
    every = list(rows())
    assert len({row.fault for row in every}) == len(every) >= 60
    assert all(row.does for row in every)
    assert all(MATRIX.values())


def test_each_fault_is_drawn_by_the_simulation_or_says_what_it_is_about(tmp_path: Path) -> None:
    known = catalogue(Troubles(Stage(0, 4, tmp_path)))
    assert set(DRAWN) == {row.fault for row in rows()}
    assert {name for name in DRAWN.values() if not isinstance(name, Apart)} <= known


def test_what_the_log_is_said_to_say_are_events_that_exist() -> None:
    known = {kind.name for kind in kinds()}
    assert not {name for row in rows() for name in row.told} - known
