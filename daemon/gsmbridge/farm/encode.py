"""SMS-DELIVER as a service centre writes it, from 3GPP TS 23.040 and 23.038.

Written apart from `gsmbridge.sms` on purpose: what decodes must not be tested by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

GSM7 = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet (23.038, 6.2.1); 1Bh is the escape to `EXTENSION`."""

EXTENSION = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}
"""The default extension table (23.038, 6.2.1.1)."""

DCS = {"gsm7": 0x00, "8bit": 0x04, "ucs2": 0x08}
USER_DATA_OCTETS = 140


@dataclass(frozen=True, slots=True)
class Part:
    """One TPDU of a message and what it says."""

    tpdu: bytes
    text: str


@dataclass(frozen=True, slots=True)
class Concat:
    """A concatenation element (23.040, 9.2.3.24.1 and .8)."""

    reference: int
    total: int
    number: int
    wide: bool = False
    """16-bit reference (IEI 08h) instead of 8-bit (00h)."""

    def header(self) -> bytes:
        reference = self.reference.to_bytes(2 if self.wide else 1, "big")
        body = reference + bytes((self.total, self.number))
        element = bytes((0x08 if self.wide else 0x00, len(body))) + body
        return bytes((len(element),)) + element


def septets(text: str) -> list[int] | None:
    """*text* in the default alphabet with its extension table; None if it cannot be said so."""
    out: list[int] = []
    for char in text:
        if char in EXTENSION:
            out += (0x1B, EXTENSION[char])
        elif char != "\x1b" and char in GSM7:
            out.append(GSM7.index(char))
        else:
            return None
    return out


def pack(values: Sequence[int], fill: int = 0) -> bytes:
    """Septets into octets, lowest bit first, after *fill* bits (23.038, 6.1.2.1)."""
    bits = 0
    for position, value in enumerate(values):
        bits |= value << (fill + 7 * position)
    return bits.to_bytes((fill + 7 * len(values) + 7) // 8, "little")


def swap(digits: str) -> bytes:
    """Semi-octets: low nibble first, filled up with F (23.040, 9.1.2.3)."""
    padded = digits + "F" * (len(digits) % 2)
    return bytes(int(padded[i + 1] + padded[i], 16) for i in range(0, len(padded), 2))


def unswap(octets: bytes) -> str:
    """The digits in *octets*, a filling F and all."""
    return "".join(f"{octet & 15:X}{octet >> 4:X}" for octet in octets)


def address(sender: str) -> bytes:
    """TP-OA (23.040, 9.1.2.5): `+digits` international, digits unknown, else alphanumeric."""
    digits = sender.removeprefix("+")
    if digits.isascii() and digits.isdigit():
        kind = 0x91 if sender.startswith("+") else 0x81
        return bytes((len(digits), kind)) + swap(digits)
    values = septets(sender)
    if values is None or len(values) > 11:
        raise ValueError(f"no alphanumeric sender: {sender!r}")
    return bytes(((7 * len(values) + 3) // 4, 0xD0)) + pack(values)


def time_stamp(when: datetime) -> bytes:
    """TP-SCTS (23.040, 9.2.3.11); *when* must know its zone."""
    offset = when.utcoffset()
    if offset is None:
        raise ValueError("a time stamp needs a zone")
    quarters = round(offset.total_seconds() / 900)
    zone = swap(f"{abs(quarters):02d}")[0] | (0x08 if quarters < 0 else 0)
    return swap(when.strftime("%y%m%d%H%M%S")) + bytes((zone,))


def smsc_part(number: str = "+491710760000") -> bytes:
    """The service-centre part that modems put before the TPDU (27.005, 3.1); "" is one 00h."""
    if not number:
        return b"\x00"
    body = b"\x91" + swap(number.removeprefix("+"))
    return bytes((len(body),)) + body


def user_data(content: str | bytes, alphabet: str, header: bytes) -> tuple[int, bytes]:
    """TP-UDL and TP-UD: *header* is a whole UDH or empty."""
    if alphabet == "gsm7":
        values = septets(content) if isinstance(content, str) else None
        if values is None:
            raise ValueError("not in the default alphabet")
        fill = -8 * len(header) % 7
        return (8 * len(header) + fill) // 7 + len(values), header + pack(values, fill)
    if isinstance(content, str):
        content = content.encode("utf-16-be", "surrogatepass")
    return len(header) + len(content), header + content


def deliver(
    sender: str,
    content: str | bytes,
    when: datetime,
    *,
    alphabet: str = "gsm7",
    header: bytes = b"",
    pid: int = 0,
    message_class: int | None = None,
    more: bool = False,
) -> bytes:
    """One SMS-DELIVER TPDU (23.040, 9.2.2.1). *more*: others wait (TP-MMS is 0 then)."""
    first = 0x00 if more else 0x04
    first |= 0x40 if header else 0
    dcs = DCS[alphabet] | (0 if message_class is None else 0x10 | message_class)
    length, data = user_data(content, alphabet, header)
    if len(data) > USER_DATA_OCTETS:
        raise ValueError(f"user data of {len(data)} octets")
    fields = bytes((pid, dcs)) + time_stamp(when) + bytes((length,)) + data
    return bytes((first,)) + address(sender) + fields


def units(text: str, alphabet: str) -> list[int]:
    """What each character takes of the user data: septets, or octets of UCS2."""
    if alphabet == "gsm7":
        return [2 if char in EXTENSION else 1 for char in text]
    return [4 if ord(char) > 0xFFFF else 2 for char in text]


def split(text: str, alphabet: str, header_octets: int) -> list[str]:
    """*text* in pieces that fit beside a header; no escape and no surrogate pair is cut."""
    room = USER_DATA_OCTETS - header_octets
    if alphabet == "gsm7":
        room = room * 8 // 7
    pieces, start, used = [], 0, 0
    for position, size in enumerate(units(text, alphabet)):
        if used + size > room:
            pieces.append(text[start:position])
            start, used = position, 0
        used += size
    return [*pieces, text[start:]]


def message(
    sender: str, text: str, when: datetime, *, reference: int = 0, wide: bool = False
) -> list[Part]:
    """*text* as one TPDU or as many as it takes, in the narrower alphabet that can say it."""
    alphabet = "ucs2" if septets(text) is None else "gsm7"
    if len(whole := split(text, alphabet, 0)) == 1:
        return [Part(deliver(sender, whole[0], when, alphabet=alphabet), text)]
    pieces = split(text, alphabet, 7 if wide else 6)
    parts = []
    for number, piece in enumerate(pieces, 1):
        header = Concat(reference, len(pieces), number, wide).header()
        more = number < len(pieces)
        tpdu = deliver(sender, piece, when, alphabet=alphabet, header=header, more=more)
        parts.append(Part(tpdu, piece))
    return parts


def counts_septets(dcs: int) -> bool:
    """Whether TP-UDL counts septets (23.040, 9.2.3.16) under TP-DCS *dcs* (23.038, 4)."""
    if dcs < 0x80:
        return dcs & 0x2C == 0 or dcs & 0x2C == 0x0C
    if dcs >= 0xF0:
        return dcs & 0x04 == 0
    return dcs < 0xE0


def stated_length(tpdu: bytes) -> int:
    """Octets of a TPDU by its own fields, for cutting the padding of a record (23.040, 9.2.2).

    What is of no known kind, or contradicts itself, is taken whole.
    """
    kind = tpdu[0] & 0x03
    if kind == 2:  # SMS-STATUS-REPORT (9.2.2.3), without its optional fields
        return min(len(tpdu), 4 + (tpdu[2] + 1) // 2 + 7 + 7 + 1)
    start = {0: 1, 1: 2}.get(kind)
    if start is None or len(tpdu) <= start:
        return len(tpdu)
    dcs_at = start + 2 + (tpdu[start] + 1) // 2 + 1
    validity = (0, 7, 1, 7)[tpdu[0] >> 3 & 0x03]
    length_at = dcs_at + 1 + (7 if kind == 0 else validity)
    if length_at >= len(tpdu):
        return len(tpdu)
    length = tpdu[length_at]
    octets = (length * 7 + 7) // 8 if counts_septets(tpdu[dcs_at]) else length
    return min(len(tpdu), length_at + 1 + octets)


def status_report(about: str, when: datetime, reference: int = 1) -> bytes:
    """An SMS-STATUS-REPORT TPDU (23.040, 9.2.2.3): the message to number *about* arrived."""
    stamp = time_stamp(when)
    return bytes((0x06, reference)) + address(about) + stamp + stamp + b"\x00"


def forward(submit: bytes, sender: str, when: datetime) -> tuple[str, bytes]:
    """An SMS-SUBMIT TPDU as the SMS-DELIVER that arrives: whom it is for, and the TPDU."""
    digits = submit[2]
    address_end = 4 + (digits + 1) // 2
    to = unswap(submit[4:address_end])[:digits]
    pid_dcs = submit[address_end : address_end + 2]
    rest = submit[address_end + 2 + (0, 7, 1, 7)[submit[0] >> 3 & 0x03] :]
    first = bytes((0x04 | submit[0] & 0x40,))
    return to, first + address(sender) + pid_dcs + time_stamp(when) + rest


def text_mode(tpdu: bytes) -> tuple[str, str]:
    """What AT+CMGF=1 makes of an SMS-DELIVER TPDU: <oa>,[<alpha>],<scts> of the header, and <data>
    in hex, as what is no text in the alphabet of AT+CSCS (27.005, 3.1 and 3.4.1)."""
    address_end = 3 + (tpdu[1] + 1) // 2
    sender = unswap(tpdu[3:address_end])[: tpdu[1]]
    year, month, day, hour, minute, second = (
        unswap(tpdu[at : at + 1]) for at in range(address_end + 2, address_end + 8)
    )
    stamp = f"{year}/{month}/{day},{hour}:{minute}:{second}+00"
    return f'"{sender}",,"{stamp}"', tpdu[address_end + 10 :].hex().upper()
