"""What a journal lives through, drawn from a seed, with each promise noted on a tape."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Awaitable, Callable

from gsmbridge.journal import prune, steady
from gsmbridge.journal.journal import Journal
from gsmbridge.journal.outcome import Now
from gsmbridge.journal.rules import REDELIVERY
from gsmbridge.journal.writer import LAZY
from gsmbridge.message import Failure, Outgoing, SlotToFree, State
from tests.journal.desk import Desk, reading, rows, seen
from tests.journal.power import Tape
from tests.journal.test_parts import parts

DAY = 86400.0


class Script:
    """What the journal is asked for, over all lives of its process."""

    def __init__(self, desk: Desk, tape: Tape, rng: random.Random, steps: int) -> None:
        """*steps* in each life."""
        self._desk = desk
        self._tape = tape
        self._rng = rng
        self._steps = steps
        self._slot = 0
        self._sim = 0

    async def play(self, journal: Journal) -> None:
        """One life."""
        self._sim = await seen(journal)
        ways: dict[Callable[[Journal], Awaitable[None]], int] = {
            self._receive: 5,
            self._attempt: 5,
            self._free: 3,
            self._reserve: 1,
            self._tidy: 1,
        }
        for _ in range(self._steps):
            await self._rng.choices(list(ways), list(ways.values()))[0](journal)
            self._tape.keep()

    async def _receive(self, journal: Journal) -> None:
        rng, desk = self._rng, self._desk
        if rng.random() < 0.3:
            both = parts(desk, f"<one {self._slot}>", f"<two {self._slot}>")
            pdus = [both[number] for number in (1, 2)][: rng.randint(1, 2)]
        else:
            texts = [f"<{self._slot}, {n}>" for n in range(rng.randint(1, 3))]
            pdus = [desk.pdu(text) for text in texts]
        slots = {self._slot + n: pdu for n, pdu in enumerate(pdus, 1)}
        self._slot += len(pdus)
        await journal.record(reading(self._sim, slots, arrived=True))
        for row in rows(desk):
            content = (row["phone"], row["phone_from"], row["text"])
            self._tape.promised.contents[row["sms_id"]] = content
            self._tape.promised.highest = max(self._tape.promised.highest, row["sms_id"])

    def _waiting(self) -> list[Outgoing]:
        settled = self._tape.promised.settled
        by_id = {out.sms_id: out for out in self._desk.office.outgoing}
        return [out for sms_id, out in sorted(by_id.items()) if sms_id not in settled]

    async def _attempt(self, journal: Journal) -> None:
        waiting, promised = self._waiting(), self._tape.promised
        if not waiting:
            return
        out = self._rng.choice(waiting)
        await journal.freeze([out.sms_id])
        tries = promised.attempts.get(out.sms_id, 0) + 1
        answer = self._rng.choice((State.DELIVERED, State.DELIVERED, State.REFUSED, None))
        if answer is None:
            due = self._desk.clock.monotonic() + 10
            journal.failed(Failure(out.sms_id, tries, due, 503, "http"))
            await asyncio.sleep(LAZY + 0.1)
        else:
            status = 200 if answer is State.DELIVERED else 400
            await journal.settle(out.sms_id, answer, tries, status, "")
            promised.settled[out.sms_id] = answer
        promised.attempts[out.sms_id] = tries

    async def _free(self, journal: Journal) -> None:
        wanted: list[SlotToFree] = list(await journal.to_free(self._sim, "a1"))
        for slot in wanted[: self._rng.randint(1, 2)]:
            await journal.freed(slot.copy)
            self._tape.promised.freed.add(slot.copy)
            self._tape.keep()

    async def _reserve(self, journal: Journal) -> None:
        self._tape.promised.highest = await journal.reserve_id()

    def _pass(self, db: sqlite3.Connection, seconds: float) -> None:
        """So long goes by, in which the clock runs on without a leap."""
        clock = self._desk.clock
        for _ in range(int(seconds // steady.LEAP)):
            clock.jump(steady.LEAP)
            steady.note(db, Now.of(clock))
        clock.jump(seconds % steady.LEAP)

    async def _tidy(self, journal: Journal) -> None:
        """As the journal does every hour; sometimes after so long that rows go."""
        promised, rules = self._tape.promised, self._desk.rules
        old = self._rng.random() < 0.5
        seconds = rules.keep_days * DAY + REDELIVERY if old else rules.keep_text + 1
        await journal._writer.do(lambda db: self._pass(db, seconds))
        texts = {sms_id: content[2] for sms_id, content in promised.contents.items()}
        for sms_id in promised.settled if old else ():
            promised.contents.pop(sms_id, None)  # its row goes once it is seen gone from the SIM
        self._tape.keep()
        while await journal._writer.do(lambda db: prune.prune(db, rules, Now.of(self._desk.clock))):
            pass
        assert await journal._writer.scrub()
        left = {row["sms_id"]: row["text"] for row in rows(self._desk)}
        for sms_id, text in texts.items():
            if text is not None and left.get(sms_id) is None and text not in left.values():
                promised.erased.add(text)
