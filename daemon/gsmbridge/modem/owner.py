"""Who runs a session, as the session sees it."""

from __future__ import annotations

from typing import Protocol

from gsmbridge.modem.identity import ModemIdentity, SimIdentity


class Owner(Protocol):
    """Who runs a session, as the session sees it."""

    @property
    def unwatched(self) -> float:
        """Seconds for which the modem has not done what it should; 0 while it does."""

    @property
    def unseen(self) -> bool:
        """Whether nothing was read from the modem yet: what hands did before is not known."""

    def identified(self, modem: ModemIdentity, sim: SimIdentity) -> None:
        """The session works on that SIM in that modem. `Twin` where another one already does."""

    def ready(self, sim: int) -> None:
        """The store of a SIM of the journal was read: this is the session to wake for it."""

    def unannounced(self) -> None:
        """Messages come and are not announced on this port; raises where another is to be tried."""

    def registered(self, registration: str) -> None:
        """What the modem said of its network."""

    def heard(self) -> None:
        """A message was read that is new."""
