"""Asks SIMs for their numbers, one by one, on the operator's word alone (docs/identify.md)."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

from gsmbridge.at.channel import Channel
from gsmbridge.config.checks import phone, ussd_code
from gsmbridge.config.schema import Config
from gsmbridge.dialects.dialect import Dialect
from gsmbridge.errors import CommandTimeout, ConfigError, GsmbridgeError, ModemError
from gsmbridge.events import Events
from gsmbridge.journal import own
from gsmbridge.journal.journal import Journal
from gsmbridge.modem import ussd
from gsmbridge.modem.errand import sending
from gsmbridge.modem.fleet import Fleet
from gsmbridge.modem.msisdn import digits_of, own_number
from gsmbridge.modem.status import ModemStatus
from gsmbridge.numbers import Numbered
from gsmbridge.service import events, settings

Document = dict[str, Any]

ARRIVAL_PATIENCE = 120.0
"""Seconds for a message from one SIM of the farm to another."""
MOST_ASKS = 16


class Identifier:
    """Answers `identify` requests: which SIMs are here, and what a few of them are found to be.

    Each request is carried out once, as it says; nothing is repeated or added.
    """

    def __init__(
        self,
        journal: Journal,
        fleet: Fleet,
        config: Callable[[], Config],
        log: Events,
        rng: random.Random,
    ) -> None:
        self._journal = journal
        self._fleet = fleet
        self._config = config
        self._log = log
        self._rng = rng
        self._busy: set[int] = set()

    async def answer(self, request: Document) -> Document:
        """`{"asks": [{"sim": 3, "ussd": "*100#"} or {"sim": 3, "sms_to": "7908…"}, …]}`; without
        `asks`: the SIMs. GsmbridgeError where a request makes no sense."""
        asks = request.get("asks")
        if asks is None:
            return {"sims": self._sims()}
        if not isinstance(asks, list) or len(asks) > MOST_ASKS or not all(map(_is_ask, asks)):
            raise GsmbridgeError(f"asks is no list of at most {MOST_ASKS} questions")
        return {"results": await asyncio.gather(*map(self._ask, asks))}

    def _ready(self) -> dict[int, ModemStatus]:
        return {
            each.sim: each
            for each in self._fleet.statuses()
            if each.sim is not None and each.phase == "ready"
        }

    def _sims(self) -> list[Document]:
        numbers = settings.numbers(self._config())
        ready = self._ready()
        found = []
        for sim, modem in ready.items():
            row = numbers.listed(modem.iccid, modem.imsi)
            claimed = [other.own_number or "" for key, other in ready.items() if key != sim]
            number = numbers.resolve(modem.iccid, modem.imsi, modem.own_number, claimed)
            stored = number.phone if isinstance(number, Numbered) and row is None else None
            found.append(
                {
                    "sim": sim,
                    "path": modem.path,
                    "iccid": modem.iccid,
                    "imsi": modem.imsi,
                    "listed": row.phone if row is not None else None,
                    "own_number": stored,
                }
            )
        return found

    async def _ask(self, ask: Document) -> Document:
        """One SIM, one question."""
        sim = ask["sim"]
        result: Document = {"sim": sim, "number": None, "text": "", "arrived_on": None}
        if sim in self._busy:
            return {**result, "error": "somebody is asking this SIM already"}
        self._busy.add(sim)
        try:
            found = await self._answered(sim, ask)
        except GsmbridgeError as error:
            return {**result, "error": str(error)}
        finally:
            self._busy.remove(sim)
        return {**result, "error": None, **found}

    async def _answered(self, sim: int, ask: Document) -> Document:
        modem = self._ready().get(sim)
        if modem is None:
            raise ModemError("no modem has this SIM ready")
        if "ussd" in ask:
            return await self._by_ussd(sim, modem, _checked(ussd_code, ask["ussd"]))
        return await self._by_sms(sim, modem, _checked(phone, ask.get("sms_to")))

    async def _by_ussd(self, sim: int, modem: ModemStatus, code: str) -> Document:
        self._log.emit(events.IDENTIFY_USSD, code=code, iccid=modem.iccid, modem=modem.path)
        answer = await ussd.ask(self._fleet, sim, code)
        return {"number": own_number(answer.text, modem.imsi), "text": answer.text}

    async def _by_sms(self, sim: int, modem: ModemStatus, to: str) -> Document:
        """The word is in the journal before it is sent: wherever and whenever it arrives, it is
        known as ours."""
        word = "".join(self._rng.choice(own.ALPHABET) for _ in range(own.LENGTH))
        arrival = await self._journal.expect(word, sim)
        self._log.emit(events.IDENTIFY_SMS, to=to, iccid=modem.iccid, modem=modem.path)
        try:
            await self._send(sim, to, own.text_with(word))
            done, _ = await asyncio.wait([arrival], timeout=ARRIVAL_PATIENCE)
            if not done:
                raise ModemError(f"sent to {to}, but not arrived in {ARRIVAL_PATIENCE:.0f} s")
            came = arrival.result()
        finally:
            arrival.cancel()
        return {"number": digits_of(came.sender), "text": came.sender, "arrived_on": came.sim}

    async def _send(self, sim: int, to: str, text: str) -> None:
        try:
            await self._fleet.errand(sim, sending("+" + to, text))
        except CommandTimeout:
            # It may have gone out all the same. Whether from this SIM is asked once more.
            await self._fleet.errand(sim, _nothing)


def _is_ask(ask: object) -> bool:
    return isinstance(ask, dict) and isinstance(ask.get("sim"), int)


async def _nothing(channel: Channel, dialect: Dialect) -> None:
    """An errand that only has the SIM proved."""


def _checked(check: Callable[[str], str], value: object) -> str:
    """What a client wrote goes to modems: never unchecked."""
    try:
        return check(str(value))
    except ConfigError as error:
        raise GsmbridgeError(error.mistakes[0]) from None
