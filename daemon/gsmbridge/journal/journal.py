"""The journal: the one meeting point of modems and forwarding, and the program's only memory."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from gsmbridge.clock import SHORTEST_WAIT, Clock
from gsmbridge.events import Events
from gsmbridge.journal import (
    assembly,
    attempts,
    events,
    frees,
    intake,
    orders,
    own,
    prune,
    sims,
    steady,
)
from gsmbridge.journal.ids import (
    CLOCK_IS_SET,
    HighWater,
    Ids,
    keep_mark,
    lowest,
    moved,
    open_ids,
)
from gsmbridge.journal.orders import Ordered
from gsmbridge.journal.outcome import Now, Outcome, Slot
from gsmbridge.journal.rules import Rules
from gsmbridge.journal.writer import Disk, Writer
from gsmbridge.message import Failure, Outgoing, Reading, SimSeen, SimState, SlotToFree, State

T = TypeVar("T")

CLOCK_PATIENCE = 60.0
PRUNE_EVERY = 3600.0


class Listener(Protocol):
    """Who is told, after a commit, what it leads to."""

    def pending(self, outgoing: Outgoing) -> None:
        """A message is to be pushed."""

    def withdrawn(self, sms_id: int) -> None:
        """A message must not be attempted any more, or not as it was told before."""

    def to_free(self, sim: int) -> None:
        """A SIM has slots to free."""


class Journal:
    """Implements `modem.intake.Intake` and `forwarding.outbox.Outbox`."""

    def __init__(
        self,
        disk: Disk,
        high_water: Path,
        executor: Executor | None,
        clock: Clock,
        rules: Rules,
        log: Events,
    ) -> None:
        self._writer = Writer(disk, executor, self._on_trouble)
        self._high_water = high_water
        self._clock = clock
        self._log = log
        self.rules = rules
        self.trouble: str | None = None
        self._listener: Listener | None = None
        self._ids: Ids
        self._windows: dict[int, float] = {}
        self._expected: dict[str, asyncio.Future[own.Own]] = {}
        self._window_moved = asyncio.Event()

    # ---- life -------------------------------------------------------------------------------

    async def start(self, listener: Listener, index: int, count: int, first_id: int | None) -> None:
        """Open, check that it is this host's, and hand out what waits. `run` must be running.

        JournalRefused: written by a newer program, or for another place among its hosts.
        """
        self._listener = listener
        floor = await self._id_floor(first_id)
        self._ids = await self._writer.do(
            partial(open_ids, HighWater(self._high_water), floor, index, count)
        )
        await self._do(self._waiting)

    async def moved(self, machine: str) -> bool:
        """See `ids.moved`. After `start`."""
        return await self._writer.do(lambda db: moved(db, self._ids, machine))

    async def run(self) -> None:
        """Write what is asked for, until `close`."""
        await self._writer.run()

    async def collect(self) -> None:
        """Push what has come of multipart messages whose window is over. Never returns."""
        while True:
            self._window_moved.clear()
            now = self._clock.monotonic()
            over = [sms_id for sms_id, end in self._windows.items() if end <= now]
            for sms_id in over:
                del self._windows[sms_id]
            if over:
                await self._do(partial(_expire, over))
                continue
            wait = min(self._windows.values(), default=now + PRUNE_EVERY) - now
            try:
                async with asyncio.timeout(max(wait, SHORTEST_WAIT)):
                    await self._window_moved.wait()
            except TimeoutError:
                continue

    async def keep_tidy(self) -> None:
        """Erase and prune once an hour. Never returns."""
        while True:
            if self._clock.wall() >= CLOCK_IS_SET:
                while await self._writer.do(
                    lambda db: prune.prune(db, self.rules, Now.of(self._clock))
                ):
                    pass  # the next step: each is short, so that others can write in between
                await self._writer.scrub()
            await asyncio.sleep(PRUNE_EVERY)

    @property
    def beats(self) -> int:
        """See `Writer.beats`."""
        return self._writer.beats

    def poke(self) -> None:
        """See `Writer.poke`."""
        self._writer.poke()

    def close(self, *, clean: bool) -> None:
        """Let `run` write what it holds, then end. *clean*: no attempt is in flight, and all that
        failed were noted, so that the next start knows when each ended."""
        if clean:
            self._writer.later(
                lambda db: db.execute("INSERT OR REPLACE INTO meta VALUES ('clean', '1')")
            )
        self._writer.close()

    # ---- modem side ---------------------------------------------------------------------------

    async def sim_seen(self, seen: SimSeen) -> SimState:
        """See `Intake.sim_seen`."""

        def operation(db: sqlite3.Connection, rules: Rules, now: Now, outcome: Outcome) -> SimState:
            sighting = sims.seen(db, rules, seen, now.wall)
            sim = None if sighting.claims else sighting.state.sim
            attempts.resolve_again(db, rules, now, outcome, sim)
            return sighting.state

        return await self._do(operation)

    async def known_elsewhere(self, sim: int, identities: Sequence[str]) -> bool:
        """See `Intake.known_elsewhere`."""
        return await self._writer.do(lambda db: sims.known_elsewhere(db, sim, identities))

    async def known_here(self, sim: int, identities: Sequence[str]) -> bool:
        """See `Intake.known_here`."""
        return await self._writer.do(lambda db: sims.known_here(db, sim, identities))

    async def record(self, reading: Reading) -> Sequence[SlotToFree]:
        """See `Intake.record`."""
        slots = [Slot.of(stored) for stored in reading.slots]

        def operation(
            db: sqlite3.Connection, rules: Rules, now: Now, outcome: Outcome
        ) -> Sequence[SlotToFree]:
            intake.record(db, rules, self._ids, now, reading, slots, outcome)
            keep_mark(db, self._ids)
            return frees.to_free(db, rules, reading.sim, reading.appearance)

        return await self._do(operation)

    async def to_free(self, sim: int, appearance: str) -> Sequence[SlotToFree]:
        """See `Intake.to_free`."""
        rules = self.rules
        return await self._writer.do(
            lambda db: frees.to_free(db, rules, sim, appearance), essential=True
        )

    async def freed(self, copy: int) -> None:
        """See `Intake.freed`."""
        await self._writer.do(lambda db: frees.freed(db, copy, self._clock.wall()), essential=True)

    async def may_send_pin(self, iccid: str, pin: str, *, untouched: bool) -> bool:
        """See `Intake.may_send_pin`."""
        return await self._writer.do(lambda db: sims.may_send_pin(db, iccid, pin, untouched))

    async def pin_refused(self, iccid: str) -> None:
        """See `Intake.pin_refused`."""
        await self._writer.do(lambda db: sims.pin_refused(db, iccid), essential=True)

    async def pin_accepted(self, iccid: str) -> None:
        """See `Intake.pin_accepted`."""
        await self._writer.do(lambda db: sims.pin_accepted(db, iccid), essential=True)

    # ---- forwarding side ----------------------------------------------------------------------

    def writable(self) -> bool:
        """See `Outbox.writable`."""
        return self._writer.writable

    async def freeze(self, sms_ids: Sequence[int]) -> None:
        """See `Outbox.freeze`."""
        await self._writer.do(lambda db: attempts.freeze(db, sms_ids))

    async def settle(
        self, sms_id: int, state: State, tries: int, status: int, error: str, ms: int | None = None
    ) -> None:
        """See `Outbox.settle`."""

        def operation(db: sqlite3.Connection, rules: Rules, now: Now, outcome: Outcome) -> None:
            attempts.settle(db, now, sms_id, state, tries, status, error, ms, outcome)

        await self._do(operation, essential=True)

    def failed(self, failure: Failure) -> None:
        """See `Outbox.failed`."""
        boot, at = self._clock.boot_id(), self._clock.wall()
        self._writer.later(lambda db: attempts.failed(db, boot, failure, at))

    # ---- operator -----------------------------------------------------------------------------

    async def retry(self, sms_id: int, under: str | None = None) -> Ordered:
        """See `orders.retry`."""

        def operation(db: sqlite3.Connection, rules: Rules, now: Now, outcome: Outcome) -> Ordered:
            return orders.retry(db, rules, now, sms_id, outcome, under)

        return await self._do(operation)

    async def discard(self, sms_id: int) -> Ordered:
        """See `orders.discard`."""

        def operation(db: sqlite3.Connection, rules: Rules, now: Now, outcome: Outcome) -> Ordered:
            return orders.discard(db, now, sms_id, outcome)

        return await self._do(operation)

    async def expect(self, word: str, sim: int) -> asyncio.Future[own.Own]:
        """Journal that *sim* is about to send `own.text_with(word)`, so that it is never pushed.
        The future gives what arrives; whoever waits no longer cancels it."""
        await self._writer.do(lambda db: own.expect(db, word, sim, self._clock.wall()))
        arrival: asyncio.Future[own.Own] = asyncio.get_running_loop().create_future()
        arrival.add_done_callback(lambda _: self._expected.pop(word, None))
        self._expected[word] = arrival
        return arrival

    async def reserve_id(self) -> int:
        """An smsId that no message ever gets, for a push that carries none. Durable."""

        def operation(db: sqlite3.Connection) -> int:
            sms_id = self._ids.take()
            keep_mark(db, self._ids)
            return sms_id

        return await self._writer.do(operation)

    async def reload(self, rules: Rules) -> None:
        """Work by new rules; numbers that changed are resolved anew."""
        self.rules = rules

        def operation(db: sqlite3.Connection, rules: Rules, now: Now, outcome: Outcome) -> None:
            attempts.resolve_again(db, rules, now, outcome)

        await self._do(operation)

    # ---- inside -------------------------------------------------------------------------------

    async def _do(
        self,
        operation: Callable[[sqlite3.Connection, Rules, Now, Outcome], T],
        essential: bool = False,
    ) -> T:
        """Run *operation* in a transaction; once committed, tell the others what it leads to."""

        def transaction(db: sqlite3.Connection) -> tuple[T, Outcome]:
            outcome = Outcome()
            return operation(db, self.rules, Now.of(self._clock), outcome), outcome

        def then(committed: tuple[T, Outcome]) -> None:
            self._tell(committed[1])

        # Told by the writer, not here: who asked may have been cancelled, the others still must
        # hear of what was committed.
        result, _ = await self._writer.do(transaction, essential, then)
        return result

    def _tell(self, outcome: Outcome) -> None:
        assert self._listener is not None, "start comes first"
        for kind, fields in outcome.told:
            self._log.emit(kind, **fields)
        for arrived in outcome.own:
            expected = self._expected.get(arrived.word)
            if expected is not None and not expected.done():
                expected.set_result(arrived)
        for sms_id, end in outcome.collecting.items():
            self._windows[sms_id] = end
            self._window_moved.set()
        for sms_id, end in outcome.hurried.items():
            self._windows[sms_id] = min(end, self._windows.get(sms_id, end))
            self._window_moved.set()
        for sms_id in outcome.whole:
            self._windows.pop(sms_id, None)
        for sms_id in outcome.withdrawn:
            self._windows.pop(sms_id, None)
            self._listener.withdrawn(sms_id)
        for outgoing in outcome.pending:
            self._listener.pending(outgoing)
        for sim in outcome.free_on:
            self._listener.to_free(sim)

    def _waiting(self, db: sqlite3.Connection, rules: Rules, now: Now, outcome: Outcome) -> None:
        steady.note(db, now)
        attempts.resolve_again(db, rules, now, outcome)
        outcome.pending.clear()  # all that is pending comes next, these among them
        attempts.waiting(db, rules, now, outcome)

    async def _id_floor(self, first_id: int | None) -> int:
        """The lowest id that a journal without any may begin with (DESIGN: smsId)."""
        if first_id is not None:
            return first_id
        fresh = await self._writer.do(
            lambda db: db.execute("SELECT 1 FROM meta WHERE key = 'ids'").fetchone() is None
        )
        waited = 0.0
        while fresh and self._clock.wall() < CLOCK_IS_SET and waited < CLOCK_PATIENCE:
            if waited == 0.0:
                self._log.emit(events.CLOCK_NOT_SET)
            await asyncio.sleep(1.0)
            waited += 1.0
        return lowest(self._clock.wall(), fresh)

    def _on_trouble(self, reason: str | None) -> None:
        self.trouble = reason
        if reason is None:
            self._log.emit(events.WRITABLE)
        else:
            self._log.emit(events.UNWRITABLE, reason=reason)


def _expire(
    sms_ids: Sequence[int], db: sqlite3.Connection, rules: Rules, now: Now, outcome: Outcome
) -> None:
    assembly.expire(db, rules, now, sms_ids, outcome)
