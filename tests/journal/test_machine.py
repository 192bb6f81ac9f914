"""The journal against a naive model of SIMs, under everything that may happen in any order."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gsmbridge.errors import JournalError
from gsmbridge.farm.virtual import SimulatedCrash, VirtualLoop
from gsmbridge.journal.journal import Journal
from gsmbridge.message import Failure, Outgoing, Reading, SimSeen, SlotToFree, State, StoredSms
from gsmbridge.numbers import Listed, Numbers
from gsmbridge.sms.identity import tpdu_identity
from tests.journal.broken import BrokenFile, Disk
from tests.journal.desk import RULES, Desk, rows

T = TypeVar("T")

SIMS = ("89701012345678901231", "89701012345678901249", "89701012345678901256")
PHONES = ("79088081050", "79088081051", "79088081052")
CARDS = st.sampled_from((0, 0, 1, 2))
AGAIN = st.sampled_from((None, None, 0, -1))
"""Nothing of what came before, or the first of it, or the last."""
WAYS = [
    Numbers((Listed(PHONES[0], iccid=SIMS[0]), Listed(PHONES[1], iccid=SIMS[1]))),
    Numbers((Listed(PHONES[1], iccid=SIMS[0]), Listed(PHONES[0], iccid=SIMS[1]))),
    Numbers((Listed(PHONES[2], iccid=SIMS[2]),)),
]


@dataclass(slots=True)
class Card:
    """A SIM as it really is."""

    iccid: str
    slots: dict[int, str] = field(default_factory=dict)
    history: list[str] = field(default_factory=list)
    modem: str = "m0"
    appearance: int = 0


@dataclass(frozen=True, slots=True)
class Content:
    """What must never change of a message once it is frozen."""

    phone: str
    phone_from: str
    text: str


class CrashingFile(BrokenFile):
    """Ends the process before or after its next commit, when told to."""

    crash = ""

    def transact(self, operations: Any) -> list[Any]:
        crash, self.crash = self.crash, ""
        if crash == "before":
            raise SimulatedCrash
        results = super().transact(operations)
        if crash == "after":
            raise SimulatedCrash
        return results


class JournalMachine(RuleBasedStateMachine):
    """Every rule is something that a farm does; the model only remembers facts."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="journal-machine-"))
        self.desk = Desk(self.folder)
        self.cards = [Card(iccid) for iccid in SIMS]
        self.recorded: dict[tuple[str, str], int] = {}
        """Of what was surely journalled: card and identity to smsId."""
        self.content: dict[int, Content] = {}
        self.settled: dict[int, State] = {}
        self.insisted: set[int] = set()
        """What the operator wants pushed as it was frozen, and what nobody settled since."""
        self.ids: set[int] = set()
        self.way = 0
        self.outgoing: dict[int, Outgoing] = {}
        self._start()
        for card in range(3):
            self.network_stores(card, slot=1, again=None, announced=card < 2)

    # ---- the process ----------------------------------------------------------------------------

    def _start(self) -> None:
        desk = self.desk
        self.outgoing = {}
        self.file = CrashingFile(desk.path, desk.clock, synchronous="OFF")
        self.loop = VirtualLoop(desk.world)
        self.journal = Journal(
            self.file,
            desk.path.with_name("journal.db.ids"),
            None,  # type: ignore[arg-type]  # the simulated loop needs no executor
            desk.clock,
            replace(RULES, numbers=WAYS[self.way], multipart_timeout=20.0),
            desk.log,
        )
        self.loop.create_task(self.journal.run())
        self._do(lambda journal: journal.start(self, 0, 1, None))
        self.loop.create_task(self.journal.collect())

    def _do(self, action: Callable[[Journal], Awaitable[T]]) -> T | None:
        """Let the daemon do something to its end; None where it died or refused."""

        async def main() -> T:
            return await action(self.journal)

        task = self.loop.create_task(main())
        try:
            return self.loop.run_until_complete(task)
        except SimulatedCrash:
            self._bury()
            self._start()
            return None
        except JournalError:
            return None

    def _bury(self) -> None:
        self.loop.die()
        self.file.close()

    # ---- what the journal tells (journal.Listener) ----------------------------------------------

    def pending(self, outgoing: Outgoing) -> None:
        assert outgoing.sms_id not in self.settled or self.settled[outgoing.sms_id] is not (
            State.DELIVERED
        ), "delivered is never pending again"
        self.outgoing[outgoing.sms_id] = outgoing
        if outgoing.frozen:
            self._freeze(outgoing)

    def withdrawn(self, sms_id: int) -> None:
        self.outgoing.pop(sms_id, None)

    def to_free(self, sim: int) -> None:
        pass

    def _freeze(self, out: Outgoing) -> None:
        content = Content(out.phone, out.phone_from, out.text)
        assert self.content.setdefault(out.sms_id, content) == content, "content is frozen (I4)"

    # ---- SIMs and modems ------------------------------------------------------------------------

    @rule(card=CARDS, slot=st.integers(1, 4), again=AGAIN, announced=st.booleans())
    def network_stores(self, card: int, slot: int, again: int | None, announced: bool) -> None:
        """Something comes into a free slot, or over what lay there: new, or the same again."""
        sim = self.cards[card]
        if again is not None and sim.history:
            pdu = sim.history[again]
        else:
            pdu = self.desk.another(sender=f"+7{9000 + card}")
            sim.history.append(pdu)
        sim.slots[slot] = pdu
        if announced:
            self._read(sim, {slot: pdu}, arrived=True)

    @rule(card=CARDS, modem=st.sampled_from(["m0", "m1"]))
    def sim_moves(self, card: int, modem: str) -> None:
        """Into another modem, with another base maybe, or the same one."""
        sim = self.cards[card]
        sim.modem = modem
        sim.appearance += 1
        sim.slots = dict(enumerate(sim.slots.values(), 10 - len(sim.slots)))

    def _read(self, sim: Card, slots: dict[int, str], **more: Any) -> None:
        async def main(journal: Journal) -> None:
            state = await journal.sim_seen(SimSeen(sim.modem, sim.iccid, None))
            stored = tuple(StoredSms(slot, pdu) for slot, pdu in slots.items())
            options: dict[str, Any] = {"store": "SM", **more}
            wanted = await journal.record(
                Reading(state.sim, sim.modem, self._token(sim), slots=stored, **options)
            )
            self._may_go(sim, wanted)
            for pdu in slots.values():
                self._remember(sim, pdu)

        self._do(main)

    @staticmethod
    def _token(sim: Card) -> str:
        return f"{sim.modem}/{sim.iccid}/{sim.appearance}"

    def _remember(self, sim: Card, pdu: str) -> None:
        """What was recorded has one id, for good."""
        key = (sim.iccid, tpdu_identity(pdu))
        found = {
            row["sms_id"]
            for row in rows(self.desk, "copies")
            if row["identity"] == key[1] and self._iccid(row["sim"]) == sim.iccid
        }
        assert len(found) == 1, "one id for one message"
        (sms_id,) = found
        assert self.recorded.setdefault(key, sms_id) == sms_id

    def _iccid(self, sim: int) -> str:
        return next(row["iccid"] for row in rows(self.desk, "sims") if row["sim"] == sim)

    @rule(card=CARDS)
    def list_all(self, card: int) -> None:
        sim = self.cards[card]
        self._read(sim, dict(sim.slots), complete=True)

    def _may_go(self, sim: Card, wanted: Any) -> None:
        """Only what is done may be freed (I2)."""
        states = {row["sms_id"]: row["state"] for row in rows(self.desk)}
        for slot in wanted:
            assert states[slot.sms_id] in ("delivered", "discarded")

    @rule(card=CARDS)
    def free(self, card: int) -> None:
        """As a session does: what it is told to, if the slot still holds it."""
        sim = self.cards[card]

        async def main(journal: Journal) -> None:
            state = await journal.sim_seen(SimSeen(sim.modem, sim.iccid, None))
            wanted = await journal.to_free(state.sim, self._token(sim))
            self._may_go(sim, wanted)
            for slot in wanted:
                await self._delete(journal, sim, slot)

        self._do(main)

    async def _delete(self, journal: Journal, sim: Card, wanted: SlotToFree) -> None:
        pdu = sim.slots.get(wanted.slot)
        if pdu is not None and tpdu_identity(pdu) == wanted.identity:
            assert (sim.iccid, wanted.identity) in self.recorded
            del sim.slots[wanted.slot]
            await journal.freed(wanted.copy)

    # ---- the partner ----------------------------------------------------------------------------

    @precondition(lambda self: self.outgoing)
    @rule(data=st.data(), answer=st.sampled_from(["200", "200", "refused", "failed"]))
    def attempt(self, data: st.DataObject, answer: str) -> None:
        sms_id = data.draw(st.sampled_from(sorted(self.outgoing)), "smsId")
        out = self.outgoing[sms_id]

        async def main(journal: Journal) -> None:
            if not out.frozen:
                await journal.freeze([sms_id])
                self._freeze(out)
            if answer == "failed":
                due = self.desk.clock.monotonic() + 10
                journal.failed(Failure(sms_id, out.attempts + 1, due, 503, "http"))
                self.outgoing[sms_id] = replace(
                    out, attempts=out.attempts + 1, due=due, frozen=True
                )
            else:
                self.insisted.discard(sms_id)
                state = State.DELIVERED if answer == "200" else State.REFUSED
                await journal.settle(sms_id, state, out.attempts + 1, 200, "")
                self.settled[sms_id] = state
                del self.outgoing[sms_id]

        self._do(main)

    # ---- the operator ---------------------------------------------------------------------------

    @precondition(lambda self: self.recorded)
    @rule(data=st.data(), discard=st.booleans())
    def order(self, data: st.DataObject, discard: bool) -> None:
        sms_id = data.draw(st.sampled_from(sorted(set(self.recorded.values()))), "smsId")
        self.insisted.discard(sms_id)
        order = self._do(lambda journal: (journal.discard if discard else journal.retry)(sms_id))
        if order is not None and order.state is State.PENDING and sms_id in self.content:
            self.insisted.add(sms_id)

    @rule(way=st.integers(0, len(WAYS) - 1))
    def reload(self, way: int) -> None:
        self.way = way
        self._do(lambda journal: journal.reload(replace(RULES, numbers=WAYS[way])))

    # ---- trouble --------------------------------------------------------------------------------

    @rule(how=st.sampled_from(["now", "before", "after"]))
    def process_dies(self, how: str) -> None:
        """Now, or before or after its next commit."""
        self.file.crash = how
        if how == "now":
            self._bury()
            self._start()

    @rule(reboots=st.booleans())
    def process_ends(self, reboots: bool) -> None:
        self._end()
        if reboots:
            self.desk.clock.reboot()
        self._start()

    @rule()
    def disk_fails_for_a_while(self) -> None:
        self.file.fail(Disk.DEAD)
        self.desk.world.call_later(3.0, self.file.heal)

    @rule()
    def time_passes(self) -> None:
        self._do(lambda journal: asyncio.sleep(3600))

    def _end(self) -> None:
        self.file.crash = ""
        self.journal.close(clean=True)
        self.loop.finish()
        self.file.close()

    # ---- what always holds ----------------------------------------------------------------------

    @invariant()
    def nothing_is_lost_and_nothing_changes(self) -> None:
        found = {row["sms_id"]: row for row in rows(self.desk)}
        for sms_id in self.recorded.values():
            assert sms_id in found, "what was recorded is there (I1)"
        for sms_id, content in self.content.items():
            row = found[sms_id]
            assert Content(row["phone"], row["phone_from"], row["text"]) == content
        for sms_id, state in self.settled.items():
            if state is State.DELIVERED:
                assert found[sms_id]["state"] == "delivered", "a 200 is for good (I3)"

    @invariant()
    def no_id_is_taken_twice(self) -> None:
        highest = max(self.ids, default=0)
        new = {row["sms_id"] for row in rows(self.desk)} - self.ids
        assert all(sms_id > highest for sms_id in new)
        self.ids |= new

    @invariant()
    def every_message_goes_under_the_number_of_its_sim(self) -> None:
        """At the first attempt at the latest; afterwards its content is frozen."""
        listed = {row.iccid: row.phone for row in WAYS[self.way].rows}
        for row in rows(self.desk):
            if row["state"] == "pending" and not row["frozen"]:
                assert row["phone"] == listed.get(self._iccid(row["sim"]))

    @invariant()
    def what_the_operator_insists_on_stays_pending(self) -> None:
        states = {row["sms_id"]: row["state"] for row in rows(self.desk)}
        assert {states[sms_id] for sms_id in self.insisted} <= {"pending"}

    @invariant()
    def what_is_pending_is_known_to_the_forwarding(self) -> None:
        pending = {row["sms_id"] for row in rows(self.desk) if row["state"] == "pending"}
        assert pending == set(self.outgoing)

    def teardown(self) -> None:
        self._bury()
        shutil.rmtree(self.folder)


JournalMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestJournalMachine = JournalMachine.TestCase
