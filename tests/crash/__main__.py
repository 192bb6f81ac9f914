"""Campaigns of kills from the command line, as many at a time as there are cores.

python -m tests.crash --kills 2000 --seed 7 --shards 2
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
from pathlib import Path

from tests.crash.campaign import campaign
from tests.crash.points import POINTS
from tests.crash.tally import Tally, telling

MANY = 4 * len(POINTS)
"""Kills in which every point must have been struck."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--shards", type=int, default=None, help="so many campaigns at a time")
    parser.add_argument("--json", action="store_true", help="the result as one JSON document")
    args = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if args.seed is None else args.seed
    if args.json:
        print(json.dumps(asyncio.run(_one(args.kills, seed)).document()))
        return 0
    shards = args.shards or max(1, min(os.cpu_count() or 1, args.kills // MANY))
    print(f"make crash KILLS={args.kills} ARGS='--seed {seed} --shards {shards}'", flush=True)
    tally = asyncio.run(_all(args.kills, seed, shards))
    for story in tally.timelines:
        print(story, end="\n\n")
    print(tally)
    never = tally.never()
    if never:
        print(f"never struck: {len(never)} points, those with 0 above")
    return 1 if tally.violations or (never and args.kills >= MANY * shards) else 0


async def _one(kills: int, seed: int) -> Tally:
    with tempfile.TemporaryDirectory(prefix="gsmbridge-crash-") as folder:
        return await campaign(Path(folder), kills, seed, telling(seed, kills))


async def _all(kills: int, seed: int, shards: int) -> Tally:
    """The sum of *shards* campaigns, each in a process of its own."""
    if shards == 1:
        return await _one(kills, seed)
    total = Tally(seed)
    each = -(-kills // shards)
    for document in await asyncio.gather(*(_shard(each, seed + i) for i in range(shards))):
        total.add(document)
    return total


async def _shard(kills: int, seed: int) -> dict[str, object]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.crash", "--json"),
        *("--kills", str(kills), "--seed", str(seed)),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    if process.returncode != 0:  # what the others found counts all the same
        return Tally(seed, violations=[("broke off", f"seed {seed}")]).document()
    document: dict[str, object] = json.loads(out)
    return document


if __name__ == "__main__":
    sys.exit(main())
