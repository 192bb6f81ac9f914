"""A SIM card: who it is, and its message records (3GPP TS 31.102, EF-SMS)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from gsmbridge.farm.encode import stated_length

RECORD = 176
FREE = b"\x00" + b"\xff" * (RECORD - 1)


class Status(IntEnum):
    """The first octet of a record."""

    FREE = 0x00
    READ = 0x01
    UNREAD = 0x03
    SENT = 0x05
    UNSENT = 0x07


STAT = {Status.UNREAD: 0, Status.READ: 1, Status.UNSENT: 2, Status.SENT: 3}
"""27.005, 3.1: <stat> in PDU mode."""


@dataclass(frozen=True, slots=True)
class Label:
    """What the farm itself knows of a record: which part of which message it is."""

    message: int
    part: int = 1


@dataclass(slots=True)
class Records:
    """Message records: of a card, or of a modem's own memory. Positions count from 0."""

    capacity: int
    rows: list[bytes] = field(default_factory=list)
    labels: list[Label | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rows = self.rows or [FREE] * self.capacity
        self.labels = self.labels or [None] * self.capacity

    @property
    def used(self) -> int:
        return len(self.rows) - self.rows.count(FREE)

    def occupied(self) -> list[int]:
        return [at for at, row in enumerate(self.rows) if row[0] != Status.FREE]

    def free(self) -> int | None:
        """The lowest free position: where a card puts the next message."""
        return next((at for at, row in enumerate(self.rows) if row[0] == Status.FREE), None)

    def put(
        self, at: int, pdu: bytes, label: Label | None = None, status: Status = Status.UNREAD
    ) -> None:
        """Write *pdu* (service-centre part and TPDU), padded with FF."""
        if len(pdu) >= RECORD:
            raise ValueError(f"{len(pdu)} octets do not fit a record")
        self.rows[at] = bytes((status,)) + pdu.ljust(RECORD - 1, b"\xff")
        self.labels[at] = label

    def erase(self, at: int) -> None:
        self.rows[at] = FREE
        self.labels[at] = None

    def mark_read(self, at: int) -> None:
        row = self.rows[at]
        if row[0] == Status.UNREAD:
            self.rows[at] = bytes((Status.READ,)) + row[1:]

    def stat(self, at: int) -> int:
        return STAT.get(Status(self.rows[at][0]), 1)

    def pdu(self, at: int) -> bytes:
        """The record without its padding, as far as its own lengths tell."""
        body = self.rows[at][1:]
        smsc = 1 + body[0]
        if smsc >= len(body):
            return body
        return body[: smsc + stated_length(body[smsc:])]

    def copy(self) -> Records:
        return Records(self.capacity, list(self.rows), list(self.labels))


@dataclass(slots=True)
class SimCard:
    """A card. *msisdn* is the number it is reached under, with or without the card knowing it."""

    iccid: str
    imsi: str
    msisdn: str
    capacity: int = 20
    own_number: str = ""
    """As stored in EF-MSISDN (AT+CNUM), e.g. "+79088081050"; often empty."""
    pin: str | None = None
    tries: int = 3
    sms: Records = field(init=False)

    def __post_init__(self) -> None:
        self.sms = Records(self.capacity)

    def verify(self, pin: str) -> bool:
        """One try at the PIN; at none left the card is locked for good (no PUK here)."""
        if self.pin is None:
            return True
        if self.tries == 0:
            return False
        self.tries = 3 if pin == self.pin else self.tries - 1
        return pin == self.pin


def luhn(digits: str) -> str:
    """The check digit behind *digits* (ITU-T E.118 refers to ISO 7812)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value // 10 + value % 10
    return str(-total % 10)


def make_sim(number: int, capacity: int = 20, **details: str) -> SimCard:
    """The *number*-th card of a farm, always the same one."""
    body = f"8970101{number:011d}"
    return SimCard(
        iccid=body + luhn(body),
        imsi=f"25001{number:010d}",
        msisdn=f"7908{number:07d}",
        capacity=capacity,
        own_number=details.get("own_number", ""),
        pin=details.get("pin"),
    )
