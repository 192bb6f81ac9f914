"""What the model found in the program, on the program: its journal and its forwarding loop."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gsmbridge.forwarding.dispatcher import Dispatcher
from gsmbridge.forwarding.push import ForwardingSettings
from gsmbridge.journal.journal import Journal
from gsmbridge.message import Outgoing
from gsmbridge.onlinesim.answer import Answer
from tests.journal.desk import Desk, reading, rows, seen


class Refuses:
    """A partner that refuses the first request. *retry* is done when it has answered."""

    status = 404

    def __init__(self, desk: Desk, turns: int) -> None:
        self.pushed: list[Outgoing] = []
        self._desk, self._turns = desk, turns

    async def push(self, message: Outgoing) -> Refuses:
        self.pushed.append(message)
        self.status = 404 if len(self.pushed) == 1 else 200
        await asyncio.sleep(0.1)
        return self

    async def finish(self) -> Answer:
        if self.status == 404:
            asyncio.get_running_loop().create_task(self._retry())
        return Answer(self.status, "NO_OPERATION" if self.status == 404 else None, None)

    async def _retry(self) -> None:
        for _ in range(self._turns):
            await asyncio.sleep(0)
        await self._desk.journal.retry(self.pushed[0].sms_id)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_retry_that_is_committed_together_with_the_refusal_is_heard(
    tmp_path: Path, turns: int
) -> None:
    """In one turn of the loop it goes into the same commit; in three, surely into another."""
    desk = Desk(tmp_path)
    partner = Refuses(desk, turns)

    async def main(journal: Journal) -> None:
        settings = ForwardingSettings()
        dispatcher = Dispatcher(journal, partner.push, settings, desk.clock, desk.log)
        desk.office.pending = dispatcher.add  # type: ignore[assignment, method-assign]
        pushing = asyncio.get_running_loop().create_task(dispatcher.run())
        sim = await seen(journal)
        await journal.record(reading(sim, {1: desk.another()}, arrived=True))
        await asyncio.sleep(60)
        await dispatcher.close()
        await pushing

    desk.work(main)
    assert [row["state"] for row in rows(desk)] == ["delivered"]
    first, second = partner.pushed
    assert first.text == second.text
