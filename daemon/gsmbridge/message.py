"""The data that the layers hand to one another: frozen, without behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a message stands. The allowed moves between states are in `journal.life`."""

    COLLECTING = "collecting"
    """Parts of it are missing and still awaited."""
    PENDING = "pending"
    """To be pushed; attempted until an answer ends it."""
    DELIVERED = "delivered"
    """Status 200 was received and committed."""
    REFUSED = "refused"
    """A terminal error was answered; never pushed again by itself."""
    UNASSIGNED = "unassigned"
    """No number can be given for its SIM, or the number changed after an attempt."""
    STALE = "stale"
    """Lay on a SIM that the journal had never seen, and is older than `max_stored_age`."""
    UNREADABLE = "unreadable"
    """Its PDU cannot be decoded."""
    SKIPPED = "skipped"
    """Not for forwarding: a status report, SIM data, a WAP push."""
    DISCARDED = "discarded"
    """Needs no push by the operator's own word."""


@dataclass(frozen=True, slots=True)
class SimSeen:
    """What a modem says of the SIM in it, asked at an appearance."""

    modem: str
    """The modem's own key: IMEI where it has one, else its place."""
    iccid: str | None
    """In canonical form (see `iccid`)."""
    imsi: str | None
    own_numbers: tuple[str, ...] = ()
    """Numbers stored on the SIM (AT+CNUM) that pass as international: digits only."""


@dataclass(frozen=True, slots=True)
class SimState:
    """What the journal knows of a SIM."""

    sim: int
    """The journal's key of the SIM identity; stable for good."""
    iccid: str | None
    imsi: str | None
    listed: bool
    """A complete listing of this SIM's store was recorded before."""
    changed: bool
    """The modem was not last read whole with this SIM, or another was seen in it since, or this one
    in another."""
    phone: str | None
    """The number its messages go out under, if it has one."""


@dataclass(frozen=True, slots=True)
class StoredSms:
    """One occupied slot as read: 27.005 `+CMGL`/`+CMGR` in PDU mode."""

    slot: int
    """The index as listed. Means nothing beyond one appearance of the modem."""
    pdu: str
    """Upper-case hex, service-centre part included, as the modem gave it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Slots read between two matching checks of the SIM's identity."""

    sim: int
    modem: str
    appearance: str
    """A token of one appearance of one modem: slot numbers are only comparable within it."""
    store: str
    """27.005 memory name: "SM", "ME", or "" for direct delivery (+CMT), which has no slot."""
    slots: tuple[StoredSms, ...]
    complete: bool = False
    """All of the store was listed: what is not in *slots* is not on the SIM."""
    arrived: bool = False
    """Seen to arrive (announced, or new between two passes of one appearance): never stale."""
    used: int | None = None
    total: int | None = None
    """Slots used and in all, by AT+CPMS?, where known."""
    path: str = ""
    """The port's path, as log lines show it."""

    @property
    def shown(self) -> str:
        """The modem, for log lines."""
        return self.path or self.modem


@dataclass(frozen=True, slots=True)
class SlotToFree:
    """A slot that the journal wants deleted, as last seen in the given appearance."""

    copy: int
    """The journal's key of this copy of the message (or part) on the SIM."""
    sms_id: int
    store: str
    slot: int
    identity: str
    """`sms.identity.tpdu_identity` of what must lie there: anything else is left alone."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to push: frozen before its first attempt (I4)."""

    sms_id: int
    phone: str
    phone_from: str
    text: str
    order: float
    """Unix time for "oldest first": the service centre's stamp where plausible, else first read."""
    fresh: bool = False
    """It arrived just now: attempted at once, before any backlog."""
    attempts: int = 0
    """Attempts that are known to have ended without a verdict."""
    due: float | None = None
    """Monotonic time before which it must not be attempted; None: at once."""
    frozen: bool = True
    """The journal holds the mark that an attempt may begin; without it `freeze` comes first."""
    sim: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """An attempt that ended without a verdict."""

    sms_id: int
    attempts: int
    """Attempts so far, this one included."""
    due: float
    """Monotonic time of the earliest next attempt."""
    status: int | None
    """HTTP status, where an answer came."""
    error: str
    """Error token or kind of failure, one word; never text of the answer's body."""
    ms: int | None = None
    """How long it took, in milliseconds."""
    wait: float | None = None
    """Seconds from its end to *due*: what another boot, with another clock, waits by."""
