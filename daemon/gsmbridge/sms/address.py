"""The sender: TP-OA, 23.040, 9.1.2.5."""

from __future__ import annotations

from gsmbridge.sms import gsm7
from gsmbridge.sms.text import clean

UNKNOWN = "unknown"
"""What stands for a sender that the network did not give."""

_DIGITS = "0123456789*#abc"
_FILLER = 0xF
_INTERNATIONAL = 0b001
_ALPHANUMERIC = 0b101


def sender(length: int, toa: int, address: bytes) -> str:
    """Name or number of *length* semi-octets; a plus only before international numbers."""
    kind = toa >> 4 & 0x07
    if kind == _ALPHANUMERIC:
        name = gsm7.decode(gsm7.unpack(address, length * 4 // 7))
        return clean(name) or UNKNOWN
    nibbles = [nibble for octet in address for nibble in (octet & 0x0F, octet >> 4)][:length]
    number = "".join(_DIGITS[nibble] for nibble in nibbles if nibble != _FILLER)
    if not number:
        return UNKNOWN
    return f"+{number}" if kind == _INTERNATIONAL else number
