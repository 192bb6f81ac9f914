"""A campaign of kills: the real daemon under load, killed at random moments, started at once.

    python -m tests.crash.campaign --kills 2000 --seed 7

The load flows to modems of several families, the server fails in all its ways and now and then
isn't there at all. In the end everything is left in peace, and the verdict is drawn from the
farm's record and the server's alone.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sys
import tempfile
from pathlib import Path

from gsmbridge.farm import farm as building
from gsmbridge.farm.partner_script import NAMED, Reply, Rule, Rules
from gsmbridge.farm.personalities import GENERIC, HUAWEI, QUECTEL, SIEMENS, SIM800, SIM7600
from gsmbridge.farm.truth import Event
from gsmbridge.farm.verdict import Verdict
from tests.endtoend.scene import Scene, playing

FAMILIES = (GENERIC, HUAWEI, SIM7600, QUECTEL, SIEMENS, SIM800)
RATE = 10.0
"""Messages a second, over all modems."""
RETRY_INTERVAL = 1.0
TERMINAL = r"\[\d?(33|66|99)\]"
"""Texts whose pushes are refused for good: three of a hundred, of the first thousand. They stay on
their SIMs, which more would fill."""


def bad_days(seed: int) -> Rules:
    """A server that mostly works."""
    return Rules(
        (
            Rule(NAMED["no_operation"], text=r"\[\d?(33|66)\]"),
            Rule(NAMED["bad_service"], text=r"\[\d?99\]"),
            Rule(Reply(500, "oops"), ratio=0.08),
            Rule(NAMED["silent"], ratio=0.03),
            Rule(NAMED["reset"], ratio=0.05),  # taken, but the answer never arrives
            Rule(NAMED["half_status"], ratio=0.02),
            Rule(NAMED["unavailable"], ratio=0.03),
            Rule(Reply(body="OK", delay=0.3), ratio=0.1),
            Rule(NAMED["half_body"], ratio=0.03),
        ),
        seed,
    )


async def campaign(folder: Path, kills: int, seed: int) -> Verdict:
    """Play it to its end."""
    rng = random.Random(seed)
    async with playing(
        folder,
        len(FAMILIES),
        families=FAMILIES,
        script=bad_days(seed),
        capacity=40,
        seed=seed,
        onlinesim={"retry_interval": RETRY_INTERVAL, "timeout": 2, "connect_timeout": 1},
    ) as scene:
        # Some modems keep messages in their own memory until they are told otherwise; of those
        # that lie there, nobody knows whose they are.
        await scene.start()
        await scene.kill()
        load = asyncio.create_task(_load(scene, random.Random(rng.random())))
        weather = asyncio.create_task(_weather(scene, random.Random(rng.random())))
        await _kill(scene, kills, rng)
        for task in (load, weather):
            task.cancel()
        await asyncio.gather(load, weather, return_exceptions=True)
        await _settle(scene)
        assert await scene.stop() == 0
        return scene.verdict()


async def _load(scene: Scene, rng: random.Random) -> None:
    number = 0
    while True:
        number += 1
        sender, text = building.sample(rng, number, longest=3)
        scene.send(rng.randrange(len(scene.farm.modems)), text, sender)
        await asyncio.sleep(rng.expovariate(RATE))


async def _weather(scene: Scene, rng: random.Random) -> None:
    """Now and then nobody listens at the server's address."""
    try:
        while True:
            await asyncio.sleep(rng.uniform(3.0, 8.0))
            await scene.partner.close()
            await asyncio.sleep(rng.uniform(0.3, 2.0))
            await scene.restart_partner()
    finally:
        await scene.partner.close()
        await scene.restart_partner()


async def _kill(scene: Scene, kills: int, rng: random.Random) -> None:
    """Most strike at work, some while it starts."""
    for _ in range(kills):
        begun = scene.said(" started: ")
        await scene.start(ready=False)
        if rng.random() < 0.85:
            await scene.until(lambda n=begun: scene.said(" started: ") > n, "a start")  # type: ignore[misc]
            await asyncio.sleep(rng.uniform(0.05, 0.8))
        else:
            await asyncio.sleep(rng.uniform(0.02, 0.25))
        await scene.kill()


async def _settle(scene: Scene) -> None:
    """A server that always answers, a daemon that nobody kills, until nothing moves."""
    scene.partner.script = Rules((Rule(NAMED["no_operation"], text=TERMINAL), Rule(NAMED["ok"])))
    await scene.start()
    network = scene.farm.network

    terminal = {e.fields["message"] for e in scene.events("sent") if _is_terminal(e)}

    def done() -> bool:
        if network.waiting() or not scene.on_sims() <= terminal:
            return False
        verdict = scene.verdict()
        return verdict.held == verdict.waiting == 0

    await scene.until(done, "everything delivered or refused, and SIMs free of it", 60.0)


def _is_terminal(sent: Event) -> bool:
    return re.search(TERMINAL, sent.fields["text"]) is not None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=None)
    args = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if args.seed is None else args.seed
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="gsmbridge-crash-") as folder:
        verdict = asyncio.run(campaign(Path(folder), args.kills, seed))
    print(verdict)
    for violation in verdict.violations:
        print(violation)
    return 0 if verdict.clean else 1


if __name__ == "__main__":
    sys.exit(main())
