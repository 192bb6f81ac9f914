"""What a message says: parts joined, then decoded, then cleaned."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from gsmbridge.sms import gsm7
from gsmbridge.sms.dcs import Alphabet
from gsmbridge.sms.decoded import Deliver

GAP = "[…]"
"""Stands for a run of missing parts."""
EMPTY = "(empty)"
"""Stands for a text with nothing left in it."""

_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_UNPRINTABLE = re.compile(rb"[^\t\n\r -~]")


def clean(text: str) -> str:
    """Change what cannot travel: NUL goes, other control characters but tab, LF and CR become
    spaces, lone surrogates U+FFFD. Nothing is trimmed or normalised."""
    return _SURROGATE.sub("\ufffd", _CONTROL.sub(" ", text.replace("\0", "")))


def render(parts: Sequence[Deliver | None]) -> str:
    """The text of a message of these parts in order, None for a missing one.

    Neighbours are joined before decoding, so that a pair of surrogates or an escape and its
    character may lie in two parts; across a gap nothing is joined.
    """
    octets = b"".join(part.user_data for part in parts if part and _is_octets(part))
    printable = _UNPRINTABLE.search(octets) is None
    text: list[str] = []
    marked = printable
    for coding, run in groupby(parts, _coding):
        if coding is None:
            text.append(GAP)
            continue
        data = b"".join(part.user_data for part in run if part)
        if coding[0] is Alphabet.OCTETS and not marked:
            text.append("hex:")
            marked = True
        text.append(_characters(data, *coding, printable=printable))
    return clean("".join(text)) or EMPTY


def _is_octets(part: Deliver) -> bool:
    return part.alphabet is Alphabet.OCTETS


def _coding(part: Deliver | None) -> tuple[Alphabet, int, int] | None:
    """What neighbours must have in common to be decoded as one."""
    if part is None:
        return None
    if part.alphabet is not Alphabet.GSM7:
        return part.alphabet, 0, 0
    return part.alphabet, part.locking, part.single


def _characters(
    data: bytes, alphabet: Alphabet, locking: int, single: int, *, printable: bool
) -> str:
    match alphabet:
        case Alphabet.GSM7:
            return gsm7.decode(data, locking, single)
        case Alphabet.UCS2:
            # UTF-16 in fact: 23.038 says UCS2, phones send surrogates
            text = data[: len(data) // 2 * 2].decode("utf-16-be", "surrogatepass")
            return text + "\ufffd" if len(data) % 2 else text
        case Alphabet.OCTETS:
            return data.decode("ascii") if printable else data.hex().upper()
