"""What goes wrong in a simulated day: which troubles, how often, when; by chance, of one seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from functools import partial

from gsmbridge.farm.faults import Fault, Faults
from gsmbridge.farm.modem import ModemModel
from gsmbridge.farm.sim import Status
from gsmbridge.farm.simulate import modem_faults
from gsmbridge.farm.simulate.beginnings import STARTS
from gsmbridge.farm.simulate.hands import Hands
from gsmbridge.farm.simulate.letters import FORWARDED, KEPT
from gsmbridge.farm.simulate.machine import MORE, Machine
from gsmbridge.farm.simulate.operating import Operator
from gsmbridge.farm.simulate.server import SOME, WEATHERS
from gsmbridge.farm.simulate.stage import Stage
from gsmbridge.farm.simulate.traffic import ODD_DELIVERIES
from gsmbridge.farm.state import Trouble

DAY = 86400.0
DAILY_WEATHERS = 12.0
"""How often a day the server's weather changes."""
DAILY_FAULTS = 14.0
"""How often a day something happens to a modem."""


class Troubles:
    """Brings trouble upon a stage until `settle`."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._rng = stage.chance()
        self._faults = Faults(stage.world, stage.farm, stage.ports, stage.chance())
        self._over = False
        self._hands = Hands(stage, self._rng)
        self._machine = Machine(stage, self._rng)
        self._operator = Operator(stage, self._rng)

    def acts(self) -> dict[str, tuple[float, Callable[[], None]]]:
        """All that befalls the farm as a whole: its name, how often on a bad day, how."""
        named: dict[str, Hands | Machine | Operator] = {
            "host": self._machine,
            "hands": self._hands,
            "operator": self._operator,
        }
        acts = {
            f"{who} {name}": act
            for who, troubles in named.items()
            for name, act in troubles.acts().items()
        }
        return {**acts, "weather": (DAILY_WEATHERS, self._weather)}

    def schedule(self, days: float, often: float) -> None:
        """Draw what happens in the next *days*, *often* times as often as on a bad day."""
        rng, world = self._rng, self._stage.world
        for name, (daily, act) in self.acts().items():
            for at in _times(rng, daily * often, days):
                world.call_later(at, partial(self._do, name, act))
        for number in range(len(self._stage.farm.modems)):
            for at in _times(rng, DAILY_FAULTS * often, days):
                world.call_later(at, partial(self._fault, number))

    def settle(self) -> None:
        """Everything is mended, nothing more happens."""
        self._over = True
        stage = self._stage
        self._machine.settle()
        stage.server.settle()
        self._hands.settle()
        self._operator.settle()
        for number, modem in enumerate(stage.farm.modems):
            modem.dialogue.before.clear()
            modem.dialogue.after.clear()
            self._heal(modem, number)

    def _heal(self, modem: ModemModel, number: int) -> None:
        stage = self._stage
        modem.dialogue.recover()
        modem.trouble = Trouble()
        modem.line.split, modem.line.hold = False, 0.0
        if stage.ports.name_of(modem) is None:
            stage.ports.plug(modem, f"healed{number}")
        if modem.sim_state() != "READY":  # a card put in without a word is found by a start only
            modem.reboot()
        self._clear_drafts(modem)
        stage.stir(modem)

    def _clear_drafts(self, modem: ModemModel) -> None:
        for at in modem.sim.sms.occupied() if modem.sim is not None else ():
            if modem.sim is not None and modem.sim.sms.rows[at][0] == Status.UNSENT:
                modem.erase("SM", at)

    def _do(self, name: str, act: Callable[[], None]) -> None:
        if self._over:
            return
        if name != "weather":
            self._stage.drawn[name] += 1
            self._stage.history.add("world", name, {})
        act()

    def _fault(self, number: int) -> None:
        """Something happens to a modem."""
        if self._over:
            return
        modem = self._stage.farm.modems[number]
        kind, details = modem_faults.draw(self._rng)
        self._stage.drawn[f"modem {kind}"] += 1
        self._stage.stir(modem)
        self._faults.strike(Fault(0.0, number, kind, details))
        if kind == "fill":
            self._stage.world.call_later(
                self._rng.uniform(10, 3600), lambda: self._clear_drafts(modem)
            )

    def _weather(self) -> None:
        name = self._rng.choice(list(WEATHERS))
        seconds = self._stage.server.turn(name)
        self._stage.history.add("world", name, {"seconds": round(seconds)})


def catalogue(troubles: Troubles) -> frozenset[str]:
    """The names of all that a simulation can draw: troubles, odd answers, odd messages."""
    return frozenset(
        (
            *troubles.acts(),
            *(f"modem {kind}" for kind in modem_faults.FAULTS),
            *(f"server {weather}" for weather in WEATHERS),
            *(f"answer {answer}" for answer in SOME),
            *(f"message {kind}" for kind in (*FORWARDED, *KEPT, *ODD_DELIVERIES)),
            *(f"host {what}" for what in MORE),
            *(f"start {what}" for what in STARTS),
        )
    )


def _times(rng: random.Random, daily: float, days: float) -> Iterable[float]:
    """Moments of a Poisson process, in seconds from now."""
    at = 0.0
    while daily and (at := at + rng.expovariate(daily / DAY)) < days * DAY:
        yield at
