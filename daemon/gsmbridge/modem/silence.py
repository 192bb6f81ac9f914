"""Finds SIMs that get nothing while others of their operator do, and has them registered anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gsmbridge.at.channel import Channel
from gsmbridge.at.command import Command
from gsmbridge.dialects.dialect import Dialect

LOOK_EVERY = 60.0
"""Seconds between two looks for silent modems."""
REGISTER_PATIENCE = 60.0
"""Seconds for one command of registering; more would keep the modem from reading for too long."""


@dataclass(frozen=True, slots=True)
class Listener:
    """A SIM in a modem that is ready for messages."""

    sim: int
    operator: str
    since: float
    """Loop time from which it listens."""
    heard: float | None
    """Loop time of its last message, if one came since then."""


def silent(listeners: Sequence[Listener], now: float, after: float) -> list[Listener]:
    """Those without a message for *after* seconds, while another of the same operator had one."""
    alive = {
        each.operator
        for each in listeners
        if each.operator and each.heard is not None and now - each.heard < after
    }
    return [
        each
        for each in listeners
        if each.operator in alive and now - (each.heard or each.since) >= after
    ]


async def register_anew(channel: Channel, dialect: Dialect) -> None:
    """The errand that makes a modem look for its network again; what is refused is left out."""
    for text in dialect.reregister:
        await channel.run(Command(text, timeout=REGISTER_PATIENCE))
