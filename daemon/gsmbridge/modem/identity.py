"""Which modem, which SIM: asked in each family's way, answered in one form."""

from __future__ import annotations

from dataclasses import dataclass

from gsmbridge import iccid as iccids
from gsmbridge.at.channel import Channel
from gsmbridge.at.command import Command, Reply
from gsmbridge.at.port import PortName
from gsmbridge.dialects.dialect import Dialect
from gsmbridge.dialects.families import FAMILIES, ICCID_PREFIXES, recognise
from gsmbridge.errors import CommandTimeout, ModemError
from gsmbridge.modem import replies

EF_ICCID = "AT+CRSM=176,12258,0,0,10"
"""READ BINARY of EF-ICCID, 2FE2h (27.007, 8.18)."""
STILL_THERE = 4.0
"""Seconds in which a modem that did not answer one question must answer AT."""


class Unsettled(ModemError):
    """What was read of the SIM cannot be believed: the appearance begins anew."""


class OtherSim(Unsettled):
    """The SIM that was in is not proved to be in: another one answered, or none."""


class SimAbsent(ModemError):
    """The modem has no SIM that can be used now."""


@dataclass(frozen=True, slots=True)
class ModemIdentity:
    """What a modem says of itself."""

    manufacturer: str
    model: str
    revision: str
    imei: str | None
    dialect: Dialect


@dataclass(frozen=True, slots=True)
class SimIdentity:
    """What a SIM is known by, and the way it is asked."""

    iccid: str | None
    imsi: str | None
    query: str | None
    """The question that gave the ICCID; None where the IMSI is what proves it."""

    @property
    def key(self) -> str:
        """What no other SIM has."""
        return (self.imsi if self.query is None else self.iccid) or ""


def modem_key(imei: str | None, name: PortName) -> str:
    """By what the journal tells modems apart. IMEI and place: pools share one IMEI; a stick moved
    to another socket lost its power, and with it any copy of a store."""
    place = name.place or name.usb or ("" if imei else name.device)
    return f"{imei or ''}@{place}" if place else imei or ""


async def modem_identity(channel: Channel) -> ModemIdentity:
    """Manufacturer, model, revision and IMEI (27.007, 5.1 to 5.4); what is refused stays empty."""
    manufacturer = await _line(channel, "AT+CGMI")
    model = await _line(channel, "AT+CGMM")
    ati = ""
    if not manufacturer or not model or recognise(manufacturer, model).name == "generic":
        reply = await channel.run(Command("ATI", bare=True))
        ati = "\n".join(replies.text(line) for line in reply.lines)
    reply = await channel.run(Command("AT+CGSN", prefixes=(b"+CGSN:",), bare=True))
    found = (replies.digits(line, 14, 17) for line in reply.lines)
    imei = next((number for number in found if number), None)
    revision = await _line(channel, "AT+CGMR")
    return ModemIdentity(manufacturer, model, revision, imei, recognise(manufacturer, model, ati))


async def _line(channel: Channel, text: str) -> str:
    prefix = text[2:].encode() + b":"
    reply = await channel.run(Command(text, prefixes=(prefix,), bare=True))
    value = reply.value() if reply.ok else None
    return replies.text(value or b"").strip('"')


async def sim_identity(channel: Channel, dialect: Dialect) -> SimIdentity:
    """ICCID and IMSI. SimAbsent where the modem gives neither. An ICCID that may be cut off may be
    a neighbour's too, and proves nothing where there is an IMSI."""
    for query in iccid_queries(dialect):
        number = await _ask_once(channel, query)
        if number is not None:
            subscriber = await imsi(channel)
            proof = None if len(number) == iccids.SHORTEST and subscriber is not None else query
            return SimIdentity(number, subscriber, proof)
    subscriber = await imsi(channel)
    if subscriber is None:
        raise SimAbsent("the SIM gives neither ICCID nor IMSI")
    return SimIdentity(None, subscriber, None)


def iccid_queries(dialect: Dialect) -> list[str]:
    """The family's questions, EF-ICCID twice (Gobi's first answer is an error, as ModemManager
    found), then every other family's: an unknown modem is often a known one under another name."""
    queries = [*dialect.iccid, EF_ICCID, EF_ICCID]
    for family in FAMILIES:
        queries += [query for query in family.iccid if query not in queries]
    return queries


async def _ask_once(channel: Channel, query: str) -> str | None:
    """A question of which it is not known yet whether the modem answers it in a known form."""
    try:
        return await ask_iccid(channel, query)
    except CommandTimeout:
        await channel.resync(STILL_THERE)
        return None


async def ask_iccid(channel: Channel, query: str) -> str | None:
    """The ICCID in canonical form; None where the question is refused or the answer is none."""
    if query == EF_ICCID:
        return _from_crsm(await channel.run(Command(query, prefixes=(b"+CRSM:",), required=True)))
    command = Command(query, prefixes=ICCID_PREFIXES, bare=True, required=True)
    reply = await channel.run(command)
    if not reply.ok:
        return None
    values = (line.partition(b":")[2] if command.owns(line) else line for line in reply.lines)
    found = (iccids.canonical(replies.text(value)) for value in values)
    return next((number for number in found if number), None)


def _from_crsm(reply: Reply) -> str | None:
    """The content in `+CRSM: 144,0,"98..."`: status words 90h 00h, or 91h xx (51.011, 9.4)."""
    parts = replies.fields(replies.text(reply.value() or b""))
    if len(parts) < 3 or parts[0] not in ("144", "145"):
        return None
    return iccids.from_ef_iccid(parts[2])


async def imsi(channel: Channel) -> str | None:
    """The IMSI (27.007, 5.6); None while the modem does not give it."""
    reply = await channel.run(Command("AT+CIMI", prefixes=(b"+CIMI:",), bare=True, required=True))
    found = (replies.digits(line, 14, 15) for line in reply.lines)
    return next((number for number in found if number), None) if reply.ok else None


async def own_numbers(channel: Channel) -> tuple[str, ...]:
    """The numbers stored on the SIM (27.007, 7.1) that pass as international."""
    reply = await channel.run(Command("AT+CNUM", prefixes=(b"+CNUM:",)))
    return replies.own_numbers(reply.lines, reply.final)


async def check(channel: Channel, sim: SimIdentity) -> None:
    """Ask the cheapest question that proves that *sim* is still in. OtherSim if it is not, or if
    the modem does not say."""
    if sim.query is not None:
        seen = await ask_iccid(channel, sim.query) or await ask_iccid(channel, sim.query)
        proved = seen is not None and sim.iccid == seen
    else:
        seen = await imsi(channel)
        proved = seen is not None and sim.imsi == seen
    if not proved:
        raise OtherSim("the SIM is another one" if seen else "the SIM does not answer")
