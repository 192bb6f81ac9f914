"""What goes wrong with the machine on which the daemon runs: process, power, clock, disk."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from gsmbridge.farm.simulate.damage import Damage
from gsmbridge.farm.simulate.disk import Space
from gsmbridge.farm.simulate.stage import NOW, Stage
from gsmbridge.farm.truth import Event

HOUR = 3600.0
MORE = ("without rtc", "disk full", "disk broken", *(f"journal {kind}" for kind in Damage.KINDS))
"""What exactly a power cut, a disk or a journal's end is, counted apart."""


class Machine:
    """Troubles of the host."""

    def __init__(self, stage: Stage, rng: random.Random) -> None:
        self._stage = stage
        self._rng = rng
        self._damage = Damage(stage.host.journal_path, stage.chance())
        self._lurking: str = ""
        """The kind of event that brings the next crash."""
        self._delay = 0.0
        stage.truth.listeners.append(self._pounce)

    def acts(self) -> Mapping[str, tuple[float, Callable[[], None]]]:
        """How often on a bad day each happens, and how it is done."""
        return {
            "crash": (21.0, self._crash),
            "stop": (3.0, self._stage.host.stop),
            "outage": (1.0, self._outage),
            "power cut": (3.0, self._power_cut),
            "clock": (2.0, self._clock),
            "disk": (3.0, self._disk),
            "slow disk": (2.0, self._slow_disk),
            "backup": (1.0, self._damage.back_up),
            "journal": (0.3, self._journal),
        }

    def settle(self) -> None:
        """Nothing of it goes on."""
        self._lurking = ""
        host = self._stage.host
        host.disk.turn(Space.PLENTY)
        host.disk.crash = ""
        host.slow_until = host.off_until = 0.0
        self._right_clock()

    def _crash(self) -> None:
        """Die at this moment, or shortly after something begins: where most is under way."""
        rng, stage = self._rng, self._stage
        where = rng.choice(("now", "commit", "stored", "deleted", "request"))
        delay = rng.choice((0.0, 0.01, 0.1, 1.0, 12.0)) * rng.random()
        if where == "now":
            stage.world.crash()
        elif where == "commit":
            stage.host.disk.crash = rng.choice(("before", "inside", "after"))
        elif where == "request":
            stage.on_request = lambda: self._crash_in(delay)
        else:
            self._lurking, self._delay = where, delay

    def _crash_in(self, delay: float) -> None:
        self._stage.on_request = lambda: None
        self._stage.world.call_later(delay, self._stage.world.crash)

    def _pounce(self, event: Event) -> None:
        if self._lurking == event.kind:
            self._lurking = ""
            self._crash_in(self._delay)

    def _outage(self) -> None:
        """The daemon is down for up to two hours, while the world goes on."""
        world, host = self._stage.world, self._stage.host
        host.off_until = world.now + 2 * HOUR * self._rng.random() ** 2
        world.crash()

    def _power_cut(self) -> None:
        """Host and modems lose power, now or while the journal is being written."""
        if self._rng.random() < 0.5:
            self._without_power()
            self._stage.host.cut_power()
        else:
            self._stage.host.cut_power_in_commit(self._without_power)

    def _without_power(self) -> None:
        """Without a clock of its own the host is in 1970 then, or at its last shutdown, until a
        time server answers."""
        stage, rng = self._stage, self._rng
        for modem in stage.farm.modems:
            if stage.ports.name_of(modem) is not None:
                modem.reboot()
        if rng.random() < 0.5:
            clock = stage.host.clock
            clock.jump(rng.choice((-clock.wall(), -24 * HOUR * rng.random())))
            stage.drawn["host without rtc"] += 1
            stage.world.call_later(1800.0 * rng.random() ** 2, self._right_clock)

    def _right_clock(self) -> None:
        host, world = self._stage.host, self._stage.world
        host.clock.jump(NOW + world.now - host.clock.wall())

    def _clock(self) -> None:
        hours = self._rng.choice((-24.0 * 400, -24.0, -1.0, 1.0, 24.0, 24.0 * 400))
        self._stage.host.clock.jump(hours * HOUR * self._rng.random() ** 0.3)

    def _disk(self) -> None:
        space = self._rng.choice((Space.FULL, Space.BROKEN))
        self._stage.drawn[f"host disk {space.name.lower()}"] += 1
        self._stage.host.disk.turn(space)
        seconds = 1.0 + 1800.0 * self._rng.random() ** 2
        self._stage.world.call_later(seconds, lambda: self._stage.host.disk.turn(Space.PLENTY))

    def _slow_disk(self) -> None:
        """Each commit takes seconds."""
        world = self._stage.world
        self._stage.host.slow_until = world.now + 900.0 * self._rng.random()

    def _journal(self) -> None:
        """The daemon dies, and its journal's file is not what it was at the next start."""
        stage, kind = self._stage, self._rng.choice(Damage.KINDS)
        stage.drawn[f"host journal {kind}"] += 1
        stage.host.losses.append(stage.world.now)
        stage.host.before_start = lambda: self._damage.do(kind)
        stage.world.crash()
