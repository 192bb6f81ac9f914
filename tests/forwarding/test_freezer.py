"""Freezing in batches: what fails is told to those who wait, and to nobody else."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence
from typing import Any

from gsmbridge.errors import JournalError
from gsmbridge.farm.virtual import World, run
from gsmbridge.forwarding.freezer import Freezer
from gsmbridge.message import Failure, State
from tests.forwarding.rig import message


class Closing:
    """A journal that is closed while it freezes."""

    def writable(self) -> bool:
        return True

    async def freeze(self, sms_ids: Sequence[int]) -> None:
        await asyncio.sleep(1.0)
        raise JournalError("the journal is closed")

    async def settle(
        self, sms_id: int, state: State, attempts: int, status: int, error: str
    ) -> None:
        raise AssertionError

    def failed(self, failure: Failure) -> None:
        raise AssertionError


def test_a_freeze_that_fails_when_nobody_waits_any_more_makes_no_noise() -> None:
    noise: list[dict[str, Any]] = []

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, told: noise.append(told))
        freezer = Freezer(Closing())
        freezer.note(message(1, frozen=False))
        waiting = asyncio.create_task(freezer.freeze(1))
        await asyncio.sleep(0.5)
        waiting.cancel()
        await asyncio.sleep(1.0)
        gc.collect()

    run(World(), main())
    assert not noise
