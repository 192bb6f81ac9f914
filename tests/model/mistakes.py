"""Where each mistake, and each assumption that is dropped, shows: in which scenario, what it
breaks, and the line of `make mutants` that puts the like into the program."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.model.scenario import Assumption, Mistake, Scenario
from tests.model.scenarios import SCENARIOS


@dataclass(frozen=True, slots=True)
class Shown:
    """What a variant of the model must come to."""

    scenario: str
    breaks: str
    """How the reason begins: an invariant, or "nothing" where no good end is reached."""
    mutant: str = ""
    """The like of it, by its name in `tests/mutations/mutants.py`."""
    faults: int | None = None
    """Other than the scenario's own."""

    def with_mistake(self, mistake: Mistake) -> Scenario:
        return replace(self._scenario(), mistake=mistake)

    def without(self, assumption: Assumption) -> Scenario:
        return replace(self._scenario(), dropped=frozenset({assumption}))

    def _scenario(self) -> Scenario:
        scenario = SCENARIOS[self.scenario]
        return scenario if self.faults is None else replace(scenario, faults=self.faults)


COPY, SLOT, UNDATED = "a message and its copy", "two messages for one slot", "no time stamp"
ONE = "one message, two SIMs"
PARTS, SAME = "two parts", "the same on two SIMs"
ORDERS, OLD = "numbers and orders", "an old message"

SHOWN = {
    Mistake.DELETES_BEFORE_COMMIT: Shown(COPY, "I2", "what waits for its 200 may be deleted"),
    Mistake.DELETES_JOURNALLED: Shown(COPY, "I2", "what waits for its 200 may be deleted"),
    Mistake.NO_REREAD: Shown(SLOT, "I2", "a slot is deleted without reading it again"),
    Mistake.LINE_UNHEARD: Shown(SLOT, "I2", "a line in between does not call the delete off"),
    Mistake.NO_LOOK_AFTER: Shown(
        COPY, "I2", "a delete counts as done without reading the slot empty"
    ),
    Mistake.NO_CHECK_AFTER_DELETE: Shown(
        ONE, "I2", "the SIM is not checked after a delete", faults=2
    ),
    Mistake.NO_CHECK_BEFORE_DELETE: Shown(
        SAME, "I2", "the SIM is not checked before a delete", faults=1
    ),
    Mistake.NO_CHECK_BEFORE_READ: Shown(
        ONE, "I6", "the SIM is not checked before a read", faults=2
    ),
    Mistake.NO_CHECK_AFTER_READ: Shown(ONE, "I6", "the SIM is not checked after a read"),
    Mistake.HINT_UNHEARD: Shown(
        ONE, "I6", "a hint during the check of a SIM is overheard", faults=2
    ),
    Mistake.SAME_ON_ANY_SIM: Shown(SAME, "I6", "parts of two SIMs are joined", faults=0),
    Mistake.ID_FROM_MEMORY: Shown(SLOT, "I4", "the journal's copy of the mark is ignored"),
    Mistake.PUSH_BEFORE_FREEZE: Shown(
        ORDERS, "I4", "a request begins before its content is frozen"
    ),
    Mistake.FROZEN_RENUMBERED: Shown(
        ORDERS, "I4", "a reload changes the number of what was attempted"
    ),
    Mistake.NO_INTERVAL: Shown(COPY, "I5", "retries go by the wall clock"),
    Mistake.DUE_FORGOTTEN: Shown(COPY, "I5", "a start ignores when a message is due"),
    Mistake.DUE_BELIEVED: Shown(COPY, "I5", "an attempt that ended unrecorded is not waited for"),
    Mistake.WALL_CLOCK: Shown(OLD, "I5", "retries go by the wall clock"),
    Mistake.VERDICT_GIVEN_UP: Shown(
        COPY, "I3", "a 200 that can't be committed at first is given up"
    ),
    Mistake.ORDER_DROPPED: Shown(ORDERS, "nothing", "an order right after a refusal is not heard"),
    Mistake.REDELIVERY_NEW: Shown(COPY, "I3", "the same message found again is a new one"),
    Mistake.DELIVERED_RETRIED: Shown(
        ORDERS, "I3", "the table of moves lets a delivered message go"
    ),
    Mistake.LATE_PART_LOST: Shown(
        PARTS, "I1", "a part that comes after the push with gaps is swallowed"
    ),
}

NEEDED = {
    Assumption.GAP: Shown(SLOT, "I2"),
    Assumption.CHECK: Shown(SAME, "I2", faults=1),
    Assumption.ONCE: Shown(ONE, "I6", faults=2),
}
"""What is assumed is assumed for a reason: without it no program could keep the promises."""
