"""The PIN: sent once, journalled before, never a PUK."""

from __future__ import annotations

import asyncio

from gsmbridge.at.channel import Channel
from gsmbridge.at.command import Command, Reply
from gsmbridge.dialects.dialect import Dialect
from gsmbridge.errors import CommandTimeout
from gsmbridge.modem import events as kinds
from gsmbridge.modem import replies
from gsmbridge.modem.identity import SLOW, SimAbsent, find_iccid
from gsmbridge.modem.intake import Intake
from gsmbridge.modem.patience import is_absent, is_busy
from gsmbridge.modem.status import ModemSettings
from gsmbridge.modem.teller import Teller

PAUSE = 2.0
"""Seconds between questions while the SIM is busy."""
FULL_TRIES = 3
"""What an untouched PIN has (TS 31.101): with fewer, somebody has already failed."""
REFUSED_BEFORE = "this PIN was refused before"
UNKNOWN = "this PIN was sent before, its answer is not known, and the modem tells no tries left"
LOCKS = ("SIM P", "PH-", "BLOCKED")
"""How answers of a locked SIM or modem begin (27.007, 8.3)."""
READY_PATIENCE = 20.0
"""Seconds in which "SIM PIN" may still be answered after the PIN was taken."""


class Locked(SimAbsent):
    """The SIM waits for a PIN or PUK that is not sent."""


async def unlock(
    channel: Channel,
    dialect: Dialect,
    settings: ModemSettings,
    intake: Intake,
    teller: Teller,
) -> None:
    """Returns once the SIM is ready. SimAbsent: there is none. Locked: it stays closed."""
    lenient = dialect.cpin_without_final
    timeout = None if lenient else SLOW
    question = Command("AT+CPIN?", prefixes=(b"+CPIN:",), lenient=lenient, timeout=timeout)
    wants = await _wants(channel, question, dialect.busy_patience)
    if wants == "READY":
        return
    iccid = (await find_iccid(channel, dialect))[0] or ""
    pin = settings.pin(iccid) if iccid else None
    left = await _tries_left(channel, dialect) if pin is not None else None
    reason = _hindrance(wants, iccid, pin, left)
    if pin is None or reason:
        raise Locked(f"the SIM wants {wants}: {reason}")
    if not await intake.may_send_pin(iccid, pin, untouched=left is not None):
        raise Locked(f"the SIM wants {wants}: {REFUSED_BEFORE if left is not None else UNKNOWN}")
    teller.tell(kinds.PIN_SENT, iccid=iccid)
    if not await _send(channel, pin):
        await intake.pin_refused(iccid)
        teller.tell(kinds.PIN_REFUSED, iccid=iccid)
        raise Locked("the PIN was refused")
    await intake.pin_accepted(iccid)
    await asyncio.sleep(dialect.after_pin)
    if await _wants(channel, question, READY_PATIENCE, until_ready=True) != "READY":
        raise SimAbsent("the SIM is not ready after its PIN")


async def lock(channel: Channel, dialect: Dialect) -> tuple[str, str | None]:
    """What a locked SIM wants, such as "SIM PIN", and its ICCID where it shows that; empty where
    it isn't locked. Sends nothing but questions."""
    question = Command("AT+CPIN?", prefixes=(b"+CPIN:",), lenient=dialect.cpin_without_final)
    wants = _answer(await channel.run(question))
    if not wants.startswith(LOCKS):
        return "", None
    return wants, (await find_iccid(channel, dialect))[0]


async def _wants(
    channel: Channel, question: Command, patience: float, until_ready: bool = False
) -> str:
    """The answer to AT+CPIN? (27.007, 8.3), waited for while the modem is busy."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience
    while True:
        reply = await channel.run(question)
        wants = _answer(reply)
        unready = is_busy(reply) or not wants or wants == "NOT READY"
        if until_ready:
            unready = wants != "READY"
        if not unready or is_absent(reply) or loop.time() + PAUSE > deadline:
            break
        await asyncio.sleep(PAUSE)
    if not wants or wants.startswith("NOT "):
        raise SimAbsent(replies.text(reply.final) if not wants else wants.lower())
    return wants


def _answer(reply: Reply) -> str:
    return replies.text(reply.value() or b"").strip('"').upper()


def _hindrance(wants: str, iccid: str, pin: str | None, left: int | None) -> str:
    """Why no PIN may be sent; empty where it may."""
    if wants != "SIM PIN":
        return "only the operator can give that"
    if not iccid:
        return "its ICCID cannot be read while it is locked"
    if pin is None:
        return "the config gives no PIN for it"
    if left is not None and left < FULL_TRIES:
        return f"only {left} tries are left"
    return ""


async def _tries_left(channel: Channel, dialect: Dialect) -> int | None:
    """How many tries the modem says are left; None if it does not say."""
    for query in dialect.pin_tries:
        reply = await channel.run(Command(query.text, prefixes=(query.prefix,)))
        parts = replies.fields(replies.text(reply.value() or b""))
        if reply.ok and len(parts) > query.field and parts[query.field].isdecimal():
            return int(parts[query.field])
    return None


async def _send(channel: Channel, pin: str) -> bool:
    """Whether the SIM took the PIN. The error of a time-out must not carry it."""
    try:
        return (await channel.run(Command(f"AT+CPIN={pin}", timeout=30.0))).ok
    except CommandTimeout:
        raise CommandTimeout("no answer to AT+CPIN=") from None
