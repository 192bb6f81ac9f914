"""Septets and their characters: 23.038, 6.1.2.1 (packing) and 6.2.1 (alphabets)."""

from __future__ import annotations

from gsmbridge.sms.alphabets import DEFAULT, EXTENSION, LOCKING, SINGLE, UNDEFINED

ESCAPE = 0x1B


def octets_for(septets: int, fill: int = 0) -> int:
    """How many octets *septets* take up behind *fill* bits."""
    return (7 * septets + fill + 7) // 8


def unpack(octets: bytes, septets: int, fill: int = 0) -> bytes:
    """Unpack that many septets, one to a byte, the first behind *fill* bits.

    *octets* has to hold them all (`octets_for`); what lies behind them is ignored.
    """
    bits = int.from_bytes(octets[: octets_for(septets, fill)], "little") >> fill
    return bytes(bits >> 7 * index & 0x7F for index in range(septets))


def decode(septets: bytes, locking: int = 0, single: int = 0) -> str:
    """Characters of *septets* with the tables of two national language identifiers, 0: default.

    What a single shift table does not define shows as in the main table (6.2.1.1); what that does
    not define either, a doubled escape and one with nothing behind it show as a space.
    """
    main = LOCKING.get(locking, DEFAULT)
    shifted = SINGLE.get(single, EXTENSION)
    text: list[str] = []
    escaped = False
    for septet in septets:
        if septet == ESCAPE and not escaped:
            escaped = True
            continue
        char = shifted[septet] if escaped else UNDEFINED
        text.append(main[septet] if char == UNDEFINED else char)
        escaped = False
    if escaped:
        text.append(UNDEFINED)
    return "".join(text).replace(UNDEFINED, " ")
