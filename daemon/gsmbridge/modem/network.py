"""How a modem stands in its network: for status only, nothing is decided by it."""

from __future__ import annotations

from dataclasses import dataclass

from gsmbridge.at.channel import Channel
from gsmbridge.at.command import Command
from gsmbridge.errors import CommandTimeout
from gsmbridge.modem import replies

REGISTERED = ("home", "roaming")


@dataclass(frozen=True, slots=True)
class Network:
    """Operator, registration and signal as `ModemStatus` has them."""

    operator: str = ""
    registration: str = ""
    signal: int | None = None


async def ask(channel: Channel, *, signal: bool = True, operator: bool = True) -> Network:
    """What the modem tells of its network; questions that are refused or slow stay open.
    *operator*: ask for its name too, which takes some modems seconds."""
    registration = replies.registration(await _value(channel, "AT+CREG?"))
    if registration not in REGISTERED:
        packet = replies.registration(await _value(channel, "AT+CEREG?"))
        registration = packet if packet in REGISTERED else registration
    strength = replies.signal(await _value(channel, "AT+CSQ")) if signal else None
    name = replies.operator(await _value(channel, "AT+COPS?")) if operator else ""
    return Network(name, registration, strength)


async def _value(channel: Channel, text: str) -> bytes | None:
    prefix = text[2:].rstrip("?").encode() + b":"
    try:
        reply = await channel.run(Command(text, prefixes=(prefix,)))
    except CommandTimeout:
        return None  # a question about the network must not cost the modem its session
    return reply.value() if reply.ok else None
