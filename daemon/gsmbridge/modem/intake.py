"""What the modem side asks of the journal, and nothing more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gsmbridge.message import Reading, SimSeen, SimState, SlotToFree


class Intake(Protocol):
    """Every call returns once its effect is committed, and waits while the journal can't commit:
    a session that waits here reads nothing new (I1). JournalError only at shutdown."""

    async def sim_seen(self, seen: SimSeen) -> SimState:
        """A modem shows this SIM: its journal key and what is known of it."""

    async def known_elsewhere(self, sim: int, identities: Sequence[str]) -> bool:
        """Whether a message (by `sms.identity.tpdu_identity`) was seen on another SIM than this:
        then a modem that shows it may show the messages of a card that was in before."""

    async def known_here(self, sim: int, identities: Sequence[str]) -> bool:
        """Whether all these messages were seen on this SIM."""

    async def record(self, reading: Reading) -> Sequence[SlotToFree]:
        """Store what was read; the slots of this SIM and appearance that are now to be freed."""

    async def to_free(self, sim: int, appearance: str) -> Sequence[SlotToFree]:
        """Slots of this SIM, seen in this appearance, that are to be freed, oldest first."""

    async def freed(self, copy: int) -> None:
        """The slot of *copy* was deleted by us and seen empty."""

    async def may_send_pin(self, iccid: str, pin: str, *, untouched: bool) -> bool:
        """Journal that *pin* is about to be sent to this SIM. False: it was refused before, or its
        answer is not known and it is not known either that all tries are *untouched*."""

    async def pin_refused(self, iccid: str) -> None:
        """The PIN sent last was wrong."""

    async def pin_accepted(self, iccid: str) -> None:
        """The SIM took the PIN sent last."""
