"""The data coding scheme: 23.038, 4."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Alphabet(Enum):
    """How user data is written."""

    GSM7 = "gsm7"
    OCTETS = "8bit"
    UCS2 = "ucs2"


@dataclass(frozen=True, slots=True)
class CodingScheme:
    """What a TP-DCS octet says of the user data."""

    alphabet: Alphabet
    message_class: int | None = None
    compressed: bool = False
    """By 23.042: the user data can't be read."""


_ALPHABETS = (Alphabet.GSM7, Alphabet.OCTETS, Alphabet.UCS2, Alphabet.GSM7)


def coding_scheme(dcs: int) -> CodingScheme:
    """The meaning of a TP-DCS octet; reserved schemes are read as the default alphabet."""
    group = dcs >> 4
    if group <= 0x7:  # general, and marked for automatic deletion
        message_class = dcs & 0x03 if dcs & 0x10 else None
        return CodingScheme(_ALPHABETS[dcs >> 2 & 0x03], message_class, bool(dcs & 0x20))
    if group == 0xE:  # message waiting, store, UCS2
        return CodingScheme(Alphabet.UCS2)
    if group == 0xF:  # data coding and message class
        return CodingScheme(Alphabet.OCTETS if dcs & 0x04 else Alphabet.GSM7, dcs & 0x03)
    return CodingScheme(Alphabet.GSM7)  # reserved, and message waiting in the default alphabet
