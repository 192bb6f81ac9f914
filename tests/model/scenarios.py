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
TAKES = frozenset({Fault.CRASH, Fault.DUD})
TWO: dict[str, Any] = {"places": (0, 1), "cards": 2, "slots": 1}
NUMBERS = ((0, 1), (1, 0), (NONE, 1))

_SCENARIOS = (
    Scenario("a message and its copy", (A, AGAIN), PROCESS | SLOT, faults=1),
    Scenario("two messages for one slot", (A, B), PROCESS | SLOT, faults=1, slots=1),
    Scenario("no time stamp", UNDATED, PROCESS | SLOT, faults=1, slots=1),
    Scenario("two parts", PARTS, PROCESS | SLOT | {Fault.DISCARD}, faults=1, brief=True),
    Scenario("one message, two SIMs", (A,), HANDS | TAKES, faults=1, brief=True, **TWO),
    Scenario("two SIMs", (A, C), HANDS | TAKES, faults=0, brief=True, **TWO),
    Scenario("the same on two SIMs", (A, SAME), HANDS | TAKES, faults=0, brief=True, **TWO),
    Scenario("a SIM that moves", (A,), HANDS | SLOT, faults=2, brief=True, places=(0, NONE)),
    Scenario("numbers and orders", (A,), PROCESS | PEOPLE, faults=2, configs=NUMBERS),
    Scenario("an old message", (OLD,), PEOPLE | TIME, faults=2, configs=NUMBERS),
    Scenario("parts and orders", PARTS, PEOPLE | TIME, faults=1, brief=True, configs=NUMBERS),
    Scenario("not for forwarding", ASIDE, PROCESS | SLOT | {Fault.DISCARD}, faults=1),
)
SCENARIOS = {scenario.name: scenario for scenario in _SCENARIOS}
"""By name, with as many faults as `make test` allows."""


def full(name: str) -> Scenario:
    """A scenario with as many faults as `make model` allows: two more where it is small."""
    scenario = SCENARIOS[name]
    more = 1 if len(scenario.messages) > 1 else 2
    return replace(scenario, faults=scenario.faults + more)
