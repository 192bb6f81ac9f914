"""The daemon's host: starts the bridge again whenever it has ended, however it ended."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

from gsmbridge.at.port import Ports
from gsmbridge.config.schema import Config
from gsmbridge.errors import ConfigError, JournalError
from gsmbridge.farm.simulate.disk import Disk, SimulatedFile, Space
from gsmbridge.farm.simulate.history import DaemonLog, History
from gsmbridge.farm.simulate.waits import SkippingWait
from gsmbridge.farm.virtual import SimulatedClock, SimulatedCrash, VirtualLoop, World, run
from gsmbridge.forwarding.push import Attempt, Push
from gsmbridge.journal import database
from gsmbridge.journal import events as journal_events
from gsmbridge.journal.salvage import Salvage
from gsmbridge.message import Outgoing
from gsmbridge.onlinesim.client import Client, Connect
from gsmbridge.onlinesim.request import request_body
from gsmbridge.service import settings
from gsmbridge.service.bridge import Bridge, Surroundings

SLOWEST = 2.0
"""Seconds that a commit on a slow disk takes at most until it is done, and as long again."""
QUEUED = 10 * SLOWEST
"""Seconds after which even on a slow disk everything is committed."""
Vary = Callable[[Surroundings], Surroundings]
"""Changes what the daemon is put between: how a broken variant is tested."""


class Host:
    """One machine with the daemon on it. What outlives a process is here."""

    def __init__(
        self,
        world: World,
        folder: Path,
        config: Config,
        ports: Ports,
        connect: Connect,
        waits: SkippingWait,
        history: History,
        rng: random.Random,
        vary: Vary = lambda around: around,
    ) -> None:
        self.config = config
        self.clock = SimulatedClock(world)
        self.disk = Disk(lambda: world.now, folder, random.Random(rng.random()))
        self.lives = 0
        self.crashes = 0
        self.power_cuts: list[float] = []
        """World times."""
        self.kills: list[float] = []
        """World times at which something known may have been left uncommitted."""
        self._with_power: Callable[[], None] = lambda: None
        """What else a power cut in mid-commit does."""
        self.losses: list[float] = []
        """World times at which the journal lost something."""
        self.discarded: list[str] = []
        """PDUs (hex) that the operator said need no push."""
        self.retried: set[int] = set()
        """The smsId of all that the operator wanted pushed after all."""
        self.slow_until = 0.0
        """World time until which a commit takes seconds."""
        self.off_until = 0.0
        """World time before which nobody starts the daemon."""
        self.before_start: Callable[[], None] = lambda: None
        """Done once, before the next life."""
        self._world = world
        self._folder = folder
        self._ports = ports
        self._connect = connect
        self._waits = waits
        self._history = history
        self._log = DaemonLog(history)
        self._rng = rng
        self._vary = vary
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bridge: Bridge | None = None
        self._stop: asyncio.Event | None = None

    @property
    def journal_path(self) -> Path:
        return Path(self.config.journal.path)

    def live(self) -> bool:
        """One life of the daemon's process. True: it ended by itself; False: it died."""
        self.lives += 1
        self.disk.power_up()
        act, self.before_start = self.before_start, lambda: None
        act()
        before = self.crashes
        try:
            with self.disk.watched():
                run(self._world, self._run(), self._delays)
        except SimulatedCrash:
            self.crashes += 1
            self.kills.append(self._world.now)
            return False
        finally:
            self._history.add("host", "the daemon ended", {"by_crash": self.crashes > before})
            self._waits.end_life()
            self._note_uncommitted()
            if self.disk.blown:
                self._with_power()
                self._power_failed()
            self.disk.power_up()
            self._bridge = self._stop = self._loop = None
        return True

    def cut_power(self) -> None:
        """The host is down, and another boot follows. Ends the daemon's life if it runs."""
        self.disk.lose_power()
        self._power_failed()
        self._world.crash()

    def cut_power_in_commit(self, also: Callable[[], None]) -> None:
        """The same, while the journal is being written next. *also* is done then."""
        self.disk.crash, self._with_power = "power", also

    def _power_failed(self) -> None:
        self.power_cuts.append(self._world.now)
        self.clock.reboot()

    def stop(self) -> None:
        """SIGTERM."""
        if self._stop is not None:
            self._stop.set()

    def reload(self, config: Config) -> None:
        """The config file has changed; SIGHUP, if the daemon runs."""
        self.config = config
        if self._bridge is not None and self._loop is not None:
            self._loop.create_task(_reload(self._bridge, config))

    def reload_wrong(self) -> None:
        """SIGHUP with a config that can't be used after all: the old one must stay."""
        if self._bridge is not None and self._loop is not None:
            onlinesim = replace(self.config.onlinesim, user_agent="no\nheader")
            wrong = replace(self.config, onlinesim=onlinesim, numbers=())
            self._loop.create_task(_reload(self._bridge, wrong))

    def retry_held(self, rng: random.Random) -> None:
        """`gsmbridge retry` of one message that is held, if there is any."""
        if (found := self._choose(rng, _HELD)) is not None:
            bridge, row = found
            self.retried.add(row["sms_id"])
            self._order(bridge.journal.retry(row["sms_id"]))

    def retry_delivered(self, rng: random.Random) -> None:
        """`gsmbridge retry` of one that must not be pushed again."""
        if (found := self._choose(rng, _DELIVERED)) is not None:
            bridge, row = found
            self._order(bridge.journal.retry(row["sms_id"]))

    def discard_held(self, rng: random.Random) -> None:
        """`gsmbridge discard` of one message that is held or not for forwarding."""
        if (found := self._choose(rng, _DISCARDABLE)) is not None:
            bridge, row = found
            self.discarded += row["pdus"].split()
            self._order(bridge.journal.discard(row["sms_id"]))

    def _choose(self, rng: random.Random, query: str) -> tuple[Bridge, sqlite3.Row] | None:
        """One of the rows of *query*, if the daemon runs, can write, and there are any."""
        bridge = self._bridge
        if bridge is None or not bridge.started or self.disk.space is not Space.PLENTY:
            return None
        rows = database.read(self.journal_path, lambda db: db.execute(query).fetchall())
        return (bridge, rng.choice(rows)) if rows else None

    def _order(self, order: Coroutine[Any, Any, object]) -> None:
        assert self._loop is not None
        self._loop.create_task(_carry_out(order))

    def _note_uncommitted(self) -> None:
        """A process that ends while its disk is in trouble ends, for what it knew, when that began:
        nothing could be committed since."""
        since = self.disk.troubled_since()
        if self._world.now < self.slow_until + QUEUED:
            since = min(self._world.now - QUEUED, since or inf)
        while since is not None and since < self._world.now:
            self.kills.append(since)
            since += 0.5

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        file = SimulatedFile(self.journal_path, self.clock, self.disk, self._salvaged)
        loop.exit_actions.append(file.close)
        bridge = Bridge(self.config, self._vary(self._around(file)))
        self._loop, self._bridge, self._stop = loop, bridge, asyncio.Event()
        starting = loop.create_task(bridge.start())
        stopping = loop.create_task(self._stop.wait())
        await _first(stopping, bridge.supervisor.fatal)
        starting.cancel()
        stopping.cancel()
        if bridge.supervisor.fatal.done():
            bridge.supervisor.fatal.result()
        bridge.supervisor.fatal.cancel()
        self._bridge = None
        await bridge.stop()

    def _around(self, file: SimulatedFile) -> Surroundings:
        path = self.journal_path
        return Surroundings(
            clock=self.clock,
            log=self._log,
            disk=file,
            high_water=path.with_name(path.name + ".ids"),
            executor=Executor(),  # one lane: VirtualLoop.run_in_executor
            ports=lambda config: self._ports,
            push=self._push,
            poll_wait=self._waits,
        )

    def _push(self, config: Config) -> Push:
        client = Client(settings.client(config), self._connect)
        key = config.onlinesim.key

        async def push(message: Outgoing) -> Attempt:
            return await client.push(request_body(message, key.reveal()))

        return push

    def _delays(self) -> tuple[float, float]:
        """A commit takes 0.2 to 10 ms until it is done, and as long until that is known; now and
        then much longer, on a slow disk always."""
        longest = 0.01 if self._rng.random() < 0.98 else 0.2
        if self._world.now < self.slow_until:
            longest = SLOWEST
        return self._rng.uniform(0.0002, longest), self._rng.uniform(0.0002, longest)

    def _salvaged(self, salvage: Salvage) -> None:
        self._log.emit(journal_events.SALVAGED, aside="…", messages=salvage.messages)


async def _first(*things: asyncio.Future[Any]) -> None:
    await asyncio.wait(things, return_when=asyncio.FIRST_COMPLETED)


async def _reload(bridge: Bridge, config: Config) -> None:
    try:
        await bridge.reload(config)
    except ConfigError:
        return  # the old one stays: the operator is told so
    except JournalError:
        return  # the daemon ends: the next one reads the file


_HELD = """SELECT sms_id FROM messages WHERE state IN ('unassigned', 'stale', 'refused')
    AND reason NOT LIKE '%own memory%' ORDER BY sms_id"""
"""What an operator can vouch for: nobody knows whose a message in a modem's memory is."""
_DELIVERED = "SELECT sms_id FROM messages WHERE state = 'delivered' ORDER BY sms_id"
_DISCARDABLE = """SELECT sms_id, group_concat(pdu, ' ') AS pdus FROM messages JOIN copies
    USING (sms_id) WHERE state IN ('unassigned', 'stale', 'refused', 'unreadable', 'skipped')
    AND pdu IS NOT NULL GROUP BY sms_id ORDER BY sms_id"""


async def _carry_out(order: Coroutine[Any, Any, object]) -> None:
    try:
        await order
    except JournalError:
        return  # it was resolved in the meantime, or there is no such move: the operator is told so
