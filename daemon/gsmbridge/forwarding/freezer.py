"""Has the journal freeze backlog messages before their first attempt, many in one commit (I4)."""

from __future__ import annotations

import asyncio
import heapq

from gsmbridge.forwarding.outbox import Outbox
from gsmbridge.message import Outgoing

BATCH = 64
"""At most so many messages are frozen at once: one is asked for, the others will be soon."""


class Freezer:
    """A message is noted here when it is scheduled, and `freeze` comes before its attempt."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._unfrozen: dict[int, None] = {}
        self._oldest: list[tuple[float, int]] = []
        """Heap of (order, message); dead where not in `_unfrozen`."""
        self._batches: dict[int, asyncio.Task[None]] = {}
        """The commit under way, by message."""

    def note(self, message: Outgoing) -> None:
        """This message may be attempted before long."""
        sms_id = message.sms_id
        if not message.frozen and sms_id not in self._unfrozen and sms_id not in self._batches:
            self._unfrozen[sms_id] = None
            heapq.heappush(self._oldest, (message.order, sms_id))

    def forget(self, sms_id: int) -> None:
        """This message won't be attempted."""
        self._unfrozen.pop(sms_id, None)

    async def freeze(self, sms_id: int) -> None:
        """Returns once the message is frozen, and at once where it is. JournalError: it isn't."""
        if sms_id in self._unfrozen:
            self._begin_batch(sms_id)
        if sms_id in self._batches:
            await asyncio.shield(self._batches[sms_id])

    def _begin_batch(self, first: int) -> None:
        batch = [first]
        del self._unfrozen[first]
        while self._oldest and len(batch) < BATCH:
            _, sms_id = heapq.heappop(self._oldest)
            if sms_id in self._unfrozen:
                del self._unfrozen[sms_id]
                batch.append(sms_id)
        task = asyncio.get_running_loop().create_task(self._commit(batch))
        task.add_done_callback(_seen)
        self._batches.update(dict.fromkeys(batch, task))

    async def _commit(self, batch: list[int]) -> None:
        frozen = False
        try:
            await self._outbox.freeze(batch)
            frozen = True
        finally:
            for sms_id in batch:
                del self._batches[sms_id]
                if not frozen:
                    self._unfrozen[sms_id] = None


def _seen(commit: asyncio.Task[None]) -> None:
    """Take note of a failure: whoever waited for it may have been cancelled, at the end."""
    if not commit.cancelled():
        commit.exception()
