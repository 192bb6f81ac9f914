"""Looks at the running bridge for alarms, and has them told: log, command, URL, daily line."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gsmbridge.clock import Clock
from gsmbridge.errors import JournalError
from gsmbridge.events import Events
from gsmbridge.journal import database, queries
from gsmbridge.service import events
from gsmbridge.service.alarms import Alarm, Alarms, Key, Sight
from gsmbridge.service.announce import Announcer, Send, by_command, by_url
from gsmbridge.service.bridge import Bridge
from gsmbridge.service.daily import DAY, Daily, summary

LOOK_EVERY = 5.0
"""Seconds between two looks."""
COUNT_EVERY = 30.0
"""Seconds between two looks into the journal for messages that wait for a person."""


class AlarmWatch:
    """The alarms of one bridge. `current` is what `status` shows, and what is told elsewhere."""

    def __init__(
        self, bridge: Bridge, clock: Clock, log: Events, host: str, environ: Mapping[str, str]
    ) -> None:
        self._bridge = bridge
        self._clock = clock
        self._log = log
        self._environ = environ
        self._alarms = Alarms()
        self._held: dict[str, int] = {}
        self._count_at = float("-inf")
        self._standing: dict[Key, Alarm] = {}
        """As told to the log."""
        self._announcers = {way: Announcer(way, log, host) for way in ("command", "url")}
        self._daily = Daily(clock.wall())

    def current(self) -> tuple[Alarm, ...]:
        """What is wrong now."""
        sight = Sight(
            stats=self._bridge.dispatcher.stats(),
            trouble=self._bridge.journal.trouble,
            modems=tuple(self._bridge.fleet.statuses()),
            numbers=self._bridge.config.numbers,
            held=self._held,
            down_after=self._bridge.config.alarms.down_after,
        )
        return self._alarms.look(sight, self._clock.monotonic(), self._clock.wall())

    async def run(self) -> None:
        """Look and tell, until cancelled."""
        try:
            while True:
                await self.look()
                await asyncio.sleep(LOOK_EVERY)
        finally:
            for announcer in self._announcers.values():
                await announcer.close()

    async def look(self) -> None:
        """Look once, and tell whom it concerns."""
        await self._count()
        alarms = self.current()
        self._tell_log(alarms)
        self._announce(alarms)
        await self._tell_day(alarms)

    async def _count(self) -> None:
        now = self._clock.monotonic()
        if now >= self._count_at:
            self._count_at = now + COUNT_EVERY
            held = await self._read(queries.held)
            self._held = self._held if held is None else held

    def _tell_log(self, alarms: tuple[Alarm, ...]) -> None:
        now = {alarm.key: alarm for alarm in alarms}
        for key, alarm in now.items():
            if key not in self._standing:
                self._log.emit(events.ALARM, **_fields(alarm))
        for key, alarm in self._standing.items():
            if key not in now:
                lasted = round(self._clock.wall() - alarm.since)
                self._log.emit(events.ALARM_ENDED, seconds=lasted, **_fields(alarm))
        self._standing = now

    def _announce(self, alarms: tuple[Alarm, ...]) -> None:
        interval = self._bridge.config.alarms.interval
        mono, wall = self._clock.monotonic(), self._clock.wall()
        for way, send in self._ways().items():
            self._announcers[way].see(alarms, send, interval, mono, wall)

    def _ways(self) -> dict[str, Send]:
        """By the present config; a reload may change them."""
        config = self._bridge.config
        ways: dict[str, Send] = {}
        if config.alarms.command is not None:
            ways["command"] = by_command(
                config.alarms.command, config.alarms.timeout, self._environ
            )
        if config.alarms.url is not None:
            url = config.alarms.url.reveal()
            ways["url"] = by_url(url, config.alarms.timeout, config.onlinesim.proxy)
        return ways

    async def _tell_day(self, alarms: tuple[Alarm, ...]) -> None:
        wall = self._clock.wall()
        if self._daily.due(wall, self._bridge.config.log.daily_hour):
            counts = await self._read(lambda db: queries.day(db, wall - DAY))
            if counts is not None:
                self._log.emit(events.DAILY, **summary(counts, alarms))

    async def _read(
        self, query: Callable[[sqlite3.Connection], dict[str, int]]
    ) -> dict[str, int] | None:
        """Ask the journal's file in a thread; None where it can't be read, which is an alarm."""
        path = Path(self._bridge.config.journal.path)
        try:
            return await asyncio.to_thread(database.read, path, query)
        except JournalError:
            return None


def _fields(alarm: Alarm) -> dict[str, Any]:
    return {"alarm": alarm.kind, "subject": alarm.subject, "what": alarm.what}
