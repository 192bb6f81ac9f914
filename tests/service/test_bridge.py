"""The life of a bridge from `start` to `stop`, with neither modems nor a server."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from gsmbridge.config import schema
from gsmbridge.config.secret import Secret
from gsmbridge.farm.virtual import run
from gsmbridge.journal.disk import JournalFile
from gsmbridge.journal.journal import Journal
from gsmbridge.message import Outgoing
from gsmbridge.service.bridge import Bridge, Surroundings
from tests.journal.desk import RULES, Desk
from tests.journal.test_attempts import fail, received, restarted

UNUSED: Any = None


def test_a_bridge_that_is_stopped_while_it_starts_leaves_no_orderly_end(tmp_path: Path) -> None:
    """Nobody knows more of the attempts that a crash before it cut off."""
    desk = Desk(tmp_path)

    async def then(journal: Journal, out: Outgoing) -> None:
        fail(journal, out, desk.clock.monotonic() + 5)

    async def stopped() -> None:
        file = JournalFile(desk.path, desk.clock, synchronous="OFF")
        bridge = Bridge(
            schema.Config(
                onlinesim=schema.Onlinesim(url="https://partner.test/", key=Secret("sesame")),
                journal=schema.Journal(path=str(desk.path)),
            ),
            Surroundings(
                clock=desk.clock,
                log=desk.log,
                disk=file,
                high_water=desk.path.with_name("journal.db.ids"),
                executor=None,
                ports=lambda config: UNUSED,
                push=lambda config: UNUSED,
            ),
        )
        starting = asyncio.create_task(bridge.start())
        await asyncio.sleep(0)
        starting.cancel()
        await bridge.stop()
        assert not bridge.started
        bridge.supervisor.fatal.cancel()
        file.close()

    received(desk, then, clean=False)
    desk.world.run_until(desk.world.now + 20)
    run(desk.world, stopped())
    began = desk.clock.monotonic()
    due = restarted(desk, clean=False).due
    assert due is not None and due >= began + RULES.retry_interval
