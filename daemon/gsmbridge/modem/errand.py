"""Work that somebody asks of a modem beside its messages: to send one, to ask the network.

An errand runs commands on a modem's channel between two duties of its session, and only while the
SIM that is meant is proved to be in, before and after. It keeps the modem from reading as long as
it runs: what waits for the network waits outside.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from gsmbridge.at.channel import Channel
from gsmbridge.at.command import Command
from gsmbridge.dialects.dialect import Dialect
from gsmbridge.errors import CommandFailed, ModemError
from gsmbridge.modem import replies
from gsmbridge.sms import submit

T = TypeVar("T")
Errand = Callable[[Channel, Dialect], Awaitable[T]]

SEND_PATIENCE = 60.0
"""Seconds in which a message is accepted or not (AT+CMGS: the SIM800 manual's longest)."""
CTRL_Z = b"\x1a"


class Errands(Protocol):
    """Who has errands done."""

    async def errand(self, sim: int, errand: Errand[T]) -> T:
        """Do *errand* in the modem that has this SIM of the journal.

        ModemError: no modem has it now, it was taken out meanwhile, or what the errand raises.
        After CommandTimeout and PortLost nothing is known of its effect.
        """


def sending(number: str, text: str) -> Errand[None]:
    """The errand to send *text*, short enough for one SMS, to *number* (digits, with a plus if
    international). CommandFailed where the network or the modem refuses."""
    parts = submit.encode(number, text)
    if len(parts) != 1:
        raise ModemError("the text is too long for one SMS")
    pdu = parts[0]

    async def send(channel: Channel, dialect: Dialect) -> None:
        octets = len(pdu) // 2 - 1  # of the TPDU: without the service centre's `00`
        command = Command(
            f"AT+CMGS={octets}",
            prefixes=(b"+CMGS:",),
            body=pdu.encode("ascii") + CTRL_Z,
            timeout=SEND_PATIENCE,
        )
        reply = await channel.run(command)
        if not reply.ok:
            raise CommandFailed("AT+CMGS", replies.text(reply.final))

    return send
