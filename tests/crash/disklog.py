"""What a daemon's process did to its journal's folder, in a file that outlives it."""

from __future__ import annotations

import os
import pickle
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gsmbridge.farm.platter import Event, Synced


@dataclass(frozen=True, slots=True)
class Returned:
    """A transaction was committed, and whoever asked for it may know."""


@dataclass(frozen=True, slots=True)
class Died:
    """The process killed itself."""

    at: float
    """Monotonic time."""


Record = Event | Returned | Died


def records(log: Path) -> Iterator[Record]:
    """What a process recorded; its last record may be cut off."""
    with log.open("rb") as file:
        while True:
            try:
                record: Record = pickle.load(file)  # noqa: S301  # of our own
            except (EOFError, pickle.UnpicklingError):
                return
            yield record


class Recorder:
    """Writes the log."""

    def __init__(self, log: str, die_after: int, sync: float) -> None:
        """*die_after* so many events, 0: never. *sync*: seconds that each sync takes."""
        self._fd = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._left = die_after
        self._sync = sync

    def event(self, event: Event) -> None:
        if isinstance(event, Synced):
            time.sleep(self._sync)
        self.write(event)
        self._left -= 1
        if self._left == 0:
            self.write(Died(time.monotonic()))
            os.kill(os.getpid(), signal.SIGKILL)

    def write(self, record: Record) -> None:
        os.write(self._fd, pickle.dumps(record))
