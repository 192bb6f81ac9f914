"""Variants of the program with one mistake each, which the simulation must notice."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace

from gsmbridge.at.port import Port, PortName, Ports
from gsmbridge.clock import Clock
from gsmbridge.config.schema import Config
from gsmbridge.forwarding.push import Attempt, Push
from gsmbridge.journal.journal import Journal
from gsmbridge.journal.outcome import Now, Outcome
from gsmbridge.journal.rules import Rules
from gsmbridge.message import Outgoing, Reading, SlotToFree, State
from gsmbridge.service.bridge import Surroundings


class DeletesUnpushed(Journal):
    """Has every slot deleted as soon as it is journalled, without waiting for a 200."""

    async def record(self, reading: Reading) -> Sequence[SlotToFree]:
        await super().record(reading)
        return await self.to_free(reading.sim, reading.appearance)

    async def to_free(self, sim: int, appearance: str) -> Sequence[SlotToFree]:
        def everything(db: sqlite3.Connection) -> list[SlotToFree]:
            rows = db.execute(
                "SELECT copy, sms_id, store, slot, identity FROM copies"
                " WHERE sim = ? AND appearance = ? AND on_sim AND slot IS NOT NULL",
                (sim, appearance),
            )
            return [SlotToFree(*row) for row in rows]

        return await self._writer.do(everything)


class CommitsLate(Journal):
    """Takes its time over a 200."""

    async def settle(
        self, sms_id: int, state: State, tries: int, status: int, error: str, ms: int | None = None
    ) -> None:
        await asyncio.sleep(6.0)
        await super().settle(sms_id, state, tries, status, error, ms)


class ForgetsIntervals(Journal):
    """Attempts everything at once after a restart."""

    def _waiting(self, db: sqlite3.Connection, rules: Rules, now: Now, outcome: Outcome) -> None:
        super()._waiting(db, rules, now, outcome)
        outcome.pending[:] = [replace(outgoing, due=None) for outgoing in outcome.pending]


def reuses_ids(around: Surroundings) -> Surroundings:
    """Ids come round again after a few messages."""

    def few_ids(config: Config) -> Push:
        push = around.push(config)

        async def reusing(message: Outgoing) -> Attempt:
            return await push(replace(message, sms_id=message.sms_id % 20 + 1))

        return reusing

    return replace(around, push=few_ids)


def retries_early(around: Surroundings) -> Surroundings:
    """A clock that runs twice as fast as the world's."""
    return replace(around, clock=_Hasty(around.clock))


class _Hasty:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.wall = clock.wall
        self.boot_id = clock.boot_id

    def monotonic(self) -> float:
        return 2 * self._clock.monotonic()


def believes_the_first_sim(around: Surroundings) -> Surroundings:
    """Who the SIM is is asked once: every later check is answered from memory."""
    return replace(around, ports=lambda config: _OldIdentity(around.ports(config)))


class _OldIdentity:
    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self.present = ports.present

    async def open(self, name: PortName, baudrate: int) -> Port:
        return _Remembering(await self._ports.open(name, baudrate))


class _Remembering:
    """A port that answers questions for the SIM's identity as they were answered before."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._answers: dict[bytes, bytes] = {}
        self._asked = b""
        self._heard = b""
        self._on_bytes: Callable[[bytes], None] = lambda data: None
        self.close = port.close

    def start(self, on_bytes: Callable[[bytes], None], on_lost: Callable[[str], None]) -> None:
        self._on_bytes = on_bytes
        self._port.start(self._hear, on_lost)

    def write(self, data: bytes) -> None:
        if b"OK" in self._heard and any(word in self._asked for word in (b"CCID", b"SCID")):
            self._answers.setdefault(self._asked, self._heard)
        self._asked, self._heard = data, b""
        if data in self._answers:
            self._port.write(b"AT\r")  # its OK is the only thing that the modem is heard saying
        else:
            self._port.write(data)

    def _hear(self, data: bytes) -> None:
        self._heard += data
        answer = self._answers.get(self._asked)
        if answer is None:
            self._on_bytes(data)
        elif b"OK" in self._heard:
            self._asked, self._heard = b"", b""
            self._on_bytes(answer)
