"""Steps of the model, taken on the real journal: on a real file, in simulated time, with crashes.

What is no commit (a check, a reading, a request under way) only changes what is asked of the
journal next. After each step the journal must hold what the model's holds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from gsmbridge.farm import encode
from gsmbridge.farm.virtual import VirtualLoop
from gsmbridge.journal.journal import Journal
from gsmbridge.journal.rules import Rules
from gsmbridge.message import Failure, Outgoing, Reading, SimSeen, State, StoredSms
from gsmbridge.numbers import Listed, Numbers
from tests.journal.broken import BrokenFile, Disk
from tests.journal.desk import Desk, rows
from tests.journal.test_intake import undated
from tests.model.scenario import Scenario
from tests.model.state import NONE, Due, Row, Sms, Stage, Step, World

T = TypeVar("T")

ICCIDS = ("89701012345678901231", "89701012345678901249")
PHONES = ("79088081050", "79088081051")
INTERVAL, WINDOW = 600.0, 100.0
DAY = 1.2 * 86400
"""Seconds by which a clock jumps: more than `max_stored_age`, whatever the time of the day."""
OLD = 1.5 * 86400
WRITTEN = 1.5
"""Seconds within which what nobody waits for is written."""


class Replay:
    """A journal that lives through what the model says."""

    def __init__(self, sc: Scenario, folder: Path) -> None:
        self._sc = sc
        self._desk = Desk(folder)
        self._config = 0
        self._day = 0
        self._pdus: dict[str, str] = {}
        self._tokens: dict[int, str] = {}
        self._keys: dict[int, int] = {}
        """The journal's key of each SIM."""
        self._failures: dict[int, Failure] = {}
        self._told: dict[int, Outgoing] = {}
        self._file: BrokenFile
        self._loop: VirtualLoop | None = None
        self._journal: Journal

    def play(self, before: World, step: Step) -> None:
        """Take *step*, and compare."""
        act = ACTS.get(step.what)
        if act is not None:
            act(self, before, *step.args)
        elif step.what in FAILS:
            self._note_failure(int(step.args[0]))
        elif "the network" in step.what:
            self._pdu(self._sc.messages[int(step.args[0])])
        self._compare(step.world)

    def end(self) -> None:
        """Leave nothing open."""
        if self._loop is not None:
            self._dies()

    # ---- the process ----------------------------------------------------------------------------

    def _starts(self, before: World) -> None:
        desk = self._desk
        self._file = BrokenFile(desk.path, desk.clock, synchronous="OFF")
        self._loop = VirtualLoop(desk.world)
        self._told = {}
        high_water = desk.path.with_name("journal.db.ids")
        self._journal = Journal(
            self._file,
            high_water,
            None,
            desk.clock,
            self._rules(),
            desk.log,
        )
        self._loop.create_task(self._journal.run())
        self._do(lambda journal: journal.start(self, 0, 1, None))

    def _dies(self, *_: object) -> None:
        assert self._loop is not None
        self._loop.die()
        self._file.close()
        self._loop = None
        self._failures = {}
        self._tokens = {}

    def _stops(self, before: World) -> None:
        assert self._loop is not None
        self._write_failures()
        self._journal.close(clean=True)
        self._loop.finish()
        self._file.close()
        self._loop = None
        self._tokens = {}

    def _do(self, action: Callable[[Journal], Awaitable[T]]) -> T:
        async def main() -> T:
            return await action(self._journal)

        assert self._loop is not None
        result: T = self._loop.run_until_complete(self._loop.create_task(main()))
        return result

    def _rules(self) -> Rules:
        listed = [
            Listed(PHONES[phone], iccid=ICCIDS[card])
            for card, phone in enumerate(self._sc.configs[self._config])
            if phone != NONE
        ]
        return Rules(Numbers(tuple(listed)), retry_interval=INTERVAL, multipart_timeout=WINDOW)

    # journal.Listener

    def pending(self, outgoing: Outgoing) -> None:
        self._told[outgoing.sms_id] = outgoing

    def withdrawn(self, sms_id: int) -> None:
        self._told.pop(sms_id, None)

    def to_free(self, sim: int) -> None:
        """The model frees when it can."""

    # ---- modems ---------------------------------------------------------------------------------

    def _pdu(self, sms: Sms) -> str:
        """The bytes of a message, which begin to exist when the network first stores them."""
        if sms.bytes not in self._pdus:
            # The network's clock is right, whatever the host's says.
            more: dict[str, Any] = {"age": self._day * DAY + (OLD if sms.old else 0.0)}
            if sms.key:
                more["header"] = encode.Concat(7, sms.total, sms.part).header()
            if sms.aside is State.SKIPPED:
                more["pid"] = 0x40
            pdu = self._desk.pdu(f"<{sms.bytes}>", **more)
            pdu = pdu if sms.dated else undated(pdu)
            self._pdus[sms.bytes] = pdu[:-4] if sms.aside is State.UNREADABLE else pdu
        return self._pdus[sms.bytes]

    def _identified(self, before: World, modem: int, sim: int) -> None:
        self._write_failures()
        seen = SimSeen(f"modem{modem}", ICCIDS[sim], None)
        self._keys[sim] = self._do(lambda journal: journal.sim_seen(seen)).sim
        self._tokens[modem] = f"{modem}/{self._desk.world.now}"

    def _recorded(self, before: World, modem: int) -> None:
        """As an appearance does: what arrived first, then all of it."""
        self._write_failures()
        session = before.sessions[modem]
        slots = tuple(
            StoredSms(slot, self._pdu(self._sc.messages[sms])) for slot, sms in session.read
        )
        reading = Reading(
            self._keys[session.sim], f"modem{modem}", self._tokens[modem], "SM", slots
        )
        if session.listed:
            self._do(lambda journal: journal.record(replace(reading, arrived=True)))
        if session.complete:
            self._do(lambda journal: journal.record(replace(reading, complete=True)))

    def _freed(self, before: World, modem: int, copy: int) -> None:
        if before.disk == "well":
            self._write_failures()
        key = rows(self._desk, "copies")[copy]["copy"]
        self._do(lambda journal: journal.freed(key))

    def _lost(self, before: World, modem: int) -> None:
        self._tokens.pop(modem, None)

    # ---- forwarding -----------------------------------------------------------------------------

    def _id(self, at: int) -> int:
        return int(rows(self._desk)[at]["sms_id"])

    def _frozen(self, before: World, at: int) -> None:
        self._write_failures()
        self._do(lambda journal: journal.freeze([self._id(at)]))

    def _settled(self, before: World, at: int, stage: str) -> None:
        if before.disk == "well":
            self._write_failures()
        state = State.DELIVERED if stage == Stage.KNOWN_OK else State.REFUSED
        self._do(lambda journal: journal.settle(self._id(at), state, 1, 200, ""))

    def _delivered(self, before: World, at: int) -> None:
        self._frozen(before, at)
        self._settled(before, at, Stage.KNOWN_OK)

    def _note_failure(self, at: int) -> None:
        due = self._desk.clock.monotonic() + INTERVAL
        self._failures[at] = Failure(self._id(at), 1, due, 503, "http", wait=INTERVAL)

    def _write_failures(self, *_: object) -> None:
        failures, self._failures = self._failures, {}
        for failure in failures.values():
            self._journal.failed(failure)
        if failures:
            self._pass(WRITTEN)

    # ---- time, disk, people ---------------------------------------------------------------------

    def _pass(self, seconds: float) -> None:
        world = self._desk.world
        world.call_later(seconds, lambda: None)
        if self._loop is None:
            world.run_until(world.now + seconds)
        else:
            self._do(lambda journal: _sleep(seconds))

    def _interval(self, before: World) -> None:
        if self._loop is not None and before.disk == "well":
            self._write_failures()
        self._pass(INTERVAL + 1)

    def _window(self, before: World, at: int) -> None:
        self._write_failures()
        assert self._loop is not None
        collecting = self._loop.create_task(self._journal.collect())
        self._pass(WINDOW + 1)
        collecting.cancel()

    def _disk(self, before: World, how: str) -> None:
        if self._loop is not None:
            self._file.fail({"full": Disk.FULL, "dead": Disk.DEAD, "well": Disk.WELL}[how])

    def _clock(self, before: World, days: int) -> None:
        self._desk.clock.jump((days - self._day) * DAY)
        self._day = days

    def _reloaded(self, before: World, config: int) -> None:
        self._config = config
        if self._loop is not None:
            self._write_failures()
            self._do(lambda journal: journal.reload(self._rules()))

    def _retried(self, before: World, at: int) -> None:
        self._write_failures()
        self._do(lambda journal: journal.retry(self._id(at)))

    def _discarded(self, before: World, at: int) -> None:
        self._write_failures()
        self._do(lambda journal: journal.discard(self._id(at)))

    # ---- comparing ------------------------------------------------------------------------------

    def _compare(self, world: World) -> None:
        if not self._desk.path.exists():
            assert not world.journal.rows
            return
        self._compare_rows(world)
        self._compare_copies(world)
        listed = {row["sim"]: bool(row["listed"]) for row in rows(self._desk, "sims")}
        for sim, key in self._keys.items():
            assert listed[key] == world.journal.listed[sim]

    def _compare_rows(self, world: World) -> None:
        found = rows(self._desk)
        assert len(found) == len(world.journal.rows)
        for real, row, task in zip(found, world.journal.rows, world.tasks, strict=True):
            assert real["state"] == row.state
            assert real["phone"] == (PHONES[row.phone] if row.phone != NONE else None)
            assert (bool(real["frozen"]), bool(real["insisted"])) == (row.frozen, row.insisted)
            self._compare_text(real, row)
            if row.state in (State.PENDING, State.UNASSIGNED):
                assert self._due(real) is row.due
            if row.state is State.PENDING and task.stage in (Stage.DUE, Stage.WAITS):
                assert self._told[real["sms_id"]].phone == real["phone"]

    def _compare_text(self, real: dict[str, Any], row: Row) -> None:
        for sms in self._sc.messages:
            if row.content and row.key in (sms.key, sms.bytes):
                assert (f"<{sms.bytes}>" in real["text"]) == (sms.part in row.content)

    def _due(self, real: dict[str, Any]) -> Due:
        if real["due_at"] is None:
            return Due.NONE
        return Due.AHEAD if real["due_at"] > self._desk.clock.monotonic() else Due.OVER

    def _compare_copies(self, world: World) -> None:
        found = rows(self._desk, "copies")
        assert len(found) == len(world.journal.copies)
        for real, copy in zip(found, world.journal.copies, strict=True):
            seen = (bool(real["on_sim"]), real["freed_at"] is not None)
            assert seen == (copy.on_sim, copy.freed)
            token = self._tokens.get(copy.place)
            known = real["slot"] is not None and real["appearance"] in self._tokens.values()
            if copy.place == NONE:
                assert not (known and real["on_sim"])
            else:
                assert (real["appearance"], real["slot"]) == (token, copy.slot)


async def _sleep(seconds: float) -> None:
    await asyncio.sleep(seconds)


FAILS = ("the request is lost", "the reply is lost", "the attempt fails")

ACTS: dict[str, Callable[..., None]] = {
    "the process starts": Replay._starts,
    "the process dies": Replay._dies,
    "the process is stopped": Replay._stops,
    "a SIM is identified": Replay._identified,
    "the SIM is in doubt": Replay._lost,
    "a modem is lost": Replay._lost,
    "a whole reading is committed": Replay._recorded,
    "an arrival is committed": Replay._recorded,
    "a free is committed": Replay._freed,
    "a freeze is committed": Replay._frozen,
    "a verdict is committed": Replay._settled,
    "it is delivered": Replay._delivered,
    "failures are committed": Replay._write_failures,
    "the interval passes": Replay._interval,
    "a window is over": Replay._window,
    "the disk is": Replay._disk,
    "the wall clock jumps to day": Replay._clock,
    "the config becomes": Replay._reloaded,
    "the operator retries": Replay._retried,
    "the operator discards": Replay._discarded,
}
"""What each kind of step does to the journal; those that are not here do nothing to it."""


def play(sc: Scenario, ways: list[list[Step]], folder: Path) -> int:
    """Take each of *ways* on a journal of its own; how many steps that were. AssertionError, with
    the way up to there, where the journal holds something else than the model."""
    steps = 0
    for number, way in enumerate(ways):
        own = folder / str(number)
        own.mkdir()
        replay = Replay(sc, own)
        before = sc.initial()
        for at, step in enumerate(way, 1):
            try:
                replay.play(before, step)
            except AssertionError as error:
                raise AssertionError("\n".join(map(str, way[:at]))) from error
            before = step.world
        replay.end()
        steps += len(way)
    return steps
