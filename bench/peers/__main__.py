"""Side by side: this program and what people use today, in one run on one machine.

    python -m peers                                   in bench/; everything, an hour
    python -m peers --rows idle64 unplug --peers gammu-smsd
    python -m peers --quick                           small: does it work at all?

Prints one table. What isn't installed is left out, with a line that says so. Rows and settings are
told in docs/performance.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass

from peers import rows
from peers.programs import PEERS, Peer
from scenes import Figures


@dataclass(frozen=True, slots=True)
class Scene:
    """What is played for some rows of the table, and how those are written."""

    modems: int
    play: Callable[[Peer, bool], Figures]
    """True: quick."""
    lines: dict[str, str]
    """What a row is called, and its figures as a format."""


SCENES = {
    "live": Scene(
        64,
        lambda peer, quick: rows.live(peer, 8 if quick else 64, 40 if quick else 600),
        {
            "`+CMTI` to first byte, 64 modems, 20/s: median / p99": "{median:,.1f} / {p99:,.1f} ms",
            "  processor time, a message": "{cpu:.3g} ms",
            "  lost / twice / deleted before 200, of 600": "{lost} / {twice} / {early}",
        },
    ),
    "stored": Scene(
        64,
        lambda peer, quick: rows.stored(peer, 8 if quick else 64, 5 if quick else 20),
        {
            "start, 64 x 20 stored, all at the server": "{all:.3g} s",
            "  not there when given up": "{missing}",
        },
    ),
    "burst": Scene(
        64,
        lambda peer, quick: rows.burst(peer, 8 if quick else 64, 5 if quick else 10),
        {
            "640 messages in one moment, all at the server": "{all:.3g} s",
            "  not there when given up": "{missing}",
        },
    ),
    "idle64": Scene(
        64,
        lambda peer, quick: rows.idle(peer, 8 if quick else 64),
        {
            "64 modems: start until each has forwarded": "{ready:.3g} s",
            "  memory (PSS); processes": "{pss:.3g} MB; {processes}",
            "  idle, of one core": "{idle:.2g} %",
        },
    ),
    "idle512": Scene(
        512,
        lambda peer, quick: rows.idle(peer, 16 if quick else 512),
        {
            "512 modems: start until each has forwarded": "{ready:.3g} s",
            "  memory (PSS); processes": "{pss:.3g} MB; {processes}",
            "  idle, of one core": "{idle:.2g} %",
        },
    ),
    "kills": Scene(
        8,
        lambda peer, quick: rows.kills(peer, 8, 3 if quick else 30),
        {
            "30 kills, 8 modems: messages": "{messages}",
            "  lost / twice / deleted before 200": "{lost} / {twice} / {early}",
        },
    ),
    "outage": Scene(
        8,
        lambda peer, quick: rows.outage(peer, messages=16 if quick else 64),
        {"server down for 30 s: never pushed": "{never} of {messages}"},
    ),
    "swap": Scene(
        2,
        lambda peer, quick: rows.swap(peer, 2 if quick else 10),
        {"two ports swap names: under the wrong number": "{wrong} of {messages}"},
    ),
    "unplug": Scene(
        4,
        lambda peer, quick: rows.unplug(peer),
        {"unplugged for 3 s: modems that work again": "{again} of {modems}"},
    ),
}


def figures(scene: Scene, peer: Peer, quick: bool) -> Figures | str:
    """What came out, or why nothing did."""
    if scene.modems > peer.most_modems:
        return f"only {peer.most_modems} work"
    try:
        return scene.play(peer, quick)
    except TimeoutError as error:
        return f"did not get through ({error})"


def cell(layout: str, result: Figures | str) -> str:
    return result if isinstance(result, str) else layout.format(**result)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m peers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [peer.name for peer in PEERS]
    parser.add_argument("--rows", nargs="+", choices=SCENES, default=list(SCENES))
    parser.add_argument("--peers", nargs="+", choices=names, default=names)
    parser.add_argument("--quick", action="store_true", help="few modems and messages")
    options = parser.parse_args()
    present = []
    for peer in (peer for peer in PEERS if peer.name in options.peers):
        if (version := peer.version()) is None:
            print(f"{peer.name}: not installed, left out", flush=True)
        else:
            print(f"{peer.name}: {version}", flush=True)
            present.append(peer)
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}; load before: {load}\n")
    print("| " + " | ".join(["", *(peer.name for peer in present)]) + " |")
    print("|---" * (len(present) + 1) + "|", flush=True)
    began = time.monotonic()
    for name in options.rows:
        scene = SCENES[name]
        results = [figures(scene, peer, options.quick) for peer in present]
        for what, layout in scene.lines.items():
            print("| " + " | ".join([what, *(cell(layout, each) for each in results)]) + " |")
        print(end="", flush=True)
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"\n{(time.monotonic() - began) / 60:.0f} min; load after: {load}")


if __name__ == "__main__":
    main()
