"""The work of one appearance: passes over the store, announced messages, slots to free.

Messages belong into the store that the set-up chose (the SIM's own, wherever that can be had).
Some land in the modem's memory all the same: Siemens puts class 1 there, others whatever they
like. So it is looked into at the beginning, now and then, and when an announced message cannot be
found. What lies in it at the beginning may be another SIM's: it is recorded as found, never as
arrived, and the journal holds it; what is new in it between two passes is this SIM's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from gsmbridge.message import Reading, SimState, SlotToFree
from gsmbridge.modem import events as kinds
from gsmbridge.modem.hints import Arrival, Hints
from gsmbridge.modem.identity import OtherSim
from gsmbridge.modem.intake import Intake
from gsmbridge.modem.replies import Row
from gsmbridge.modem.shelf import Shelf
from gsmbridge.modem.store import Contents, Outcome, Store, oldest_first
from gsmbridge.modem.teller import Teller
from gsmbridge.sms.identity import tpdu_identity

FULL_PASS_EVERY = 10
"""Every how many polls everything is listed although nothing seems off."""
DELETE_AGAIN = 10.0
"""Seconds until a delete that did not take, or a pass that failed, is repeated."""
LOOK_AGAIN = 0.7
"""Seconds until an announced message that could not be found is looked for: E3531 counts it
500 ms after its +CMTI (gammu)."""
NEARLY_FULL = 0.8
FILL_EVENTS = {"full": kinds.SIM_FULL, "filling": kinds.SIM_FILLING, "": kinds.SIM_ROOM}


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
        self,
        subject: Subject,
        stores: Sequence[Store],
        hints: Hints,
        intake: Intake,
        teller: Teller,
    ) -> None:
        """The first of *stores* is the one that the modem reads unless told otherwise."""
        self.subject = subject
        self.main, *others = [Shelf(store) for store in stores]
        self.found_new = False
        """A message was read that had not been there before; the owner clears it."""
        self.freeing = True
        """The journal may have slots to free: it is asked at the next occasion."""
        self.unannounced = 0
        """Messages that a poll found and nothing had announced."""
        self._others = others
        self._hints = hints
        self._intake = intake
        self._teller = teller
        self._look_at = inf
        self._free_at = inf
        self._fill = ""

    @property
    def due(self) -> float:
        """Loop time at which `work` has something to do even if nothing wakes it."""
        return min(self._look_at, self._free_at)

    async def begin(self, *, wary: bool = False, unseen: bool = False) -> None:
        """The first pass over everything. *wary*: OtherSim where it shows what was seen on another
        SIM, for the modem may serve it from a copy that it made of that one's store; *unseen*: also
        where it shows anything new, for that one may have been in while nobody looked."""
        await self._read_shelf(self.main, wary=wary, unseen=unseen)
        await self._look_elsewhere()

    async def work(self) -> None:
        """Do what is due: announced messages first, then passes, then slots to free."""
        await self.serve_arrivals()
        if self._hints.look or self._is_time(self._look_at):
            self._hints.look = False
            self._look_at = inf
            await self._read_shelf(self.main)
            await self._look_elsewhere()
        if self.freeing or self._is_time(self._free_at):
            await self._free_slots()

    async def poll(self, number: int) -> None:
        """See whether the store holds what it should; list it where not, and now and then.
        *number* counts the polls of this appearance."""
        await self.main.store.confirm()
        usage = await self.main.store.usage()
        if number % FULL_PASS_EVERY == 0:
            await self._read_shelf(self.main)
            await self._look_elsewhere()
        elif usage is None or usage.used != self.main.used:
            self.unannounced += await self._read_shelf(self.main)

    async def serve_arrivals(self) -> None:
        """Read what was announced: the slot named first, else whatever is unread."""
        while self._hints.arrivals:
            arrival = self._hints.arrivals[0]
            fresh = await self._announced(arrival)
            if fresh:
                await self._record(self.main, fresh, arrived=True)
            else:
                self._look_in(LOOK_AGAIN)
            if self._hints.arrivals and self._hints.arrivals[0] == arrival:
                self._hints.arrivals.popleft()

    async def _announced(self, arrival: Arrival) -> list[Row]:
        shelf = self.main
        rows: Sequence[Row] = ()
        if arrival.slot is not None and arrival.memory in ("", "MT", shelf.memory):
            row = await shelf.store.read_slot(arrival.slot)
            rows = (row,) if row is not None else ()
        return shelf.unknown(rows) or shelf.unknown(await shelf.store.list_unread())

    # Passes

    async def _look_elsewhere(self) -> None:
        for shelf in self._others:
            await shelf.store.select()
            try:
                await self._read_shelf(shelf)
            finally:
                await self.main.store.select()

    async def _read_shelf(self, shelf: Shelf, *, wary: bool = False, unseen: bool = False) -> int:
        """One pass over a whole store, journalled; how many messages were new."""
        before = list(self._hints.arrivals)
        between = self._serve_between if shelf is self.main else _nothing_between
        contents = await shelf.store.list_all(between)
        if wary:
            await self._see_whose(contents, unseen)
        announced = {arrival.slot for arrival in self._hints.arrivals if shelf is self.main}
        named = [row for row in contents.rows if row.slot in announced]
        fresh = shelf.unknown(contents.rows if shelf.listed else named)
        shelf.replace(contents)
        if fresh:
            await self._record(shelf, fresh, arrived=True)
        await self._record(shelf, contents.rows, complete=contents.whole)
        for arrival in before:
            if arrival.slot in {row.slot for row in named} and arrival in self._hints.arrivals:
                self._hints.arrivals.remove(arrival)
        if not contents.whole:
            self._teller.tell_new(kinds.READ_FAILED, shelf.memory)
            self._look_in(DELETE_AGAIN)
        else:
            self._teller.over(kinds.READ_FAILED, shelf.memory)
        return len(fresh)

    async def _see_whose(self, contents: Contents, unseen: bool) -> None:
        sim = self.subject.sim.sim
        identities = [tpdu_identity(stored.pdu) for stored in oldest_first(contents.rows)]
        if await self._intake.known_elsewhere(sim, identities):
            raise OtherSim("the modem shows messages of another SIM")
        if unseen and not await self._intake.known_here(sim, identities):
            raise OtherSim("another SIM may have been in while nobody looked")

    async def _serve_between(self) -> bool:
        """Between two slots of a slow pass. Whether something was read that the pass may lack."""
        if not self._hints.arrivals:
            return False
        await self.serve_arrivals()
        return True

    async def _record(
        self, shelf: Shelf, rows: Sequence[Row], *, complete: bool = False, arrived: bool = False
    ) -> None:
        subject = self.subject
        shelf.put(rows)
        self._note_fill()
        to_free = await self._intake.record(
            Reading(
                sim=subject.sim.sim,
                modem=subject.modem,
                path=subject.path,
                appearance=subject.token,
                store=shelf.memory,
                slots=oldest_first(rows),
                complete=complete,
                arrived=arrived,
                used=self.main.used if self.main.total is not None else None,
                total=self.main.total,
            )
        )
        self.freeing = self.freeing or bool(to_free)
        self.found_new = self.found_new or arrived

    # Slots to free

    async def _free_slots(self) -> None:
        """Delete what the journal wants deleted, one slot at a time, arrivals in between."""
        self.freeing = False
        self._free_at = inf
        subject = self.subject
        slots = await self._intake.to_free(subject.sim.sim, subject.token)
        for slot in slots:
            await self.serve_arrivals()
            if slot.store == self.main.memory:
                await self._free(self.main, slot)
        for shelf in self._others:
            if any(slot.store == shelf.memory for slot in slots):
                await self._free_elsewhere(shelf, slots)

    async def _free_elsewhere(self, shelf: Shelf, slots: Sequence[SlotToFree]) -> None:
        await shelf.store.select()
        try:
            for slot in slots:
                if slot.store == shelf.memory:
                    await self._free(shelf, slot)
        finally:
            await self.main.store.select()

    async def _free(self, shelf: Shelf, slot: SlotToFree) -> None:
        outcome = await shelf.store.free(slot)
        if outcome is Outcome.FREED:
            shelf.take(slot.slot)
            await self._intake.freed(slot.copy)
            shelf.store.settled(slot.copy)
            self._teller.over(kinds.SLOT_KEPT, slot.copy)
            self._teller.tell(kinds.SLOT_FREED, sms_id=slot.sms_id, slot=slot.slot)
            self._note_fill()
            return
        self._teller.tell_new(
            kinds.SLOT_KEPT,
            slot.copy,
            sms_id=slot.sms_id,
            slot=slot.slot,
            outcome=outcome.value,
        )
        if outcome is Outcome.CALLED_OFF:
            self._free_in(LOOK_AGAIN)
        elif outcome in (Outcome.DID_NOT_TAKE, Outcome.NOT_TOLD):
            self._free_in(DELETE_AGAIN)
        else:  # what lies there is not what the journal believes: a pass tells it
            self._look_in(LOOK_AGAIN)

    # When

    @staticmethod
    def _is_time(when: float) -> bool:
        return asyncio.get_running_loop().time() >= when

    def _look_in(self, seconds: float) -> None:
        self._look_at = min(self._look_at, asyncio.get_running_loop().time() + seconds)

    def _free_in(self, seconds: float) -> None:
        self._free_at = min(self._free_at, asyncio.get_running_loop().time() + seconds)

    def _note_fill(self) -> None:
        """Tell where the store begins or ends to be nearly full."""
        used, total = self.main.used, self.main.total
        if not total:
            return
        fill = "full" if used >= total else "filling" if used >= NEARLY_FULL * total else ""
        if fill != self._fill:
            self._fill = fill
            self._teller.tell(FILL_EVENTS[fill], used=used, total=total)


async def _nothing_between() -> bool:
    """While another store is selected, nothing can be read from the main one."""
    return False
