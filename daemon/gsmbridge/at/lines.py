"""Bytes in, lines out: no meaning, no I/O."""

from __future__ import annotations

import re

MAX_LINE = 4096
"""Bytes. The longest lines that matter are lists of operators, about half of this."""

PROMPT = b"> "
"""27.005, 3.5.1: the modem waits for the text or PDU of a message. No line end follows."""

EDGES = b" \t\0\f\v\x1b"
"""Stripped from lines: blanks, what UARTs produce at power-up, echoed ESCs."""

_LINE_END = re.compile(rb"[\r\n]+")


class LineBuffer:
    """Splits at CR and LF in every mix; empty lines vanish; a line without end is cut."""

    def __init__(self) -> None:
        self._rest = b""
        self._cutting = False
        self.cut = 0
        """Lines that were longer than `MAX_LINE` and thrown away."""

    @property
    def rest(self) -> bytes:
        """The beginning of a line whose end has not come yet."""
        return self._rest.lstrip(EDGES)

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that *data* completes, stripped; `PROMPT` where the modem shows its prompt."""
        pieces = _LINE_END.split(self._rest + data)
        rest = pieces.pop()
        if pieces and self._cutting:
            pieces = pieces[1:]
            self._cutting = False
        lines = [line for piece in pieces if piece for line in self._whole(piece)]
        self._rest = b"" if self._cutting else rest
        if len(self._rest) > MAX_LINE:
            self._cut()
        elif self._rest.strip(EDGES) == PROMPT.strip():
            self._rest = b""
            lines.append(PROMPT)
        return lines

    def _whole(self, piece: bytes) -> list[bytes]:
        if len(piece) > MAX_LINE:
            self.cut += 1
            return []
        line = piece.strip(EDGES)
        if line == PROMPT.strip():
            return [PROMPT]
        if line.startswith(PROMPT):
            return [PROMPT, line[len(PROMPT) :].strip(EDGES)]
        return [line] if line else []

    def _cut(self) -> None:
        self._rest = b""
        self._cutting = True
        self.cut += 1
