"""Makes a modem ready to be read: synchronised, unlocked, in PDU mode, on the SIM's store."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from gsmbridge.at.channel import Channel
from gsmbridge.at.command import Command
from gsmbridge.dialects.dialect import Dialect, Role
from gsmbridge.errors import CommandFailed
from gsmbridge.modem import replies
from gsmbridge.modem.identity import SimAbsent
from gsmbridge.modem.patience import PAUSE, if_answered, is_absent, patiently
from gsmbridge.modem.replies import Usage

SYNC_PATIENCE = 4.0
"""Seconds in which a modem must answer AT."""

STORE_PATIENCE = 10.0
"""Seconds in which a refused SIM store may still come (ofono), before the modem's own is read."""

OWN_MEMORY = "ME"
"""The modem's own (27.005, 2.1)."""


@dataclass(frozen=True, slots=True)
class Ready:
    """What the set-up came to."""

    usage: Usage
    """Of the store that is read, by its own name."""
    indications: bool
    """Some AT+CNMI was taken: +CMTI may be hoped for."""
    others: tuple[str, ...] = ()
    """Further stores in which a message may land all the same."""


async def synchronise(channel: Channel) -> None:
    """ESC and AT until an OK; echo off, numeric errors. CommandTimeout: the modem is mute."""
    await channel.resync(SYNC_PATIENCE)
    await channel.run("ATE0")
    await if_answered(channel, "AT+CMEE=1")


async def switch_on(channel: Channel) -> None:
    """Full functionality (27.007, 8.2). Whoever switched SIM and radio off may not have lived to
    switch them on again, and a modem in that state tells no more than that it is busy."""
    reply = await if_answered(channel, Command("AT+CFUN?", prefixes=(b"+CFUN:",)))
    if reply is not None and (reply.value() or b"").partition(b",")[0].strip() in (b"0", b"4"):
        await channel.run(Command("AT+CFUN=1", timeout=30.0))


async def initialise(channel: Channel, dialect: Dialect, role: Role) -> None:
    """The family's own first commands; each may be refused."""
    here = [text for meant, text in dialect.urcs_here if meant is role]
    for choice in (*dialect.init, *here):
        for text in (choice,) if isinstance(choice, str) else choice:
            prefix = text[2:].partition("=")[0].rstrip("?").encode() + b":"
            reply = await if_answered(channel, Command(text, prefixes=(prefix,)))
            if reply is not None and reply.ok:
                break


async def settings(channel: Channel, dialect: Dialect) -> Ready:
    """Everything that a restart of the modem forgets. CommandFailed where PDU mode or a store
    cannot be had, SimAbsent where the SIM is the reason."""
    await if_answered(channel, 'AT+CSCS="GSM"')
    await if_answered(channel, Command("AT+CSMS=0", prefixes=(b"+CSMS:",)))
    pdu_mode = await patiently(channel, "AT+CMGF=0", dialect.busy_patience, dialect.busy_patience)
    if not pdu_mode.ok:
        raise CommandFailed("AT+CMGF=0", replies.text(pdu_mode.final))
    usage = await select_store(channel, dialect)
    indications = await _indications(channel, dialect)
    return Ready(usage, indications, await _others(channel, usage.memory))


async def select_store(channel: Channel, dialect: Dialect) -> Usage:
    """Choose the SIM's store, or the modem's own where that is all it has; read back."""
    loop = asyncio.get_running_loop()
    give_up = loop.time() + STORE_PATIENCE
    while True:
        if (usage := await _choose(channel, dialect, "SM")) is not None:
            return usage
        if loop.time() + PAUSE > give_up:
            break
        await asyncio.sleep(PAUSE)
    if (usage := await _choose(channel, dialect, OWN_MEMORY)) is not None:
        return usage
    raise CommandFailed("AT+CPMS", "neither the SIM's store nor the modem's own")


async def _choose(channel: Channel, dialect: Dialect, memory: str) -> Usage | None:
    """Have everything read from and stored in *memory*; None where the modem refuses, or reads
    another one all the same. Some take one or two names only."""
    for count in (3, 1, 2):
        command = _selecting(memory, memory, count)
        reply = await patiently(channel, command, dialect.busy_patience)
        if is_absent(reply):
            raise SimAbsent(replies.text(reply.final))
        if not reply.ok:
            continue
        usage = await read_usage(channel) or replies.usage(reply.value())
        if usage is None:
            return Usage(memory, 0, 0)
        if usage.memory in ("", memory):
            return Usage(memory, usage.used, usage.total)
    usage = await read_usage(channel)  # where it refuses because it is there already
    return usage if usage is not None and usage.memory == memory else None


async def _others(channel: Channel, memory: str) -> tuple[str, ...]:
    """The modem's own memory beside the SIM's, where it has one to read from. AT+CPMS=? lists it
    in many shapes, or not; choosing it tells."""
    if memory == OWN_MEMORY or not await read_from(channel, OWN_MEMORY, memory):
        return ()
    if not await read_from(channel, memory, memory):
        raise CommandFailed("AT+CPMS", f"the modem does not change back to {memory}")
    return (OWN_MEMORY,)


async def read_from(channel: Channel, memory: str, main: str, patience: float = 0.0) -> bool:
    """Have *memory* read and deleted from (27.005, 3.2.2: mem1), while messages go on to be stored
    in *main*. False where the modem refuses, or reads another one all the same. All are named
    where one alone is refused (E3372-325), or ignored with an OK (T77W968)."""
    for count in (1, 3, 2):
        reply = await if_answered(channel, _selecting(memory, main, count), patience)
        if reply is None:
            break
        if reply.ok:
            usage = await read_usage(channel)
            if usage is None or usage.memory in ("", memory):
                return True
    return False


def _selecting(memory: str, main: str, count: int) -> Command:
    """Read from *memory*, store in *main*, by so many names (27.005, 3.2.2)."""
    names = ",".join(f'"{name}"' for name in (memory, main, main)[:count])
    return Command(f"AT+CPMS={names}", prefixes=(b"+CPMS:",), timeout=45.0)


async def read_usage(channel: Channel) -> Usage | None:
    """Name, used and total slots of the store that is read (27.005, 3.2.2); None if not told."""
    command = Command("AT+CPMS?", prefixes=(b"+CPMS:",), required=True, timeout=30.0)
    reply = await channel.run(command)
    return replies.usage(reply.value()) if reply.ok else None


async def _indications(channel: Channel, dialect: Dialect) -> bool:
    for parameters in dialect.cnmi:
        reply = await if_answered(channel, f"AT+CNMI={parameters}")
        if reply is None or reply.ok:
            return reply is not None
    return False


async def restart_sim(channel: Channel, dialect: Dialect) -> None:
    """Start the SIM anew, so that a copy of its store is made anew too."""
    for text in dialect.reinit:
        await patiently(channel, Command(text, timeout=30.0), dialect.busy_patience)
    await asyncio.sleep(dialect.settle)
