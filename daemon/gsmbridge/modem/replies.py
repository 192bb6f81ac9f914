"""Parsers of replies: bytes in, plain data out, in every shape that real modems print.

None raises on any input; what makes no sense is left out or reported as damage.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_HEADER = re.compile(rb"\+CMG[LR]\s*:\s*(.*)", re.I | re.S)
_PDU = re.compile(r'"?((?:[0-9A-F]{2})+)"?(?:,\d*)?')
_FIELD = re.compile(r'\s*(?:"([^"]*)"|([^,]*))\s*(?:,|$)')
_CNUM = re.compile(rb"\+CNUM\s*:", re.I)
_OWN_NUMBER = re.compile(r"(\+?)(\d{8,15})")
_MEMORY = re.compile(r'"(\w+)"|(\d+)')

_RECEIVED = (None, 0, 1)
"""27.005, 3.1: REC UNREAD, REC READ; anything else was not received."""


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a listing."""

    slot: int
    pdu: str
    """Upper-case hex; empty for a header without a PDU or with a modem's dummy."""
    received: bool = True
    short: bool = False
    """The PDU is shorter than its header said: bytes were lost, or the header lies."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a reply to AT+CMGL or AT+CMGR holds."""

    rows: tuple[Row, ...] = ()
    damage: str = ""
    """Why the reply is not to be believed; empty where nothing is wrong."""
    text_mode: bool = False
    """It is a text-mode reply: the modem forgot AT+CMGF=0."""


@dataclass(frozen=True, slots=True)
class Usage:
    """One memory of AT+CPMS? (27.005, 3.2.2)."""

    memory: str
    used: int
    total: int


def fields(value: str) -> list[str]:
    """Comma-separated fields, quotes and blanks around them dropped."""
    found: list[str] = []
    at = 0
    while at <= len(value):
        hit = _FIELD.match(value, at)
        if hit is None:  # an unbalanced quote
            found.append(value[at:].strip())
            break
        found.append((hit[1] if hit[1] is not None else hit[2]).strip())
        if not hit[0].endswith(","):
            break
        at = hit.end()
    return found


def text(line: bytes) -> str:
    """A line for people and parsers: no byte is an error."""
    return line.decode("latin-1").strip()


def listing(lines: Sequence[bytes], slot: int | None = None) -> Listing:
    """The rows of AT+CMGL; of AT+CMGR, whose header has no index, where *slot* is given."""
    rows: list[Row] = []
    damage, text_mode = "", False
    header: list[str] | None = None
    for line in lines:
        hit = _HEADER.search(line)
        if hit is not None:
            if header is not None:
                rows += _row(header, "", slot)
                damage = damage or _headless(header, slot)
            header = fields(text(hit[1]))
            status = header[0 if slot is not None else 1 :][:1]
            text_mode = text_mode or "".join(status).startswith(("REC ", "STO "))
            if slot is None and not header[0].isdecimal():
                damage, header = "a header without an index", None
            continue
        pdu = _PDU.fullmatch(text(line).upper())
        if pdu is None:
            damage = damage or "a line that is no PDU"
        elif header is None:
            damage = damage or "a PDU without its header"
        else:
            rows += _row(header, pdu[1], slot)
            header = None
    if header is not None:
        rows += _row(header, "", slot)
        damage = damage or _headless(header, slot)
    return Listing(tuple(rows), damage, text_mode)


def _headless(header: list[str], slot: int | None) -> str:
    """The damage of a header without a PDU: none where it says that nothing is there."""
    return "" if slot is not None or header[-1] == "0" else "a header without its PDU"


def _row(header: list[str], pdu: str, slot: int | None) -> list[Row]:
    """The row of a header and the PDU behind it; none for the header of an empty slot."""
    numbers = [int(field) if field.isdecimal() else None for field in header]
    index, status = (slot, numbers[0]) if slot is not None else (numbers[0], None)
    if slot is None and len(numbers) > 1:
        status = numbers[1]
    if slot is not None and len(numbers) < 2:
        status = None  # a length alone
    length = numbers[-1]
    if not pdu and (length == 0 or slot is not None):
        return []
    assert index is not None
    short = bool(pdu) and length is not None and len(pdu) // 2 < length
    return [Row(index, "" if _is_dummy(pdu) else pdu, status in _RECEIVED, short)]


def _is_dummy(pdu: str) -> bool:
    """No message: an empty record as some modems print it."""
    return pdu.strip("0") == "" or pdu[2:].strip("F") == ""


def usage(value: bytes | None) -> Usage | None:
    """The first memory of an answer to AT+CPMS? or AT+CPMS=, named or not. None if it makes no
    sense; the name is empty where the modem leaves it out."""
    found = [(name, number) for name, number in _MEMORY.findall(text(value or b""))]
    name = found[0][0] if found and found[0][0] else ""
    numbers = [int(number) for _, number in found[: 3 if name else 2] if number]
    return Usage(name.upper(), numbers[0], numbers[1]) if len(numbers) == 2 else None


def digits(line: bytes, low: int, high: int) -> str | None:
    """A run of *low* to *high* digits that stands alone in *line* (IMEI, IMSI)."""
    hit = re.search(rf"(?<!\d)\d{{{low},{high}}}(?!\d)", text(line))
    return hit[0] if hit else None


def own_numbers(lines: Sequence[bytes], final: bytes) -> tuple[str, ...]:
    """Numbers of AT+CNUM (27.007, 7.1) that are international: a plus or type 145, 8 to 15 digits.

    Some modems print the lines behind an error: `ERROR+CNUM: "","+39...",145`.
    """
    found: list[str] = []
    for line in (*lines, final):
        for entry in _CNUM.split(line)[1:]:
            for number in _international(fields(text(entry))):
                if number not in found:
                    found.append(number)
    return tuple(found)


def _international(entry: list[str]) -> list[str]:
    if len(entry) < 3:
        return []
    hit = _OWN_NUMBER.fullmatch(entry[1])
    return [hit[2]] if hit and (hit[1] or entry[2] == "145") else []


def hinted_slot(line: bytes) -> tuple[str, int | None]:
    """Memory and index of +CMTI (27.005, 3.4.1); index None where the message lies nowhere."""
    parts = fields(text(line.partition(b":")[2]))
    index = parts[1] if len(parts) > 1 else ""
    return parts[0].upper(), int(index) if index.isdecimal() else None


REGISTRATION = {0: "none", 1: "home", 2: "searching", 3: "denied", 4: "unknown", 5: "roaming"}


def registration(value: bytes | None) -> str:
    """The state in an answer to AT+CREG? or AT+CEREG? (27.007, 7.2); empty if it makes no sense."""
    parts = fields(text(value or b""))
    state = parts[1] if len(parts) > 1 else parts[0]
    return REGISTRATION.get(int(state), "unknown") if state.isdecimal() else ""


def signal(value: bytes | None) -> int | None:
    """dBm of AT+CSQ (27.007, 8.5); None for "not known"."""
    rssi = fields(text(value or b""))[0]
    return 2 * int(rssi) - 113 if rssi.isdecimal() and int(rssi) <= 31 else None


def operator(value: bytes | None) -> str:
    """The name in an answer to AT+COPS? (27.007, 7.3); empty where there is none."""
    parts = fields(text(value or b""))
    return parts[2] if len(parts) > 2 else ""
