"""SMS-DELIVER written from 23.040 and 23.038, with strings of bits and the printed tables."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

ESCAPE = 0x1B
SMSC = "0791947101670000"


def _printed_tables() -> dict[tuple[str, int], dict[int, str]]:
    """Annex A as printed: (kind, national language identifier) to {code: character}."""
    tables: dict[tuple[str, int], dict[int, str]] = {}
    for block in (Path(__file__).parent / "annex_a.txt").read_text().split("\n\n")[1:]:
        title, *rows = block.strip().splitlines()
        _, kind, language = title.split()
        tables[kind, int(language)] = {
            16 * column + row: chr(int(point, 16))
            for row, line in enumerate(rows)
            for column, point in enumerate(line.split())
            if point != "----"
        }
    return tables


TABLES = _printed_tables()
LOCKING_LANGUAGES = sorted(language for kind, language in TABLES if kind == "locking")
SINGLE_LANGUAGES = sorted(language for kind, language in TABLES if kind == "single")


def characters(locking: int = 0, single: int = 0) -> str:
    """Everything that can be written with two tables."""
    both = {
        **TABLES["single", single],
        **{128 + k: v for k, v in TABLES["locking", locking].items()},
    }
    return "".join(sorted(set(both.values())))


def septets(text: str, locking: int = 0, single: int = 0) -> list[int]:
    main = {char: code for code, char in reversed(TABLES["locking", locking].items())}
    shifted = {char: code for code, char in reversed(TABLES["single", single].items())}
    codes: list[int] = []
    for char in text:
        codes += [main[char]] if char in main else [ESCAPE, shifted[char]]
    return codes


def packed(codes: list[int], fill: int = 0) -> bytes:
    """Bits from the least significant on: 23.038, 6.1.2.1."""
    bits = "0" * fill + "".join(f"{code:07b}"[::-1] for code in codes)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[at : at + 8][::-1], 2) for at in range(0, len(bits), 8))


def semi_octets(digits: str) -> bytes:
    codes = {char: f"{code:X}" for code, char in enumerate("0123456789*#abc")}
    nibbles = [codes[digit] for digit in digits] + ["F"] * (len(digits) % 2)
    return bytes.fromhex("".join(b + a for a, b in zip(nibbles[::2], nibbles[1::2], strict=True)))


def number(digits: str, toa: int = 0x81) -> bytes:
    return bytes([len(digits), toa]) + semi_octets(digits)


def name(text: str, toa: int = 0xD0) -> bytes:
    codes = septets(text)
    return bytes([-(-7 * len(codes) // 4), toa]) + packed(codes)


def stamp(when: datetime) -> bytes:
    offset = when.utcoffset()
    assert offset is not None
    quarters = round(offset.total_seconds() / 900)
    fields = [when.year % 100, when.month, when.day, when.hour, when.minute, when.second]
    octets = [int(f"{field:02d}"[::-1], 16) for field in fields]
    zone = int(f"{abs(quarters):02d}"[::-1], 16) | (0x08 if quarters < 0 else 0)
    return bytes([*octets, zone])


STAMP = bytes.fromhex("62113241000021")
"""2026-11-23 14:00:00 +03:00."""


def element(identifier: int, *data: int) -> bytes:
    return bytes([identifier, len(data), *data])


def concat(total: int, index: int, reference: int = 0x5A) -> bytes:
    return element(0x00, reference, total, index)


def concat16(total: int, index: int, reference: int = 0x1234) -> bytes:
    return element(0x08, reference >> 8, reference & 0xFF, total, index)


def user_data(codes: list[int] | bytes, header: bytes | None = None) -> tuple[int, bytes]:
    """TP-UDL and TP-UD of septets (a list) or octets (bytes)."""
    front = b"" if header is None else bytes([len(header)]) + header
    if isinstance(codes, bytes):
        return len(front) + len(codes), front + codes
    front_septets = -(-8 * len(front) // 7)
    return front_septets + len(codes), front + packed(codes, 7 * front_septets - 8 * len(front))


def deliver(
    codes: list[int] | bytes,
    *,
    header: bytes | None = None,
    sender: bytes = number("79161234567", 0x91),
    dcs: int | None = None,
    pid: int = 0,
    scts: bytes = STAMP,
    first: int = 0x04,
    smsc: str = SMSC,
) -> str:
    """An SMS-DELIVER in hex; the DCS, if not given, is 8-bit for bytes and default for septets."""
    udl, data = user_data(codes, header)
    if dcs is None:
        dcs = 0x04 if isinstance(codes, bytes) else 0x00
    first |= 0x40 if header is not None else 0
    octets = bytes([first]) + sender + bytes([pid, dcs]) + scts + bytes([udl]) + data
    return smsc + octets.hex().upper()


def ucs2(text: str, **fields: object) -> str:
    return deliver(text.encode("utf-16-be", "surrogatepass"), dcs=0x08, **fields)  # type: ignore[arg-type]


def gsm7(text: str, locking: int = 0, single: int = 0, **fields: object) -> str:
    header = b""
    header += element(0x25, locking) if locking else b""
    header += element(0x24, single) if single else b""
    more = fields.pop("header", None)
    assert more is None or isinstance(more, bytes)
    whole = (more or b"") + header if more is not None or header else None
    return deliver(septets(text, locking, single), header=whole, **fields)  # type: ignore[arg-type]
