"""Which header a PDU line belongs to (27.005, 3.4.3: `+CMGL: 1,0,,26` and, on the next line, the
PDU), also where other lines come between them or the PDU is broken over several lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

PATIENCE = 6
"""Lines that may come between the header of an unsolicited PDU and the PDU."""

_PDU_LINE = re.compile(rb"[0-9A-Fa-f]{2,}(?:,\d*)?")
_LENGTH = re.compile(rb"(?:[:,]\s*)(\d{1,4})$")
_TIME_STAMP = re.compile(rb'"\d\d/\d\d/\d\d,')


class Owner(Enum):
    """To whom a header belongs."""

    REPLY = auto()
    URC = auto()
    STRAY = auto()


def is_pdu_line(line: bytes) -> bool:
    """Hex; one old family puts `,0` behind."""
    return _PDU_LINE.fullmatch(line) is not None


def has_text(header: bytes) -> bool:
    """Whether it has a time stamp, as in text mode only: what follows is the text."""
    return _TIME_STAMP.search(header) is not None


@dataclass(frozen=True, slots=True)
class Header:
    """A line that announces a PDU."""

    owner: Owner
    line: bytes

    @property
    def octets(self) -> int | None:
        """The stated length of the TPDU, without the service-centre part. A hint only."""
        length = _LENGTH.search(self.line)
        return int(length[1]) if length else None

    @property
    def text_mode(self) -> bool:
        """What follows is no PDU."""
        return self.owner is Owner.URC and has_text(self.line)

    def whole(self, pdu: bytes) -> int | None:
        """Hex digits of the whole of what *pdu* begins, by the stated length."""
        if self.octets is None or not is_pdu_line(pdu):
            return None
        return 2 * (1 + int(pdu[:2], 16) + self.octets)

    def short(self, pdu: bytes) -> bool:
        """Certainly less than the header states, even without a service-centre part."""
        return self.octets is not None and not self.text_mode and len(pdu) < 2 * self.octets


@dataclass(frozen=True, slots=True)
class Joined:
    """A PDU line and what came on further lines."""

    header: Header
    pdu: bytes


class PduLines:
    """The headers that still wait for their PDU, at most one per owner."""

    def __init__(self) -> None:
        self._waiting: list[Header] = []
        self._open: Joined | None = None
        self._age = 0

    def announce(self, header: Header) -> Header | None:
        """A header came. The one of the same owner that it replaces, which got no PDU."""
        replaced = self.drop(header.owner)
        self._waiting.append(header)
        if header.owner is Owner.URC:
            self._age = 0
        return replaced

    def drop(self, owner: Owner) -> Header | None:
        """Wait no longer for a PDU of *owner*."""
        for header in self._waiting:
            if header.owner is owner:
                self._waiting.remove(header)
                return header
        return None

    def disown(self) -> None:
        """The pending command was given up: its PDU is a stray one now."""
        header = self.drop(Owner.REPLY)
        if header is not None:
            self.announce(Header(Owner.STRAY, header.line))
        self._open = None

    def overdue(self) -> Header | None:
        """Count a line; the unsolicited header whose PDU has not come for too many."""
        self._age += 1
        return self.drop(Owner.URC) if self._age > PATIENCE else None

    def expects(self, line: bytes, bare: bool) -> bool:
        """Whether *line* is the PDU of a header. *bare*: digits may also be a reply."""
        if any(header.text_mode for header in self._waiting):
            return True
        if not self._waiting or not is_pdu_line(line):
            return False
        return not bare or any(len(line) == header.whole(line) for header in self._waiting)

    def assign(self, line: bytes) -> Header:
        """The header that *line* belongs to: the one whose length it has, else the latest."""
        latest_first = self._waiting[::-1]
        fitting = [header for header in latest_first if len(line) == header.whole(line)]
        header = (fitting or latest_first)[0]
        self._waiting.remove(header)
        self._open = Joined(header, line)
        return header

    def continues(self, line: bytes) -> Joined | None:
        """The PDU of the line before together with *line*, if the stated length says so."""
        before, self._open = self._open, None
        if before is None or not is_pdu_line(line):
            return None
        whole = before.header.whole(before.pdu)
        if whole is None or len(before.pdu) + len(line) > whole:
            return None
        self._open = Joined(before.header, before.pdu + line)
        return self._open
