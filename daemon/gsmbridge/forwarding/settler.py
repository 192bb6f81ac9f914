"""Commits verdicts, each for as long as it takes, holding up nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from gsmbridge.errors import JournalError
from gsmbridge.forwarding.outbox import Outbox
from gsmbridge.message import Outgoing, State

AGAIN_AFTER = 10.0
"""Seconds until a commit that failed by some mistake of ours is tried again."""


MOST = 32
"""Commits under way at a time: some dozens make a group."""


class Settler:
    """Holds every message whose verdict is known and not committed: such a message is not
    attempted again in this life of the process (I3)."""

    def __init__(
        self,
        outbox: Outbox,
        fault: Callable[[int, str, Exception], None],
        committed: Callable[[], None],
    ) -> None:
        """*committed* is called after each commit."""
        self._outbox = outbox
        self._fault = fault
        self._committed = committed
        self._resting = 0
        self._commits: dict[int, asyncio.Task[None]] = {}
        self._attempts: dict[int, int] = {}
        """Of each message in `_commits`, the settled attempt included."""

    def __contains__(self, sms_id: int) -> bool:
        return sms_id in self._commits

    def __len__(self) -> int:
        return len(self._commits)

    def holds(self, message: Outgoing) -> bool:
        """Whether *message*, as the journal told of it, ends with the verdict that is being
        committed. What is told after that commit counts the settled attempt: the operator wants
        it pushed again, and may say so before we hear that the commit is done."""
        return message.sms_id in self and message.attempts < self._attempts[message.sms_id]

    @property
    def full(self) -> bool:
        """So many commits are under way that no further verdict should be sought: what was pushed
        and is not committed would be pushed again after a crash, and what arrives waits behind."""
        return len(self._commits) - self._resting >= MOST

    def begin(self, message: Outgoing, state: State, status: int, error: str, ms: int) -> None:
        """Have the verdict on the attempt that has just ended committed. It took *ms* ms."""
        commit = self._commit(message, state, status, error, ms)
        self._attempts[message.sms_id] = message.attempts + 1
        self._commits[message.sms_id] = asyncio.get_running_loop().create_task(commit)

    async def close(self, patience: float) -> tuple[int, ...]:
        """Give commits *patience* seconds; the messages whose verdict isn't committed then."""
        tasks = list(self._commits.values())
        if tasks:
            await asyncio.wait(tasks, timeout=patience)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return tuple(self._commits)

    async def _commit(
        self, message: Outgoing, state: State, status: int, error: str, ms: int
    ) -> None:
        sms_id, attempts = message.sms_id, message.attempts + 1
        while True:
            try:
                await self._outbox.settle(sms_id, state, attempts, status, error, ms)
            except JournalError:
                return  # the journal is closed: told by `close`
            except Exception as fault:  # a known 200 must outlive any mistake of ours
                self._fault(sms_id, "settle", fault)
                self._resting += 1
                await asyncio.sleep(AGAIN_AFTER)
                self._resting -= 1
            else:
                del self._commits[sms_id]
                del self._attempts[sms_id]
                self._committed()
                return
