"""What keepers are given, and what they must know of one another."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from gsmbridge.clock import Clock
from gsmbridge.errors import ModemError
from gsmbridge.events import Events
from gsmbridge.modem.identity import SimIdentity
from gsmbridge.modem.intake import Intake
from gsmbridge.modem.status import PollWait

if TYPE_CHECKING:
    from gsmbridge.modem.keeper import Keeper


class Twin(ModemError):
    """Another port of this modem is already served."""

    def __init__(self, other: str) -> None:
        super().__init__(f"another port of this modem is served: {other}")
        self.other = other


class OtherPort(ModemError):
    """Another port of this modem is the better one."""


UsbReset = Callable[[str], Awaitable[None]]
"""Resets the USB device of a sysfs path. ModemError where that fails."""


class Book(Protocol):
    """What keepers must know of one another."""

    def claim(self, keeper: Keeper, imei: str | None, sim: SimIdentity) -> None:
        """`Twin` where another keeper serves the same SIM in the same modem. `SimAbsent` where
        another modem is at work with a SIM of the same ICCID and another IMSI."""

    def serves(self, keeper: Keeper, sim: int) -> None:
        """*keeper* is to be woken for this SIM of the journal."""

    def release(self, keeper: Keeper) -> None:
        """*keeper* serves nothing any more."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every session is given."""

    intake: Intake
    events: Events
    clock: Clock
    poll_wait: PollWait
    book: Book
    usb_reset: UsbReset | None = None
