"""The life of a message: every move between states that exists, in one table."""

from __future__ import annotations

from enum import StrEnum

from gsmbridge.errors import JournalError
from gsmbridge.message import State


class Cause(StrEnum):
    """What can move a message from one state to another."""

    WHOLE = "whole"
    """All its parts are here, or the window for the missing ones is over; its SIM has a number."""
    NO_NUMBER = "no number"
    """As WHOLE, but no number can be given for its SIM."""
    OLD = "old"
    """As WHOLE, but it may be meant for an earlier client."""
    RESOLVED = "resolved"
    """Its SIM has a number now."""
    NUMBER_CHANGED = "number changed"
    """Its SIM's number is another than the one it was attempted under."""
    ANSWERED_200 = "answered 200"
    TERMINAL_ERROR = "terminal error"
    RETRY = "retry"
    """The operator's word."""
    DISCARD = "discard"
    """The operator's word."""


MOVES: dict[tuple[State, Cause], State] = {
    (State.COLLECTING, Cause.WHOLE): State.PENDING,
    (State.COLLECTING, Cause.NO_NUMBER): State.UNASSIGNED,
    (State.COLLECTING, Cause.OLD): State.STALE,
    (State.COLLECTING, Cause.DISCARD): State.DISCARDED,
    (State.PENDING, Cause.ANSWERED_200): State.DELIVERED,
    (State.PENDING, Cause.TERMINAL_ERROR): State.REFUSED,
    (State.PENDING, Cause.NUMBER_CHANGED): State.UNASSIGNED,
    (State.PENDING, Cause.NO_NUMBER): State.UNASSIGNED,
    (State.PENDING, Cause.DISCARD): State.DISCARDED,
    (State.UNASSIGNED, Cause.RESOLVED): State.PENDING,
    (State.UNASSIGNED, Cause.RETRY): State.PENDING,
    (State.UNASSIGNED, Cause.DISCARD): State.DISCARDED,
    (State.STALE, Cause.RETRY): State.PENDING,
    (State.STALE, Cause.DISCARD): State.DISCARDED,
    (State.REFUSED, Cause.RETRY): State.PENDING,
    (State.REFUSED, Cause.DISCARD): State.DISCARDED,
    (State.UNREADABLE, Cause.DISCARD): State.DISCARDED,
    (State.SKIPPED, Cause.DISCARD): State.DISCARDED,
    # An attempt that was in flight when the message was held or discarded can still be answered:
    # a 200 is a delivery whatever was decided meanwhile.
    (State.UNASSIGNED, Cause.ANSWERED_200): State.DELIVERED,
    (State.UNASSIGNED, Cause.TERMINAL_ERROR): State.REFUSED,
    (State.DISCARDED, Cause.ANSWERED_200): State.DELIVERED,
}
"""A pair that is missing here is a move that must never happen."""


def after(state: State, cause: Cause) -> State:
    """The state that *cause* leads to from *state*. JournalError where there is no such move."""
    try:
        return MOVES[state, cause]
    except KeyError:
        raise JournalError(
            f"a message that is {state.value} can't be moved by: {cause.value}"
        ) from None
