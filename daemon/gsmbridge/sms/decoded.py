"""What a stored PDU turns out to be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gsmbridge.sms.dcs import Alphabet
from gsmbridge.sms.udh import Concat


@dataclass(frozen=True, slots=True)
class Deliver:
    """An SMS-DELIVER: a message, or one part of it."""

    sender: str
    """Fit to be pushed: cleaned, a plus before international numbers, `unknown` if missing."""
    scts: datetime | None
    """Service centre time stamp, aware; None where it is invalid."""
    pid: int
    dcs: int
    message_class: int | None
    alphabet: Alphabet
    concat: Concat | None
    locking: int
    """National language identifier of the locking shift table; 0: default."""
    single: int
    """National language identifier of the single shift table; 0: default."""
    user_data: bytes
    """Without header: septets one to a byte (GSM7), else octets."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A message that is not for forwarding."""

    reason: str


@dataclass(frozen=True, slots=True)
class Foreign:
    """Nothing that was received: left alone, neither journalled nor deleted."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that can't be decoded; the reason names the octet, from 0, and what is wrong."""

    reason: str


Decoded = Deliver | Skipped | Foreign | Unreadable
