"""What the rest of the program hands to the modem side, and sees of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

READY = "ready"


@dataclass(frozen=True, slots=True)
class ModemSettings:
    """The part of the config that modems go by. Seconds throughout."""

    poll_interval: float = 30.0
    command_timeout: float = 10.0
    baudrate: int = 115200
    usb_reset: bool = False
    """The last rung of recovery may reset the USB device."""
    silent_after: float | None = None
    """Without a message for so long, while others of the operator get theirs, a modem registers
    anew."""
    pin: Callable[[str], str | None] = lambda iccid: None
    """The PIN that the config gives for an ICCID in canonical form."""


@dataclass(frozen=True, slots=True)
class ModemStatus:
    """One modem as it was last seen; empty or None where not known."""

    path: str
    phase: str = "opening"
    """One word: opening, silent, lost, twin, setup, no-sim, pin, reading, ready, recovering."""
    since: float = 0.0
    """Unix time since which it is ready, or has not been, whatever the phase."""
    manufacturer: str = ""
    model: str = ""
    revision: str = ""
    dialect: str = ""
    imei: str | None = None
    sim: int | None = None
    """The journal's key of the SIM."""
    iccid: str | None = None
    imsi: str | None = None
    phone: str | None = None
    """The number its messages go out under."""
    own_numbers: tuple[str, ...] = ()
    operator: str = ""
    registration: str = ""
    """home, roaming, searching, denied, none or unknown (27.007, 7.2)."""
    signal: int | None = None
    """Received signal strength in dBm (27.007, 8.5)."""
    store: str = ""
    used: int | None = None
    total: int | None = None
    last_sms: float | None = None
    """Unix time at which a message was last read as new."""
    last_error: str = ""
    resets: int = 0
    recoveries: tuple[tuple[str, int], ...] = ()
    """How often each rung of recovery was tried."""
    alarms: tuple[str, ...] = ()
    """What is wrong for long."""
    appearances: int = 0

    @property
    def own_number(self) -> str | None:
        """The number stored on its SIM, if it is only one."""
        return self.own_numbers[0] if len(self.own_numbers) == 1 else None

    def turned(self, phase: str, wall: float, last_error: str) -> ModemStatus:
        """In another phase at *wall*, Unix time."""
        same = (phase == READY) == (self.phase == READY)
        since = self.since if same else wall
        return replace(self, phase=phase, since=since, last_error=last_error)


class PollWait(Protocol):
    """How an idle session waits. A simulated farm replaces it to skip polls that find nothing."""

    async def wait(self, path: str, seconds: float, wake: asyncio.Event, poll: int = 0) -> int:
        """Return once *wake* is set or *seconds* have passed. *path*: the modem's; empty: the fleet
        waits for its next look at the ports. *poll*: the number of the poll that comes next; the
        number of the one that comes next after the wait."""


class IdleWait:
    """Waits as long as asked."""

    async def wait(self, path: str, seconds: float, wake: asyncio.Event, poll: int = 0) -> int:
        try:
            async with asyncio.timeout(seconds):
                await wake.wait()
        except TimeoutError:
            pass  # the time to poll: nothing woke it
        return poll
