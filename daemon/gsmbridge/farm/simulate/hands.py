"""What hands do with SIMs, and with the ports of modems."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from gsmbridge.farm.faults import once_on
from gsmbridge.farm.modem import ModemModel
from gsmbridge.farm.sim import SimCard
from gsmbridge.farm.simulate.modem_faults import APART
from gsmbridge.farm.simulate.stage import Stage

HANDLING = (1.5, 30.0)
"""Seconds in which a hand gets one card out and another in."""
WRONG_PIN = "0000"


class Hands:
    """Troubles made by hands."""

    def __init__(self, stage: Stage, rng: random.Random) -> None:
        self._stage = stage
        self._rng = rng

    def acts(self) -> Mapping[str, tuple[float, Callable[[], None]]]:
        """How often on a bad day each happens, and how it is done."""
        return {
            "exchange": (2.0, self._exchange),
            "swap": (4.0, self._swap),
            "swap in a listing": (1.0, self._swap_in_a_listing),
            "swap while down": (1.0, self._swap_while_down),
            "wrong pin": (1.0, self._wrong_pin),
            "tries gone": (0.5, self._tries_gone),
            "reader": (2.0, self._reader),
            "port held": (1.0, self._port_held),
        }

    def settle(self) -> None:
        """Every card is in a modem that can use it."""
        stage = self._stage
        stage.ports.refused.clear()
        for sim in stage.farm.sims:
            sim.tries, sim.pin = 3, None
        for modem in stage.farm.modems:
            if modem.sim is None:
                inserted = [each.sim for each in stage.farm.modems]
                modem.insert(next(sim for sim in stage.farm.sims if sim not in inserted))

    def _exchange(self) -> None:
        """Somebody puts a card from the drawer in, in place of another."""
        stage, rng = self._stage, self._rng
        inserted = [modem.sim for modem in stage.farm.modems]
        sim = rng.choice([sim for sim in stage.farm.sims if sim not in inserted])
        modem = rng.choice(stage.farm.modems)
        self._insert(modem, sim, rng.uniform(*HANDLING), rng.random() < 0.5)

    def _swap(self) -> None:
        """Somebody swaps the cards of two modems."""
        self._swap_cards(*self._rng.sample(self._stage.farm.modems, 2))

    def _swap_in_a_listing(self) -> None:
        """One of the two is pulled between a command of a listing and the next."""
        one, other = self._rng.sample(self._stage.farm.modems, 2)
        command = self._rng.choice(APART)
        once_on(
            one,
            command,
            lambda: self._swap_cards(one, other),
            before=self._rng.random() < 0.5,
        )

    def _swap_while_down(self) -> None:
        stage = self._stage
        stage.host.off_until = stage.world.now + HANDLING[1] + 60.0 * self._rng.random()
        self._swap()
        stage.world.crash()

    def _swap_cards(self, one: ModemModel, other: ModemModel) -> None:
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

    def _wrong_pin(self) -> None:
        """The config gives a wrong PIN for a while, and the modem starts anew meanwhile."""
        stage, rng = self._stage, self._rng
        locked = [m for m in stage.farm.modems if m.sim is not None and m.sim.pin is not None]
        if not locked:
            return
        modem = rng.choice(locked)
        sim = modem.sim
        assert sim is not None
        stage.numbering.pins[sim.iccid] = WRONG_PIN
        stage.reload({})
        modem.reboot()
        stage.world.call_later(rng.uniform(60.0, 3600.0), lambda: self._right_pin(sim))

    def _tries_gone(self) -> None:
        """Somebody tried a PIN of his own, and one that fits an hour later."""
        locked = [sim for sim in self._stage.farm.sims if sim.pin is not None]
        if locked:
            sim = self._rng.choice(locked)
            sim.tries = 2
            for modem in self._stage.farm.modems:
                if modem.sim is sim:
                    modem.reboot()
            self._stage.world.call_later(3600.0, lambda: self._right_pin(sim))

    def _right_pin(self, sim: SimCard) -> None:
        sim.tries = 3
        if sim.pin is not None:
            self._stage.numbering.pins[sim.iccid] = sim.pin
            self._stage.reload({})

    def _reader(self) -> None:
        """Another program reads the SIM: its messages are not unread any more, one is taken."""
        modem, takes = self._rng.choice(self._stage.farm.modems), self._rng.random() < 0.5

        def read() -> None:
            if modem.sim is None:
                return
            occupied = modem.sim.sms.occupied()
            for at in occupied:
                modem.sim.sms.mark_read(at)
            if takes and occupied:
                modem.take(occupied[0])

        once_on(modem, self._rng.choice(("AT+CMGL", "AT+CPMS")), read)

    def _port_held(self) -> None:
        """Another program has the port, or nobody may open it, when it comes back."""
        stage, rng = self._stage, self._rng
        modem = rng.choice(stage.farm.modems)
        name = stage.ports.name_of(modem)
        if name is None:
            return
        stage.ports.refused[modem.name] = rng.choice(("in use by brltty", "permission denied"))
        stage.ports.unplug(modem)
        stage.ports.plug(modem, name)
        stage.world.call_later(
            600.0 * rng.random(), lambda: stage.ports.refused.pop(modem.name, None)
        )
