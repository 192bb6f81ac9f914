"""Which program holds a port, as far as this process may see (proc(5)).

The descriptors of other users' processes are seen by root alone; a lock made with flock is listed
for everybody.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

LOOK_AGAIN = 30.0
"""Seconds for which one look at all processes is good: it costs milliseconds, and every port of a
farm may ask."""


class Holders:
    """Finds out who has a device open. Blocking; may be asked by several threads."""

    def __init__(
        self, proc: Path = Path("/proc"), now: Callable[[], float] = time.monotonic
    ) -> None:
        self._proc = proc
        self._now = now
        self._lock = threading.Lock()
        self._seen: dict[str, list[str]] = {}
        self._looked_at: float | None = None

    def of(self, device: str) -> list[str]:
        """Programs but this process that hold *device*, such as `ModemManager (pid 712)`."""
        with self._lock:
            now = self._now()
            if self._looked_at is None or now - self._looked_at >= LOOK_AGAIN:
                self._seen = self._look()
                self._looked_at = now
            found = list(self._seen.get(device, []))
        locked = self._lock_owner(device)
        if locked is not None and locked not in found:
            found.append(locked)
        return found

    def _look(self) -> dict[str, list[str]]:
        seen: dict[str, list[str]] = {}
        for pid in self._processes():
            for device in sorted(set(self._ttys(pid))):
                seen.setdefault(device, []).append(self._called(pid))
        return seen

    def _processes(self) -> Iterator[int]:
        pids = sorted(int(entry.name) for entry in self._proc.iterdir() if entry.name.isdecimal())
        yield from (pid for pid in pids if pid != os.getpid())

    def _ttys(self, pid: int) -> Iterator[str]:
        folder = self._proc / str(pid) / "fd"
        try:
            descriptors = list(folder.iterdir())
        except OSError:  # another user's, or it has ended
            return
        for descriptor in descriptors:
            try:
                target = os.readlink(descriptor)  # noqa: PTH115
            except OSError:  # closed meanwhile
                continue
            if target.startswith("/dev/"):
                yield target

    def _lock_owner(self, device: str) -> str | None:
        """Of a flock on *device*: `1: FLOCK ADVISORY WRITE 4711 00:05:123 0 EOF`."""
        try:
            of_device = os.stat(device)  # noqa: PTH116
            lines = (self._proc / "locks").read_text().splitlines()
        except OSError:
            return None
        major, minor = os.major(of_device.st_dev), os.minor(of_device.st_dev)
        file = f"{major:02x}:{minor:02x}:{of_device.st_ino}"
        for line in lines:
            fields = line.split()
            if len(fields) > 5 and fields[1] == "FLOCK" and fields[5] == file:
                pid = int(fields[4]) if fields[4].isdecimal() else 0
                return self._called(pid) if pid not in (0, os.getpid()) else None
        return None

    def _called(self, pid: int) -> str:
        try:
            name = (self._proc / str(pid) / "comm").read_text().strip()
        except OSError:
            return f"pid {pid}"
        return f"{name} (pid {pid})"
