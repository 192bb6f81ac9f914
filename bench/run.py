"""Measures the daemon, beside the floor: the simplest program doing the same, in the same run.

    python bench/run.py                     all scenes, a few minutes
    python bench/run.py live64 stored       some
    python bench/run.py --no-floor live64

Farm, server and program are processes of their own on this machine, the modems answer at once on
ptys, and everybody's clock is CLOCK_MONOTONIC. See docs/performance.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import scenes
from scenes import Figures


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    scene: str
    figure: str
    what: str
    unit: str
    target: float | None = None
    more_is_better: bool = False


SCENES: dict[str, Callable[[str], Figures]] = {
    "live64": lambda name: scenes.live(name, 64, 600, 20.0, IDLE),
    "live512": lambda name: scenes.live(name, 512, 1500, 50.0, IDLE, quiet=15.0),
    "stored": scenes.stored,
    "outage": scenes.outage,
    "sustained": scenes.sustained,
    "commands": scenes.commands,
}
WITHOUT_FLOOR = ("outage", "commands")
IDLE = 30.0
"""Seconds of watching a program that has nothing to do."""

ROWS = (
    Row("live64", "ready", "start to all 64 modems ready", "s", 2.0),
    Row("live64", "median", "+CMTI to first byte, 64 modems, 20/s: median", "ms", 8.0),
    Row("live64", "p99", "  p99", "ms", 25.0),
    Row("live64", "cpu", "  CPU of the program, a message", "ms"),
    Row("live64", "pss", "memory (PSS), 64 modems", "MB", 40.0),
    Row("live64", "pss_after", "  after 600 messages", "MB"),
    Row("live64", "idle", "idle CPU of one core, 64 modems", "%", 0.4),
    Row("live512", "ready", "start to all 512 modems ready", "s"),
    Row("live512", "median", "+CMTI to first byte, 512 modems, 50/s: median", "ms"),
    Row("live512", "p99", "  p99", "ms", 60.0),
    Row("live512", "cpu", "  CPU of the program, a message", "ms"),
    Row("live512", "pss", "memory (PSS), 512 modems", "MB", 70.0),
    Row("live512", "pss_after", "  after 1,500 messages", "MB"),
    Row("live512", "idle", "idle CPU of one core, 512 modems", "%", 3.0),
    Row("stored", "all", "first start, 64 x 20 stored, all at the server", "s", 4.0),
    Row("stored", "empty", "  and deleted from the SIMs", "s"),
    Row("stored", "cpu_empty", "  CPU of the program, all together", "s"),
    Row("outage", "rate", "10,000 journalled, after an outage", "/s", 500.0, True),
    Row("outage", "new", "  longest wait of a new message meanwhile", "s", 1.0),
    Row("outage", "cpu", "  CPU of the program, a message", "ms"),
    Row("outage", "empty", "  and deleted from the SIMs", "s"),
    Row("outage", "journal_rate", "  journalled during the outage (300/s sent)", "/s"),
    Row("outage", "journal_cpu", "  CPU of the program, a message", "ms"),
    Row("sustained", "rate", "sustained through one process", "/s", 500.0, True),
    Row("sustained", "cpu", "  CPU of the program, a message", "ms"),
    Row("sustained", "lost", "  lost", ""),
    Row("commands", "status", "gsmbridge status", "s", 0.2),
    Row("commands", "help", "gsmbridge --help", "s", 0.2),
)


def line(row: Row, ours: Figures, floor: Figures) -> str:
    """A row of the table."""
    value = ours[row.figure]
    target = verdict = against = ratio = "-"
    if row.target is not None:
        target = f"{row.target:g} {row.unit}"
        verdict = "met" if (value >= row.target) == row.more_is_better else "missed"
    if row.figure in floor:
        against = f"{floor[row.figure]:.3g} {row.unit}"
        ratio = f"{value / floor[row.figure]:.1f}" if floor[row.figure] else "-"
    return f"| {row.what} | {target} | {value:.3g} {row.unit} | {verdict} | {against} | {ratio} |"


def setting() -> str:
    """The machine, and what a commit costs on it."""
    with tempfile.NamedTemporaryFile(prefix="gsmbridge-bench-") as file:
        times = []
        for _ in range(50):
            began = time.monotonic()
            os.pwrite(file.fileno(), b"x" * 4096, 0)
            os.fdatasync(file.fileno())
            times.append((time.monotonic() - began) * 1e3)
    load = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    return (
        f"{os.cpu_count()} cores, {platform.machine()}, Linux {platform.release()},"
        f" Python {platform.python_version()}, SQLite {sqlite3.sqlite_version};"
        f" write and fdatasync of 4 KiB: {median(times):.2f} ms; load before: {load}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help=f"of {', '.join(SCENES)}")
    parser.add_argument("--no-floor", action="store_true", help="gsmbridge alone")
    options = parser.parse_args()
    if unknown := [scene for scene in options.scenes if scene not in SCENES]:
        parser.error(f"no scene {unknown[0]!r}; there are {', '.join(SCENES)}")
    print(setting(), flush=True)
    print("| | target | gsmbridge | | floor | ratio |\n|---|---|---|---|---|---|", flush=True)
    for scene in options.scenes or SCENES:
        ours = SCENES[scene]("gsmbridge")
        floor: Figures = {}
        if not options.no_floor and scene not in WITHOUT_FLOOR:
            try:
                floor = SCENES[scene]("floor")
            except TimeoutError as error:
                print(f"| {scene}: the floor did not get through: {error} |", flush=True)
        for row in ROWS:
            if row.scene == scene:
                print(line(row, ours, floor), flush=True)


if __name__ == "__main__":
    main()
