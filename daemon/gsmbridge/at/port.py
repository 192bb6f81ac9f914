"""A serial port as the rest sees it: bytes in by callback, bytes out, gone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class PortName:
    """A port as found."""

    path: str
    """As matched by the glob: what logs and status show."""
    device: str
    """The resolved device node: two paths with one device are one port."""
    usb: str | None = None
    """The USB device that is the modem (sysfs path of the parent); None behind a UART bridge, whose
    ports are several modems."""
    interface: int | None = None
    """USB interface number, where there is one."""
    protocol: int | None = None
    """USB interface protocol, by which makers tell what a port is for."""
    vendor: str | None = None
    """USB vendor of the modem, four hex digits."""
    place: str | None = None
    """The socket it is plugged into, where the system tells: names change, sockets do not."""


class Port(Protocol):
    """An open port, owned by one channel."""

    def start(self, on_bytes: Callable[[bytes], None], on_lost: Callable[[str], None]) -> None:
        """Begin to read. *on_lost* is called once, with the reason, when the port is gone."""

    def write(self, data: bytes) -> None:
        """Queue bytes for writing. Never blocks; a failure is reported through *on_lost*."""

    async def close(self) -> None:
        """Give the port back (TIOCNXCL, unlock). May take long on dead hardware; never raises."""


class Ports(Protocol):
    """Where ports come from."""

    def present(self) -> Sequence[PortName]:
        """Ports that match the configured globs right now, each device once."""

    async def open(self, name: PortName, baudrate: int) -> Port:
        """Open exclusively. PortLost with a plain reason where that fails."""
