"""Tables for people: aligned columns, cut to the terminal's width, never cut anywhere else."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Sequence
from unicodedata import east_asian_width

from gsmbridge.printable import printable

Row = Sequence[object]


def table(header: Sequence[str], rows: Sequence[Row], width: int | None) -> list[str]:
    """Lines of a table. Where it is wider than *width*, the last column is cut with `…`."""
    if not rows:
        return []
    cells = [list(header), *([cell(value) for value in row] for row in rows)]
    widths = [max(_columns(row[i]) for row in cells) for i in range(len(header))]
    return [_line(row, widths, width) for row in cells]


def cell(value: object) -> str:
    """A value as it stands in a table; what is not known is a dash."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return printable(str(value))


def terminal_width() -> int | None:
    """Columns of the terminal on stdout, at least 60; None where stdout is none."""
    return max(60, shutil.get_terminal_size((100, 24)).columns) if sys.stdout.isatty() else None


def age(seconds: object) -> str:
    """A length of time in its largest unit, such as `3 min`."""
    if not isinstance(seconds, int | float):
        return "-"
    left = max(0, int(seconds))
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if left >= 2 * size:
            return f"{left // size} {unit}"
    return f"{left} s"


def moment(unix: object) -> str:
    """Unix time as local date and time."""
    if not isinstance(unix, int | float):
        return "-"
    return time.strftime("%m-%d %H:%M:%S", time.localtime(unix))


def full_moment(unix: object) -> str:
    """Unix time as local date and time, with the year."""
    if not isinstance(unix, int | float):
        return "-"
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(unix))


def _line(row: Sequence[str], widths: Sequence[int], width: int | None) -> str:
    padded = [text + " " * (size - _columns(text)) for text, size in zip(row, widths, strict=True)]
    line = "  ".join(padded).rstrip()
    if width is not None and _columns(line) > width:
        while _columns(line) > width - 1:
            line = line[:-1]
        line += "…"
    return line


def _columns(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
