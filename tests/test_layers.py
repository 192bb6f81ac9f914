"""Imports go down only (docs/architecture.md)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "daemon" / "gsmbridge"

LAYERS = (
    {"message", "iccid", "events", "clock", "errors", "printable"},
    {"at", "dialects", "sms", "onlinesim", "numbers", "config"},
    {"modem", "forwarding", "journal"},
    {"service"},
    {"doctor"},
    {"cli"},
)
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}

JOURNAL_SEES = {
    "modem.intake": "the Protocol that it implements",
    "forwarding.outbox": "the Protocol that it implements",
}
"""Narrow interfaces of neighbours that are data and Protocols alone."""

MODULES = sorted(PACKAGE.rglob("*.py"))


def imported(module: Path) -> Iterator[str]:
    """Modules of ours that *module* imports anywhere, as `at.channel`; the package itself: ``."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            assert not (isinstance(node, ast.ImportFrom) and node.level), f"{module}: relative"
            continue
        for name in names:
            if name.startswith("gsmbridge."):
                yield name.removeprefix("gsmbridge.")


def layer_of(module: Path) -> str:
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def is_allowed(layer: str, name: str) -> bool:
    other = name.split(".")[0]
    if other not in RANK and other != "farm":
        return True  # a name of the package itself, such as __version__
    if other == layer:
        return True
    if layer == "farm":
        return other not in ("sms", "cli")
    if other == "farm":
        return layer == "cli"
    if layer == "journal" and any(name.startswith(seen) for seen in JOURNAL_SEES):
        return True
    return RANK[other] < RANK[layer]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down_only(module: Path) -> None:
    layer = layer_of(module)
    if layer in ("__init__", "__main__"):
        return
    assert layer == "farm" or layer in RANK, f"{layer} belongs to no layer"
    upward = [name for name in imported(module) if not is_allowed(layer, name)]
    assert not upward, f"{layer} must not import {', '.join(upward)}"


def test_an_upward_or_sideways_import_is_seen() -> None:
    assert not is_allowed("modem", "journal.database")
    assert not is_allowed("modem", "forwarding.schedule")
    assert not is_allowed("sms", "modem.store")
    assert not is_allowed("service", "cli.table")
    assert not is_allowed("farm", "sms.gsm7")
    assert not is_allowed("forwarding", "farm.partner")
    assert not is_allowed("journal", "modem.store")
    assert is_allowed("journal", "modem.intake.Intake")
    assert is_allowed("cli", "farm.demo.run")
