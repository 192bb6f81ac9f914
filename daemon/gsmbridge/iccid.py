"""ICCID of a SIM (ITU-T E.118): one canonical form, whatever a modem makes of it."""

from __future__ import annotations

import re
from collections.abc import Iterable

_CANONICAL = re.compile(r"[0-9]{6}[0-9A-F]{12,14}")
_STRAIGHT = re.compile(r"89[0-9]{4}[0-9A-F]{12,14}")
SHORTEST = 18
"""Digits that any canonical ICCID has: what two that are one have in common at least."""
_EF_DIGITS = 20  # EF-ICCID is 10 octets (TS 31.102, 4.2.1)


def canonical(raw: str) -> str | None:
    """The ICCID as 18 to 20 characters, or None if *raw* is none.

    Quotes, blanks, further fields and the pad F are dropped. "89" (telecom, E.118) in front means
    straight, "98" nibble-swapped as in EF-ICCID. A-F occur from position 7 on in some countries.
    """
    text = raw.split(",")[0].strip().strip('"').strip().upper()
    if text.startswith("98") and len(text) == _EF_DIGITS:
        text = _swap(text)
    if _STRAIGHT.fullmatch(text) is None:
        return None
    return _unpadded(text)


def from_ef_iccid(raw: str) -> str | None:
    """The ICCID in the content of EF-ICCID as hex: always nibble-swapped. None if it is none."""
    text = raw.strip().strip('"').upper()
    return _unpadded(_swap(text)) if len(text) == _EF_DIGITS else None


def luhn_ok(iccid: str) -> bool:
    """Whether the last character is the check digit of those before it (E.118, 4.2).

    Some cards and modems leave the check digit out: false is a reason to warn, never to refuse.
    """
    if not (iccid.isascii() and iccid.isdecimal()):
        return False
    total = 0
    for place, character in enumerate(reversed(iccid)):
        digit = int(character) * (1 + place % 2)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


def same(a: str, b: str) -> bool:
    """Whether two canonical ICCIDs can be one: equal, or one is the other's beginning."""
    return a.startswith(b) or b.startswith(a)


def match(seen: str, known: Iterable[str]) -> str | None:
    """The one of *known* that *seen* is. Equal lengths compare in full; where the lengths differ,
    the shorter one matches only if it is the beginning of exactly one known ICCID."""
    candidates = set(known)
    if seen in candidates:
        return seen
    near = [other for other in candidates if len(other) != len(seen) and same(seen, other)]
    return near[0] if len(near) == 1 else None


def _swap(text: str) -> str:
    return "".join(text[at + 1] + text[at] for at in range(0, len(text) - 1, 2))


def _unpadded(text: str) -> str | None:
    """Without the pad: 18 to 20 characters are left, or None."""
    digits = text.rstrip("F")
    return digits if _CANONICAL.fullmatch(digits) else None
