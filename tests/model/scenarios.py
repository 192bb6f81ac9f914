"""The scenarios that are searched: together they have all that is in the model."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gsmbridge.message import State
from tests.model.scenario import Fault, Scenario
from tests.model.state import NONE, Sms

A = Sms("a", 0, "a")
AGAIN = Sms("a's copy", 0, "a")
B = Sms("b", 0, "b")
C = Sms("c", 1, "c")
SAME = Sms("a's like on the other SIM", 1, "a")
OLD = A._replace(old=True)
UNDATED = (A._replace(dated=False), AGAIN._replace(dated=False))
PARTS = (
    Sms("part 1", 0, "p1", part=1, total=2, key="p"),
    Sms("part 2", 0, "p2", part=2, total=2, key="p"),
)
ASIDE = (A._replace(aside=State.SKIPPED), B._replace(aside=State.UNREADABLE))

PROCESS = frozenset({Fault.CRASH, Fault.STOP, Fault.DISK})
SLOT = frozenset({Fault.READER, Fault.OVERWRITE, Fault.DUD, Fault.UNPLUG})
HANDS = frozenset({Fault.REMOVE, Fault.SWAP, Fault.UNPLUG})
PEOPLE = frozenset({Fault.RELOAD, Fault.RETRY, Fault.DISCARD})

TIME = frozenset({Fault.CLOCK, Fault.CRASH})
TWO: dict[str, Any] = {"places": (0, 1), "cards": 2, "slots": 1}
NUMBERS = ((0, 1), (1, 0), (NONE, 1))

_SCENARIOS = (
    Scenario("a message and its copy", (A, AGAIN), PROCESS | SLOT, faults=1),
    Scenario("two messages for one slot", (A, B), PROCESS | SLOT, faults=1, slots=1),
    Scenario("no time stamp", UNDATED, PROCESS | SLOT, faults=1, slots=1),
    Scenario("two parts", PARTS, PROCESS | SLOT | {Fault.DISCARD}, faults=1, brief=True),
    Scenario("two SIMs", (A, C), HANDS | {Fault.CRASH}, faults=1, brief=True, **TWO),
    Scenario("the same on two SIMs", (A, SAME), HANDS | {Fault.DUD}, faults=1, brief=True, **TWO),
    Scenario("a SIM that moves", (A, B), HANDS | SLOT, faults=1, brief=True, places=(0, NONE)),
    Scenario("numbers and orders", (A,), PROCESS | PEOPLE, faults=2, configs=NUMBERS),
    Scenario("an old message", (OLD,), PEOPLE | TIME, faults=2, configs=NUMBERS),
    Scenario("parts and orders", PARTS, PEOPLE | TIME, faults=1, brief=True, configs=NUMBERS),
    Scenario("not for forwarding", ASIDE, PROCESS | SLOT | {Fault.DISCARD}, faults=2),
)
SCENARIOS = {scenario.name: scenario for scenario in _SCENARIOS}
"""By name, with the bounds that `make test` searches."""

MORE = {
    "a message and its copy": 1,
    "two messages for one slot": 1,
    "no time stamp": 1,
    "two parts": 1,
    "two SIMs": 1,
    "the same on two SIMs": 1,
    "a SIM that moves": 1,
    "numbers and orders": 2,
    "an old message": 2,
    "parts and orders": 1,
    "not for forwarding": 1,
}
"""By how many faults `make model` goes further."""


def full(name: str) -> Scenario:
    """A scenario with the bounds of `make model`."""
    scenario = SCENARIOS[name]
    return replace(scenario, faults=scenario.faults + MORE[name])
