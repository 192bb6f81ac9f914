"""Draws what a soak noted: `python bench/plot.py soak.csv soak.svg`."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

PANELS = (
    ("pss_mb", "memory (PSS), MB"),
    ("descriptors", "descriptors"),
    ("threads", "threads"),
    ("journal_mb", "journal, MB"),
    ("waiting", "sent, not at the server yet"),
    ("median_ms", "+CMTI to first byte, median, ms"),
)
"""Columns of the samples, each with what it is called."""


def plot(samples: Path, drawing: Path) -> None:
    """Read the CSV file *samples*, write the SVG file *drawing*: one panel a figure, over minutes.

    ImportError where matplotlib is missing (`pip install matplotlib`).
    """
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "gsmbridge"  # the same samples give the same bytes
    from matplotlib import pyplot

    with samples.open(newline="") as file:
        rows = list(csv.DictReader(file))
    minutes = [float(row["seconds"]) / 60 for row in rows]
    figure, panels = pyplot.subplots(
        len(PANELS), sharex=True, figsize=(9, 1.5 * len(PANELS)), layout="constrained"
    )
    for panel, (column, name) in zip(panels, PANELS, strict=True):
        values = [float(row[column]) for row in rows]
        panel.plot(minutes, values, linewidth=0.8, color="#1f5fa8")
        panel.set_title(name, loc="left", fontsize=9)
        if column == "median_ms":
            panel.set_yscale("log", nonpositive="mask")  # 0: nothing came
        else:
            panel.set_ylim(0, 1.1 * max(values))
        panel.grid(visible=True, linewidth=0.3)
    panels[-1].set_xlabel("minutes")
    figure.savefig(drawing, metadata={"Date": None, "Creator": None})


if __name__ == "__main__":
    plot(Path(sys.argv[1]), Path(sys.argv[2]))
