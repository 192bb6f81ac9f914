"""What the rungs of the ladder do to a modem through its open port."""

from __future__ import annotations

from gsmbridge.at.channel import Channel
from gsmbridge.at.command import Command
from gsmbridge.dialects.dialect import Dialect
from gsmbridge.modem import setup
from gsmbridge.modem.recovery import Rung

AFTER_RESET = 3.0
"""Seconds that a modem is left alone after a reset, before its port is used again."""
RESET_PATIENCE = 5.0
"""Seconds for the answer to a reset; many modems are gone before they give one."""


async def apply(rung: Rung, channel: Channel, dialect: Dialect) -> None:
    """Do what *rung* says beyond opening and synchronising, which every session begins with.
    CommandTimeout where the modem is too deaf; PortLost where it went at once."""
    if rung is Rung.REINIT:
        await setup.synchronise(channel)
        await setup.restart_sim(channel, dialect)
    elif rung is Rung.RESET:
        for text in dialect.reset:
            await channel.run(Command(text, timeout=RESET_PATIENCE))
