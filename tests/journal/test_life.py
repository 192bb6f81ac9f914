"""The table of moves: what a message can become, and what never."""

from __future__ import annotations

import pytest

from gsmbridge.errors import JournalError
from gsmbridge.journal.life import MOVES, Cause, after
from gsmbridge.message import State

BEGINNINGS = (State.COLLECTING, State.UNREADABLE, State.SKIPPED)


def test_every_state_is_a_beginning_or_can_be_reached() -> None:
    reached = set(BEGINNINGS)
    while more := {to for (of, _), to in MOVES.items() if of in reached} - reached:
        reached |= more
    assert reached == set(State)


def test_nothing_leads_out_of_delivered() -> None:
    assert not [cause for of, cause in MOVES if of is State.DELIVERED]
    for cause in Cause:
        with pytest.raises(JournalError, match="delivered"):
            after(State.DELIVERED, cause)


def test_only_a_late_200_leads_out_of_discarded() -> None:
    out = {cause: to for (of, cause), to in MOVES.items() if of is State.DISCARDED}
    assert out == {Cause.ANSWERED_200: State.DELIVERED}


def test_only_a_200_leads_to_delivered() -> None:
    assert {cause for (_, cause), to in MOVES.items() if to is State.DELIVERED} == {
        Cause.ANSWERED_200
    }


def test_what_is_still_to_be_pushed_or_held_can_always_be_discarded() -> None:
    done = {State.DELIVERED, State.DISCARDED}
    assert all(after(state, Cause.DISCARD) is State.DISCARDED for state in set(State) - done)


def test_every_cause_moves_something() -> None:
    assert {cause for _, cause in MOVES} == set(Cause)


def test_what_is_not_for_forwarding_is_never_pushed() -> None:
    for state in (State.SKIPPED, State.UNREADABLE):
        assert {to for (of, _), to in MOVES.items() if of is state} == {State.DISCARDED}
