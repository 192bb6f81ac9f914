"""The bounds of a search: what is there, and what may go wrong how often."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tests.model.state import NONE, Session, Sms, World


class Fault(StrEnum):
    """What the environment or the operator may do, each time for one of the scenario's faults."""

    CRASH = "the process dies"
    STOP = "the process is stopped in order"
    UNPLUG = "the modem is lost and comes back"
    REMOVE = "the card is taken out, and put in somewhere"
    SWAP = "two modems' cards are swapped"
    READER = "another reader deletes a message"
    OVERWRITE = "the network overwrites a slot"
    DUD = "a delete does nothing"
    DISK = "the disk takes nothing, or verdicts alone"
    CLOCK = "the wall clock jumps a day, either way"
    RELOAD = "the config gives the SIMs other numbers"
    RETRY = "the operator wants a retry"
    DISCARD = "the operator discards"


class Assumption(StrEnum):
    """What must never happen, or else no program that speaks AT could keep the promises."""

    GAP = "nothing changes without a word between the last look at a slot and its delete"
    CHECK = "no card is changed without a word between the check before a delete and the delete"
    ONCE = "between two checks no card is changed twice without a word"


class Mistake(StrEnum):
    """One thing that a variant of the program does wrong."""

    DELETES_BEFORE_COMMIT = "deletes on a 200 that is not committed"
    DELETES_JOURNALLED = "deletes what is journalled, without waiting for the 200"
    NO_REREAD = "deletes without reading the slot again"
    LINE_UNHEARD = "a line between reading again and deleting does not call the delete off"
    NO_LOOK_AFTER = "a delete counts as done without reading the slot empty"
    NO_CHECK_AFTER_DELETE = "the SIM is not checked after a delete"
    NO_CHECK_BEFORE_DELETE = "the SIM is not checked before a delete"
    NO_CHECK_BEFORE_READ = "the SIM is not checked before a read"
    NO_CHECK_AFTER_READ = "the SIM is not checked after a read"
    HINT_UNHEARD = "what the modem tells of its SIM is overheard"
    SAME_ON_ANY_SIM = "the same bytes on another SIM are the same message"
    ID_FROM_MEMORY = "ids are counted in memory"
    PUSH_BEFORE_FREEZE = "a request begins before its content is frozen"
    FROZEN_RENUMBERED = "a reload changes the number of what was attempted"
    NO_INTERVAL = "a failed attempt is repeated at once"
    DUE_FORGOTTEN = "a start forgets when messages are due"
    DUE_BELIEVED = "a start after a crash believes an interval that is over"
    WALL_CLOCK = "intervals are counted on the wall clock"
    ORDER_DROPPED = "what the operator wants right after a refusal is not heard"
    VERDICT_GIVEN_UP = "a 200 that the disk refuses is given up"
    REDELIVERY_NEW = "what was deleted and comes again is a new message"
    DELIVERED_RETRIED = "the operator can have a delivered message retried"
    LATE_PART_LOST = "a part that comes late is taken for one that is there"


Numbers = tuple[int, ...]
"""Per SIM: its number in a config, or NONE."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A world to begin with, and the bounds."""

    name: str
    messages: tuple[Sms, ...]
    kinds: frozenset[Fault]
    faults: int
    places: tuple[int, ...] = (0,)
    cards: int = 1
    slots: int = 2
    configs: tuple[Numbers, ...] = ((0, 1),)
    brief: bool = False
    """The forwarding loop is no subject: from the journal to a committed 200 is one step."""
    mistake: Mistake | None = None
    dropped: frozenset[Assumption] = frozenset()

    def makes(self, mistake: Mistake) -> bool:
        return self.mistake is mistake

    def assumes(self, assumption: Assumption) -> bool:
        return assumption not in self.dropped

    def number(self, world: World, card: int) -> int:
        """The number that the config in force gives a SIM."""
        return self.configs[world.config][card]

    def initial(self) -> World:
        count = len(self.messages)
        return World(
            cards=((NONE,) * self.slots,) * self.cards,
            places=self.places,
            sent=(False,) * count,
            taken=(False,) * count,
            sessions=(Session(),) * len(self.places),
            faults=self.faults,
        )
