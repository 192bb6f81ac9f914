"""The bridge: journal, forwarding and modems put together. What it touches is passed in, so that
it runs on real ports and in a simulated world alike."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from gsmbridge import __version__
from gsmbridge.at.port import Ports
from gsmbridge.clock import Clock
from gsmbridge.config.schema import Config, needs_restart
from gsmbridge.events import Events
from gsmbridge.forwarding.dispatcher import Dispatcher
from gsmbridge.forwarding.push import Push
from gsmbridge.journal.journal import Journal
from gsmbridge.journal.writer import Disk
from gsmbridge.message import Outgoing
from gsmbridge.modem.fleet import Fleet
from gsmbridge.modem.status import IdleWait, PollWait
from gsmbridge.modem.surroundings import UsbReset
from gsmbridge.service import events, settings
from gsmbridge.service.supervisor import Supervisor


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All that the bridge touches."""

    clock: Clock
    log: Events
    disk: Disk
    high_water: Path
    executor: Executor | None
    """Runs the journal's transactions: one thread."""
    ports: Callable[[Config], Ports]
    push: Callable[[Config], Push]
    poll_wait: PollWait = IdleWait()  # noqa: RUF009 - it holds no state
    usb_reset: UsbReset | None = None
    journal: type[Journal] = Journal
    machine: str = ""
    """See `service.machine`; empty: not known."""


class Bridge:
    """One daemon's life, from `start` to `stop`."""

    def __init__(self, config: Config, around: Surroundings) -> None:
        self.config = config
        self._around = around
        self._log = around.log
        self.supervisor = Supervisor(around.log)
        self.journal = around.journal(
            around.disk,
            around.high_water,
            around.executor,
            around.clock,
            settings.rules(config),
            around.log,
        )
        self.dispatcher = Dispatcher(
            self.journal,
            around.push(config),
            settings.forwarding(config),
            around.clock,
            around.log,
        )
        self.fleet = Fleet(
            around.ports(config),
            settings.modems(config),
            self.journal,
            around.log,
            around.clock,
            around.poll_wait,
            around.usb_reset,
        )
        self.started = False
        """The journal is open, and all loops run."""

    async def start(self) -> None:
        """Open the journal, take up what waits, look for modems.

        Waits as long as the journal can't be opened; JournalHeld and JournalRefused come out of
        `supervisor.fatal`.
        """
        config = self.config.onlinesim
        self.supervisor.start("journal", self.journal.run)
        await self.journal.start(self, config.host_index, config.host_count, config.sms_id_start)
        if await self.journal.moved(self._around.machine):
            self._log.emit(events.MOVED)
        self._log.emit(
            events.STARTED,
            version=__version__,
            journal=self.config.journal.path,
            waiting=self.dispatcher.stats().waiting,
        )
        self.supervisor.start("parts", self.journal.collect)
        self.supervisor.start("pruning", self.journal.keep_tidy)
        self.supervisor.start("forwarding", self.dispatcher.run)
        self.supervisor.start("modems", self.fleet.run)
        self.started = True

    async def stop(self) -> None:
        """Finish what is in flight, commit, give the ports back; within 10 s."""
        self._log.emit(events.STOPPING)
        if self.started:
            await asyncio.gather(self.dispatcher.close(), self.fleet.close())
            await self.supervisor.stop("modems", "forwarding", "parts", "pruning")
        self.journal.close(clean=self.started)
        await self.supervisor.ended("journal")
        self._log.emit(events.STOPPED)

    async def reload(self, config: Config) -> None:
        """Go on with another config; keys that need a restart are named. ConfigError: it can't be
        used after all, and nothing was changed."""
        push, ports = self._around.push(config), self._around.ports(config)
        keys = needs_restart(self.config, config)
        if keys:
            self._log.emit(events.NEEDS_RESTART, keys=", ".join(keys))
        self.config = config
        self.dispatcher.reload(settings.forwarding(config), push)
        await self.journal.reload(settings.rules(config))
        self.fleet.reload(settings.modems(config), ports)
        self._log.emit(events.RELOADED)

    def poke(self) -> None:
        """Have every loop go round once."""
        self.journal.poke()
        self.dispatcher.poke()

    def beats(self) -> tuple[int, ...]:
        """How often each loop that runs went round."""
        if not self.started:
            return (self.journal.beats,)
        return self.journal.beats, self.dispatcher.beats, self.fleet.beats

    # ---- what the journal tells (journal.Listener) --------------------------------------------

    def pending(self, outgoing: Outgoing) -> None:
        self.dispatcher.add(outgoing)

    def withdrawn(self, sms_id: int) -> None:
        self.dispatcher.withdraw(sms_id)

    def to_free(self, sim: int) -> None:
        self.fleet.wake(sim)
