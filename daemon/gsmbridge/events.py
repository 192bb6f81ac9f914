"""What the program tells: each kind of event is one record here, with its level and MESSAGE_ID.

A layer calls `Events.emit(KIND, field=value, ...)`; the service turns that into a log line with
fields and into counters. Fields are raw values: whoever prints them makes them safe.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol


class Level(IntEnum):
    """Syslog priorities (RFC 5424, 6.2.1)."""

    ERROR = 3
    WARNING = 4
    NOTICE = 5
    INFO = 6
    DEBUG = 7


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of event."""

    name: str
    level: Level
    message_id: str
    """128-bit id in hex, as journald's MESSAGE_ID."""
    template: str
    """The line for people: `str.format_map` over the fields."""


class Events(Protocol):
    """Where events go."""

    def emit(self, kind: Kind, /, **fields: object) -> None:
        """Tell one event. Never raises, never blocks."""


class Silent:
    """Events that go nowhere."""

    def emit(self, kind: Kind, /, **fields: object) -> None:
        pass
