"""The user data header: 23.040, 9.2.3.24."""

from __future__ import annotations

from dataclasses import dataclass

from gsmbridge.sms.alphabets import LOCKING, SINGLE


@dataclass(frozen=True, slots=True)
class Concat:
    """One part of a concatenated message (9.2.3.24.1, 9.2.3.24.8)."""

    reference: int
    width: int
    """Bits of the reference, 8 or 16: equal references of unequal width are different."""
    total: int
    number: int
    """1 to *total*."""


@dataclass(frozen=True, slots=True)
class Header:
    """The elements that matter here; of each, the last valid one counts."""

    concat: Concat | None = None
    destination_port: int | None = None
    locking: int = 0
    """National language identifier of the locking shift table, 0: default alphabet."""
    single: int = 0
    """National language identifier of the single shift table, 0: default extension table."""


def parse(elements: bytes) -> Header:
    """Read the information elements, UDHL not included.

    Elements that are unknown, contradict themselves or hold reserved values are ignored. Where
    the last one has too few or too many octets, all are, as 9.2.3.24 demands.
    """
    concat: Concat | None = None
    port: int | None = None
    locking = single = 0
    for identifier, data in _split(elements):
        match identifier, len(data):
            case (0x00, 3) | (0x08, 4):
                concat = _concat(data) or concat
            case 0x04, 2:
                port = data[0]
            case 0x05, 4:
                port = int.from_bytes(data[:2], "big")
            case 0x24, 1 if data[0] in SINGLE:
                single = data[0]
            case 0x25, 1 if data[0] in LOCKING:
                locking = data[0]
            case _:
                pass
    return Header(concat, port, locking, single)


def _split(elements: bytes) -> list[tuple[int, bytes]]:
    """Identifier and data of each element; none at all where the lengths don't add up."""
    found: list[tuple[int, bytes]] = []
    at = 0
    while at < len(elements):
        end = at + 2 + elements[at + 1] if at + 1 < len(elements) else len(elements) + 1
        if end > len(elements):
            return []
        found.append((elements[at], elements[at + 2 : end]))
        at = end
    return found


def _concat(data: bytes) -> Concat | None:
    """A concatenation element; None if it contradicts itself."""
    *reference, total, number = data
    if not 1 <= number <= total:
        return None
    return Concat(int.from_bytes(bytes(reference), "big"), 8 * len(reference), total, number)
