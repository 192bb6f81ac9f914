"""Freezing in batches: what fails is told to those who wait, and to nobody else."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence
from typing import Any

import pytest

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


class FailingOnce(Closing):
    """A journal whose first freeze fails."""

    def __init__(self) -> None:
        self.asked: list[set[int]] = []

    async def freeze(self, sms_ids: Sequence[int]) -> None:
        self.asked.append(set(sms_ids))
        if len(self.asked) == 1:
            raise JournalError("the disk is full")


def test_all_of_a_batch_that_failed_are_still_to_be_frozen() -> None:
    async def main() -> None:
        box = FailingOnce()
        freezer = Freezer(box)
        for number in (1, 2):
            freezer.note(message(number, frozen=False))
        with pytest.raises(JournalError):
            await freezer.freeze(1)
        await freezer.freeze(2)
        assert box.asked == [{1, 2}, {2}]

    run(World(), main())


class Unhurried(Closing):
    """A journal that takes a second to commit."""

    async def freeze(self, sms_ids: Sequence[int]) -> None:
        await asyncio.sleep(1.0)


def test_whoever_asks_while_the_batch_of_a_message_is_committed_waits_for_that_commit() -> None:
    world = World(start=0.0)

    async def main() -> None:
        freezer = Freezer(Unhurried())
        for number in (1, 2):
            freezer.note(message(number, frozen=False))

        async def frozen(sms_id: int, after: float) -> float:
            await asyncio.sleep(after)
            await freezer.freeze(sms_id)
            return world.now

        asked = (frozen(1, 0.0), frozen(2, 0.0), frozen(1, 0.5), frozen(2, 0.5))
        assert await asyncio.gather(*asked) == [1.0] * 4

    run(world, main())
