"""What the running daemon answers on its control socket."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from gsmbridge import __version__
from gsmbridge.clock import Clock
from gsmbridge.errors import GsmbridgeError, JournalError
from gsmbridge.events import Events
from gsmbridge.journal import database
from gsmbridge.journal import sims as journal_sims
from gsmbridge.journal.orders import Ordered
from gsmbridge.numbers import Numbered
from gsmbridge.service import settings, status
from gsmbridge.service.alarms import Alarm
from gsmbridge.service.bridge import Bridge
from gsmbridge.service.identify import Identifier

T = TypeVar("T")
Document = dict[str, Any]
Order = Callable[[int], Awaitable[Ordered]]

RESERVE_PATIENCE = 10.0
"""Seconds for an smsId to be reserved durably."""


class Answers:
    """Answers requests; never waits for a journal that can't be written only to read."""

    def __init__(
        self,
        bridge: Bridge,
        clock: Clock,
        log: Events,
        alarms: Callable[[], tuple[Alarm, ...]] = tuple,
    ) -> None:
        """*alarms* gives those that stand."""
        self._bridge = bridge
        self._alarms = alarms
        self._clock = clock
        self._since = clock.wall()
        self._identifier = Identifier(
            bridge.journal,
            bridge.fleet,
            lambda: bridge.config,
            log,
            random.SystemRandom(),
        )

    async def answer(self, request: Document) -> Document:
        """The answer to one request. GsmbridgeError: what is wrong with it."""
        match request["command"]:
            case "status":
                return await self._status()
            case "scan":
                return {"modems": await self._modems({})}
            case "messages":
                wall = self._clock.wall()
                return await self._read(lambda db: status.messages(db, request, wall))
            case "retry":
                under = None if request.get("as") is None else str(request["as"])
                return await self._each(request, partial(self._bridge.journal.retry, under=under))
            case "discard":
                return await self._each(request, self._bridge.journal.discard)
            case "identify":
                return await self._identifier.answer(request)
            case "reserve_id":
                return await self._reserve_id()
            case other:
                raise GsmbridgeError(f"no such request: {other}")

    async def _status(self) -> Document:
        bridge = self._bridge
        try:
            journal = await self._read(lambda db: status.journal_part(db, self._clock.wall()))
        except JournalError:
            journal = {"queue": {}, "oldest_pending_s": None, "last_success": None, "sims": []}
        modems = await self._modems(status.last_sms(journal["sims"]))
        stats = bridge.dispatcher.stats()
        alarms = self._alarms()
        error = stats.last_error
        return {
            "running": True,
            "pid": os.getpid(),
            "version": __version__,
            "since": self._since,
            "modems": modems,
            "numbers": status.numbers(bridge.config, modems, journal["sims"]),
            "last_error": None
            if error is None
            else {
                "at": error.at,
                "sms_id": error.sms_id,
                "status": error.status,
                "error": error.error,
            },
            "alarms": [alarm.what for alarm in alarms],
            "standing": [
                {"kind": a.kind, "subject": a.subject, "what": a.what, "since": a.since}
                for a in alarms
            ],
            "in_flight": stats.in_flight,
            **journal,
        }

    async def _modems(self, last: Mapping[str, float]) -> list[Document]:
        found = self._bridge.fleet.statuses()
        numbers = await self._numbers({each.sim: each.phone for each in found if each.sim})
        return [status.modem(each, numbers.get(each.sim or 0), last) for each in found]

    async def _numbers(self, phones: Mapping[int, str | None]) -> dict[int, Numbered]:
        """The numbers of SIMs by the journal; where that can't be read, as their modems were told:
        *phones*."""
        config = self._bridge.config
        rules, listed = settings.rules(config), {row.phone for row in config.numbers}
        try:
            return await self._read(lambda db: journal_sims.numbers(db, rules, phones))
        except JournalError:
            return {
                sim: Numbered(phone, "config" if phone in listed else "sim")
                for sim, phone in phones.items()
                if phone is not None
            }

    async def _reserve_id(self) -> Document:
        if not self._bridge.started:
            raise GsmbridgeError("the daemon is still starting", "try again in a moment")
        try:
            async with asyncio.timeout(RESERVE_PATIENCE):
                return {"sms_id": await self._bridge.journal.reserve_id()}
        except TimeoutError:
            trouble = self._bridge.journal.trouble
            raise JournalError(f"the journal can't be written: {trouble}") from None

    async def _each(self, request: Document, order: Order) -> Document:
        results = []
        for sms_id in request.get("ids", []):
            try:
                ordered = await order(int(sms_id))
            except JournalError as error:
                results.append(status.not_ordered(sms_id, error))
            else:
                results.append(status.ordered(sms_id, ordered))
        return {"results": results}

    async def _read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """Ask the journal's file on a connection of its own, in a thread."""
        path = Path(self._bridge.config.journal.path)
        return await asyncio.to_thread(database.read, path, query)
