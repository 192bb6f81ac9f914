"""What `journalctl -x` says: one entry for each kind of event, with fields that it has."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.test_docs import kinds

CATALOG = Path(__file__).parents[2] / "systemd" / "gsmbridge.catalog"
ENTRY = re.compile(
    r"^# (?P<name>\w+)\n-- (?P<id>[0-9a-f]{32})\nSubject: (?P<subject>.+)\n"
    r"Defined-By: gsmbridge\nDocumentation: man:gsmbridge\(1\)\n\n(?P<body>(?:.+\n)+)",
    re.MULTILINE,
)
ENTRIES = list(ENTRY.finditer(CATALOG.read_text("utf-8")))


def fields(template: str) -> set[str]:
    """The journal's fields that an event with this line has for certain."""
    return {name.upper() for name in re.findall(r"\{(\w+)", template)}


def test_each_kind_of_event_has_its_entry_and_no_other_is_there() -> None:
    told = {entry["name"]: entry["id"] for entry in ENTRIES}
    assert told == {kind.name: kind.message_id for kind in kinds()}
    assert len(ENTRIES) == CATALOG.read_text("utf-8").count("\n-- ")


def test_no_field_is_named_that_the_event_does_not_carry() -> None:
    templates = {kind.name: kind.template for kind in kinds()}
    for entry in ENTRIES:
        named = set(re.findall(r"@([A-Z_]+)@", entry["subject"] + entry["body"]))
        assert named <= fields(templates[entry["name"]]), entry["name"]


def test_no_line_is_wider_than_a_terminal() -> None:
    for entry in ENTRIES:
        assert all(len(line) <= 96 for line in entry[0].splitlines()), entry["name"]


@pytest.mark.skipif(not shutil.which("journalctl"), reason="needs journalctl")
def test_journalctl_takes_every_entry(tmp_path: Path) -> None:
    folder = tmp_path / "usr/lib/systemd/catalog"
    folder.mkdir(parents=True)
    shutil.copy(CATALOG, folder)

    def journalctl(what: str) -> str:
        command = ["journalctl", what, "--root", tmp_path]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        assert not done.stderr
        return done.stdout

    journalctl("--update-catalog")
    listed = [line.split()[0] for line in journalctl("--list-catalog").splitlines()]
    assert sorted(listed) == sorted(kind.message_id for kind in kinds())
