"""`gsmbridge run`: the bridge on the real machine, with signals and the control socket."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import resource
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from gsmbridge.at.serial_port import SerialPorts
from gsmbridge.at.threads import in_thread
from gsmbridge.at.usb_reset import UsbReset
from gsmbridge.clock import SystemClock
from gsmbridge.config.load import load
from gsmbridge.config.schema import Config
from gsmbridge.errors import ConfigError, GsmbridgeError
from gsmbridge.forwarding.push import Attempt, Push
from gsmbridge.journal import database
from gsmbridge.journal import events as journal_events
from gsmbridge.journal.disk import JournalFile
from gsmbridge.journal.migration import Migrations, Upgrade
from gsmbridge.journal.salvage import Salvage
from gsmbridge.message import Outgoing
from gsmbridge.onlinesim.client import Client
from gsmbridge.onlinesim.request import request_body
from gsmbridge.service import events, machine, settings
from gsmbridge.service.alarm_watch import AlarmWatch
from gsmbridge.service.answers import Answers
from gsmbridge.service.bridge import Bridge, Surroundings
from gsmbridge.service.control import ControlServer, socket_path
from gsmbridge.service.log import EventLog, LibraryHandler, level_of, open_log
from gsmbridge.service.notify import Notifier, Watch

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""Those that are handled. Whoever calls `run` may block them: the loop takes what came."""


def run(config_path: str) -> int:
    """Serve until told to stop; the exit status. GsmbridgeError where it cannot run."""
    config = load(config_path, os.environ)
    _set_limits()
    log = open_log(os.environ, level_of(config.log.level), config.log.show_text)
    logging.basicConfig(level=logging.WARNING, handlers=[LibraryHandler(log)], force=True)
    return asyncio.run(_Daemon(config_path, config, log).run())


def _set_limits() -> None:
    """No core file, which would hold the key (I8); and descriptors for hundreds of ports, each of
    which takes five for the moment of its opening."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


BESIDE = ("reloading", "status", "watchdog", "metrics", "alarms", "examination")
"""Tasks beside the bridge's own."""


class _Daemon:
    """One process."""

    def __init__(self, config_path: str, config: Config, log: EventLog) -> None:
        self._config_path = config_path
        self._config = config
        self._log = log
        self._stop = asyncio.Event()
        self._reload = asyncio.Event()
        self._client: Client | None = None
        self._clock = SystemClock()
        self._notifier = Notifier(os.environ)

    async def run(self) -> int:
        self._listen_to_signals()
        clock = self._clock
        path = Path(self._config.journal.path)
        migrations = Migrations(told=self._upgraded)
        file = JournalFile(path, clock, on_salvage=self._salvaged, migrations=migrations)
        _take_lock(file)
        with ThreadPoolExecutor(1, thread_name_prefix="journal") as executor:
            around = Surroundings(
                clock=clock,
                log=self._log,
                disk=file,
                high_water=file.path.with_name(file.path.name + ".ids"),
                executor=executor,
                ports=lambda c: SerialPorts(c.modems.ports, c.modems.exclude),
                push=self._push,
                usb_reset=UsbReset(),
                machine=machine.identity(),
            )
            bridge, alarms = self._build(around)
            answers = Answers(bridge, clock, self._log, alarms.current)
            control = ControlServer(
                socket_path(self._config.journal.path, os.environ),
                answers.answer,
                self._config.journal.path,
            )
            try:
                await control.start()
            except GsmbridgeError as error:  # a disk that can't be written must not end the daemon
                self._log.emit(events.NO_CONTROL, reason=str(error))
            try:
                bridge.supervisor.start("alarms", alarms.run)
                await self._serve(bridge, file)
            finally:
                await control.close()
                if self._client is not None:
                    await self._client.close()
                await asyncio.get_running_loop().run_in_executor(executor, file.close)
        return 0

    def _build(self, around: Surroundings) -> tuple[Bridge, AlarmWatch]:
        """The bridge and its alarms; measured, and with a site, where the config wants one."""
        listen, measures = self._config.metrics.listen, None
        if listen is not None:
            # Here, so that nobody pays for Prometheus' library who does not use it.
            from gsmbridge.service.web.measures import Measures

            measures = Measures(around.log, around.clock)
            around = measures.around(around)
        bridge = Bridge(self._config, around)
        alarms = AlarmWatch(bridge, around.clock, around.log, socket.gethostname(), os.environ)
        if listen is not None and measures is not None:
            from gsmbridge.service.web.site import Site

            site = Site(bridge, measures, self._log, around.clock, alarms.current)
            bridge.supervisor.start("metrics", lambda: site.serve(*listen))
        return bridge, alarms

    async def _serve(self, bridge: Bridge, file: JournalFile) -> None:
        starting = asyncio.create_task(bridge.start())
        stopping = asyncio.create_task(self._stop.wait())
        bridge.supervisor.start("reloading", lambda: self._keep_reloading(bridge))
        if self._notifier.active:
            watch = Watch(bridge, self._notifier, self._clock)
            bridge.supervisor.start("status", watch.keep_status)
            bridge.supervisor.start("watchdog", watch.attend)
        await _first(starting, stopping, bridge.supervisor.fatal)
        if starting.done() and not starting.cancelled():
            starting.result()
            # What was loaded so far stays for good: collecting it again and again costs latency.
            gc.collect()
            gc.freeze()
            if file.unexamined:
                bridge.supervisor.start("examination", lambda: _examine(file))
            await _first(stopping, bridge.supervisor.fatal)
        starting.cancel()
        if bridge.supervisor.fatal.done():
            stopping.cancel()
            bridge.supervisor.fatal.result()
        bridge.supervisor.fatal.cancel()
        self._notifier.tell("STOPPING=1")
        await bridge.supervisor.stop(*BESIDE)
        await bridge.stop()

    async def _keep_reloading(self, bridge: Bridge) -> None:
        while True:
            await self._reload.wait()
            self._reload.clear()
            self._notifier.reloading(self._clock)
            try:
                config = load(self._config_path, os.environ)
                await bridge.reload(config)
            except ConfigError as error:
                for mistake in error.mistakes:
                    self._log.emit(events.RELOAD_REFUSED, mistake=mistake)
            except GsmbridgeError as error:
                self._log.emit(events.RELOAD_REFUSED, mistake=str(error))
            else:
                self._config = config
                self._log.configure(level_of(config.log.level), config.log.show_text)
            self._notifier.tell("READY=1")  # also after a refusal: the old config serves on

    def _push(self, config: Config) -> Push:
        client = Client(settings.client(config))
        if self._client is not None:  # what it has under way goes on to its end
            self._closing = asyncio.get_running_loop().create_task(self._client.close())
        self._client = client
        key = config.onlinesim.key

        async def push(message: Outgoing) -> Attempt:
            return await client.push(request_body(message, key.reveal()))

        return push

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._reload.set)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)  # those that came already come now

    def _salvaged(self, salvage: Salvage) -> None:
        self._log.emit(journal_events.SALVAGED, aside=str(salvage.aside), messages=salvage.messages)

    def _upgraded(self, upgrade: Upgrade) -> None:
        self._log.emit(
            journal_events.UPGRADED, old=upgrade.old, new=upgrade.new, copy=str(upgrade.copy)
        )


def _take_lock(file: JournalFile) -> None:
    """Refuse a second daemon at once. A disk that cannot be written yet is waited for later."""
    try:
        database.prepare_directory(file.path)
        file.lock.take()
    except OSError:
        return  # told by the journal as soon as it is opened, and tried again until it works


async def _examine(file: JournalFile) -> None:
    """Look through a journal that was too large to be looked through before the start. In a thread
    that need not end before the process does: it may take minutes."""
    await in_thread(file.examine, lambda _: None, lambda: None)


async def _first(*things: asyncio.Future[Any]) -> None:
    await asyncio.wait(things, return_when=asyncio.FIRST_COMPLETED)
