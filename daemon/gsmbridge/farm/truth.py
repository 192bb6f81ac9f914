"""The farm's own record of what happened, apart from anything the daemon says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, at a time of the farm's clock (seconds).

    | kind | fields |
    |---|---|
    | `sent` | message, to, sender, text, parts (text of each), pdus (hex TPDUs) |
    | `stored` | modem, iccid, store, slot, message, part |
    | `direct` | modem, iccid, message, part: handed over by +CMT, not stored |
    | `deleted` | modem, iccid, store, slot, message, part: by AT+CMGD |
    | `overwritten` | like `deleted`, but by the network |
    | `taken` | like `deleted`, but by another program |
    | `inserted`, `removed` | modem, iccid |
    | `ussd` | modem, iccid, code: asked of the network |
    | `booted`, `plugged`, `unplugged`, `fault` | modem, and what it was |
    """

    at: float
    kind: str
    fields: Fields


class Truth:
    """Keeps events in memory and, where *path* is given, as JSON lines that another process
    may read at any moment: each line is written whole and flushed."""

    def __init__(self, now: Callable[[], float], path: Path | None = None) -> None:
        self._now = now
        self._file: IO[str] | None = path.open("a", encoding="utf-8") if path else None
        self.events: list[Event] = []

    def note(self, kind: str, **fields: Any) -> Event:
        event = Event(self._now(), kind, fields)
        self.events.append(event)
        if self._file:
            line = {"at": event.at, "kind": kind, **fields}
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()
        return event

    def close(self) -> None:
        if self._file:
            self._file.close()


def read(lines: Iterable[str]) -> list[Event]:
    """Events from JSON lines; a last line that is not whole yet is left out."""
    events = []
    for line in lines:
        if not line.endswith("\n"):
            break
        fields = json.loads(line)
        events.append(Event(fields.pop("at"), fields.pop("kind"), fields))
    return events
