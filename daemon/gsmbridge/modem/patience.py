"""Commands that a modem refuses while it is busy, and those that it may leave without an answer."""

from __future__ import annotations

import asyncio

from gsmbridge.at.channel import Channel
from gsmbridge.at.command import Command, Reply
from gsmbridge.errors import CommandTimeout

PAUSE = 1.0
"""Seconds between two tries of a command that a busy modem refused."""
STILL_THERE = 4.0
"""Seconds in which a modem that did not answer one question must answer AT."""

BUSY_CME = (14, 515, 516)
"""SIM busy; the vendors' "please wait, init or command processing in progress"."""
BUSY_CMS = (314, 500, 512)
"""SIM busy; unknown error and the vendors' range, both seen while a modem starts."""
ABSENT_CME = (10, 13, 15)
"""SIM not inserted, failure, wrong (27.007, 9.2)."""
ABSENT_CMS = (310, 313, 315)
"""The same of 27.005, 3.2.5."""


def is_busy(reply: Reply) -> bool:
    """The modem is not ready yet: the same command may succeed later."""
    if reply.ok:
        return False
    return reply.cme in BUSY_CME or reply.cms in BUSY_CMS or b"BUSY" in reply.final.upper()


def is_absent(reply: Reply) -> bool:
    """The modem says that there is no SIM."""
    return reply.cme in ABSENT_CME or reply.cms in ABSENT_CMS


async def patiently(
    channel: Channel, command: Command | str, patience: float, refusals: float = 0.0
) -> Reply:
    """Run until the modem is not busy, or *patience* seconds are over; the last reply. For
    *refusals* seconds any error is taken for "busy": some modems say no more while they start."""
    began = asyncio.get_running_loop().time()
    while True:
        reply = await channel.run(command)
        passed = asyncio.get_running_loop().time() - began
        limit = patience if is_busy(reply) else refusals
        if reply.ok or is_absent(reply) or passed + PAUSE > limit:
            return reply
        await asyncio.sleep(PAUSE)


async def if_answered(
    channel: Channel, command: Command | str, patience: float = 0.0
) -> Reply | None:
    """Run what a modem may do without, for *patience* seconds again while it is busy: None where no
    answer comes to it, though the modem is there. CommandTimeout: it answers nothing."""
    try:
        return await patiently(channel, command, patience)
    except CommandTimeout:
        await channel.resync(STILL_THERE)
        return None
