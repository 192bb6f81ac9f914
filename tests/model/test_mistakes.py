"""Each mistake is found in the model, and so is what happens without an assumption."""

from __future__ import annotations

import pytest

from tests.model.machine import search
from tests.model.mistakes import NEEDED, SHOWN
from tests.model.scenario import Assumption, Mistake
from tests.mutations.mutants import MUTANTS


@pytest.mark.parametrize("mistake", Mistake)
def test_a_mistake_is_found(mistake: Mistake) -> None:
    shown = SHOWN[mistake]
    result = search(shown.with_mistake(mistake), ends=shown.breaks == "nothing")
    assert result.broken.startswith(shown.breaks), f"{mistake}: {result.broken}"
    assert result.trace[-1].world == result.worlds[-1] or shown.breaks == "nothing"


def test_the_way_to_what_breaks_claims_no_step_that_is_left_out() -> None:
    told = search(SHOWN[Mistake.NO_REREAD].with_mistake(Mistake.NO_REREAD), ends=False).told()
    assert " leaves out: reads the slot again " in told
    assert told.count("reads the slot again") == 1


@pytest.mark.parametrize("assumption", Assumption)
def test_an_assumption_is_needed(assumption: Assumption) -> None:
    shown = NEEDED[assumption]
    result = search(shown.without(assumption), ends=False)
    assert result.broken.startswith(shown.breaks), f"{assumption}: {result.broken}"


def test_the_like_of_every_mistake_is_put_into_the_program_too() -> None:
    names = {mutant.what for mutant in MUTANTS}
    assert {shown.mutant for shown in SHOWN.values()} <= names
