"""kill -9 at the moments where it hurts most."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from gsmbridge.farm.faults import once_on
from gsmbridge.farm.partner_script import Reply, Request
from gsmbridge.farm.personalities import GENERIC, HUAWEI
from gsmbridge.farm.sim import Label
from tests.endtoend.scene import OK, Scene, playing

TIMES = 4
LONG = "a message of three parts: " + "0123456789" * 40


def when_the_server_has_a_request(scene: Scene, rng: random.Random) -> None:
    """Taken, not answered yet."""

    def script(request: Request) -> Reply:
        scene.partner.script = lambda _: OK
        scene.strike()
        return OK

    scene.partner.script = script


def when_the_200_is_out(scene: Scene, rng: random.Random) -> None:
    """From at once to some milliseconds later: before, in and after the commit."""
    asked = len(scene.pushes()) + 1

    async def strike() -> None:
        await scene.partner.seen(asked)
        await asyncio.sleep(rng.choice((0.0, 0.001, 0.003, 0.008)))
        scene.strike()

    scene.background(strike())


def on(command: str, *, before: bool) -> Callable[[Scene, random.Random], None]:
    def aim(scene: Scene, rng: random.Random) -> None:
        for modem in scene.farm.modems:
            once_on(modem, command, scene.strike, before=before)

    return aim


MOMENTS = {
    "the server has a request": when_the_server_has_a_request,
    "the 200 is out": when_the_200_is_out,
    "a message is read": on("AT+CMGR", before=False),
    "a delete is asked": on("AT+CMGD", before=True),
    "a delete was done, unanswered": on("AT+CMGD", before=False),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_when(moment: str, tmp_path: Path) -> None:
    rng = random.Random(moment)

    async def scenario() -> None:
        async with playing(tmp_path, 2, families=(GENERIC, HUAWEI)) as scene:
            for number in range(TIMES):
                await scene.start()
                kills = len(scene.kills)
                MOMENTS[moment](scene, rng)
                scene.send(number % 2, f"{number}: {LONG if number % 2 else 'short'}")
                await scene.until(lambda n=kills: len(scene.kills) > n, moment)  # type: ignore[misc]
                await scene.reap()
                for modem in scene.farm.modems:
                    modem.dialogue.before.clear()
                    modem.dialogue.after.clear()
            await scene.start()
            await scene.quiet()
            assert await scene.stop() == 0
            verdict = scene.verdict()
            print(verdict)
            assert verdict.clean, verdict.violations
            assert verdict.delivered == verdict.sent == TIMES

    asyncio.run(scenario())


def test_killed_between_the_parts_of_a_message_it_arrives_whole(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with playing(tmp_path, 1) as scene:
            await scene.start()
            network, to = scene.farm.network, scene.farm.sims[0].msisdn
            message, parts = network.record(to, network.compose(LONG), "Farm", LONG)
            for number, part in enumerate(parts, 1):
                network.repeat(to, part.tpdu, Label(message, number))
                if number < len(parts):  # a kill after the last might repeat the push
                    await scene.hears(f"part {number} of {len(parts)}")
                    await scene.kill()
                    await scene.start()
            await scene.quiet()
            verdict = scene.verdict()
            assert verdict.clean, verdict.violations
            assert [push.request.text for push in scene.pushes()] == [LONG]

    asyncio.run(scenario())


def test_killed_while_it_starts_for_the_first_time_it_starts_all_the_same(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with playing(tmp_path, 1) as scene:
            scene.send(0, "already there")
            for number in range(8):
                await scene.start(ready=False)
                await asyncio.sleep(0.03 * number)
                await scene.kill()
            await scene.start()
            await scene.quiet()
            await scene.pushed(1)
            verdict = scene.verdict()
            assert verdict.clean, verdict.violations
            assert verdict.delivered == 1

    asyncio.run(scenario())
