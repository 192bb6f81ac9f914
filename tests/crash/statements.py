"""What a transaction of the journal is about, told from its statements as SQLite runs them."""

from __future__ import annotations

import re

KINDS = {
    "received": r"INSERT INTO (messages|copies) ",
    "frozen": r"UPDATE messages SET frozen = 1 ",
    "delivered": r"UPDATE messages SET state = 'delivered'",
    "refused": r"UPDATE messages SET state = 'refused'",
    "failed": r"INSERT INTO steps .*, 'failed', ",
    "freed": r"UPDATE copies SET on_sim = 0, freed_at",
    "sim": r"(INSERT INTO|UPDATE) sims |UPDATE imsis |INSERT OR REPLACE INTO imsis ",
    "erased": r"UPDATE messages SET text = NULL, erased = 1",
    "pruned": r"DELETE FROM messages WHERE sms_id IN",
    "retried": r"INSERT INTO steps .*, 'retry', ",
    "discarded": r"UPDATE messages SET state = 'discarded'",
    "clean": r"INSERT OR REPLACE INTO meta VALUES \('clean'",
}
_PATTERNS = {kind: re.compile(pattern, re.DOTALL) for kind, pattern in KINDS.items()}


def kind_of(statement: str) -> str | None:
    """The kind of transaction that *statement* (with its values filled in) belongs to; None where
    it tells nothing."""
    for kind, pattern in _PATTERNS.items():
        if pattern.match(statement):
            return kind
    return None
