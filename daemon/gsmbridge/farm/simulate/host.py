"""The daemon's host: starts the bridge again whenever it has ended, however it ended."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from gsmbridge.at.port import Ports
from gsmbridge.config.schema import Config
from gsmbridge.errors import JournalError
from gsmbridge.farm.simulate.disk import Disk, SimulatedFile, Space
from gsmbridge.farm.simulate.history import DaemonLog, History
from gsmbridge.farm.simulate.waits import SkippingWait
from gsmbridge.farm.virtual import SimulatedClock, SimulatedCrash, VirtualLoop, World, run
from gsmbridge.forwarding.push import Attempt, Push
from gsmbridge.journal import database
from gsmbridge.journal import events as journal_events
from gsmbridge.journal.database import Salvage
from gsmbridge.message import Outgoing
from gsmbridge.onlinesim.client import Client, Connect
from gsmbridge.onlinesim.request import request_body
from gsmbridge.service import settings
from gsmbridge.service.bridge import Bridge, Surroundings

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
        self.disk = Disk(lambda: world.now)
        self.lives = 0
        self.crashes = 0
        self.power_cuts: list[float] = []
        """World times."""
        self.kills: list[float] = []
        """World times at which something known may have been left uncommitted."""
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
        before = self.crashes
        try:
            run(self._world, self._run(), self._delays)
        except SimulatedCrash:
            self.crashes += 1
            self.kills.append(self._world.now)
            return False
        finally:
            self._history.add("host", "the daemon ended", {"by_crash": self.crashes > before})
            self._waits.end_life()
            self._note_uncommitted()
            self._bridge = self._stop = self._loop = None
        return True

    def cut_power(self) -> None:
        """The host is down, and another boot follows. Ends the daemon's life if it runs."""
        self.power_cuts.append(self._world.now)
        self.clock.reboot()
        self._world.crash()

    def stop(self) -> None:
        """SIGTERM."""
        if self._stop is not None:
            self._stop.set()

    def reload(self, config: Config) -> None:
        """The config file has changed; SIGHUP, if the daemon runs."""
        self.config = config
        if self._bridge is not None and self._loop is not None:
            self._loop.create_task(_reload(self._bridge, config))

    def retry_held(self, rng: random.Random) -> None:
        """`gsmbridge retry` of one message that is held, if there is any."""
        if self._bridge is None or self._loop is None or self.disk.space is not Space.PLENTY:
            return
        held = database.read(self.journal_path, _held)
        if held:
            self._loop.create_task(_retry(self._bridge, rng.choice(held)))

    def _note_uncommitted(self) -> None:
        """A process that ends while its disk is in trouble ends, for what it knew, when that began:
        nothing could be committed since."""
        since = self.disk.troubled_since()
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
        then much longer."""
        longest = 0.01 if self._rng.random() < 0.98 else 0.2
        return self._rng.uniform(0.0002, longest), self._rng.uniform(0.0002, longest)

    def _salvaged(self, salvage: Salvage) -> None:
        self._log.emit(journal_events.SALVAGED, aside="…", messages=salvage.messages)


async def _first(*things: asyncio.Future[Any]) -> None:
    await asyncio.wait(things, return_when=asyncio.FIRST_COMPLETED)


async def _reload(bridge: Bridge, config: Config) -> None:
    try:
        await bridge.reload(config)
    except JournalError:
        return  # the daemon ends: the next one reads the file


def _held(db: sqlite3.Connection) -> list[int]:
    """What an operator can vouch for: nobody knows whose a message in a modem's memory is."""
    rows = db.execute(
        "SELECT sms_id FROM messages WHERE state IN ('unassigned', 'stale')"
        " AND reason NOT LIKE '%own memory%' ORDER BY sms_id"
    )
    return [row["sms_id"] for row in rows]


async def _retry(bridge: Bridge, sms_id: int) -> None:
    try:
        await bridge.journal.retry(sms_id)
    except JournalError:
        return  # it was resolved in the meantime, or its SIM has no number: the operator is told so
