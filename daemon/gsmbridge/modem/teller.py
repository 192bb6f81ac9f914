"""Tells the events of one modem; what lasts is told once."""

from __future__ import annotations

from gsmbridge.events import Events, Kind


class Teller:
    """Events of the modem at *path*."""

    def __init__(self, events: Events, path: str) -> None:
        self._events = events
        self._path = path
        self._told: dict[tuple[str, object], dict[str, object]] = {}

    def tell(self, kind: Kind, **fields: object) -> None:
        """Tell an event."""
        self._events.emit(kind, **fields, modem=self._path)

    def tell_new(self, kind: Kind, about: object = None, **fields: object) -> None:
        """Tell a condition, unless it was told of *about* in the same words before."""
        key = (kind.name, about)
        if self._told.get(key) != fields:
            self._told[key] = fields
            self.tell(kind, **fields)

    def over(self, kind: Kind, about: object = None) -> bool:
        """The condition is over: should it come again, it is told again. Whether it was told."""
        return self._told.pop((kind.name, about), None) is not None
