"""Where a part of a concatenated message belongs: rules alone, no clock, no store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256

from gsmbridge.sms.decoded import Deliver
from gsmbridge.sms.udh import Concat


class Stage(Enum):
    """How far a message under a key has come."""

    COLLECTING = "collecting"
    """Parts are missing and awaited."""
    WHOLE = "whole"
    """All parts came."""
    GAPS = "gaps"
    """Its time was up: it went on with gaps."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message known under the part's key; one that is not collecting only within the window."""

    message: int
    stage: Stage
    present: Mapping[int, str]
    """Number and `content` of the parts it has."""
    stamp: float | None
    """Time stamp of its first part as Unix time, where valid."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """That part is there already: nothing new to push."""

    of: int


@dataclass(frozen=True, slots=True)
class Joins:
    """It is a missing part of a message that is being collected."""

    message: int
    completes: bool


@dataclass(frozen=True, slots=True)
class Begins:
    """It is the first of a new message, and all of it if *completes*."""

    completes: bool


@dataclass(frozen=True, slots=True)
class AloneAfterGaps:
    """It comes after a push with gaps: pushed by itself, with gaps, as a new message."""

    after: int


Decision = Duplicate | Joins | Begins | AloneAfterGaps


def key(sender: str, concat: Concat) -> str:
    """What the parts of one message on one SIM have in common."""
    return f"{concat.reference}/{concat.width}/{concat.total}/{sender}"


def content(part: Deliver) -> str:
    """SHA-256 of what a part says and how it is written, in hex."""
    coding = f"{part.alphabet.value}/{part.locking}/{part.single}/"
    return sha256(coding.encode() + part.user_data).hexdigest()


def decide(
    concat: Concat, content: str, stamp: float | None, candidates: Sequence[Candidate]
) -> Decision:
    """Where a part belongs, given the messages under its key, oldest first.

    References come round again, so more than one may have this very part or lack it: then the
    time stamps of the service centre, which differ little within one message, choose the nearest.
    Between equals, or without stamps, what has the part goes before what is being collected, that
    before what went on with gaps, and the oldest first.
    """
    fitting: list[tuple[float, int, Candidate]] = []
    for candidate in candidates:
        rank = _rank(candidate, concat.number, content)
        if rank is not None:
            fitting.append((_distance(candidate.stamp, stamp), rank, candidate))
    if not fitting:
        return Begins(completes=concat.total == 1)
    _, rank, best = min(fitting, key=lambda fit: fit[:2])
    if rank == _HAS_IT:
        return Duplicate(best.message)
    if rank == _AWAITS_IT:
        return Joins(best.message, completes=len(best.present) + 1 == concat.total)
    return AloneAfterGaps(best.message)


_HAS_IT, _AWAITS_IT, _WENT_WITHOUT = range(3)


def _rank(candidate: Candidate, number: int, content: str) -> int | None:
    """How a message can take the part, None if it can't."""
    if number in candidate.present:
        return _HAS_IT if candidate.present[number] == content else None
    if candidate.stage is Stage.WHOLE:
        return None
    return _AWAITS_IT if candidate.stage is Stage.COLLECTING else _WENT_WITHOUT


def _distance(one: float | None, other: float | None) -> float:
    return float("inf") if one is None or other is None else abs(one - other)
