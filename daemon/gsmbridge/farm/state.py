"""What a simulated modem is in: phase, settings, troubles; and what it knows of the network."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Protocol

from gsmbridge.farm.sim import SimCard


class Phase(Enum):
    OFF = auto()
    DEAF = auto()
    """Booting: hears nothing."""
    BOOTING = auto()
    """Answers, but the SIM isn't ready."""
    READY = auto()


class Outcome(Enum):
    """What became of a message that the network handed to a modem."""

    STORED = auto()
    DIRECT = auto()
    FULL = auto()
    ABSENT = auto()


class Carrier(Protocol):
    """The network as a modem sees it."""

    def available(self, sim: SimCard) -> None:
        """*sim* can be reached, or has room again (23.040, RP-SMMA)."""

    def submit(self, sim: SimCard, tpdu: bytes) -> None:
        """*sim* sends an SMS-SUBMIT."""


class NoCarrier:
    """No network at all."""

    def available(self, sim: SimCard) -> None:
        pass

    def submit(self, sim: SimCard, tpdu: bytes) -> None:
        pass


@dataclass(slots=True)
class Settings:
    """What AT commands set, and a reset forgets."""

    echo: bool = True
    cmee: int = 0
    cmgf: int = 0
    csms: int = 0
    cnmi: tuple[int, ...] = (0, 0, 0, 0, 0)
    cfun: int = 1
    muted: bool = False
    unlocked: bool = False
    """The PIN was given."""
    stores: list[str] = field(default_factory=lambda: ["SM", "SM", "SM"])


@dataclass(slots=True)
class Trouble:
    """What is wrong with a modem at the moment. The defaults are: nothing."""

    hang: bool = False
    """Answers nothing. Chatter goes on unless *mute*; messages are still stored."""
    mute: bool = False
    revive: str = ""
    """What ends a hang: "esc", "cfun" (AT+CFUN=1,1), else power alone."""
    late: bool = False
    """Commands heard during a hang are answered when it ends."""
    delete: str = ""
    """"lie": OK, and nothing is deleted; "deny": ERROR, and it is."""
    announce: str = ""
    """"never", "twice", "late", "wrong", "minus_one"."""
    storm: tuple[str, ...] = ()
    """Lines that come between any two lines of a reply."""
    reply_delay: float = 0.0
    """Seconds on top of every command's own."""
    service: str = ""
    """"searching" or "denied": not in the network; "barred": registered, and reached by nothing."""
    reticent: str = ""
    """The field of `personalities` that its SIM is too busy to tell: "iccid", "imsi", "number"."""
    into_me: bool = False
    """Stores in ME whatever AT+CPMS says, and announces it as "SM"."""
