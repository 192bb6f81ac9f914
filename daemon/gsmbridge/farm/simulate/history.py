"""What happened, in order: a line for each thing, and one hash over all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from gsmbridge.events import Kind


class History:
    """Collects the lines of one simulated history. Two runs of a seed must agree in `digest`."""

    def __init__(self, now: Callable[[], float], folder: str, keep: bool = False) -> None:
        """*folder*: the name of the place of this run, no part of the history. *keep* the lines
        too, for reading."""
        self._now = now
        self._folder = folder
        self._hash = hashlib.sha256()
        self._keep = keep
        self.lines: list[str] = []
        self.count = 0

    @property
    def digest(self) -> str:
        """The same for two histories only if every line is."""
        return self._hash.hexdigest()[:16]

    def add(self, who: str, what: str, fields: dict[str, object]) -> None:
        """One more thing happened now."""
        told = " ".join(f"{name}={value!r}" for name, value in fields.items())
        line = f"{self._now():12.4f} {who:8} {what:22} {told}"
        line = line.replace(self._folder, "")
        self._hash.update(line.encode("utf-8", "backslashreplace"))
        self.count += 1
        if self._keep:
            self.lines.append(line)


class DaemonLog:
    """The daemon's events, told to a history."""

    def __init__(self, history: History) -> None:
        self._history = history

    def emit(self, kind: Kind, /, **fields: object) -> None:
        kind.template.format_map(fields)  # KeyError: a field that the line needs was not given
        self._history.add("daemon", kind.name, fields)
