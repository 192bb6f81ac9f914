"""CHANGELOG.md as data: a release is checked against it, and Debian's changelog is made of it."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

FILE = Path(__file__).parents[1] / "CHANGELOG.md"
UNRELEASED = "Unreleased"
_HEADING = re.compile(r"^## (?:(?P<version>\d\S*) \((?P<day>\d{4}-\d\d-\d\d)\)|Unreleased)$")
_MAINTAINER = "gsmbridge contributors <gsmbridge@localhost>"


@dataclass(frozen=True, slots=True)
class Section:
    """The entries of one version; None: of what is not released yet."""

    version: str | None
    day: date | None
    entries: tuple[str, ...]


def sections(text: str) -> tuple[Section, ...]:
    """Every section of a changelog, newest first. ValueError: a heading of another form."""
    found = []
    for part in re.split(r"^(?=## )", text, flags=re.MULTILINE)[1:]:
        heading, _, body = part.partition("\n")
        match = _HEADING.match(heading)
        if match is None:
            raise ValueError(f"{heading!r} is neither '## VERSION (DATE)' nor '## {UNRELEASED}'")
        entries = re.split(r"^- ", body, flags=re.MULTILINE)[1:]
        day = date.fromisoformat(match["day"]) if match["day"] else None
        joined = tuple(" ".join(entry.split()) for entry in entries)
        found.append(Section(match["version"], day, joined))
    return tuple(found)


def mistake(text: str, version: str, released: int) -> str | None:
    """What in the changelog forbids to release *version*, dated *released* (Unix time)."""
    newest, *older = sections(text)
    if newest.version is None:
        if newest.entries:
            return f"CHANGELOG.md has entries under {UNRELEASED}: head them '## {version} (DATE)'"
        newest = older[0] if older else newest
    if newest.version != version:
        return f"the newest version in CHANGELOG.md is {newest.version}, the program's {version}"
    day = datetime.fromtimestamp(released, UTC).date()
    if newest.day != day:
        return f"CHANGELOG.md dates {version} {newest.day}, gsmbridge.RELEASED says {day}"
    return None


def debian(text: str, version: str, released: int) -> str:
    """The changelog in Debian's form (Policy 4.4). What is built bears *version*, whatever the
    newest section is headed."""
    there = [section for section in sections(text) if section.entries]
    parts = []
    for section in there:
        newest = section is there[0]
        day = section.day or datetime.fromtimestamp(released, UTC).date()
        entries = "\n".join(
            textwrap.fill(entry, 78, initial_indent="  * ", subsequent_indent="    ")
            for entry in section.entries
        )
        parts.append(
            f"gsmbridge ({version if newest else section.version}) stable; urgency=medium\n\n"
            f"{entries}\n\n -- {_MAINTAINER}  {day:%a, %d %b %Y} 00:00:00 +0000\n"
        )
    return "\n".join(parts)
