"""How many of the daemon's branches a simulation takes."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gsmbridge

ROOT = Path(gsmbridge.__file__).parent
Files = dict[str, dict[str, Any]]
"""Of coverage.py's JSON report, by path."""


def measured(act: Callable[[], None], missing: bool = False) -> str:
    """Do *act*; the share of branches that it took, for each package of the daemon, as a table.
    *missing*: and the lines whose branches were not all taken. ImportError without coverage.py."""
    from coverage import Coverage  # a tool of those who develop: no part of an installation

    with tempfile.TemporaryDirectory() as folder:
        cover = Coverage(
            data_file=None,
            branch=True,
            include=[f"{ROOT}/*"],
            omit=[f"{ROOT}/farm/*"],
            source=None,
        )
        cover.start()
        try:
            act()
        finally:
            cover.stop()
        report = Path(folder) / "report.json"
        cover.json_report(outfile=str(report))
        files = json.loads(report.read_text(encoding="utf-8"))["files"]
    return _table(files) + (_missing(files) if missing else "")


def _package(path: str) -> str:
    inside = Path(path).resolve().relative_to(ROOT).parts
    return inside[0] if len(inside) > 1 else "(top)"


def _table(files: Files) -> str:
    taken: Counter[str] = Counter()
    every: Counter[str] = Counter()
    for path, file in files.items():
        for name in (_package(path), "all of these"):
            taken[name] += file["summary"]["covered_branches"]
            every[name] += file["summary"]["num_branches"]
    lines = [f"{'package':16}{'taken':>8}{'branches':>10}"]
    for name in sorted(every, key=lambda name: (name == "all of these", name)):
        if every[name]:
            share = 100.0 * taken[name] / every[name]
            lines.append(f"{name:16}{taken[name]:8}{every[name]:10}{share:7.1f} %")
    return "\n".join(lines) + "\n"


def _missing(files: Files) -> str:
    lines = []
    for path, file in sorted(files.items()):
        gaps = sorted({start for start, _ in file["missing_branches"]})
        if gaps:
            name = Path(path).resolve().relative_to(ROOT)
            lines.append(f"{name}: {', '.join(map(str, gaps))}")
    return "\n".join(lines) + "\n"
