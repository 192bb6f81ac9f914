"""The whole search, and every way replayed: `make model`, which fails where a promise breaks."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from gsmbridge.journal.life import MOVES
from tests.model.cover import Cover
from tests.model.machine import search
from tests.model.mistakes import NEEDED, SHOWN
from tests.model.replay import play
from tests.model.scenario import Assumption, Mistake, Scenario
from tests.model.scenarios import SCENARIOS, full
from tests.model.state import Move


def main() -> int:
    parser = argparse.ArgumentParser(prog="make model", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="WORD", help="scenarios, by a word in the name")
    parser.add_argument("--quick", action="store_true", help="the bounds of make test")
    parser.add_argument("--mistake", choices=[mistake.name for mistake in Mistake], help="show one")
    parser.add_argument(
        "--without", choices=[each.name for each in Assumption], help="drop an assumption"
    )
    options = parser.parse_args()
    if options.mistake is not None:
        mistake = Mistake[options.mistake]
        return _show(SHOWN[mistake].with_mistake(mistake), mistake)
    if options.without is not None:
        assumption = Assumption[options.without]
        return _show(NEEDED[assumption].without(assumption), f"without: {assumption}")
    names = [name for name in SCENARIOS if all(word in name for word in options.names)]
    return _check(names, quick=options.quick)


def _show(sc: Scenario, what: str) -> int:
    """A shortest counterexample."""
    result = search(sc)
    print(f"{what} ({sc.name}, {sc.faults} faults at most)\n{result.told()}")
    return 1 if result.broken else 0


def _check(names: list[str], *, quick: bool) -> int:
    print("| scenario | faults | states | transitions | depth | s | ways, steps replayed | s |")
    print("|---|---|---|---|---|---|---|---|")
    moves: set[Move] = set()
    for name in names:
        sc = SCENARIOS[name] if quick else full(name)
        cover = _one(sc, fine=not quick)
        if cover.result.broken:
            print(cover.result.told())
            return 1
        moves |= cover.moves()
    missing = {(of, cause, to) for (of, cause), to in MOVES.items()} ^ moves
    if missing and len(names) == len(SCENARIOS):
        print(f"not the moves of the program: {sorted(missing)}")
        return 1
    return 0


def _one(sc: Scenario, *, fine: bool) -> Cover:
    """Search one scenario, replay it, and print its line."""
    began = time.process_time()
    cover = Cover.of(sc, fine=fine)
    result, searched = cover.result, time.process_time()
    ways = [] if result.broken else cover.ways(sc)
    with tempfile.TemporaryDirectory(prefix="model-") as folder:
        steps = play(sc, ways, Path(folder))
    replayed = time.process_time() - searched
    print(
        f"| {sc.name} | {sc.faults} | {result.states} | {result.transitions} | {result.depth}"
        f" | {searched - began:.1f} | {len(ways)}, {steps} | {replayed:.1f} |",
        flush=True,
    )
    return cover


if __name__ == "__main__":
    sys.exit(main())
