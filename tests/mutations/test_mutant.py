"""Putting a mistake into the program; `make mutants` runs them all."""

from __future__ import annotations

from pathlib import Path

import pytest

import gsmbridge
from tests.mutations.mutant import Mutant, Outdated
from tests.mutations.mutants import MUTANTS

MISTAKE = Mutant("I2", "a check is left out", "store.py", "check()\n", "", ("test_store.py",))


def test_a_mistake_takes_the_place_of_the_one_old_text(tmp_path: Path) -> None:
    (tmp_path / "store.py").write_text("check()\ndelete()\n")
    MISTAKE.spoil(tmp_path)
    assert (tmp_path / "store.py").read_text() == "delete()\n"


@pytest.mark.parametrize("program", ["delete()\n", "check()\ncheck()\ndelete()\n", None])
def test_a_mistake_whose_old_text_is_not_there_once_is_refused(
    tmp_path: Path, program: str | None
) -> None:
    if program is not None:
        (tmp_path / "store.py").write_text(program)
    with pytest.raises(Outdated, match="a check is left out"):
        MISTAKE.spoil(tmp_path)


def test_mistakes_are_told_apart_by_their_words() -> None:
    assert len({mutant.what for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.what)
def test_what_a_mistake_replaces_is_where_it_is_said_to_be(mutant: Mutant) -> None:
    text = (Path(gsmbridge.__file__).parent / mutant.file).read_text(encoding="utf-8")
    assert text.count(mutant.old) == 1
