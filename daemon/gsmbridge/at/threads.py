"""Blocking work on devices, each in a thread of its own: dead hardware can hold one for minutes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

from gsmbridge.errors import PortLost

T = TypeVar("T")


async def in_thread(
    work: Callable[[], T], undo: Callable[[T], None], release: Callable[[], None]
) -> T:
    """Run *work* in a thread of its own: a pool would let one dead device hold up others.

    If nobody waits for the result any more, the thread undoes it. *release* is called on the loop
    when the thread has ended.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def deliver(result: T | None, error: Exception | None) -> None:
        release()
        if future.done():
            if error is None:
                threading.Thread(target=undo, args=(result,), daemon=True).start()
        elif error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def thread() -> None:
        result: T | None = None
        failure: Exception | None = None
        try:
            result = work()
        except (OSError, ValueError, PortLost) as error:
            failure = error
        try:
            loop.call_soon_threadsafe(deliver, result, failure)
        except RuntimeError:  # the loop has ended
            if failure is None:
                undo(result)  # type: ignore[arg-type]

    threading.Thread(target=thread, daemon=True).start()
    try:
        return await future
    except asyncio.CancelledError:
        if future.done() and not future.cancelled() and future.exception() is None:
            threading.Thread(target=undo, args=(future.result(),), daemon=True).start()
        raise
