"""Days of a farm in simulated time, with everything that goes wrong in one; see
docs/simulation.md."""

from __future__ import annotations

import argparse
import sys
import time

from gsmbridge.farm.simulate.report import table
from gsmbridge.farm.simulate.run import Plan, simulate


def main(arguments: list[str] | None = None) -> int:
    """Play one seed after another; 1 if any promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m gsmbridge.farm.simulate", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="one seed, one history")
    parser.add_argument("--seeds", type=int, default=1, help="so many seeds from this one on")
    parser.add_argument("--days", type=float, default=1.0)
    parser.add_argument("--modems", type=int, default=4)
    parser.add_argument("--daily", type=float, default=100.0, help="messages a day and modem")
    parser.add_argument(
        "--troubles", type=float, default=1.0, help="how often things go wrong; 0: never"
    )
    parser.add_argument("--trace", action="store_true", help="print the whole history")
    options = parser.parse_args(arguments)
    broken = 0
    for seed in range(options.seed, options.seed + options.seeds):
        plan = Plan(
            seed, options.days, options.modems, options.daily, options.troubles, options.trace
        )
        began = time.monotonic()
        result = simulate(plan)
        if options.trace:
            print("\n".join(result.trace))
        print(table(result, time.monotonic() - began), flush=True)
        broken += bool(result.violations)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
