"""Texts of the network that go over several lines (27.007, 7.15: `+CUSD: 0,"Your balance:`, and on
the next lines the rest, up to the closing quote)."""

from __future__ import annotations

import re

from gsmbridge.at.command import head_of

WITH_TEXT = (b"+CUSD:",)
MOST_LINES = 20
"""A USSD text has 182 characters at most (22.090); a quote that never closes ends here."""

_CLOSED = re.compile(rb'".*"\s*(?:,\s*-?\d*)?$', re.S)


class OpenText:
    """A line whose quote is still open. Only lines that mean nothing else continue it."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []

    def __bool__(self) -> bool:
        return bool(self._lines)

    def opens(self, line: bytes) -> bool:
        """Whether *line* begins a text that goes on; it is kept then."""
        if head_of(line) not in WITH_TEXT or b'"' not in line or _CLOSED.search(line):
            return False
        self._lines = [line]
        return True

    def add(self, line: bytes) -> bytes | None:
        """Continue the text; the whole, lines joined by LF, once it is closed."""
        self._lines.append(line)
        whole = b"\n".join(self._lines)
        return self.cut() if _CLOSED.search(whole) or len(self._lines) >= MOST_LINES else None

    def cut(self) -> bytes:
        """What there is of the text: something else came, or it is whole."""
        whole = b"\n".join(self._lines)
        self._lines = []
        return whole
