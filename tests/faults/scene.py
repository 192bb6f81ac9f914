"""A host with two modems in simulated time, on which one thing goes wrong after the other."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gsmbridge.farm import encode
from gsmbridge.farm.faults import Fault, Faults
from gsmbridge.farm.partner_script import Reply
from gsmbridge.farm.partner_world import Line
from gsmbridge.farm.personalities import GENERIC, HUAWEI, Personality
from gsmbridge.farm.sim import Label
from gsmbridge.farm.simulate.disk import Space
from gsmbridge.farm.simulate.run import MEMORY, SETTLE, Plan, Result, outcome
from gsmbridge.farm.simulate.server import OK
from gsmbridge.farm.simulate.stage import Stage
from gsmbridge.farm.simulate.troubles import Troubles

HOUR, DAY = 3600.0, 86400.0
READY = 60.0
"""Seconds after which every modem works; trouble begins then."""
Scenario = Callable[["Scene"], None]


@dataclass(frozen=True, slots=True)
class Played:
    """What became of a scenario."""

    result: Result
    told: tuple[str, ...]
    """The daemon's events, by name and in order."""


class Scene:
    """What a scenario has at hand. All times are seconds from the daemon's first start."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.host = stage.host
        self.world = stage.world
        self._faults = Faults(stage.world, stage.farm, stage.ports, stage.chance())
        self._texts = 0

    def at(self, seconds: float, act: Callable[[], object]) -> None:
        self.world.call_later(seconds, act)

    def fault(self, when: float, kind: str, /, modem: int = 0, **details: object) -> None:
        """One of `farm.faults.KINDS`."""

        def strike() -> None:
            self.stage.stir(self.stage.farm.modems[modem])
            self._faults.strike(Fault(0.0, modem, kind, details))

        self.at(when, strike)

    def send(self, seconds: float, modem: int = 0, length: int = 1) -> None:
        """A message of *length* times 100 characters for the SIM that this modem had first."""
        to = self.stage.farm.sims[modem].msisdn
        self.at(seconds, lambda: self.stage.farm.network.send(to, self.text(length), "Farm"))

    def text(self, length: int = 1) -> str:
        """One that no other message has."""
        self._texts += 1
        return f"number {self._texts} ".ljust(100 * length if length > 1 else 0, "x")

    def server(self, start: float, end: float, reply: Reply = OK, line: Line = Line.UP) -> None:
        """What the server says to everything for a while, over such a line."""
        self.at(start, lambda: self.stage.server.stay(reply, line))
        self.at(end, self.stage.server.settle)

    def disk(self, start: float, end: float, space: Space) -> None:
        """What the disk takes for a while."""
        self.at(start, lambda: self.host.disk.turn(space))
        self.at(end, lambda: self.host.disk.turn(Space.PLENTY))

    def clock(self, seconds: float, hours: float) -> None:
        """The wall clock jumps by so much."""
        self.at(seconds, lambda: self.host.clock.jump(hours * HOUR))

    def lay(self, modem: int, age: float, store: str = "SM") -> None:
        """A message that lies in a modem from before the first start."""
        model = self.stage.farm.modems[modem]
        assert model.sim is not None
        network, text = self.stage.farm.network, self.text()
        parts = network.compose(text, "Farm", age=age)
        message, parts = network.record(model.sim.msisdn, parts, "Farm", text)
        records = model.shown(store)
        free = None if records is None else records.free()
        assert free is not None
        pdu = encode.smsc_part(model.personality.smsc) + parts[0].tpdu
        model.write(store, free, pdu, Label(message))


def play(
    scenario: Scenario,
    *,
    families: Sequence[Personality] = (GENERIC, HUAWEI),
    seed: int = 0,
    lasts: float = HOUR,
) -> Played:
    """Play it while a message comes for each SIM every minute or so; then everything is mended."""
    place = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="gsmbridge-fault-", dir=place) as folder:
        stage = Stage(seed, len(families), Path(folder), families=families, trace=True)
        scene = Scene(stage)
        for modem in stage.farm.modems:
            modem.start()
        stage.server.settle()
        for number in range(int(lasts / 60) - 1):
            scene.send(30.0 + 61.0 * number, number % len(families))
        scenario(scene)
        _live(stage, lasts)
        told = tuple(line.split()[2] for line in stage.history.lines if line.split()[1] == "daemon")
        return Played(outcome(Plan(seed), stage), told)


def _live(stage: Stage, lasts: float) -> None:
    world, host, troubles = stage.world, stage.host, Troubles(stage)
    end = world.now + lasts
    world.call_at(end, troubles.settle)
    for stop in (end + 60.0, end + SETTLE):
        world.call_at(stop, host.stop)
    while world.now < end + SETTLE:
        host.live()
        world.run_until(world.now + 5.0)
