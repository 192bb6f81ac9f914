"""Group commit: what the loop wants written goes through one thread, as few transactions as can be.

While one batch is being committed, the next one gathers; a burst over many modems costs few syncs.
When a commit fails, everything waits, in order and in memory, and is tried again: nothing that was
asked for is dropped, and what must not wait for room (verdicts, frees) goes first.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from gsmbridge.errors import JournalError

T = TypeVar("T")
Operation = Callable[[sqlite3.Connection], Any]

MOST = 256
"""Operations in one transaction: bounds how long the others wait for a commit."""
LAZY = 1.0
"""Seconds that an operation without a waiter may lie before it is written."""
RETRY = 1.0
"""Seconds between tries while the journal cannot be written."""


class Disk(Protocol):
    """The journal's file as the writer needs it. All calls run in the writer's thread."""

    def transact(self, operations: Sequence[Operation]) -> list[Any]:
        """Run all in one transaction, each in a savepoint of its own; results in order.

        An operation that raises gives its exception as its result and changes nothing.
        Unwritable where the transaction as a whole could not be committed.
        """

    def recover(self) -> None:
        """Make the journal usable again, if it is. Unwritable where it isn't."""

    def scrub(self) -> None:
        """Leave nothing that was erased in any file. Unwritable where that can't be done now."""


class Unwritable(Exception):
    """The journal cannot be written right now; the message says why."""


@dataclass(slots=True, eq=False)
class _Job:
    operation: Operation
    future: asyncio.Future[Any] | None = None
    essential: bool = False
    then: Callable[[Any], None] | None = None


class Writer:
    """The one way into the journal."""

    def __init__(
        self, disk: Disk, executor: Executor | None, on_trouble: Callable[[str | None], None]
    ) -> None:
        """*on_trouble* is told the reason when the journal stops being writable, None when it is
        again."""
        self._disk = disk
        self._executor = executor
        self._on_trouble = on_trouble
        self._jobs: list[_Job] = []
        self._wake = asyncio.Event()
        self._urgent = asyncio.Event()
        self._trouble: str | None = None
        self._closing = False
        self.beats = 0
        """How often `run` went round."""

    @property
    def writable(self) -> bool:
        """False from a failed commit until the journal takes everything again."""
        return self._trouble is None

    async def do(
        self,
        operation: Callable[[sqlite3.Connection], T],
        essential: bool = False,
        then: Callable[[T], None] | None = None,
    ) -> T:
        """Run *operation* in a transaction; its result, once committed.

        Waits while the journal cannot be written. *essential* ones are tried even then. *then* is
        called with the result as soon as it is committed, also where nobody waits for it any more.
        """
        if self._closing:
            raise JournalError("the journal is closed")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.append(_Job(operation, future, essential, then))
        self.poke()
        return await future

    def later(self, operation: Operation) -> None:
        """Run *operation* within a second, together with others; nobody waits for it."""
        self._jobs.append(_Job(operation))
        self._wake.set()

    async def scrub(self) -> bool:
        """Empty the files of what was erased. False where that can't be done now."""
        try:
            await self._in_thread(self._disk.scrub)
        except Unwritable:
            return False
        return True

    async def run(self) -> None:
        """Write until `close`."""
        while not self._closing:
            self.beats += 1
            if self._trouble is not None:
                await self._try_again()
            elif self._jobs:
                await self._write(self._jobs[:MOST])
            else:
                await self._gather()
        while self._jobs and await self._write(self._jobs[:MOST]):
            pass
        await self._write_essential()
        for job in self._jobs:
            if job.future is not None:
                self._answer(job, JournalError("the journal could not be written before the end"))

    def poke(self) -> None:
        """Have `run` go round once, whether or not there is anything to write."""
        self._urgent.set()
        self._wake.set()

    def close(self) -> None:
        """Let `run` write what it holds, then end."""
        self._closing = True
        self.poke()

    async def _gather(self) -> None:
        """Wait for something to write; lazy work waits a while for company."""
        self._wake.clear()
        self._urgent.clear()
        await self._wake.wait()
        try:
            async with asyncio.timeout(LAZY):
                await self._urgent.wait()
        except TimeoutError:
            pass  # nothing urgent came along: the lazy ones are written by themselves

    async def _try_again(self) -> None:
        """One round while the journal is not writable: it is again once it takes what waits."""
        try:
            await self._in_thread(self._disk.recover)
            recovered = not self._jobs or await self._write(self._jobs[:MOST])
        except Unwritable as error:
            self._in_trouble(str(error))
            recovered = False
        if recovered:
            self._trouble = None
            self._on_trouble(None)
        else:
            await self._write_essential()
            await asyncio.sleep(RETRY)

    async def _write_essential(self) -> None:
        """Write what must not wait for room, by itself, as far as it can be written."""
        while essential := [job for job in self._jobs if job.essential][:MOST]:
            if not await self._write(essential):
                return

    async def _write(self, batch: list[_Job]) -> bool:
        """Commit one batch and answer its waiters. False where it could not be committed."""
        try:
            results = await self._in_thread(self._disk.transact, [job.operation for job in batch])
        except Unwritable as error:
            self._in_trouble(str(error))
            return False
        written = set(batch)
        self._jobs = [job for job in self._jobs if job not in written]
        answers = zip(batch, results, strict=True)
        faults = [fault for job, result in answers if (fault := self._answer(job, result))]
        if faults:
            raise faults[0]
        return True

    def _answer(self, job: _Job, result: Any) -> Exception | None:
        """Tell everybody whom *result* concerns. The fault that nobody waits to hear of, if there
        is one: it must not keep the others of the batch, which are committed, from their answers.
        """
        fault: Exception | None = None
        if isinstance(result, Exception):
            if job.future is None:
                fault = result
            elif not job.future.done():
                job.future.set_exception(result)
            return fault
        if job.then is not None:
            try:
                job.then(result)
            except Exception as error:  # whatever it is: raised once all of the batch are answered
                fault = error
        if job.future is not None and not job.future.done():
            job.future.set_result(result)
        return fault

    def _in_trouble(self, reason: str) -> None:
        if self._trouble is None:
            self._on_trouble(reason)
        self._trouble = reason

    async def _in_thread(self, function: Callable[..., T], *args: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, function, *args)
