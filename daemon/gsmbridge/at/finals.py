"""Final result codes: what ends a reply (V.250, 5.7; 27.007, 9.2; 27.005, 3.2.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass

ERRORS = frozenset(
    {
        b"ERROR",
        b"COMMAND NOT SUPPORT",  # Huawei
        b"COMMAND NOT SUPPORTED",
        b"TOO MANY PARAMETERS",  # Huawei
        b"NA",
        b"ABORTED",
    }
)
"""Whole lines that end any command without success."""

CALL_ENDS = frozenset(
    {b"NO CARRIER", b"BUSY", b"NO ANSWER", b"NO DIALTONE", b"NO DIAL TONE", b"CONNECT"}
)
"""They end dial and answer commands only; to any other command they are unsolicited."""

CME_CODES = {
    "phone failure": 0,
    "operation not allowed": 3,
    "operation not supported": 4,
    "ph-sim pin required": 5,
    "sim not inserted": 10,
    "sim pin required": 11,
    "sim puk required": 12,
    "sim failure": 13,
    "sim busy": 14,
    "sim wrong": 15,
    "incorrect password": 16,
    "sim pin2 required": 17,
    "sim puk2 required": 18,
    "memory full": 20,
    "invalid index": 21,
    "not found": 22,
    "memory failure": 23,
    "text string too long": 24,
    "invalid characters in text string": 25,
    "no network service": 30,
    "network timeout": 31,
    "unknown": 100,
}
"""27.007, 9.2.1: the texts of AT+CMEE=2."""

CMS_CODES = {
    "me failure": 300,
    "sms service of me reserved": 301,
    "operation not allowed": 302,
    "operation not supported": 303,
    "invalid pdu mode parameter": 304,
    "invalid text mode parameter": 305,
    "sim not inserted": 310,
    "(u)sim not inserted": 310,
    "sim pin required": 311,
    "(u)sim pin required": 311,
    "ph-sim pin required": 312,
    "sim failure": 313,
    "(u)sim failure": 313,
    "sim busy": 314,
    "(u)sim busy": 314,
    "sim wrong": 315,
    "(u)sim wrong": 315,
    "sim puk required": 316,
    "(u)sim puk required": 316,
    "memory failure": 320,
    "invalid memory index": 321,
    "memory full": 322,
    "smsc address unknown": 330,
    "no network service": 331,
    "network timeout": 332,
    "unknown error": 500,
}
"""27.005, 3.2.5."""

BUSY_CME = frozenset({14, 515})
BUSY_CMS = frozenset({314, 500, 512})
"""Codes of a SIM that is not ready yet: ask again (515, 500, 512 as vendors use them)."""

_FAILURE = re.compile(rb"MODEM ERROR *:.*|\+(CM[ES]) ERROR(?: *:(.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Final:
    """How a command ended."""

    ok: bool
    cme: int | None = None
    cms: int | None = None


SUCCESS = Final(ok=True)
FAILURE = Final(ok=False)


def final_result(line: bytes, further: tuple[bytes, ...] = ()) -> Final | None:
    """*line* as a final result code, or None. *further*: a family's own, always failures."""
    if line == b"OK":
        return SUCCESS
    if line in ERRORS or line in further:
        return FAILURE
    failure = _FAILURE.fullmatch(line)
    if not failure:
        return None
    kind, value = failure[1], failure[2] or b""
    if kind == b"CME":
        return Final(ok=False, cme=_code(value, CME_CODES))
    return Final(ok=False, cms=_code(value, CMS_CODES)) if kind else FAILURE


def call_result(line: bytes) -> Final | None:
    """*line* as the final result code of a dial command, or None."""
    if line in CALL_ENDS or line.startswith(b"CONNECT "):
        return Final(ok=line.startswith(b"CONNECT"))
    return None


def _code(value: bytes, names: dict[str, int]) -> int | None:
    text = value.decode("latin-1").strip().lower()
    try:
        return int(text)
    except ValueError:  # AT+CMEE=2: a text instead of the number
        return names.get(text)
