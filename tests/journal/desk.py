"""A journal on a real file in simulated time, and readings to put into it."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from gsmbridge.events import Kind
from gsmbridge.farm import encode
from gsmbridge.farm.virtual import SimulatedClock, World, run
from gsmbridge.journal.disk import JournalFile
from gsmbridge.journal.journal import Journal
from gsmbridge.journal.rules import Rules
from gsmbridge.message import Outgoing, Reading, SimSeen, StoredSms
from gsmbridge.numbers import Listed, Numbers

T = TypeVar("T")

ICCID = "89701012345678901231"
PHONE = "79088081050"
RULES = Rules(numbers=Numbers((Listed(PHONE, iccid=ICCID),)))


class Log:
    """Events as they were told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, object]]] = []

    def emit(self, kind: Kind, /, **fields: object) -> None:
        kind.template.format_map({**_Any(), **fields})
        self.told.append((kind.name, fields))

    def names(self) -> list[str]:
        return [name for name, _ in self.told]


class _Any(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "-"


class Office:
    """The journal's listener: remembers what it was told."""

    def __init__(self) -> None:
        self.outgoing: list[Outgoing] = []
        self.gone: list[int] = []
        self.freeable: list[int] = []
        self.order: list[tuple[str, int]] = []
        """What of which message, as it was told."""

    def pending(self, outgoing: Outgoing) -> None:
        self.outgoing.append(outgoing)
        self.order.append(("pending", outgoing.sms_id))

    def withdrawn(self, sms_id: int) -> None:
        self.gone.append(sms_id)
        self.order.append(("withdrawn", sms_id))

    def to_free(self, sim: int) -> None:
        self.freeable.append(sim)


class Desk:
    """A world with one journal file, which can be opened and lost again and again."""

    def __init__(self, folder: Path, rules: Rules = RULES) -> None:
        self.world = World(1)
        self.clock = SimulatedClock(self.world)
        self.path = folder / "journal.db"
        self.rules = rules
        self.log = Log()
        self.office = Office()
        self._texts = itertools.count(1)
        self.writer_failed: BaseException | None = None
        self.file: JournalFile
        self.journal: Journal

    def work(
        self,
        main: Callable[[Journal], Awaitable[T]],
        *,
        index: int = 0,
        count: int = 1,
        first_id: int | None = None,
        clean: bool = True,
        file: Callable[..., JournalFile] = JournalFile,
        collect: bool = False,
    ) -> T:
        """Open the journal, do *main*, close it in order."""
        self.office = Office()

        async def life() -> T:
            self.file = file(self.path, self.clock, synchronous="OFF")
            self.journal = Journal(
                self.file,
                self.path.with_name("journal.db.ids"),
                None,
                self.clock,
                self.rules,
                self.log,
            )
            writing = asyncio.create_task(self.journal.run())
            others: list[asyncio.Task[Any]] = []
            try:
                starting = asyncio.create_task(
                    self.journal.start(self.office, index, count, first_id)
                )
                await asyncio.wait([starting, writing], return_when=asyncio.FIRST_COMPLETED)
                if writing.done():
                    writing.result()
                starting.result()
                if collect:
                    others.append(asyncio.create_task(self.journal.collect()))
                return await main(self.journal)
            finally:
                for task in others:
                    task.cancel()
                self.journal.close(clean=clean)
                await asyncio.wait([writing])
                self.writer_failed = writing.exception()
                self.file.close()

        return run(self.world, life())

    def another(self, **more: Any) -> str:
        """An SMS-DELIVER that says what none before it said."""
        return self.pdu(f"text {next(self._texts)}", **more)

    def pdu(self, text: str = "code 1", sender: str = "Bank", age: float = 0.0, **more: Any) -> str:
        """An SMS-DELIVER that a modem would show, stamped *age* seconds ago."""
        when = more.pop("when", datetime.fromtimestamp(int(self.clock.wall() - age), UTC))
        return pdu(text, sender, when, **more)


def pdu(text: str, sender: str, when: datetime, **more: Any) -> str:
    return (encode.smsc_part() + encode.deliver(sender, text, when, **more)).hex().upper()


def undated(pdu: str) -> str:
    """The same with a time stamp of which a digit exceeds 9."""
    at = 2 * len(encode.smsc_part())
    tpdu = bytes.fromhex(pdu[at:])
    stamp = 2 + (tpdu[1] + 1) // 2 + 3
    return pdu[:at] + (tpdu[:stamp] + b"\xff" * 7 + tpdu[stamp + 7 :]).hex().upper()


async def seen(journal: Journal, iccid: str | None = ICCID, **more: Any) -> int:
    state = await journal.sim_seen(
        SimSeen(more.pop("modem", "modem0"), iccid, more.pop("imsi", None), **more)
    )
    return state.sim


def reading(sim: int, slots: dict[int, str], **more: Any) -> Reading:
    stored = tuple(StoredSms(slot, pdu) for slot, pdu in slots.items())
    options: dict[str, Any] = {"modem": "modem0", "appearance": "a1", "store": "SM", **more}
    return Reading(sim=sim, slots=stored, **options)


def rows(desk: Desk, table: str = "messages") -> list[dict[str, Any]]:
    """What a table of the journal's file holds, oldest first."""
    with closing(sqlite3.connect(desk.path)) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute(f"SELECT * FROM {table} ORDER BY 1")]
