"""What goes into a transaction of the journal, and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gsmbridge.clock import Clock
from gsmbridge.events import Kind
from gsmbridge.journal.own import Own
from gsmbridge.message import Outgoing, StoredSms
from gsmbridge.sms.identity import tpdu_identity
from gsmbridge.sms.pdu import Decoded, decode


@dataclass(frozen=True, slots=True)
class Now:
    """The time of a transaction, on every clock."""

    wall: float
    mono: float
    boot: str

    @classmethod
    def of(cls, clock: Clock) -> Now:
        return cls(clock.wall(), clock.monotonic(), clock.boot_id())


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot as read, with what its PDU means: decoded before the transaction begins."""

    slot: int
    pdu: str
    identity: str
    decoded: Decoded

    @classmethod
    def of(cls, stored: StoredSms) -> Slot:
        return cls(stored.slot, stored.pdu, tpdu_identity(stored.pdu), decode(stored.pdu))


@dataclass(slots=True)
class Outcome:
    """What a transaction leads to, told to the others once it is committed."""

    pending: list[Outgoing] = field(default_factory=list)
    collecting: dict[int, float] = field(default_factory=dict)
    """smsIds that wait for parts, with the monotonic end of their window."""
    hurried: dict[int, float] = field(default_factory=dict)
    """smsIds whose window ends at the latest at this monotonic time."""
    whole: list[int] = field(default_factory=list)
    """smsIds that wait for no part any more."""
    withdrawn: list[int] = field(default_factory=list)
    """smsIds that must not be attempted any more."""
    free_on: list[int] = field(default_factory=list)
    """SIMs that have slots to free now."""
    own: list[Own] = field(default_factory=list)
    """Messages of our own that arrived."""
    told: list[tuple[Kind, dict[str, Any]]] = field(default_factory=list)

    def tell(self, kind: Kind, **fields: Any) -> None:
        self.told.append((kind, fields))
