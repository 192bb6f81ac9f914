"""Modems and journal at work without the daemon, for a command that needs them for a while.

Messages that come meanwhile are journalled as ever and pushed when the daemon runs next.
"""

from __future__ import annotations

import asyncio
import random
from asyncio import FIRST_COMPLETED
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

from gsmbridge.at.serial_port import SerialPorts
from gsmbridge.clock import SystemClock
from gsmbridge.config.schema import Config
from gsmbridge.errors import JournalError
from gsmbridge.events import Level
from gsmbridge.journal import database
from gsmbridge.journal.disk import JournalFile
from gsmbridge.journal.journal import Journal
from gsmbridge.message import Outgoing
from gsmbridge.modem.fleet import Fleet
from gsmbridge.service import settings
from gsmbridge.service.identify import Identifier
from gsmbridge.service.log import EventLog, Lines
from gsmbridge.service.supervisor import Supervisor

Document = dict[str, Any]

JOURNAL_PATIENCE = 15.0
"""Seconds for the journal to open."""
SETTLE_PATIENCE = 60.0
"""Seconds for modems to become ready."""
LOOK = 0.3
"""Seconds between two looks at them."""
UNSETTLED = ("opening", "setup", "reading")
STDERR = 2


class Reception:
    """A context: within it, `ask` answers `identify` requests as the daemon would.

    It lives in a thread of its own, so that modems are served while the command waits for the
    operator. JournalHeld where the daemon, or another command, works on the journal.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._begun: Future[Identifier] = Future()
        self._thread = Thread(target=self._run, name="reception", daemon=True)
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()

    def __enter__(self) -> Reception:
        self._thread.start()
        try:
            self._begun.result()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *reason: object) -> None:
        with suppress(RuntimeError):  # its loop is closed: it has ended by itself
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def ask(self, request: Document) -> Document:
        """The answer to one request."""
        identifier = self._begun.result()
        answer = asyncio.run_coroutine_threadsafe(identifier.answer(request), self._loop)
        return answer.result()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._main())

    async def _main(self) -> None:
        clock = SystemClock()
        path = Path(self._config.journal.path)
        file = JournalFile(path, clock)
        with ThreadPoolExecutor(1, thread_name_prefix="journal") as executor:
            try:
                database.prepare_directory(path)
                file.lock.take()
                await self._serve(clock, file, executor)
            except BaseException as error:  # handed to whoever waits for us, whatever it is
                if self._begun.done():
                    raise
                self._begun.set_exception(error)
            finally:
                await asyncio.get_running_loop().run_in_executor(executor, file.close)

    async def _serve(
        self, clock: SystemClock, file: JournalFile, executor: ThreadPoolExecutor
    ) -> None:
        config = self._config
        log = EventLog(Lines(STDERR), Level.WARNING, False)
        high_water = file.path.with_name(file.path.name + ".ids")
        journal = Journal(file, high_water, executor, clock, settings.rules(config), log)
        ports = SerialPorts(config.modems.ports, config.modems.exclude)
        fleet = Fleet(ports, settings.modems(config), journal, log, clock)
        supervisor = Supervisor(log)
        supervisor.start("journal", journal.run)
        try:
            await self._open(journal, fleet, supervisor)
            supervisor.start("parts", journal.collect)
            supervisor.start("modems", fleet.run)
            await self._settle(fleet)
            rng = random.SystemRandom()
            self._begun.set_result(Identifier(journal, fleet, lambda: config, log, rng))
            await self._stop.wait()
            await fleet.close()
            await supervisor.stop("modems", "parts")
        finally:
            journal.close(clean=True)
            await supervisor.ended("journal")

    async def _open(self, journal: Journal, fleet: Fleet, supervisor: Supervisor) -> None:
        config = self._config.onlinesim
        starting = asyncio.create_task(
            journal.start(
                _Listener(fleet), config.host_index, config.host_count, config.sms_id_start
            )
        )
        done, _ = await asyncio.wait(
            (starting, supervisor.fatal), timeout=JOURNAL_PATIENCE, return_when=FIRST_COMPLETED
        )
        if not done:
            starting.cancel()
            raise JournalError(f"the journal can't be written: {journal.trouble}")
        for each in done:
            each.result()

    async def _settle(self, fleet: Fleet) -> None:
        """Wait until every modem is ready, or will not be soon."""
        end = asyncio.get_running_loop().time() + SETTLE_PATIENCE
        await asyncio.sleep(LOOK)
        while any(each.phase in UNSETTLED for each in fleet.statuses()):
            if self._stop.is_set() or asyncio.get_running_loop().time() > end:
                return
            await asyncio.sleep(LOOK)


class _Listener:
    """What the journal tells (journal.Listener), where nothing is pushed."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    def pending(self, outgoing: Outgoing) -> None:
        pass

    def withdrawn(self, sms_id: int) -> None:
        pass

    def to_free(self, sim: int) -> None:
        self._fleet.wake(sim)
