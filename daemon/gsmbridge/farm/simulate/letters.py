"""The messages of a simulated farm: what senders and service centres make, and what must come out.

Each kind is made of octets by 23.040, and its text is what has to be pushed for it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from gsmbridge.farm import encode
from gsmbridge.farm.encode import Concat, Part

DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Letter:
    """One message."""

    sender: str
    """As it must be pushed."""
    text: str
    parts: list[Part]
    repeatable: bool = True
    """The same octets are the same message. Without a time stamp, nobody can tell."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a letter is made of."""

    rng: random.Random
    stamp: Callable[[float], datetime]
    """The service centre's time so many seconds ago."""
    sender: str
    text: str
    """No other letter has it."""
    number: int


Kind = Callable[[Draft], Letter]


def plain(draft: Draft) -> Letter:
    """In one part or several, in the narrower alphabet."""
    wide = draft.rng.random() < 0.3
    reference = draft.number % (0x10000 if wide else 0x100)  # counted, as service centres do
    parts = encode.message(
        draft.sender, draft.text, draft.stamp(0.0), reference=reference, wide=wide
    )
    return Letter(draft.sender, draft.text, parts)


def _short(draft: Draft) -> str:
    return f"code {draft.number}"


def _one(draft: Draft, text: str, tpdu: bytes, sender: str = "", repeatable: bool = True) -> Letter:
    return Letter(sender or draft.sender, text, [Part(tpdu, text)], repeatable)


def flash(draft: Draft) -> Letter:
    """Class 0; some modems hand it over by +CMT."""
    text = _short(draft)
    return _one(draft, text, encode.deliver(draft.sender, text, draft.stamp(0.0), message_class=0))


def octets(draft: Draft) -> Letter:
    """8-bit data that is text."""
    text = _short(draft)
    content = text.encode("ascii")
    return _one(
        draft, text, encode.deliver(draft.sender, content, draft.stamp(0.0), alphabet="8bit")
    )


def binary(draft: Draft) -> Letter:
    """8-bit data that is no text."""
    content = b"\x00" + draft.number.to_bytes(4, "big") + draft.rng.randbytes(20)
    tpdu = encode.deliver(draft.sender, content, draft.stamp(0.0), alphabet="8bit")
    return _one(draft, "hex:" + content.hex().upper(), tpdu)


def control(draft: Draft) -> Letter:
    """Characters that cannot travel, or that must not be lost."""
    said = f"{draft.number}: \x07bell\x00, \x1b[31m, \ud800, \ufeff\n"
    text = f"{draft.number}:  bell,  [31m, \ufffd, \ufeff\n"
    tpdu = encode.deliver(draft.sender, said, draft.stamp(0.0), alphabet="ucs2")
    return _one(draft, text, tpdu)


def nameless(draft: Draft) -> Letter:
    """Without a sender."""
    text = _short(draft)
    return _one(draft, text, encode.deliver("", text, draft.stamp(0.0)), "unknown")


def stampless(draft: Draft) -> Letter:
    """With a time stamp that is none."""
    text = _short(draft)
    tpdu = bytearray(encode.deliver(draft.sender, text, draft.stamp(0.0)))
    at = _pid_at(tpdu) + 2
    tpdu[at : at + 7] = draft.rng.choice((b"\x00" * 7, b"\xff" * 7))
    return _one(draft, text, bytes(tpdu), repeatable=False)


def untimely(draft: Draft) -> Letter:
    """With a time stamp of the far past or future."""
    text, age = _short(draft), draft.rng.choice((-400 * DAY, 400 * DAY))
    return _one(draft, text, encode.deliver(draft.sender, text, draft.stamp(age)))


def contradictory(draft: Draft) -> Letter:
    """With a concatenation element that contradicts itself: the text stands alone."""
    text = _short(draft)
    total, number = draft.rng.choice(((0, 1), (2, 0), (2, 3)))
    header = Concat(draft.number % 0x100, total, number).header()
    return _one(draft, text, encode.deliver(draft.sender, text, draft.stamp(0.0), header=header))


def reserved(draft: Draft) -> Letter:
    """In a reserved coding scheme, which is read as GSM 7-bit (23.038, 4)."""
    text = _short(draft)
    tpdu = bytearray(encode.deliver(draft.sender, text, draft.stamp(0.0)))
    tpdu[_pid_at(tpdu) + 1] = 0x80
    return _one(draft, text, bytes(tpdu))


def _pid_at(tpdu: bytes | bytearray) -> int:
    return 1 + 2 + (tpdu[1] + 1) // 2


FORWARDED: Mapping[str, tuple[float, Kind]] = {
    "plain": (80.0, plain), "flash": (5.0, flash), "octets": (2.0, octets),
    "binary": (2.0, binary), "control": (2.0, control), "nameless": (1.0, nameless),
    "stampless": (2.0, stampless), "untimely": (2.0, untimely),
    "contradictory": (2.0, contradictory), "reserved": (2.0, reserved),
}  # fmt: skip
"""Weight, and how it is made."""


def _silent(draft: Draft) -> bytes:
    """Type 0: acknowledged and thrown away by a phone (23.040, 9.2.3.9)."""
    return encode.deliver(draft.sender, _short(draft), draft.stamp(0.0), pid=0x40)


def _for_the_sim(draft: Draft) -> bytes:
    return encode.deliver(
        draft.sender, b"\x02\x70", draft.stamp(0.0), alphabet="8bit", pid=0x7F, message_class=2
    )


def _for_a_port(draft: Draft) -> bytes:
    """WAP push: application ports 2948 and 9200, 16 bit (23.040, 9.2.3.24.4)."""
    header = bytes.fromhex("0605040B8423F0")
    content = draft.rng.randbytes(30)
    return encode.deliver(draft.sender, content, draft.stamp(0.0), alphabet="8bit", header=header)


def _unreadable(draft: Draft) -> bytes:
    """Says that it is longer than anything can be."""
    tpdu = bytearray(encode.deliver(draft.sender, _short(draft), draft.stamp(0.0)))
    tpdu[_pid_at(tpdu) + 9] = 0xFF
    return bytes(tpdu)


def _report(draft: Draft) -> bytes:
    return encode.status_report("+4917012345", draft.stamp(0.0), draft.number % 256)


KEPT: Mapping[str, Callable[[Draft], bytes]] = {
    "silent": _silent, "for_the_sim": _for_the_sim, "for_a_port": _for_a_port,
    "unreadable": _unreadable, "report": _report,
}  # fmt: skip
"""What nobody may ever push, as TPDUs."""
