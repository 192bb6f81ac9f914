"""Watches whether a modem is registered in its network: without that no message comes. Pure."""

from __future__ import annotations

from gsmbridge.events import Kind
from gsmbridge.modem import events as kinds
from gsmbridge.modem.network import REGISTERED

PATIENCE = 60.0
"""Seconds without registration after which it is an alarm."""


class Registration:
    """One modem's, over all its sessions."""

    def __init__(self) -> None:
        self._since: float | None = None
        """When it was last seen registered, or first seen at all; None while it is registered."""
        self._good_at: float | None = None
        self._state = ""
        self._alarmed = False

    @property
    def alarms(self) -> tuple[str, ...]:
        return (f"not registered in its network ({self._state})",) if self._alarmed else ()

    def lasted(self, now: float) -> float:
        """Seconds without registration."""
        return 0.0 if self._since is None else now - self._since

    def seen(self, state: str, now: float) -> Kind | None:
        """The modem said *state* (27.007, 7.2); empty where it did not say. What is to be told."""
        if not state:
            return None
        self._state = state
        if state not in REGISTERED:
            if self._since is None:
                self._since = now if self._good_at is None else self._good_at
            if self._alarmed or now - self._since < PATIENCE:
                return None
            self._alarmed = True
            return kinds.NETWORK_LOST
        self._since, self._good_at = None, now
        if not self._alarmed:
            return None
        self._alarmed = False
        return kinds.NETWORK_FOUND
