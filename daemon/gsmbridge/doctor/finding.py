"""What a check finds: how bad, what, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """How bad it is."""

    OK = 0
    WARN = 1
    """Works, but will hurt some day, or needs a person's decision."""
    FAIL = 2
    """Messages do not come or do not go."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line."""

    check: str
    """What was looked at, one word."""
    level: Level
    what: str
    todo: str = ""
    """Empty where there is nothing to do."""


def ok(check: str, what: str) -> Finding:
    return Finding(check, Level.OK, what)


def warn(check: str, what: str, todo: str) -> Finding:
    return Finding(check, Level.WARN, what, todo)


def fail(check: str, what: str, todo: str) -> Finding:
    return Finding(check, Level.FAIL, what, todo)


def worst(findings: Iterable[Finding]) -> Level:
    return max((finding.level for finding in findings), default=Level.OK)
