"""Foreign text made safe for a terminal, a log line or an error message."""

from __future__ import annotations

_JOINERS = "\u200c\u200d"  # invisible, harmless, and part of many scripts and emoji


def printable(text: str) -> str:
    """*text* on one line, with whatever could move a cursor, forge a line or turn the reading
    direction (Unicode Cc, Cf, Cs, Zl, Zp) as an escape such as `\\n` or `\\x1b`."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in _JOINERS else _escape(c) for c in text)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
