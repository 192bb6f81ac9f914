"""Which modem, which SIM: asked in each family's way, answered in one form."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from gsmbridge import iccid as iccids
from gsmbridge.at.channel import Channel
from gsmbridge.at.command import Command, Reply
from gsmbridge.at.port import PortName
from gsmbridge.dialects.dialect import Dialect
from gsmbridge.dialects.families import FAMILIES, ICCID_PREFIXES, recognise
from gsmbridge.errors import ModemError
from gsmbridge.modem import replies
from gsmbridge.modem.patience import PAUSE, if_answered, is_busy

EF_ICCID = "AT+CRSM=176,12258,0,0,10"
"""READ BINARY of EF-ICCID, 2FE2h (27.007, 8.18)."""
SLOW = 25.0
"""Seconds that a SIM may take for an answer: Telit's takes 20 for AT+CNUM and AT+CPIN?."""
BUSY_PATIENCE = 15.0
"""Seconds in which a SIM that can be used may still be too busy to say who it is."""

IMSI = Command("AT+CIMI", prefixes=(b"+CIMI:",), bare=True, required=True, timeout=SLOW)


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
    def proved(self) -> bool:
        """There is something that no other SIM has."""
        return self.query is not None or self.imsi is not None

    @property
    def key(self) -> str:
        """What no other SIM has."""
        return (self.imsi if self.query is None else self.iccid) or ""

    def is_neighbour(self, other: SimIdentity) -> bool:
        """Its ICCID is shown like this one's, and is another's all the same."""
        imsis = (self.imsi, other.imsi)
        return self.key == other.key and None not in imsis and self.imsi != other.imsi


def modem_key(imei: str | None, name: PortName) -> str:
    """By what the journal tells modems apart. IMEI and place: pools share one IMEI; a stick moved
    to another socket lost its power, and with it any copy of a store."""
    place = name.place or name.usb or ("" if imei else name.device)
    return f"{imei or ''}@{place}" if place else imei or ""


async def modem_identity(channel: Channel) -> ModemIdentity:
    """Manufacturer, model, revision and IMEI (27.007, 5.1 to 5.4); what is refused, or not
    answered, stays empty."""
    manufacturer = await _line(channel, "AT+CGMI")
    model = await _line(channel, "AT+CGMM")
    ati = ""
    if not manufacturer or not model or recognise(manufacturer, model).name == "generic":
        ati = "\n".join(replies.text(line) for line in await _lines(channel, "ATI"))
    found = (replies.digits(line, 14, 17) for line in await _lines(channel, "AT+CGSN"))
    imei = next((number for number in found if number), None)
    revision = await _line(channel, "AT+CGMR")
    return ModemIdentity(manufacturer, model, revision, imei, recognise(manufacturer, model, ati))


async def _lines(channel: Channel, text: str) -> tuple[bytes, ...]:
    reply = await _ask(channel, text)
    return () if reply is None else reply.lines


async def _line(channel: Channel, text: str) -> str:
    reply = await _ask(channel, text)
    value = reply.value() if reply is not None and reply.ok else None
    return replies.text(value or b"").strip('"')


async def _ask(channel: Channel, text: str) -> Reply | None:
    command = Command(text, prefixes=(text[2:].encode() + b":",), bare=True)
    return await if_answered(channel, command)


async def sim_identity(channel: Channel, dialect: Dialect) -> SimIdentity:
    """ICCID and IMSI. SimAbsent where the modem gives neither. An ICCID that may be cut off may be
    a neighbour's too, and proves nothing by itself."""
    number, query = await find_iccid(channel, dialect)
    reply = await if_answered(channel, IMSI, BUSY_PATIENCE)
    subscriber = None if reply is None else _imsi(reply)
    if number is None and subscriber is None:
        raise SimAbsent("the SIM gives neither ICCID nor IMSI")
    if number is not None and len(number) == iccids.SHORTEST:
        query = None
    return SimIdentity(number, subscriber, query)


def iccid_queries(dialect: Dialect) -> list[str]:
    """The family's questions, EF-ICCID twice (Gobi's first answer is an error, as ModemManager
    found), then every other family's: an unknown modem is often a known one under another name."""
    queries = [*dialect.iccid, EF_ICCID, EF_ICCID]
    for family in FAMILIES:
        queries += [query for query in family.iccid if query not in queries]
    return queries


async def find_iccid(channel: Channel, dialect: Dialect) -> tuple[str | None, str | None]:
    """The ICCID and the question that gave it. It is not known yet which the modem answers; one
    that is busy is asked again from the best one on."""
    loop = asyncio.get_running_loop()
    patient_until = loop.time() + BUSY_PATIENCE
    while True:
        patient = loop.time() + PAUSE < patient_until
        for query in iccid_queries(dialect):
            reply = await if_answered(channel, _question(query))
            number = None if reply is None else _number(reply)
            if number is not None:
                return number, query
            if patient and reply is not None and is_busy(reply):
                break
        else:
            return None, None
        await asyncio.sleep(PAUSE)


async def ask_iccid(channel: Channel, query: str) -> str | None:
    """The ICCID in canonical form; None where the question is refused or the answer is none."""
    return _number(await channel.run(_question(query)))


def _question(query: str) -> Command:
    if query == EF_ICCID:
        return Command(query, prefixes=(b"+CRSM:",), required=True)
    return Command(query, prefixes=ICCID_PREFIXES, bare=True, required=True)


def _number(reply: Reply) -> str | None:
    if reply.command.text == EF_ICCID:
        return _from_crsm(reply)
    if not reply.ok:
        return None
    owns = reply.command.owns
    values = (line.partition(b":")[2] if owns(line) else line for line in reply.lines)
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
    return _imsi(await channel.run(IMSI))


def _imsi(reply: Reply) -> str | None:
    found = (replies.digits(line, 14, 15) for line in reply.lines)
    return next((number for number in found if number), None) if reply.ok else None


async def own_numbers(channel: Channel) -> tuple[str, ...]:
    """The numbers stored on the SIM (27.007, 7.1) that pass as international."""
    command = Command("AT+CNUM", prefixes=(b"+CNUM:",), timeout=SLOW)
    reply = await if_answered(channel, command, BUSY_PATIENCE)
    return () if reply is None else replies.own_numbers(reply.lines, reply.final)


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
