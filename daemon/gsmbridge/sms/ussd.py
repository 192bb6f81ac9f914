"""What the network answers to a USSD request: `+CUSD: <m>[,<str>,<dcs>]` (27.007, 7.15).

Modems print the text as it is, as hex of UCS2, of octets or of packed septets, and the coding
scheme that they give with it is often not the one they used: what can be read decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gsmbridge.sms import gsm7

_CUSD = re.compile(r"\+CUSD\s*:\s*(\d)\s*(?:,\s*(.*))?", re.I | re.S)
_STRING = re.compile(r'"?(.*?)"?\s*(?:,\s*(-?\d*)\s*)?', re.S)
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_LONGEST_NUMBER = 15

MEANINGS = {
    2: "the network ended it",
    3: "another client of the modem answered",
    4: "the network does not know the code",
    5: "the network did not answer in time",
}
"""<m> of answers without a text."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer."""

    status: int
    """<m>: 0 nothing further, 1 the network waits for a choice, 2 to 5 see `MEANINGS`."""
    text: str


def parse(line: bytes) -> Answer | None:
    """The answer in a `+CUSD:` line; None if it is no such line."""
    found = _CUSD.fullmatch(_characters(line).strip())
    if found is None:
        return None
    string = _STRING.fullmatch(found[2] or "")
    assert string is not None
    dcs = int(string[2]) & 0xFF if string[2] not in (None, "", "-") else None
    return Answer(int(found[1]), decode(string[1], dcs).strip())


def decode(text: str, dcs: int | None) -> str:
    """The characters of <str>."""
    if not _HEX.fullmatch(text) or (text.isdecimal() and len(text) <= _LONGEST_NUMBER):
        return text
    octets = bytes.fromhex(text)
    if len(octets) % 2 == 0 and (_says_ucs2(dcs) or _looks_like_ucs2(octets)):
        return octets.decode("utf-16-be", "replace")
    if all(octet in b"\t\n\r" or 0x20 <= octet < 0x7F for octet in octets):
        return octets.decode("ascii")
    unpacked = _unpacked(octets)
    return unpacked if _readable(unpacked) else text


def packed(code: str) -> str:
    """*code* (digits, `*`, `#`) as hex of packed septets, filled with CR (23.038, 6.1.2.3)."""
    septets = code.encode("ascii")
    if len(septets) % 8 == 7:
        septets += b"\r"
    bits = sum(septet << 7 * place for place, septet in enumerate(septets))
    return bits.to_bytes((7 * len(septets) + 7) // 8, "little").hex().upper()


def _characters(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _says_ucs2(dcs: int | None) -> bool:
    """By the coding scheme of cell broadcast, which USSD goes by (23.038, 5)."""
    return dcs is not None and (dcs == 0x11 or (0x40 <= dcs <= 0x9F and dcs & 0x0C == 0x08))


def _looks_like_ucs2(octets: bytes) -> bool:
    """One script beside the digits and blanks, which every real text has."""
    rows = set(octets[::2])
    text = octets.decode("utf-16-be", "replace")
    return 0 in rows and len(rows) <= 3 and "".join(text.split()).isprintable()


def _unpacked(octets: bytes) -> str:
    septets = gsm7.unpack(octets, len(octets) * 8 // 7)
    if len(octets) % 7 == 0 and septets[-1:] in (b"\0", b"\r"):
        septets = septets[:-1]  # seven bits of filling, or the CR that stands for it
    return gsm7.decode(septets)


def _readable(text: str) -> bool:
    usual = sum(char.isalnum() or char in " \r\n.,:;!?*#+-()/" for char in text)
    return usual >= 0.9 * len(text)
