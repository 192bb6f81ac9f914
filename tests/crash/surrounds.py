"""What the daemon is put between so that its own process sees each point: journal file, ports,
server and log, all as they are, with a look at what passes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PosixPath
from typing import Any

from gsmbridge.at.port import Port, PortName, Ports
from gsmbridge.config.schema import Config
from gsmbridge.events import Events, Kind
from gsmbridge.forwarding.push import Attempt, Push
from gsmbridge.journal import migration
from gsmbridge.journal.database import VERSION
from gsmbridge.journal.disk import JournalFile
from gsmbridge.journal.migration import Migrations, Upgrade
from gsmbridge.journal.writer import Operation
from gsmbridge.message import Outgoing
from gsmbridge.onlinesim.answer import Answer
from gsmbridge.service.bridge import Surroundings
from tests.crash.aim import Aim
from tests.crash.statements import kind_of

STEPS: Mapping[int, str] = {
    **migration.known(),
    VERSION + 1: """
        ALTER TABLE messages ADD COLUMN note TEXT NOT NULL DEFAULT '';
        UPDATE messages SET note = state || ' of ' || sim;
        CREATE INDEX messages_note ON messages (note);
        CREATE TABLE noted AS SELECT * FROM messages;
    """,
    VERSION + 2: """
        UPDATE messages SET note = note || (SELECT count(*) FROM noted);
        DROP TABLE noted;
        DROP INDEX messages_note;
        ALTER TABLE messages DROP COLUMN note;
    """,
}
"""Steps to later schemas, made up: each rewrites every message, and in the end all is as before."""
BUSY_LOG = 8
"""Pages after which the write-ahead log is moved into the journal; SQLite's own is 1000."""


def aimed(around: Surroundings, aim: Aim, needs: str) -> Surroundings:
    """*around*, with every point of it seen. *needs*: see `points.Point`."""
    assert isinstance(around.disk, JournalFile)
    return replace(
        around,
        disk=AimedDisk(around.disk, aim, needs),
        high_water=_Mark(around.high_water, aim),
        ports=_first_and_later(around.ports, aim),
        push=lambda config: _push(around.push(config), aim),
        log=_Log(around.log, aim),
    )


def _first_and_later(ports: Callable[[Config], Ports], aim: Aim) -> Callable[[Config], Ports]:
    asked: list[Config] = []

    def of(config: Config) -> Ports:
        if asked:
            aim.reached("reload: config read, old one in use")
        asked.append(config)
        return _Ports(ports(config), aim)

    return of


# ---- journal ------------------------------------------------------------------------------------


class AimedDisk:
    """A `writer.Disk`: the journal's file, each statement of which is seen."""

    def __init__(self, file: JournalFile, aim: Aim, needs: str) -> None:
        self._file = file
        self._aim = aim
        self._seen: sqlite3.Connection | None = None
        self._kinds: dict[str, None] = {}
        self._changes = 0
        self._needs = needs
        if needs == "upgrade":
            told = file._migrations.told
            file._migrations = _Migrations(STEPS, told=told, aim=aim)

    def transact(self, operations: Sequence[Operation]) -> list[Any]:
        self._look()
        results = self._file.transact(operations)
        for kind in self._kinds:
            self._aim.reached(f"{kind}: after its commit")
        if "delivered" in self._kinds and self._aim.bodies:
            self._aim.reached("answer: 200 written, body not read")
        return results

    def recover(self) -> None:
        self._file.recover()

    def scrub(self) -> None:
        self._aim.reached("log: before it is emptied")
        self._aim.begins("log: while it is emptied")
        self._file.scrub()
        self._aim.reached("log: after it was emptied")

    def _look(self) -> None:
        db = self._file._connection()
        if db is not self._seen:
            self._seen = db
            db.set_trace_callback(self._statement)
            if self._needs == "checkpoint":
                db.execute(f"PRAGMA wal_autocheckpoint = {BUSY_LOG}")

    def _statement(self, statement: str) -> None:
        """Called by SQLite just before each statement."""
        assert self._seen is not None
        if statement == "BEGIN IMMEDIATE":
            self._kinds = {}
            self._changes = self._seen.total_changes
        elif statement == "COMMIT":
            if self._seen.total_changes == self._changes:
                self._kinds = {}
            for kind in self._kinds:
                self._aim.reached(f"{kind}: before its commit")
                self._aim.begins(f"{kind}: in its commit")
            if "received" in self._kinds and self._aim.block_reserved:
                self._aim.reached("ids: block in place, message not committed")
            self._aim.begins("log: in a commit that moves it into the journal")
        elif (known := kind_of(statement)) is not None:
            self._kinds[known] = None
            self._aim.reached(f"{known}: at its statement")


@dataclass(frozen=True, slots=True)
class _Migrations(Migrations):
    """The made-up steps, each statement of which is seen."""

    aim: Aim = field(kw_only=True)

    def run(self, db: sqlite3.Connection, path: Path, old: int) -> None:
        def statement(text: str) -> None:
            if text == "COMMIT":
                self.aim.reached("migration: before its commit")
                self.aim.begins("migration: in its commit")
            elif text.lstrip().startswith(("ALTER", "UPDATE", "DROP", "CREATE")):
                self.aim.reached("migration: amid its statements")

        db.set_trace_callback(statement)
        self.aim.reached("migration: before the copy")
        self.aim.begins("migration: in the copy")

        def told(upgrade: Upgrade) -> None:
            self.aim.reached("migration: after its commit")
            self.told(upgrade)

        Migrations(self.steps, self.free, told).run(db, path, old)
        db.set_trace_callback(None)


class _Mark(PosixPath):
    """The path of the file of reserved ids."""

    _aim: Aim

    def __new__(cls, path: Path, aim: Aim | None = None) -> _Mark:
        self = super().__new__(cls, path)
        if aim is not None:
            cls._aim = aim
        return self

    def replace(self, target: Any) -> Any:
        self._aim.reached("ids: block written, not in place")
        result = super().replace(target)
        self._aim.block_reserved = True
        return result


# ---- ports --------------------------------------------------------------------------------------


class _Ports:
    def __init__(self, ports: Ports, aim: Aim) -> None:
        self._ports = ports
        self._aim = aim
        self.present = ports.present

    async def open(self, name: PortName, baudrate: int) -> Port:
        return _Port(await self._ports.open(name, baudrate), self._aim)


class _Port:
    """An open port, each command and answer of which is seen."""

    def __init__(self, port: Port, aim: Aim) -> None:
        self._port = port
        self._aim = aim
        self._before = self._now = b""
        self._on_bytes: Callable[[bytes], None] = lambda data: None
        self.close = port.close

    def start(self, on_bytes: Callable[[bytes], None], on_lost: Callable[[str], None]) -> None:
        self._on_bytes = on_bytes
        self._port.start(self._hear, on_lost)

    def write(self, data: bytes) -> None:
        self._before, self._now = self._now, data
        if self._asks(b"AT+CMGD"):
            self._aim.reached("delete: slot read again, delete not asked")
            self._cut(data, "delete: amid its command")
        elif self._asks(b"AT+CMGR"):
            if self._before.startswith(b"AT+CMGD"):
                self._aim.reached("delete: done, slot not looked at")
            self._cut(data, "serial: amid a read's command")
        self._port.write(data)
        for command, point in _ASKED:
            if self._asks(command):
                self._aim.reached(point)

    def _cut(self, data: bytes, point: str) -> None:
        if self._aim.meant(point):
            self._port.write(data[: len(data) // 2 + 2])
            self._aim.strike(point)

    def _hear(self, data: bytes) -> None:
        if self._asks(b"AT+CMGD"):
            self._aim.reached("delete: answered, answer not read")
        elif self._asks(b"AT+CMGR"):
            after_delete = self._before.startswith(b"AT+CMGD")
            if not after_delete and self._aim.meant("serial: amid a read's answer"):
                self._on_bytes(data[: len(data) // 2])
                self._aim.strike("serial: amid a read's answer")
            self._on_bytes(data)
            if after_delete:
                self._aim.reached("delete: slot looked at, freed not written")
            return
        elif self._asks(b"AT+CMGL") and self._aim.meant("serial: amid a listing"):
            self._on_bytes(data[: len(data) // 2])
            self._aim.strike("serial: amid a listing")
        self._on_bytes(data)

    def _asks(self, command: bytes) -> bool:
        return self._now.startswith(command)


_ASKED = (
    (b"AT+CMGD", "delete: asked"),
    (b"AT+CPMS=", "start: set-up, store chosen"),
    (b"AT+CNMI=", "start: set-up, indications asked"),
    (b"AT+CCID", "serial: a SIM was asked who it is"),
    (b"AT^ICCID", "serial: a SIM was asked who it is"),
    (b"AT+QCCID", "serial: a SIM was asked who it is"),
    (b"AT+CRSM", "serial: a SIM was asked who it is"),
)


# ---- server -------------------------------------------------------------------------------------


def _push(push: Push, aim: Aim) -> Push:
    async def aimed_push(message: Outgoing) -> Attempt:
        aim.reached("request: not begun")
        aim.begins("request: under way")
        attempt = await push(message)
        if attempt.status == 200:
            aim.reached("answer: 200 read, not written")
        return _Attempt(attempt, aim)

    return aimed_push


class _Attempt:
    def __init__(self, attempt: Attempt, aim: Aim) -> None:
        self._attempt = attempt
        self._aim = aim
        self.status = attempt.status

    async def finish(self) -> Answer:
        if self.status != 200:
            self._aim.reached("answer: no 200, body not read")
        self._aim.bodies += self.status == 200
        answer = await self._attempt.finish()
        self._aim.bodies -= self.status == 200
        known = "body read" if self.status == 200 else "no 200, not noted"
        self._aim.reached(f"answer: {known}")
        return answer


# ---- log ----------------------------------------------------------------------------------------


class _Log:
    """Reaches the points that are told."""

    def __init__(self, log: Events, aim: Aim) -> None:
        self._log = log
        self._aim = aim

    def emit(self, kind: Kind, /, **fields: object) -> None:
        self._log.emit(kind, **fields)
        if kind.name in _TOLD:
            self._aim.reached(_TOLD[kind.name])
        if kind.name == "stopping":
            self._aim.begins("stop: amid it")


_TOLD = {
    "started": "start: journal open, no modem",
    "modem_appeared": "start: a modem is ready",
    "reloaded": "reload: done",
    "stopping": "stop: asked",
    "stopped": "stop: told, journal still open",
}
