"""docs/security.md promises nothing that no test shows."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_test_that_the_security_page_names_exists() -> None:
    page = (ROOT / "docs" / "security.md").read_text("utf-8")
    named = set(re.findall(r"`(test_\w+)`", page))
    sources = "".join(file.read_text("utf-8") for file in sorted((ROOT / "tests").rglob("*.py")))
    there = set(re.findall(r"def (test_\w+)\(", sources))
    assert len(named) > 60
    assert not named - there


def test_every_line_of_a_table_there_names_a_test() -> None:
    page = (ROOT / "docs" / "security.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if re.match(r"\| (?!tries to|finds)[a-z]", line)]
    assert len(rows) > 35
    for row in rows:
        assert "test_" in row or "`tests/" in row, row
