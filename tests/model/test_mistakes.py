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


@pytest.mark.parametrize("assumption", Assumption)
def test_an_assumption_is_needed(assumption: Assumption) -> None:
    shown = NEEDED[assumption]
    result = search(shown.without(assumption), ends=False)
    assert result.broken.startswith(shown.breaks), f"{assumption}: {result.broken}"


def test_the_like_of_every_mistake_is_put_into_the_program_too() -> None:
    names = {mutant.what for mutant in MUTANTS}
    assert {shown.mutant for shown in SHOWN.values()} <= names
