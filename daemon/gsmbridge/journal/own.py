"""Messages that this program sends itself, from one SIM of the farm to another, to learn a number.

Each holds a one-time word that is journalled before it is sent. So wherever and whenever it
arrives, after a crash too, it is known and never pushed.
"""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass

from gsmbridge.sms.pdu import Deliver
from gsmbridge.sms.text import render

REASON = "own message of identify"
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Of words: capitals and digits that no font and no alphabet (23.038) confuses."""
LENGTH = 12

_WORD = re.compile(rf"gsmbridge[ ]([{ALPHABET}]{{{LENGTH}}})(?![A-Z0-9])")


@dataclass(frozen=True, slots=True)
class Own:
    """A message of ours that arrived."""

    word: str
    sender: str
    """As the network gave it."""
    sim: int
    """The SIM that it arrived on."""


def text_with(word: str) -> str:
    """The text of the message that carries *word*."""
    return f"gsmbridge {word}"


def expect(db: sqlite3.Connection, word: str, sim: int, wall: float) -> None:
    """Note that *sim* is about to send *word*."""
    db.execute("INSERT INTO own_words VALUES (?, ?, ?)", (word, sim, wall))


def word_in(db: sqlite3.Connection, message: Deliver) -> str | None:
    """The word of ours in a message, wherever it stands: some networks add to texts."""
    found = _WORD.search(render([message]))
    if found is None:
        return None
    known = db.execute("SELECT 1 FROM own_words WHERE word = ?", (found[1],)).fetchone()
    return found[1] if known is not None else None
