"""What goes wrong in a simulated day: which troubles, how often, when; by chance, of one seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

from gsmbridge.farm.faults import Fault, Faults
from gsmbridge.farm.modem import ModemModel
from gsmbridge.farm.sim import SimCard, Status
from gsmbridge.farm.simulate.disk import Space
from gsmbridge.farm.simulate.server import WEATHERS
from gsmbridge.farm.simulate.stage import Stage
from gsmbridge.farm.state import Trouble
from gsmbridge.farm.truth import Event

DAY = 86400.0
DAILY = {"crash": 20.0, "stop": 3.0, "power_cut": 1.0, "clock": 2.0, "disk": 3.0, "weather": 10.0,
         "reload": 6.0, "operator": 4.0, "exchange": 2.0, "swap": 6.0}  # fmt: skip
"""How often a day each happens to the host, on average."""
DAILY_FAULTS = 12.0
"""How often a day something happens to a modem."""
COMMANDS = ("AT+CMGL", "AT+CPMS", "AT+CIMI", "AT+CGSN", "AT+CMGF", "AT+CMGD", "AT+CMGR", "AT")
"""Faults may wait for one of these, and strike just before or after it takes effect."""
SILENT = ("remove_sim", "overwrite")
"""What must not fall between AT+CMGR and AT+CMGD: without a word from the modem, that gap cannot
be closed by anybody (I2)."""
APART = ("AT+CMGL", "AT+CPMS", "AT+CIMI", "AT+CGSN", "AT+CMGF=")
"""Commands that never stand in that gap (AT+CMGF? may: the channel asks it to get in step)."""

HANDLING = (1.5, 30.0)
"""Seconds in which a hand gets one card out and another in."""

Details = Callable[[random.Random], dict[str, object]]


def _for(longest: float, **more: object) -> Details:
    return lambda rng: {"seconds": 1.0 + longest * rng.random() ** 2, **more}


FAULTS: dict[str, tuple[float, Details]] = {
    "hang": (2.0, lambda rng: {"seconds": rng.uniform(5, 900), "chatter": rng.random() < 0.5,
                               "revive": rng.choice(("", "esc", "cfun")),
                               "late": rng.random() < 0.3}),
    "prompt": (1.0, lambda rng: {}),
    "noise": (1.0, lambda rng: {"octets": rng.randint(1, 400)}),
    "storm": (1.0, _for(120.0)),
    "pieces": (1.0, _for(300.0)),
    "lumps": (1.0, _for(300.0)),
    "slow": (1.0, lambda rng: {"seconds": rng.uniform(5, 300), "delay": rng.uniform(0.1, 25)}),
    "echo": (1.0, lambda rng: {}),
    "reboot": (2.0, lambda rng: {}),
    "unplug": (2.0, lambda rng: {"seconds": rng.choice((0.5, 3.0, 30.0, 600.0, 7200.0)),
                                 "rename": rng.random() < 0.5}),
    "swap_ports": (1.0, lambda rng: {}),
    "remove_sim": (1.0, lambda rng: {"seconds": rng.uniform(1, 900),
                                     "noticed": rng.random() < 0.5}),
    "overwrite": (0.5, lambda rng: {"text": f"in its place {rng.random()}"}),
    "delete": (1.0, lambda rng: {"how": rng.choice(("lie", "deny")),
                                 "seconds": rng.uniform(10, 300)}),
    "announce": (3.0, lambda rng: {
        "how": rng.choice(("never", "twice", "late", "wrong", "minus_one")),
        "seconds": rng.uniform(60, 1200)}),
    "into_me": (0.5, _for(300.0)),
    "fill": (0.5, lambda rng: {"leave": rng.randint(0, 2)}),
}  # fmt: skip
"""Of `farm.faults.KINDS`: weight, and what is drawn for its parameters."""


class Troubles:
    """Brings trouble upon a stage until `settle`."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._rng = stage.chance()
        self._faults = Faults(stage.world, stage.farm, stage.ports, stage.chance())
        self._over = False
        self._lurking: str = ""
        """The kind of event that brings the next crash."""
        self._delay = 0.0
        stage.truth.listeners.append(self._pounce)

    def schedule(self, days: float, often: float) -> None:
        """Draw what happens in the next *days*, *often* times as often as on a bad day."""
        rng, world = self._rng, self._stage.world
        for name, daily in DAILY.items():
            act: Callable[[], None] = getattr(self, f"_{name}")
            for at in _times(rng, daily * often, days):
                world.call_later(at, lambda name=name, act=act: self._do(name, act))  # type: ignore[misc]
        for number in range(len(self._stage.farm.modems)):
            for at in _times(rng, DAILY_FAULTS * often, days):
                world.call_later(at, lambda number=number: self._fault(number))  # type: ignore[misc]

    def settle(self) -> None:
        """Everything is mended, nothing more happens."""
        self._over = True
        self._lurking = ""
        stage = self._stage
        stage.host.disk.turn(Space.PLENTY)
        stage.host.disk.crash = ""
        stage.server.settle()
        stage.reload({sim.iccid: sim.msisdn for sim in stage.farm.sims})
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
        if modem.sim is None:
            inserted = [each.sim for each in stage.farm.modems]
            modem.insert(next(sim for sim in stage.farm.sims if sim not in inserted))
        if modem.sim_state() != "READY":  # a card put in without a word is found by a start only
            modem.reboot()
        self._clear_drafts(modem)
        stage.stir(modem)

    def _clear_drafts(self, modem: ModemModel) -> None:
        for at in modem.sim.sms.occupied() if modem.sim is not None else ():
            if modem.sim is not None and modem.sim.sms.rows[at][0] == Status.UNSENT:
                modem.erase("SM", at)

    def _do(self, name: str, act: Callable[[], None]) -> None:
        if not self._over:
            if name != "weather":
                self._stage.history.add("world", name, {})
            act()

    # -- a modem --------------------------------------------------------------------------------

    def _fault(self, number: int) -> None:
        if self._over:
            return
        rng, modem = self._rng, self._stage.farm.modems[number]
        weights = [weight for weight, _ in FAULTS.values()]
        kind = rng.choices(list(FAULTS), weights)[0]
        details = FAULTS[kind][1](rng)
        if rng.random() < 0.3:
            details["on"] = rng.choice(APART if kind in SILENT else COMMANDS)
            details["before"] = rng.random() < 0.5
        self._stage.stir(modem)
        self._faults.strike(Fault(0.0, number, kind, details))
        if kind == "fill":
            self._stage.world.call_later(rng.uniform(10, 3600), lambda: self._clear_drafts(modem))

    # -- the host -------------------------------------------------------------------------------

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

    def _stop(self) -> None:
        self._stage.host.stop()

    def _power_cut(self) -> None:
        """Host and modems lose power."""
        stage = self._stage
        for modem in stage.farm.modems:
            if stage.ports.name_of(modem) is not None:
                modem.reboot()
        stage.host.cut_power()

    def _clock(self) -> None:
        hours = self._rng.choice((-24.0 * 400, -24.0, -1.0, 1.0, 24.0))
        self._stage.host.clock.jump(hours * 3600 * self._rng.random())

    def _disk(self) -> None:
        disk = self._stage.host.disk
        disk.turn(self._rng.choice((Space.FULL, Space.BROKEN)))
        seconds = 1.0 + 1800.0 * self._rng.random() ** 2
        self._stage.world.call_later(seconds, self._mend_disk)

    def _mend_disk(self) -> None:
        self._stage.host.disk.turn(Space.PLENTY)

    def _weather(self) -> None:
        name = self._rng.choice(list(WEATHERS))
        seconds = self._stage.server.turn(name)
        self._stage.history.add("world", name, {"seconds": round(seconds)})

    def _reload(self) -> None:
        """The operator edits the numbers: one SIM gets another, or none for now."""
        stage, rng = self._stage, self._rng
        sim = rng.choice(stage.farm.sims)
        stage.reload({sim.iccid: rng.choice((None, *stage.numbering.phones(sim)))})

    def _exchange(self) -> None:
        """Somebody puts a card from the drawer in, in place of another."""
        stage, rng = self._stage, self._rng
        inserted = [modem.sim for modem in stage.farm.modems]
        sim = rng.choice([sim for sim in stage.farm.sims if sim not in inserted])
        modem = rng.choice(stage.farm.modems)
        self._insert(modem, sim, rng.uniform(*HANDLING), rng.random() < 0.5)

    def _swap(self) -> None:
        """Somebody swaps the cards of two modems."""
        one, other = self._rng.sample(self._stage.farm.modems, 2)
        pause, noticed = self._rng.uniform(*HANDLING), self._rng.random() < 0.5
        first, second = one.sim, other.sim
        self._insert(one, second, pause, noticed)
        self._insert(other, first, pause, noticed)

    def _insert(self, modem: ModemModel, sim: SimCard | None, pause: float, noticed: bool) -> None:
        """Pull what is in, and put *sim* in after *pause* seconds, if nobody else did."""
        modem.remove(noticed=noticed)
        self._stage.stir(modem)

        def insert() -> None:
            inserted = [each.sim for each in self._stage.farm.modems]
            if modem.sim is None and sim is not None and sim not in inserted:
                modem.insert(sim, noticed=noticed)
                self._stage.stir(modem)

        self._stage.world.call_later(pause, insert)

    def _operator(self) -> None:
        """The operator wants something that is held pushed after all."""
        self._stage.host.retry_held(self._rng)


def _times(rng: random.Random, daily: float, days: float) -> Iterable[float]:
    """Moments of a Poisson process, in seconds from now."""
    at = 0.0
    while daily and (at := at + rng.expovariate(daily / DAY)) < days * DAY:
        yield at
