"""A short soak: an hour of it is for `make soak`."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[2] / "bench"


def test_nothing_is_lost_and_no_descriptor_or_thread_stays_over_faults(tmp_path: Path) -> None:
    samples = tmp_path / "soak.csv"
    done = subprocess.run(
        [sys.executable, BENCH / "soak.py", "--minutes", "0.3", "--modems", "8", "--rate", "5",
         "--csv", samples],
        capture_output=True, text=True, timeout=500, check=False,
    )  # fmt: skip
    assert "every message came and left its SIM" in done.stdout, done.stdout + done.stderr
    assert "| threads |" in done.stdout
    with samples.open(newline="") as file:
        rows = list(csv.DictReader(file))
    first, last = rows[len(rows) // 4], rows[-1]
    assert int(last["threads"]) <= int(first["threads"]) + 8
    assert int(last["descriptors"]) <= int(first["descriptors"]) + 16
