"""What the model knows: the world as it is, the daemon's memory, the journal on disk.

States are tuples all through: millions are hashed and compared. Where something is not there, its
index is `NONE`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from gsmbridge.journal.life import Cause
from gsmbridge.message import State

NONE = -1
Move = tuple[State, Cause, State]
Slots = tuple[int, ...]
"""What lies in each slot of a card: an index into the scenario's messages, or NONE."""


class Sms(NamedTuple):
    """A message, or part of one, that the network may store once."""

    name: str
    sim: int
    bytes: str
    """Its TPDU in canonical form: equal on two of them means byte-identical."""
    part: int = 1
    total: int = 1
    key: str = ""
    """What its parts have in common; "" where it has none."""
    old: bool = False
    """Its time stamp is older than `max_stored_age` as long as the clock is right."""
    dated: bool = True
    aside: State | None = None
    """`skipped` or `unreadable`: not for forwarding."""


class Due(StrEnum):
    """When an attempt may begin."""

    NONE = ""
    AHEAD = "ahead"
    OVER = "over"


class Row(NamedTuple):
    """A message in the journal."""

    sms_id: int
    card: int
    """The SIM that it is attributed to."""
    key: str
    parts: tuple[int, ...]
    total: int
    state: State
    phone: int = NONE
    frozen: bool = False
    content: tuple[int, ...] = ()
    """The parts that its text is made of; settled once it waits for no more."""
    held: bool = False
    """It may be meant for an earlier client."""
    insisted: bool = False
    due: Due = Due.NONE


class Copy(NamedTuple):
    """A slot's content in the journal."""

    row: int
    sms: int
    """Which of the byte-identical ones it really is: only the promises look at that."""
    place: int
    """The modem in whose present appearance *slot* was seen."""
    slot: int
    on_sim: bool = True
    freed: bool = False


class Journal(NamedTuple):
    """What is committed."""

    rows: tuple[Row, ...] = ()
    copies: tuple[Copy, ...] = ()
    listed: tuple[bool, ...] = (False, False)
    """Per SIM: a complete listing was recorded."""
    mark: int = 1
    """No id below it is given out again."""
    clean: bool = False
    """The last process ended in order."""


class At(StrEnum):
    """Where a modem's session stands between two commands."""

    IDLE = "idle"
    CHECKED = "checked, about to read"
    READ = "read, about to check again"
    RECORD = "a reading waits for its commit"
    FREE = "checked, about to read a slot again"
    GAP = "read again, about to delete"
    DELETED = "deleted, about to look"
    LEFT = "looked, about to check again"
    FREED = "a delete waits for its commit"


class Session(NamedTuple):
    """One modem as the daemon sees it. A new one is what an appearance begins with."""

    sim: int = NONE
    """The SIM that is believed to be in."""
    listed: bool = False
    """This appearance had its first pass."""
    hint: bool = False
    """The modem told of a change of its SIM."""
    announced: bool = False
    """+CMTI came and was not served."""
    at: At = At.IDLE
    read: tuple[tuple[int, int], ...] = ()
    """Slot and what was read there."""
    complete: bool = False
    line: bool = False
    """An unsolicited line came since the check."""
    copy: int = NONE
    """What is being freed."""
    slot: int = NONE
    """Where, as the journal said when it was asked."""
    empty: bool = False
    """How the slot looked after the delete."""
    sent: tuple[int, ...] = ()
    """Copies whose delete was sent and is not journalled."""
    victim: int = NONE
    """What the delete really removed; only the promises look at that."""
    moved: bool = False
    """The card was changed without a word since the last check."""


class Stage(StrEnum):
    """Where a message stands in the forwarding loop."""

    ABSENT = ""
    DUE = "due"
    WAITS = "waits for its interval"
    FREEZING = "waits for its freeze"
    SENT = "on its way to the server"
    OK = "answered 200"
    TERMINAL = "answered by a terminal error"
    ERROR = "answered by another error"
    KNOWN_OK = "a 200 waits for its commit"
    KNOWN_TERMINAL = "a terminal error waits for its commit"
    SETTLED = "its verdict is committed and the loop not told yet"


FLIGHT = (Stage.FREEZING, Stage.SENT, Stage.OK, Stage.TERMINAL, Stage.ERROR)
SETTLING = (Stage.KNOWN_OK, Stage.KNOWN_TERMINAL, Stage.SETTLED)


class Task(NamedTuple):
    """What the forwarding loop holds in memory of one row."""

    stage: Stage = Stage.ABSENT
    leaves: bool = False
    """Withdrawn while in flight."""
    failed: Due = Due.NONE
    """A failure that is not committed yet: when the next attempt is due."""


class Truth(NamedTuple):
    """What really happened to a row; the daemon never asks."""

    sim: int
    """The SIM that its first part lay on."""
    pushed: tuple[int, tuple[int, ...]] | None = None
    """Number and parts of its first request."""
    served: bool = False
    """The server has answered 200."""
    known: bool = False
    """The daemon knows of a 200: committed, or in this life of the process."""
    rests: bool = False
    """An attempt ended without a verdict, and the interval since is not over."""


class World(NamedTuple):
    """Everything there is."""

    cards: tuple[Slots, ...]
    places: tuple[int, ...]
    """Per modem: the card in it, or NONE."""
    sent: tuple[bool, ...]
    """Per message: the network has stored it."""
    taken: tuple[bool, ...]
    """Per message: another reader or the network removed it before it was journalled."""
    sessions: tuple[Session, ...]
    tasks: tuple[Task, ...] = ()
    truth: tuple[Truth, ...] = ()
    journal: Journal = Journal()
    up: bool = False
    next_id: int = 1
    disk: str = "well"
    config: int = 0
    """Which of the scenario's configs is in force."""
    clock: int = 0
    """Days by which the wall clock is off."""
    faults: int = 0
    """How many are still to come, at most."""
    broken: str = ""
    """The promise that the last step broke."""


class Step(NamedTuple):
    """One thing that can happen."""

    what: str
    args: tuple[int | str, ...]
    world: World
    moves: tuple[Move, ...] = ()
    mends: bool = True
    """False: a fault, an order, or something new; it doesn't happen once the faults stop."""

    def __str__(self) -> str:
        shown = " ".join(str(arg) for arg in self.args)
        return f"{self.what} [{shown}]" if shown else self.what
