"""All checks, one after the other. Nothing is pushed, nothing written; ports are opened only while
no daemon holds them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gsmbridge.at.serial_port import SerialPorts
from gsmbridge.config.keysource import CREDENTIAL, is_missing
from gsmbridge.config.load import load
from gsmbridge.config.schema import Config
from gsmbridge.doctor import files, host, messages, modems, partner, ports
from gsmbridge.doctor.access import User
from gsmbridge.doctor.finding import Finding, fail, warn
from gsmbridge.doctor.machine import Machine, Unit
from gsmbridge.errors import ConfigError, GsmbridgeError, JournalError
from gsmbridge.service import offline
from gsmbridge.service import unit as unit_of
from gsmbridge.service.ask import ask

Document = dict[str, Any]


def examine(path: str, environ: Mapping[str, str], machine: Machine) -> Iterator[Finding]:
    """Every finding, as it is found."""
    service = unit_of.service(path)
    unit = machine.unit(service)
    try:
        config = load(path, environ, with_key=False)
    except ConfigError as error:
        yield from files.mistakes("config", error.mistakes)
        yield from host.unit(unit, running=False)
        yield from host.programs(machine.running(), [], machine.rules())
        yield from host.kernel(machine.kernel())
        return
    examination = _Examination(Path(path), config, environ, machine, unit)
    source = machine.credential(service)
    try:
        examination.config = load(path, environ)
    except ConfigError as error:
        if not examination.has_its_key(error):
            yield from files.no_key(error, source)
    if source is not None:
        yield from files.credential(source, unit_of.CREDENTIALS / service / CREDENTIAL)
    yield from examination.run()


class _Examination:
    """Of a host whose config is valid."""

    def __init__(
        self,
        path: Path,
        config: Config,
        environ: Mapping[str, str],
        machine: Machine,
        unit: Unit | None,
    ) -> None:
        self._path = path
        self.config = config
        self._machine = machine
        self._unit = unit
        self._journal = Path(config.journal.path)
        self._refused: GsmbridgeError | None = None
        self._status: Document | None = None
        try:
            self._status = ask(config, {"command": "status"}, environ)
        except GsmbridgeError as error:
            self._refused = error
        self._pid: int | None = self._status["pid"] if self._status is not None else None

    def has_its_key(self, error: ConfigError) -> bool:
        """The daemon runs by a key that can't be seen from here, such as one of its unit's
        environment."""
        return self._pid is not None and is_missing(error)

    def run(self) -> Iterator[Finding]:
        running = self._status is not None
        user = self._machine.user(self._unit, self._pid)
        if self._refused is not None:
            yield fail("service", self._refused.message, self._refused.hint or "restart it")
        else:
            yield from host.unit(self._unit, running)
        if user is None:
            name = (self._unit or {}).get("User")
            todo = f"adduser --system --group --no-create-home {name}"
            yield fail("service", f"its user {name} does not exist", todo)
        else:
            yield from self._files(user)
        yield from seen(files.room(self._journal))
        yield from seen(files.journal_opens(self._journal, self.config, running))
        finding, date = asyncio.run(partner.reach(self.config))
        yield finding
        yield host.clock(self._machine.wall(), date)
        yield from self._ports(user)
        yield from host.kernel(self._machine.kernel())
        if self._refused is None:
            yield from self._modems()

    def _files(self, user: User) -> Iterator[Finding]:
        yield from seen(files.config(self._path, self.config, user))
        yield from files.journal_of_farm(unit_of.farm(str(self._path)), self.config)
        yield from seen(files.journal_access(self._journal, user))

    def _ports(self, user: User | None) -> Iterator[Finding]:
        wanted = self.config.modems
        names = SerialPorts(wanted.ports, wanted.exclude).present()
        paths = [name.path for name in names]
        yield from ports.present(paths, wanted.ports)
        if user is not None:
            yield from ports.access(paths, user)
        devices = {name.path: name.device for name in names}
        held = self._machine.holders(devices, self._pid or os.getpid())
        yield from ports.holders(held)
        holding = [program.partition(" ")[0] for programs in held.values() for program in programs]
        yield from host.programs(self._machine.running(), holding, self._machine.rules())
        limit = self._machine.descriptors(self._unit, self._pid)
        yield host.descriptors(limit, len(names))

    def _modems(self) -> Iterator[Finding]:
        """From the daemon, else from the journal and the ports themselves."""
        status = self._status
        if status is None:
            try:
                status = offline.answer(self.config, {"command": "status"})
            except JournalError:
                status = {"sims": []}  # what is wrong with it was told above
            found = offline.answer(self.config, {"command": "scan"})["modems"]
        else:
            found = status["modems"]
        yield from modems.modems(found)
        yield from modems.stores(found, status["sims"])
        yield from modems.numbers(self.config.numbers, found)
        yield from messages.waiting(status)
        yield from messages.alarms(status)


def seen(findings: Iterator[Finding]) -> Iterator[Finding]:
    """As far as this user may look."""
    try:
        yield from findings
    except PermissionError as error:
        yield warn("files", f"{error.filename}: this user may not look at it", "use sudo")
