"""Which machine this is."""

from __future__ import annotations

from pathlib import Path

from gsmbridge.service.machine import SOURCES, identity

SERIAL, MACHINE_ID = SOURCES


def machine(root: Path, serial: str = "", machine_id: str = "") -> str:
    for source, content in ((SERIAL, serial), (MACHINE_ID, machine_id)):
        if content:
            (root / source).parent.mkdir(parents=True, exist_ok=True)
            (root / source).write_text(content)
    return identity(root)


def test_a_copied_card_in_another_board_is_another_machine(tmp_path: Path) -> None:
    first = machine(tmp_path / "a", "10000000a1b2c3d4\0", "0123456789abcdef\n")
    second = machine(tmp_path / "b", "10000000ffffffff\0", "0123456789abcdef\n")
    assert first != second


def test_the_machine_id_itself_is_not_shown(tmp_path: Path) -> None:
    shown = machine(tmp_path, machine_id="0123456789abcdef0123456789abcdef\n")
    assert "0123456789abcdef" not in shown
    assert shown == identity(tmp_path)


def test_where_nothing_tells_it_is_not_known(tmp_path: Path) -> None:
    assert machine(tmp_path) == ""
    assert machine(tmp_path / "empty", machine_id="\n") == ""
