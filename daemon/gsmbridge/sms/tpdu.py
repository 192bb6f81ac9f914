"""Where the fields of a stored SMS lie: 23.040, 9.2.2.1 behind the service centre of 27.005."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gsmbridge.sms import gsm7
from gsmbridge.sms.dcs import Alphabet, CodingScheme, coding_scheme

MTI = 0x03
"""TP-MTI, 9.2.3.1."""
MMS = 0x04
LP = 0x08
UDHI = 0x40
SUBMIT = 0x01
REPORT = 0x02
OTHERS = (SUBMIT, REPORT)
"""TP-MTI of what is no SMS-DELIVER; the reserved one is read as if it were (9.2.3.1)."""

_MAX_ADDRESS = 20
"""Semi-octets in an address (9.1.2.5)."""
_MAX_SERVICE_CENTRE = 12
_MAX_USER_DATA = 140
"""Octets of user data, header included (9.2.3.16)."""
_HEX = re.compile("[0-9a-fA-F]*")
_PID_TO_UDL = 9
"""Octets of TP-PID, TP-DCS and TP-SCTS."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of an SMS-DELIVER, raw."""

    first: int
    address_length: int
    """Semi-octets of TP-OA."""
    toa: int
    address: bytes
    pid: int
    dcs: int
    scts: bytes
    header: bytes
    """Information elements of the user data header; empty without one."""
    text: bytes
    """User data behind the header and its fill bits: septets one to a byte, or octets."""
    end: int
    """Octets of the TPDU; what lies behind is padding."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a TPDU can't be taken apart."""

    at: int
    what: str


def octets_of(pdu: str) -> bytes | None:
    """The octets of hex as a modem gives it, also with `,0` behind; None if it isn't hex.

    A lone digit at the end is no octet.
    """
    digits = pdu.partition(",")[0].strip()
    if _HEX.fullmatch(digits) is None:
        return None
    return bytes.fromhex(digits[: len(digits) // 2 * 2])


def is_dummy(octets: bytes) -> bool:
    """No message at all: an empty record, or what some modems fill free slots with."""
    return not any(octets.rstrip(b"\xff"))


def locate(octets: bytes) -> int:
    """Where the TPDU begins: behind the service centre, or at 0, for some modems leave that out.

    An address length and a type of address can't be taken for each other, so only what reads
    as an SMS-DELIVER to the last octet is believed to have no service centre.
    """
    if _is_bare_deliver(octets):
        return 0
    start = 1 + octets[0]
    if octets[0] == 0 or octets[1:2] >= b"\x80" or len(octets) == 1:
        return start if octets[0] <= _MAX_SERVICE_CENTRE else 0
    return start if _is_bare_deliver(octets[start:]) else 0


def _is_bare_deliver(octets: bytes) -> bool:
    """Reads as an SMS-DELIVER, time stamp and all, with nothing but padding behind it."""
    fields = split(octets)
    return (
        isinstance(fields, Fields)
        and fields.first & MTI == 0
        and bool(fields.toa & 0x80)
        and all(octet & 0x0F <= 9 and octet >> 4 <= 9 for octet in fields.scts[:6])
        and not octets[fields.end :].strip(b"\xff")
    )


def split(tpdu: bytes) -> Fields | Fault:
    """Take an SMS-DELIVER apart. Octets behind its end don't matter."""
    if len(tpdu) < 2:
        return Fault(len(tpdu), "ends before the sender")
    address_length = tpdu[1]
    if address_length > _MAX_ADDRESS:
        return Fault(1, f"sender of {address_length} semi-octets, {_MAX_ADDRESS} at most")
    pid = 3 + (address_length + 1) // 2
    udl = pid + _PID_TO_UDL
    if len(tpdu) <= udl:
        return Fault(len(tpdu), "ends before the user data")
    data = _user_data(tpdu, udl, coding_scheme(tpdu[pid + 1]))
    if isinstance(data, Fault):
        return data
    return Fields(
        first=tpdu[0],
        address_length=address_length,
        toa=tpdu[2],
        address=tpdu[3:pid],
        pid=tpdu[pid],
        dcs=tpdu[pid + 1],
        scts=tpdu[pid + 2 : udl],
        header=data.header,
        text=data.text,
        end=data.end,
    )


@dataclass(frozen=True, slots=True)
class _UserData:
    header: bytes
    text: bytes
    end: int


def _user_data(tpdu: bytes, udl: int, scheme: CodingScheme) -> _UserData | Fault:
    """TP-UD behind the TP-UDL at *udl*: 9.2.3.16, 9.2.3.24."""
    begin = udl + 1
    septets = scheme.alphabet is Alphabet.GSM7 and not scheme.compressed
    length = gsm7.octets_for(tpdu[udl]) if septets else tpdu[udl]
    if length > _MAX_USER_DATA:
        return Fault(udl, f"user data of {length} octets, {_MAX_USER_DATA} at most")
    text = begin
    if tpdu[0] & UDHI:
        if len(tpdu) == begin:
            return Fault(begin, "ends before the user data header")
        text += 1 + tpdu[begin]
        if text > begin + length:
            return Fault(begin, f"header of {text - begin} octets in {length} of user data")
    fill = -8 * (text - begin) % 7  # the text begins on a septet's edge, counted from TP-UD
    count = tpdu[udl] - (8 * (text - begin) + fill) // 7 if septets else 0
    # with no septet behind the header its last octet may be missing: it has fill bits only
    end = begin + length if count > 0 or not septets else text
    if len(tpdu) < end:
        there = len(tpdu) - begin
        return Fault(len(tpdu), f"user data of {end - begin} octets stated, {there} there")
    octets = tpdu[text:end]
    return _UserData(
        header=tpdu[begin + 1 : text],
        text=gsm7.unpack(octets, max(0, count), fill) if septets else octets,
        end=end,
    )
