"""From a host name to an open connection: a bounded look-up, then whichever address answers."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gsmbridge.errors import PartnerError
from gsmbridge.onlinesim.stream import TcpStream

MAX_LOOKUPS = 4
"""Threads that may hang in a look-up; `getaddrinfo` can't be called off."""

LOOKUP_TIMEOUT = 3.0
"""Seconds that an attempt waits for a look-up; an older one counts as hung and isn't joined."""

NEXT_ADDRESS_AFTER = 0.25
"""Seconds until the next address is tried beside the last (RFC 8305, 5)."""

Lookup = Callable[[str, int], Sequence[str]]


def system_lookup(host: str, port: int) -> Sequence[str]:
    """The addresses of *host* by the system's resolver, best first. Blocks. OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for _, _, _, _, address in found))


@dataclass(frozen=True, slots=True)
class _Running:
    done: asyncio.Future[None]
    since: float


class Resolver:
    """Looks names up, each look-up in a thread of its own that nobody has to wait for.

    Where a look-up fails or hangs, the addresses found last serve: a resolver that is down, or
    whose first server is, then delays pushes but doesn't stop them.
    """

    def __init__(self, lookup: Lookup = system_lookup, timeout: float = LOOKUP_TIMEOUT) -> None:
        self._lookup = lookup
        self._timeout = timeout
        self._running: dict[str, _Running] = {}
        self._found: dict[str, Sequence[str]] = {}
        self._threads = 0

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """The addresses of *host*, at least one. PartnerError `dns`."""
        if _is_ip_address(host):
            return (host,)
        try:
            async with asyncio.timeout(self._timeout):
                # Shielded: others may wait for the same look-up.
                await asyncio.shield(self._look_up(host, port))
        except TimeoutError:
            reason = "the resolver does not answer"
        except OSError as error:
            reason = error.strerror or "unknown reason"
        except UnicodeError:
            reason = "not a valid name"
        else:
            reason = "it has no address"
        if not (found := self._found.get(host)):
            raise PartnerError("dns", f"look-up of {host} failed: {reason}")
        return found

    def _look_up(self, host: str, port: int) -> asyncio.Future[None]:
        """A look-up under way, joined or new. TimeoutError where too many hang already."""
        loop = asyncio.get_running_loop()
        running = self._running.get(host)
        if running is not None and not running.done.done():
            if loop.time() - running.since < self._timeout:
                return running.done
            if self._threads >= MAX_LOOKUPS:
                raise TimeoutError
        self._threads += 1
        done: asyncio.Future[None] = loop.create_future()
        self._running[host] = _Running(done, loop.time())
        # Daemon threads: one that hangs must not keep the program from ending.
        work = threading.Thread(
            target=self._work, args=(loop, done, host, port), name="look-up", daemon=True
        )
        work.start()
        return done

    def _work(
        self, loop: asyncio.AbstractEventLoop, done: asyncio.Future[None], host: str, port: int
    ) -> None:
        """In the thread."""
        result: Sequence[str] | Exception
        try:
            result = self._lookup(host, port)
        except (OSError, UnicodeError) as error:
            result = error
        try:
            loop.call_soon_threadsafe(self._note, done, host, result)
        except RuntimeError:  # the loop has ended: nobody waits any more
            return

    def _note(
        self, done: asyncio.Future[None], host: str, result: Sequence[str] | Exception
    ) -> None:
        self._threads -= 1
        if isinstance(result, Exception):
            done.set_exception(result)
            done.exception()  # seen: those who asked may have gone
            return
        if result:
            self._found[host] = result
        done.set_result(None)


class Dialer:
    """Opens TCP connections. Call it with host and port."""

    def __init__(self, resolver: Resolver | None = None) -> None:
        self._resolver = resolver or Resolver()

    async def __call__(self, host: str, port: int) -> TcpStream:
        """A connection to the first address that answers. PartnerError `dns`, or OSError."""
        waiting = list(await self._resolver.addresses(host, port))
        tries: list[asyncio.Task[TcpStream]] = []
        try:
            while True:
                if waiting:
                    tries.append(asyncio.create_task(_open(waiting.pop(0), port)))
                pause = NEXT_ADDRESS_AFTER if waiting else None
                under_way = [task for task in tries if not task.done()]
                await asyncio.wait(under_way, timeout=pause, return_when="FIRST_COMPLETED")
                opened = [task for task in tries if task.done() and task.exception() is None]
                if opened:
                    tries.remove(opened[0])
                    return opened[0].result()
                if not waiting and all(task.done() for task in tries):
                    return tries[0].result()  # raises: the best address tells why
        finally:
            for task in tries:
                task.cancel()
                task.add_done_callback(_drop)


async def _open(address: str, port: int) -> TcpStream:
    loop = asyncio.get_running_loop()
    _, stream = await loop.create_connection(TcpStream, address, port)
    return stream


def _drop(task: asyncio.Task[TcpStream]) -> None:
    """Close the connection of a try that came too late."""
    if not task.cancelled() and task.exception() is None:
        task.result().abort()


def _is_ip_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
