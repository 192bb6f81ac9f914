"""Idle waits that jump to the next moment at which looking can find something.

What an idle session asks at a poll depends on two things only: on what it remembers, which changes
when it works, and on the modem, which changes by world events. A poll that found all in order
would find all in order again as long as neither has changed, so it is left out. A world event that
concerns the modem ends that: the next polls (at the very times at which they would have been due)
are made for real, and then the one that lists everything, and while the modem is in any
trouble every poll is made. A fault that waits for a command is struck by one of those polls, or
waits for a command that no poll contains. The same holds for the fleet's looks at the ports. All
that gets lost are crashes and faults that would have fallen into the midst of such an idle poll.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import ceil

from gsmbridge.modem.appearance import DELETE_AGAIN, FULL_PASS_EVERY
from gsmbridge.modem.fleet import MISSED_SCANS

FLEET = ""
"""The path under which the fleet waits."""
ONE_POLL = 1
ALL_POLLS = FULL_PASS_EVERY + 1
"""Polls after which a full listing was among them."""
SETTLED = ALL_POLLS - 2
"""So many are left when what happened has been looked at, and what that look led to as well."""
ROUNDING = 1e-6
"""Polls by which a time may lie past that of a poll and still be its time."""
LOOKS = MISSED_SCANS + 1
"""Looks at the ports after which the fleet has drawn its consequences."""


class SkippingWait:
    """A `modem.status.PollWait` for one life of the daemon."""

    def __init__(self, now: Callable[[], float], poll_interval: float) -> None:
        self._now = now
        self._poll_interval = poll_interval
        self._left: dict[str, int] = {}
        self._wakers: dict[str, Callable[[], None]] = {}
        self.restless: Callable[[str], bool] = lambda path: False
        """Whether the modem on a port is in such trouble that nothing may be left out."""

    def end_life(self) -> None:
        """The daemon is gone: nobody waits any more."""
        self._wakers.clear()

    def stir(self, path: str, looks: int) -> None:
        """Something happened that at least *looks* real polls must look at."""
        self._left[path] = max(looks, self._left.get(path, 0))
        waker = self._wakers.get(path)
        if waker is not None:
            waker()

    def listed(self, path: str) -> None:
        """The modem was asked for all it holds: one more poll, and nothing is new to the session
        until something happens again."""
        self._left[path] = min(ONE_POLL, self._left.get(path, 0))

    async def wait(self, path: str, seconds: float, wake: asyncio.Event, poll: int = 0) -> int:
        """See `PollWait`. A wait no longer than a session's own deadlines is never lengthened."""
        due = self._now() + seconds
        if path == FLEET:
            await self._until(path, due, seconds, wake)
        elif seconds <= DELETE_AGAIN:
            await _plain(due, wake)
        else:
            if self.restless(path):
                self._left[path] = ALL_POLLS
            await self._until(path, due, self._poll_interval, wake, poll)
            return poll + self._missed(due, self._poll_interval)
        return poll

    async def _until(
        self, path: str, due: float, every: float, wake: asyncio.Event, poll: int = 0
    ) -> None:
        """Wait until the first of *due*, *due* + *every* ... at which there is cause to look."""

        def next_look() -> float:
            missed = self._missed(due, every)
            if ONE_POLL < self._left[path] <= SETTLED:
                missed += -(poll + missed) % FULL_PASS_EVERY
            return due + missed * every

        try:
            async with asyncio.timeout_at(next_look() if self._left.get(path) else None) as limit:

                def look() -> None:
                    if not limit.expired():
                        limit.reschedule(next_look())

                self._wakers[path] = look
                await wake.wait()
        except TimeoutError:
            self._left[path] = max(0, self._left.get(path, 0) - 1)
        finally:
            self._wakers.pop(path, None)

    def _missed(self, due: float, every: float) -> int:
        """How many polls, the first at *due*, have been left out by now."""
        return max(0, ceil((self._now() - due) / every - ROUNDING))


async def _plain(due: float, wake: asyncio.Event) -> None:
    try:
        async with asyncio.timeout_at(due):
            await wake.wait()
    except TimeoutError:
        pass  # the time to look: nothing woke it
