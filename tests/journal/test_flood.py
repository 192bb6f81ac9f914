"""What a flood of messages, or one that is meant as more than text, does to the journal's file."""

from __future__ import annotations

import asyncio
from pathlib import Path

from gsmbridge.journal import database, queries
from gsmbridge.journal.journal import Journal
from gsmbridge.message import State
from tests.journal.desk import Desk, reading, rows, seen

WAVE = 600
BYTES_A_MESSAGE = 1500
"""Of one part: what docs/security.md reckons with."""


async def flood(desk: Desk, journal: Journal) -> None:
    """*WAVE* messages to one number, as long as one part can be, pushed and freed."""
    sim = await seen(journal)
    for first in range(0, WAVE, 30):
        texts = (f"{first + slot} ".ljust(70, "я") for slot in range(30))
        slots = {slot: desk.pdu(text, alphabet="ucs2") for slot, text in enumerate(texts)}
        await journal.record(reading(sim, slots, appearance=f"a{first}", complete=True))
        arrived, desk.office.outgoing = desk.office.outgoing, []
        await journal.freeze([out.sms_id for out in arrived])
        for out in arrived:
            await journal.settle(out.sms_id, State.DELIVERED, 1, 200, "")
        for slot in await journal.to_free(sim, f"a{first}"):
            await journal.freed(slot.copy)


def size(desk: Desk) -> int:
    """Bytes of the journal and its log, without the reserve."""
    beside = (desk.path, desk.path.with_name("journal.db-wal"))
    return sum(path.stat().st_size for path in beside if path.exists())


def test_a_flood_takes_a_bounded_room_for_each_message_and_that_is_used_again(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)

    async def wave(journal: Journal) -> None:
        await flood(desk, journal)

    async def month(journal: Journal) -> None:
        tidying = asyncio.create_task(journal.keep_tidy())
        await asyncio.sleep((desk.rules.keep_days + 2) * 86400)
        tidying.cancel()

    desk.work(lambda _: asyncio.sleep(0))
    empty = size(desk)
    desk.work(wave)
    full = size(desk)
    assert full - empty < WAVE * BYTES_A_MESSAGE
    desk.work(month)
    assert rows(desk) == []
    desk.work(wave)
    assert len(rows(desk)) == WAVE
    assert size(desk) < full * 1.1


def test_sql_in_a_sender_or_a_text_is_text(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    evil = "x');DROP TABLE messages;--"
    sender = "' OR 1=1--"

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        slots = {1: desk.pdu(evil, sender), 2: desk.pdu("code 2", "Bank")}
        await journal.record(reading(sim, slots, complete=True))

    def found(**wanted: str) -> int:
        asked = queries.Wanted(**wanted)  # type: ignore[arg-type]
        return len(database.read(desk.path, lambda db: queries.messages(db, asked, text=True)))

    desk.work(main)
    assert found(sender=sender) == 1
    assert [found(phone=sender), found(state=sender), found(sender=sender + "'")] == [0, 0, 0]
    assert [(row["phone_from"], row["text"]) for row in rows(desk)] == [
        (sender, evil),
        ("Bank", "code 2"),
    ]
