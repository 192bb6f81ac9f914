"""The work of one appearance: passes over the store, announced messages, slots to free."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from gsmbridge.events import Events
from gsmbridge.message import Reading, SimState, SlotToFree
from gsmbridge.modem import events as kinds
from gsmbridge.modem.hints import Arrival, Hints
from gsmbridge.modem.intake import Intake
from gsmbridge.modem.replies import Row, Usage
from gsmbridge.modem.store import Outcome, Store, oldest_first
from gsmbridge.sms.identity import tpdu_identity

FULL_PASS_EVERY = 10
"""Every how many polls the store is listed although nothing seems off."""
DELETE_AGAIN = 10.0
"""Seconds until a delete that did not take is repeated."""
LOOK_AGAIN = 0.7
"""Seconds until an announced message that could not be found is looked for: E3531 counts it
500 ms after its +CMTI (gammu)."""
NEARLY_FULL = 0.8


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose messages these are: what every reading of this appearance says."""

    path: str
    modem: str
    token: str
    sim: SimState


class Appearance:
    """One SIM in one modem, from its first listing on."""

    def __init__(
        self, subject: Subject, store: Store, hints: Hints, intake: Intake, events: Events
    ) -> None:
        self.subject = subject
        self.store = store
        self.usage: Usage | None = None
        self.found_new = False
        """A message was read that this appearance had not shown before; the owner clears it."""
        self.freeing = True
        """The journal may have slots to free: it is asked at the next occasion."""
        self._hints = hints
        self._intake = intake
        self._events = events
        self._occupied: dict[int, str] = {}
        """Identity of what lies in each occupied slot; empty for what is no received message."""
        self._uncounted = 0
        """By how much AT+CPMS? differs from the rows of a listing that it stood beside."""
        self._listed = False
        self._polls = 0
        self._look_at = inf
        self._free_at = inf
        self._fill = ""

    @property
    def due(self) -> float:
        """Loop time at which `work` has something to do even if nothing wakes it."""
        return min(self._look_at, self._free_at)

    async def work(self) -> None:
        """Do what is due: announced messages first, then passes, then slots to free."""
        now = asyncio.get_running_loop().time()
        await self.serve_arrivals()
        if self._hints.look or now >= self._look_at:
            await self.read_all()
        if self.freeing or now >= self._free_at:
            await self._free_slots()

    async def poll(self) -> None:
        """See whether the store holds what it should; list it where not, and now and then."""
        self._polls += 1
        await self.store.confirm()
        usage = await self.store.usage()
        expected = len(self._occupied) + self._uncounted
        if usage is None or usage.used != expected or self._polls % FULL_PASS_EVERY == 0:
            await self.read_all()
        else:
            self._note(usage)

    async def read_all(self) -> None:
        """One pass over the whole store, journalled."""
        self._hints.look = False
        self._look_at = inf
        before = list(self._hints.arrivals)
        contents = await self.store.list_all(self._serve_between)
        self._note(contents.usage)
        known = set(self._occupied.values())
        announced = {arrival.slot for arrival in self._hints.arrivals}
        fresh = [
            row
            for row in contents.rows
            if (self._listed and tpdu_identity(row.pdu) not in known) or row.slot in announced
        ]
        if contents.whole:
            self._occupied = {}
        if oldest_first(fresh):
            await self._record(fresh, arrived=True)
        await self._record(contents.rows, complete=contents.whole)
        listed = {row.slot for row in contents.rows}
        for arrival in before:
            if arrival.slot in listed and arrival in self._hints.arrivals:
                self._hints.arrivals.remove(arrival)
        self._uncounted = contents.usage.used - len(self._occupied) if contents.usage else 0
        self._listed = self._listed or contents.whole
        if not contents.whole:
            self._events.emit(kinds.READ_FAILED, modem=self.subject.path)
            self._look_at = asyncio.get_running_loop().time() + DELETE_AGAIN

    async def _serve_between(self) -> bool:
        """Between two slots of a slow pass. Whether something was read that the pass may lack."""
        waiting = bool(self._hints.arrivals)
        await self.serve_arrivals()
        return waiting

    async def serve_arrivals(self) -> None:
        """Read what was announced: the slot named first, else whatever is unread."""
        while self._hints.arrivals:
            arrival = self._hints.arrivals[0]
            fresh = await self._announced(arrival)
            if fresh:
                await self._record(fresh, arrived=True)
            else:
                self._look_at = asyncio.get_running_loop().time() + LOOK_AGAIN
            if self._hints.arrivals and self._hints.arrivals[0] == arrival:
                self._hints.arrivals.popleft()

    async def _announced(self, arrival: Arrival) -> list[Row]:
        rows: Sequence[Row] = ()
        if arrival.slot is not None and arrival.memory in ("", "MT", self.store.memory):
            row = await self.store.read_slot(arrival.slot)
            rows = (row,) if row is not None else ()
        return self._unknown(rows) or self._unknown(await self.store.list_unread())

    def _unknown(self, rows: Sequence[Row]) -> list[Row]:
        known = set(self._occupied.values())
        return [
            row for row in rows if row.received and row.pdu and tpdu_identity(row.pdu) not in known
        ]

    async def _record(
        self, rows: Sequence[Row], *, complete: bool = False, arrived: bool = False
    ) -> None:
        subject = self.subject
        to_free = await self._intake.record(
            Reading(
                sim=subject.sim.sim,
                modem=subject.modem,
                appearance=subject.token,
                store=self.store.memory,
                slots=oldest_first(rows),
                complete=complete,
                arrived=arrived,
                used=self.usage.used if self.usage else None,
                total=self.usage.total if self.usage else None,
            )
        )
        self.freeing = self.freeing or bool(to_free)
        self.found_new = self.found_new or arrived
        for row in rows:
            message = row.received and row.pdu
            self._occupied[row.slot] = tpdu_identity(row.pdu) if message else ""

    async def _free_slots(self) -> None:
        """Delete what the journal wants deleted, one slot at a time, arrivals in between."""
        self.freeing = False
        self._free_at = inf
        subject = self.subject
        for slot in await self._intake.to_free(subject.sim.sim, subject.token):
            await self.serve_arrivals()
            if slot.store != self.store.memory:
                continue
            outcome = await self.store.free(slot)
            await self._after_free(slot, outcome)

    async def _after_free(self, slot: SlotToFree, outcome: Outcome) -> None:
        now = asyncio.get_running_loop().time()
        told = {"sms_id": slot.sms_id, "slot": slot.slot, "modem": self.subject.path}
        if outcome is Outcome.FREED:
            await self._intake.freed(slot.copy)
            self._occupied.pop(slot.slot, None)
            self._events.emit(kinds.SLOT_FREED, **told)
            return
        self._events.emit(kinds.SLOT_KEPT, outcome=outcome.value, **told)
        if outcome is Outcome.CALLED_OFF:
            self._free_at = min(self._free_at, now + LOOK_AGAIN)
        elif outcome in (Outcome.DID_NOT_TAKE, Outcome.NOT_TOLD):
            self._free_at = min(self._free_at, now + DELETE_AGAIN)
        else:  # what lies there is not what the journal believes: a pass tells it
            self._look_at = min(self._look_at, now + LOOK_AGAIN)

    def _note(self, usage: Usage | None) -> None:
        """Keep the usage; tell where the store begins or ends to be nearly full."""
        if usage is None:
            return
        self.usage = usage
        fill = ""
        if usage.total and usage.used >= usage.total:
            fill = "full"
        elif usage.total and usage.used >= NEARLY_FULL * usage.total:
            fill = "filling"
        if fill != self._fill:
            self._fill = fill
            kind = {"full": kinds.SIM_FULL, "filling": kinds.SIM_FILLING, "": kinds.SIM_ROOM}[fill]
            self._events.emit(kind, used=usage.used, total=usage.total, modem=self.subject.path)
