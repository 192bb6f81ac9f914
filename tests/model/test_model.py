"""The model keeps the promises in every state, and the program's journal does what the model does.

`make model` is the same with wider bounds.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from gsmbridge.journal.life import MOVES
from tests.model.cover import Cover
from tests.model.replay import ACTS, FAILS, play
from tests.model.scenario import Fault
from tests.model.scenarios import SCENARIOS

REPLAYED = (
    "two parts",
    "one message, two SIMs",
    "numbers and orders",
    "an old message",
    "parts and orders",
    "not for forwarding",
)
"""Together they have every kind of step and every move; `make model` replays the others too."""


@cache
def covered(name: str) -> Cover:
    return Cover.of(SCENARIOS[name])


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_state_breaks_a_promise_and_each_leads_to_a_good_end(name: str) -> None:
    result = covered(name).result
    assert not result.broken, result.told()


def test_the_moves_of_the_model_are_those_of_the_program() -> None:
    moves = {move for name in SCENARIOS for move in covered(name).moves()}
    assert moves == {(of, cause, to) for (of, cause), to in MOVES.items()}


@pytest.mark.parametrize("name", REPLAYED)
def test_the_journal_does_what_the_model_does(name: str, tmp_path: Path) -> None:
    play(SCENARIOS[name], covered(name).ways(SCENARIOS[name]), tmp_path)


def test_every_kind_of_fault_and_of_commit_happens() -> None:
    assert {kind for sc in SCENARIOS.values() for kind in sc.kinds} == set(Fault)
    replayed = {step for name in REPLAYED for step, *_ in covered(name).first}
    assert replayed >= {*ACTS, *FAILS}
