"""How a simulated farm is found, by chance: what is odd about it from the first day on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from gsmbridge.farm.modem import ModemModel
from gsmbridge.farm.sim import luhn
from gsmbridge.farm.simulate.disk import Space
from gsmbridge.farm.simulate.stage import NOW, Stage

HOUR = 3600.0
DAY = 24 * HOUR
COMMON = "897010100000000000"
"""All that some modems show of an ICCID."""
STARTS = (
    "pin", "neighbours", "one imei", "uart", "silent_after", "1970", "ahead", "full disk",
    "old messages",
)  # fmt: skip
"""What can be odd about it."""


def draw(stage: Stage) -> None:
    """Draw what is odd about a farm that has not been started."""
    _neighbours(stage)
    _sims(stage)
    _modems(stage)
    _host(stage)


def _neighbours(stage: Stage) -> None:
    """In some farms all ICCIDs begin alike, and some modems show no more than that; the config
    lists some SIMs by IMSI, and one by that beginning."""
    rng, sims = stage.chance(), stage.farm.sims
    if rng.random() >= 0.15:
        return
    stage.drawn["start neighbours"] += 1
    make_neighbours(stage, rng.sample(stage.farm.modems, rng.randint(1, 2)))
    for sim in sims:
        if rng.random() < 0.4:
            stage.numbering.listed[sim.iccid] = {"imsi": sim.imsi}
    if rng.random() < 0.5:
        stage.numbering.listed[rng.choice(sims).iccid] = {"iccid": COMMON}


def make_neighbours(stage: Stage, modems: Sequence[ModemModel]) -> None:
    """Have all ICCIDs begin alike, and these modems show no more than that."""
    for number, sim in enumerate(stage.farm.sims):
        sim.iccid = f"{COMMON}{number}{luhn(f'{COMMON}{number}')}"
    stage.number()
    for modem in modems:
        cut = f"{{iccid:.{len(COMMON)}}}"
        answers = {
            command: tuple(re.sub(r"{iccid[^}]*}", cut, text) for text in texts)
            for command, texts in modem.personality.answers.items()
        }
        modem.personality = replace(modem.personality, answers=answers)


def _sims(stage: Stage) -> None:
    """Some want a PIN, for which the config lists the whole ICCID."""
    rng, listed = stage.chance(), stage.numbering.listed
    for sim in stage.farm.sims:
        if rng.random() < 0.2 and listed[sim.iccid] == {"iccid": sim.iccid}:
            stage.drawn["start pin"] += 1
            sim.pin = f"{rng.randrange(1, 10_000):04d}"
            stage.numbering.pins[sim.iccid] = sim.pin


def _modems(stage: Stage) -> None:
    """Some pools share one IMEI; some modems are on a UART, some tell how many tries are left."""
    rng = stage.chance()
    pool = rng.random() < 0.2
    stage.drawn["start one imei"] += pool
    for modem in stage.farm.modems:
        if pool:
            modem.imei = stage.farm.modems[0].imei
        if rng.random() < 0.05:
            stage.drawn["start uart"] += 1
            stage.ports.speeds[modem.name] = 9600
        if rng.random() < 0.5:
            tells = {**modem.personality.answers, "+CPINR": ("+CPINR: SIM PIN,{tries},3",)}
            modem.personality = replace(modem.personality, answers=tells)


def _host(stage: Stage) -> None:
    """Some have no clock, or a wrong one, or no room on the disk."""
    rng, host, world = stage.chance(), stage.host, stage.world
    config = host.config
    if rng.random() < 0.5:
        stage.drawn["start silent_after"] += 1
        modems = replace(config.modems, silent_after=rng.choice((2 * HOUR, 12 * HOUR)))
        config = replace(config, modems=modems)
    host.config = replace(config, numbers=stage.numbering.rows())
    lot = rng.random()
    if lot < 0.3:
        wrong = -NOW if lot < 0.2 else 3 * 365 * DAY
        stage.drawn["start 1970" if lot < 0.2 else "start ahead"] += 1
        host.clock.jump(wrong)
        world.call_later(rng.choice((20.0, 1800.0)) * rng.random(), lambda: host.clock.jump(-wrong))
    if rng.random() < 0.1:
        stage.drawn["start full disk"] += 1
        host.disk.turn(Space.FULL)
        world.call_later(600.0 * rng.random(), lambda: host.disk.turn(Space.PLENTY))
