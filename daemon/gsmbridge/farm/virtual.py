"""A world in simulated time, and an asyncio event loop that lives in it.

Everything outside the daemon (modems, network, server, disk) is a world of events: a heap of
(time, sequence, action). The daemon runs unchanged on a `VirtualLoop`. Whenever it has nothing
left to do, the loop would sleep in its selector; the selector here runs the world instead, event
by event, until one of them wakes the daemon or its next timer is due. Time jumps; nobody sleeps.

Why one seed replays one history, to the byte: asyncio itself draws no lots. Callbacks run in the
order in which they were scheduled, timers by a heap whose order depends on nothing but their
times and the order of insertion, and both now get all their time from the world, whose events are
first come, first served among equal times. Threads would break this, so `run_in_executor` is two
world events: the call, and the arrival of its result. What remains is the daemon's own duty: no
order taken from sets, ids or hashes (`asyncio.wait` returns sets), and randomness passed in.

A crash is `SimulatedCrash` raised by a world event: at that very point the process is no more.
It passes out of `run`, none of the daemon's code runs again, not even a `finally`, and calls into
the dead loop have no effect. The world lives on; the next `run` is the next start of the daemon.
"""

from __future__ import annotations

import asyncio
import ctypes
import heapq
import itertools
import random
from collections.abc import Callable, Coroutine
from math import inf
from typing import Any, TypeVar

T = TypeVar("T")

EXECUTOR_DELAY = 0.0002
"""Default seconds before a worker starts a call, and again until its result is seen."""


class SimulatedCrash(BaseException):
    """kill -9 or a power cut. Raised by world events only (or functions in the executor): raised
    inside a task, asyncio would take it for the task's own failure."""


class Stuck(AssertionError):
    """The daemon waits, and nothing in the world will ever happen."""


class Timer:
    """A world event to come."""

    __slots__ = ("action",)

    def __init__(self, action: Callable[[], object]) -> None:
        self.action: Callable[[], object] | None = action
        """None: cancelled, or done."""

    def cancel(self) -> None:
        self.action = None


class World:
    """Simulated time and the events in it. *rng* is the one source of chance."""

    def __init__(self, seed: int = 0, start: float = 1000.0) -> None:
        self.now = start
        """Seconds."""
        self.rng = random.Random(seed)
        self._events: list[tuple[float, int, Timer]] = []
        self._sequence = itertools.count()

    def call_at(self, when: float, action: Callable[[], object]) -> Timer:
        """Have *action* run at *when* (the past counts as now), after all that were asked for
        the same moment before."""
        timer = Timer(action)
        when = when if when > self.now else self.now
        heapq.heappush(self._events, (when, next(self._sequence), timer))
        return timer

    def call_later(self, delay: float, action: Callable[[], object]) -> Timer:
        """Have *action* run in *delay* seconds."""
        return self.call_at(self.now + delay, action)

    def crash_at(self, when: float) -> Timer:
        """End the daemon's process at *when*, if it runs then."""
        return self.call_at(when, self.crash)

    def crash(self) -> None:
        raise SimulatedCrash

    def next_time(self) -> float:
        """When the next event is; infinite if there is none."""
        events = self._events
        while events:
            when, _, timer = events[0]
            if timer.action is not None:
                return when
            heapq.heappop(events)
        return inf

    def step(self) -> None:
        """Jump to the event that `next_time` is the time of, and run it."""
        self.now, _, timer = heapq.heappop(self._events)
        action, timer.action = timer.action, None
        if action is not None:
            action()

    def run_until(self, when: float) -> None:
        """Let time pass without a daemon. A crash does nothing to a daemon that doesn't run."""
        while self.next_time() <= when:
            try:
                self.step()
            except SimulatedCrash:
                continue
        self.now = max(self.now, when)


Delays = Callable[[], tuple[float, float]]
"""Seconds until an executor's worker starts a call, and from the call to its result."""


def _steady_delays() -> tuple[float, float]:
    return EXECUTOR_DELAY, EXECUTOR_DELAY


class VirtualLoop(asyncio.BaseEventLoop):
    """The event loop of one life of the daemon's process, in the world's time."""

    def __init__(self, world: World, delays: Delays = _steady_delays) -> None:
        super().__init__()
        self.set_debug(False)  # debug mode measures real time
        self.world = world
        self.exit_actions: list[Callable[[], object]] = []
        """What the kernel does when the process ends, however it ends: hang up its ports, close
        its sockets. Whatever in the world calls into the daemon puts its parting here."""
        self._delays = delays
        self._selector = _WorldSelector(self)
        self._clock_resolution = 1e-9
        self._tasks: dict[asyncio.Task[Any], None] = {}
        self._lanes: dict[object, tuple[float, float]] = {}
        self._jobs: dict[Timer, None] = {}

    def time(self) -> float:
        return self.world.now

    def create_task(self, coro: Any, **options: Any) -> asyncio.Task[Any]:
        """As asyncio's, but the task is kept until done: nothing depends on garbage collection."""
        task = super().create_task(coro, **options)
        self._tasks[task] = None
        task.add_done_callback(self._forget)
        return task

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.pop(task, None)

    def run_in_executor(  # type: ignore[override]  # typeshed: a Future, not a coroutine
        self, executor: Any, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """Call *func* at a world event of its own; its result is a further event later.

        Calls through one executor start, and end, in the order in which they were given: what
        holds for one worker. Those through the default executor (None) are independent.
        """
        future: asyncio.Future[T] = self.create_future()
        before, after = self._delays()
        start = self.world.now + before
        end = start + after
        if executor is not None:
            last_start, last_end = self._lanes.get(executor, (0.0, 0.0))
            start = max(start, last_start)
            end = max(start + after, last_end)
            self._lanes[executor] = (start, end)

        def call() -> None:
            try:
                result = func(*args)
            except Exception as error:
                self._job_at(end, lambda error=error: _fail(future, error))  # type: ignore[misc]
            else:
                self._job_at(end, lambda: _fulfil(future, result))

        self._job_at(start, call)
        return future

    def _job_at(self, when: float, action: Callable[[], object]) -> None:
        def run() -> None:
            del self._jobs[timer]
            action()

        timer = self.world.call_at(when, run)
        self._jobs[timer] = None

    def die(self) -> None:
        """The process is gone: no code of it runs from here on, and its tasks are kept for ever,
        since collecting them would run their `finally` blocks."""
        for task in self._tasks:
            task._log_destroy_pending = False  # type: ignore[attr-defined]
        self._end()
        _GRAVES.append(self)

    def finish(self) -> None:
        """The process ends by itself: tasks left over are cancelled, oldest first."""
        left = list(self._tasks)
        for task in left:
            task.cancel()
        for task in left:
            self.run_until_complete(asyncio.wait([task]))
        self.run_until_complete(self.shutdown_asyncgens())
        self._end()
        self.close()

    def _end(self) -> None:
        for timer in self._jobs:
            timer.cancel()
        for action in self.exit_actions:
            action()

    def _process_events(self, event_list: list[object]) -> None:
        """BaseEventLoop's hook for what the selector returned: here nothing ever."""

    def _write_to_self(self) -> None:
        """BaseEventLoop's hook to end a sleep in the selector: here nobody sleeps."""


def _fulfil(future: asyncio.Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[T], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)


class _WorldSelector:
    """Where an idle loop waits: the world goes on here."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[object]:
        """Run the world up to the loop's next timer, or until an event wakes the loop."""
        loop: Any = self._loop
        world: World = loop.world
        if timeout == 0:
            if world.next_time() <= world.now:
                world.step()
            return []
        while not loop._ready:
            timer_due = loop._scheduled[0].when() if loop._scheduled else inf
            event_due = world.next_time()
            if event_due > timer_due:
                world.now = max(world.now, timer_due)
                break
            if event_due == inf:
                raise Stuck(f"nothing more happens after {world.now}")
            world.step()
        return []


_GRAVES: list[VirtualLoop] = []
# One reference that is never given back: not even interpreter exit finalizes the dead's coroutines.
ctypes.pythonapi.Py_IncRef(ctypes.py_object(_GRAVES))


def run(world: World, main: Coroutine[Any, Any, T], delays: Delays = _steady_delays) -> T:
    """One life of the daemon's process: run *main* to its end and return its result.

    SimulatedCrash: the world ended it. Stuck: it waits for something that can't come.
    """
    loop = VirtualLoop(world, delays)
    task: asyncio.Task[T] = loop.create_task(main)
    try:
        return loop.run_until_complete(task)
    finally:
        if task.done():
            loop.finish()
        else:  # a world event raised: SimulatedCrash, or a fault of the simulation itself
            loop.die()


class SimulatedClock:
    """The clocks of a simulated host: monotonic time starts anew at every boot, wall time jumps
    when told to."""

    def __init__(self, world: World, wall_offset: float = 1_800_000_000.0) -> None:
        self._world = world
        self._wall_offset = wall_offset
        self._boots = 1
        self._booted_at = 0.0

    def monotonic(self) -> float:
        return self._world.now - self._booted_at

    def wall(self) -> float:
        return self._world.now + self._wall_offset

    def boot_id(self) -> str:
        return f"boot-{self._boots}"

    def jump(self, seconds: float) -> None:
        """Set the wall clock forward, or back."""
        self._wall_offset += seconds

    def reboot(self) -> None:
        """The host starts anew, as after a power cut."""
        self._boots += 1
        self._booted_at = self._world.now
