"""Tasks that never die silently: a crash is told, counted, and the task is started again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from gsmbridge.errors import JournalHeld, JournalRefused, describe
from gsmbridge.events import Events
from gsmbridge.service import events

PAUSE = 1.0
"""Seconds before a crashed task is started again."""


class Supervisor:
    """Runs the daemon's long tasks."""

    def __init__(self, log: Events) -> None:
        self._log = log
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.crashes = 0
        self.fatal: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Fails with what no new start can cure: the daemon ends then."""

    def start(self, name: str, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        """Keep *work* running under *name* until it returns."""
        task = asyncio.get_running_loop().create_task(self._keep(name, work), name=name)
        self._tasks[name] = task
        return task

    async def stop(self, *names: str) -> None:
        """Cancel these tasks, those that were started, and wait for their end."""
        running = [name for name in names if name in self._tasks]
        for name in running:
            self._tasks[name].cancel()
        await self.ended(*running)

    async def ended(self, *names: str) -> None:
        """Wait until these tasks have ended by themselves."""
        for name in names:
            await asyncio.wait([self._tasks.pop(name)])

    async def _keep(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except (JournalHeld, JournalRefused) as error:
                if not self.fatal.done():
                    self.fatal.set_exception(error)
                return
            except Exception as error:  # whatever it is: this is the last place that can tell
                self.crashes += 1
                self._log.emit(events.TASK_CRASHED, task=name, error=describe(error))
                await asyncio.sleep(PAUSE)
            else:
                return
