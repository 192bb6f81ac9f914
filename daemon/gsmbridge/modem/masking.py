"""Hides who and what in a transcript, so that it can be sent to strangers. Pure.

IMEI, ICCID, IMSI, phone numbers, names, texts and PDUs are replaced; one value gets one mask
throughout. Masks keep the form, so that a transcript still shows what a parser has to cope with:
length, plus, swapped nibbles, hex letters, padding.
"""

from __future__ import annotations

import re

_LONG = re.compile(r"[0-9](?:-?[0-9A-Fa-f]){9,}")
"""Ten digits and more: in replies that are nobody's name, model or revision nothing is so long."""
_NUMBER = re.compile(r"[0-9*#](?:[0-9*#A-Fa-f]){3,}")
"""A short code or number, in lines that tell of people."""
_QUOTED = re.compile(r'"([^"]*)"')
_UNQUOTED_NAME = re.compile(r"(?<=[: ,])[^\W\d][^,\":<>]*(?=,)")
_PDU = re.compile(r"[0-9A-Fa-f]{32,}")
"""16 octets: longer than an ICCID."""
_PEOPLE = re.compile(
    r"\s*\W{0,2}(?:ERROR)?\s*.{0,24}\+(CNUM|CUSD|CMT|CDS|CBM|CMGL|CMGR|CLIP|CCWA|CPBR|CPBF)\s*:",
    re.I,
)
_TEXT_FOLLOWS = re.compile(r".*\+(CMT|CDS|CBM|CMGL|CMGR)\s*:", re.I)
_OF_ICCID = ("89", "98")
_ICCID_CORE = 18
"""Digits that every spelling of an ICCID has; the check digit and padding may lack."""


class Masks:
    """The masks of one report."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._in_message = False

    def line(self, text: str) -> str:
        """A line of a modem, or a command, masked. Lines must come in their order."""
        was_header, self._in_message = self._in_message, bool(_TEXT_FOLLOWS.match(text))
        if was_header and not self._in_message and text.strip() not in ("", "OK"):
            return self._hidden("message", text)
        if _PEOPLE.match(text):
            head, colon, rest = text.partition(":")
            if "CNUM" in head.upper() or "CNUM" in rest.upper():
                rest = _UNQUOTED_NAME.sub(lambda hit: self._hidden("text", hit[0]), rest)
            rest = _QUOTED.sub(self._quoted, rest)
            return head + colon + _NUMBER.sub(lambda hit: self._digits(hit[0]), rest)
        text = _PDU.sub(lambda hit: self._hidden("hex", hit[0]), text)
        return _LONG.sub(lambda hit: self._digits(hit[0]), text)

    def _quoted(self, hit: re.Match[str]) -> str:
        value = hit[1]
        if not value or re.fullmatch(r"\+?[0-9*#]+", value):
            return hit[0]  # left to the rule for numbers
        if re.fullmatch(r"\d\d/\d\d/\d\d,[\d:]+[+-]\d\d", value):
            return hit[0]  # a time stamp
        return f'"{self._hidden("text", value)}"'

    def _hidden(self, what: str, value: str) -> str:
        return f"<{what} {self._number(what, value)}, {len(value)} characters>"

    def _digits(self, value: str) -> str:
        """Digits for digits, from the right; letters and dashes stay where they are."""
        if _is_iccid(value):
            return self._iccid(value)
        digits = re.sub(r"\D", "", value)
        mask = f"{self._number('digits', digits):0{len(digits)}d}"[-len(digits) :]
        return _fill(value, mask)

    def _iccid(self, value: str) -> str:
        swapped = value.startswith("98")
        plain = _swap(value) if swapped else value
        number = self._number("iccid", plain[:_ICCID_CORE].upper())
        core = f"89{number:0{_ICCID_CORE - 2}d}"
        plain = core + re.sub(r"\d", "0", plain[_ICCID_CORE:])
        masked = _swap(plain) if swapped else plain
        return "".join(
            old if old.isalpha() else new for old, new in zip(value, masked, strict=True)
        )

    def _number(self, kind: str, value: str) -> int:
        """Which different value of its kind this is, from 1."""
        known = f"{kind} {value}"
        if known not in self._numbers:
            count = sum(each.startswith(f"{kind} ") for each in self._numbers)
            self._numbers[known] = count + 1
        return self._numbers[known]


def _is_iccid(value: str) -> bool:
    return len(value) in (18, 19, 20) and value.startswith(_OF_ICCID) and "-" not in value


def _swap(value: str) -> str:
    """Nibbles of each octet exchanged (51.011, 10.1.1); a last one alone stays."""
    pairs = [value[at : at + 2] for at in range(0, len(value), 2)]
    return "".join(pair[::-1] for pair in pairs)


def _fill(form: str, digits: str) -> str:
    left = iter(digits)
    return "".join(next(left) if char.isdecimal() else char for char in form)
