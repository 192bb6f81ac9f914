"""What systemd is told: ready, how it goes, and that the loops make progress (sd_notify(3))."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping

from gsmbridge.clock import Clock
from gsmbridge.service.bridge import Bridge

STATUS_EVERY = 5.0
"""Seconds between two looks at what the status line says."""
PORTS_PATIENCE = 20.0
"""Seconds that READY=1 waits for ports that are still being opened: a dead one may take more."""
ANSWER = 2.0
"""Seconds in which every loop must have gone round once it was poked, for a sign of life."""


class Notifier:
    """The notification socket; without one (not under systemd) everything is a no-op."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._socket: socket.socket | None = None
        if address:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._socket.setblocking(False)
        watchdog = environ.get("WATCHDOG_USEC", "")
        self.watchdog = int(watchdog) / 1e6 if watchdog.isascii() and watchdog.isdigit() else None
        """Seconds in which systemd wants a sign of life; None: it doesn't."""

    @property
    def active(self) -> bool:
        return self._socket is not None

    def tell(self, *lines: str) -> None:
        """Send assignments such as READY=1. What systemd doesn't take now is not repeated."""
        if self._socket is None:
            return
        try:
            self._socket.sendto("\n".join(lines).encode(), self._address)
        except OSError:  # systemd is being re-executed: the next sign of life comes anyway
            return

    def reloading(self, clock: Clock) -> None:
        self.tell("RELOADING=1", f"MONOTONIC_USEC={int(clock.monotonic() * 1e6)}")


class Watch:
    """Keeps systemd informed about one bridge."""

    def __init__(self, bridge: Bridge, notifier: Notifier, clock: Clock) -> None:
        self._bridge = bridge
        self._notifier = notifier
        self._clock = clock

    async def attend(self) -> None:
        """READY=1 as soon as it is true, then signs of life: the first sets systemd's watchdog
        going, and opening a journal may take longer than that."""
        await self.ready()
        await self.keep_alive()

    async def ready(self) -> None:
        """READY=1, once the journal and every port that is present have been tried. A journal that
        can't be opened is waited for: that is a state to serve in, and an alarm."""
        while not (self._bridge.started or self._bridge.journal.trouble):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        try:
            async with asyncio.timeout(PORTS_PATIENCE):
                while self._bridge.started and not self._bridge.fleet.tried:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        except TimeoutError:
            pass  # a port that hangs in its opening holds up nobody
        self._notifier.tell("READY=1", f"STATUS={self.status()}")

    async def keep_status(self) -> None:
        """Keep the line that `systemctl status` shows up to date. Never returns."""
        shown = ""
        while True:
            status = self.status()
            if status != shown:
                self._notifier.tell(f"STATUS={status}")
                shown = status
            await asyncio.sleep(STATUS_EVERY)

    async def keep_alive(self) -> None:
        """Give signs of life as long as every loop goes round. A modem that is stuck is no matter
        here; a loop that is stuck ends the signs, and systemd starts the daemon anew."""
        if self._notifier.watchdog is None:
            return
        while True:
            before = self._bridge.beats()
            self._bridge.poke()
            await asyncio.sleep(ANSWER)
            # Fewer before than now: it has only just started.
            if all(now != then for now, then in zip(self._bridge.beats(), before, strict=False)):
                self._notifier.tell("WATCHDOG=1")
                await asyncio.sleep(max(0.0, self._notifier.watchdog / 3 - ANSWER))

    def status(self) -> str:
        """Such as "63 of 64 modems up, 2 messages waiting, oldest 4 s"."""
        statuses = self._bridge.fleet.statuses()
        up = sum(status.phase == "ready" for status in statuses)
        stats = self._bridge.dispatcher.stats()
        waiting = stats.waiting + stats.in_flight
        told = f"{up} of {len(statuses)} modems up, {waiting} messages waiting"
        if stats.oldest is not None:
            told += f", oldest {max(0, round(self._clock.wall() - stats.oldest))} s"
        if stats.unreachable_for is not None:
            told += "; partner unreachable"
        if self._bridge.journal.trouble is not None:
            told += "; journal can't be written"
        return told
