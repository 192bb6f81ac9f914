"""CHANGELOG.md: one version and one date, and Debian's changelog made of it."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from package.changelog import FILE, Section, debian, mistake, sections

from gsmbridge import RELEASED, __version__

DAY = 1795478400  # 2026-11-24
TEXT = """# Changelog

Each entry tells a problem.

## 1.1 (2026-11-24)

- A thing was slow
  and odd. It is not.
- Another one.

## 1.0 (2026-10-01)

- The first.
"""


def test_the_newest_released_section_is_the_programs_version_of_its_date() -> None:
    released = [each for each in sections(FILE.read_text("utf-8")) if each.version is not None]
    text = FILE.read_text("utf-8")
    assert released[0].version == __version__
    if sections(text)[0].version is not None:
        assert mistake(text, __version__, RELEASED) is None


def test_sections_and_entries_are_read_newest_first() -> None:
    assert sections(TEXT) == (
        Section(
            "1.1", date(2026, 11, 24), ("A thing was slow and odd. It is not.", "Another one.")
        ),
        Section("1.0", date(2026, 10, 1), ("The first.",)),
    )


def test_a_heading_of_another_form_is_refused() -> None:
    with pytest.raises(ValueError, match=r"neither '## VERSION \(DATE\)' nor"):
        sections("## 1.1, in November\n")


@pytest.mark.parametrize(
    ("text", "version", "told"),
    [
        (TEXT, "1.1", None),
        (TEXT, "1.2", "newest version in CHANGELOG.md is 1.1, the program's 1.2"),
        (TEXT.replace("11-24", "11-23"), "1.1", "dates 1.1 2026-11-23, gsmbridge.RELEASED says"),
        (TEXT.replace("## 1.1 (2026-11-24)", "## Unreleased"), "1.1", "entries under Unreleased"),
        (TEXT.replace("## 1.1", "## Unreleased\n\n## 1.1", 1), "1.1", None),
    ],
)
def test_a_release_wants_its_version_and_date(text: str, version: str, told: str | None) -> None:
    found = mistake(text, version, DAY)
    assert found is None if told is None else told in (found or "")


@pytest.mark.skipif(not shutil.which("dpkg-parsechangelog"), reason="needs dpkg-dev")
@pytest.mark.parametrize("text", [TEXT, FILE.read_text("utf-8")])
def test_dpkg_reads_what_is_made_of_it(text: str, tmp_path: Path) -> None:
    made = tmp_path / "changelog"
    made.write_text(debian(text, "1.1~dev0+gabc", DAY), "utf-8")
    command = ["dpkg-parsechangelog", "-l", str(made), "--all"]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    assert run.stderr == ""
    assert "Version: 1.1~dev0+gabc\n" in run.stdout
    assert run.stdout.count("   * ") == sum(len(each.entries) for each in sections(text))
