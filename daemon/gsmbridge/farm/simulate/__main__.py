"""Days of a farm in simulated time, with everything that goes wrong in one; see
docs/simulation.md."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from gsmbridge.farm.simulate import branches, campaign
from gsmbridge.farm.simulate.report import table
from gsmbridge.farm.simulate.run import Plan, simulate


def main(arguments: list[str] | None = None) -> int:
    """Play one seed after another; 1 if any promise was broken."""
    options = _parser().parse_args(arguments)
    if options.total:
        print(campaign.Ledger(options.state).total)
        return 0
    if options.coverage:
        return int(_covered(options))
    if options.seed is not None and options.jobs is None:
        return int(_one_by_one(options))
    return int(_campaign(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m gsmbridge.farm.simulate", description=__doc__)
    add = parser.add_argument
    add("--seed", type=int, help="one seed, one history; without it, seeds go on from the last run")
    add("--seeds", type=int, help="so many seeds from this one on")
    add("--days", type=float, default=1.0)
    add("--modems", type=int, default=4)
    add("--daily", type=float, default=100.0, help="messages a day and modem")
    add("--troubles", type=float, default=1.0, help="how often things go wrong; 0: never")
    add("--trace", action="store_true", help="print the whole history")
    add("--jobs", type=int, help="processes; as many as there are cores if no --seed is given")
    add("--hours", type=float, help="begin no other seed after so many hours")
    add("--state", type=Path, default=Path(".simulate/ledger.json"), help="file of the last seed")
    add("--total", action="store_true", help="only tell what all runs came to")
    add(
        "--coverage",
        action="store_true",
        help="in one process, and then the share of branches taken",
    )
    add("--missing", action="store_true", help="with --coverage: where the others begin")
    return parser


def _plan(options: argparse.Namespace, seed: int) -> Plan:
    return Plan(seed, options.days, options.modems, options.daily, options.troubles, options.trace)


def _covered(options: argparse.Namespace) -> bool:
    """As `_one_by_one`, from seed 0 where none is given, and what it took of the program."""
    options.seed = options.seed or 0
    broken: list[bool] = []
    print(branches.measured(lambda: broken.append(_one_by_one(options)), options.missing))
    return any(broken)


def _one_by_one(options: argparse.Namespace) -> bool:
    """In this process, each with its whole table. True: a promise was broken."""
    broken = False
    for seed in range(options.seed, options.seed + (options.seeds or 1)):
        began = time.monotonic()
        result = simulate(_plan(options, seed))
        if options.trace:
            print("\n".join(result.trace))
        print(table(result, time.monotonic() - began), flush=True)
        broken |= bool(result.violations)
    return broken


def _campaign(options: argparse.Namespace) -> bool:
    """On all cores, a line for each, and a sum. True: a promise was broken."""
    ledger = campaign.Ledger(options.state)
    here = campaign.Total()
    jobs = options.jobs or os.cpu_count() or 1
    count = options.seeds or (None if options.hours else 2 * jobs)

    def seeds() -> Iterator[int]:
        first = options.seed
        return ledger.seeds() if first is None else iter(range(first, first + (count or 1)))

    def done(played: campaign.Played) -> None:
        print(played, flush=True)
        for what in played.violations:
            print(f"  BROKEN {what}", flush=True)
        if played.violations:
            print(f"  to see how: {played.plan.command} --trace", flush=True)
        here.add(played)
        if options.seed is None:
            ledger.add(played)

    began = time.monotonic()
    plans = (_plan(options, seed) for seed in islice(seeds(), count))
    campaign.run(plans, jobs, options.hours, done)
    print(f"\n{here.by_kind()}\n")
    print(f"this run: {here}, {time.monotonic() - began:.0f} s in all")
    if options.seed is None:
        print(f"all runs: {ledger.total}")
    return here.counts["broken"] > 0


if __name__ == "__main__":
    # Its processes end with it, each after the seed it plays.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
