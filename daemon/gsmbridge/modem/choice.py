"""Which port of a modem is used: a modem may have five, and one of them carries `+CMTI`. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gsmbridge.at.port import PortName
from gsmbridge.dialects.dialect import Dialect, Role

RATES = (9600, 115200, 19200, 57600, 38400)
"""Speeds at which UART modems are found, the likely ones first. One that sets its speed by the
first AT is found at any."""
DIAGNOSTICS = 3
"""Low four bits of a protocol number: the makers that number so agree (ModemManager, ofono)."""


def in_order(names: Sequence[PortName], dialect: Dialect) -> list[PortName]:
    """The family's own port first, then those it is known to talk on, then the others."""
    return sorted(names, key=lambda name: (_rank(name, dialect), name.interface or 0))


def role(name: PortName, dialect: Dialect) -> Role:
    """What *name* is to a modem of that family."""
    if name.usb is None:
        return Role.UART
    number = _number(name)
    if dialect.protocol is not None and number is not None:
        return Role.AT if number == dialect.protocol else Role.MODEM
    dialling = dialect.interfaces[1:][-1:]
    return Role.MODEM if name.interface in dialling else Role.AT


def better(
    names: Sequence[PortName], current: PortName, dialect: Dialect, tried: Collection[str]
) -> PortName | None:
    """The port to change to once the family is known; None where *current* is the best. *tried*:
    devices that did not answer, or never announced a message."""
    known = len(dialect.interfaces)
    for name in in_order(names, dialect):
        rank = _rank(name, dialect)
        if current.device not in tried and rank >= _rank(current, dialect):
            return None
        talks = rank <= known or (dialect.protocol is None and not known)
        if talks and name.device != current.device and name.device not in tried:
            return name
    return None


def rate(configured: int, tries: int) -> int:
    """Speed for the next try at a UART that has not answered *tries* times: every other time the
    configured one."""
    return configured if tries % 2 == 0 else RATES[tries // 2 % len(RATES)]


def to_drain(names: Sequence[PortName], current: PortName) -> list[PortName]:
    """The ports beside *current* out of which unsolicited lines may come."""
    others = [name for name in names if name.device != current.device]
    return [name for name in others if _number(name) != DIAGNOSTICS]


def _rank(name: PortName, dialect: Dialect) -> int:
    """0 for the port of the right protocol; 1 and on for the interfaces in their order."""
    if dialect.protocol is not None and _number(name) == dialect.protocol:
        return 0
    if name.interface in dialect.interfaces:
        return 1 + dialect.interfaces.index(name.interface)
    return 1 + len(dialect.interfaces)


def _number(name: PortName) -> int | None:
    """By what a maker tells its ports apart; None for the "vendor specific" FFh and for none."""
    return None if name.protocol in (None, 0x00, 0xFF) else name.protocol & 0x0F
