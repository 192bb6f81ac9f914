"""Serial ports in simulated time: between the daemon's channels and the farm's modems."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence

from gsmbridge.at.port import Port, PortName
from gsmbridge.errors import PortLost
from gsmbridge.farm.modem import ModemModel
from gsmbridge.farm.virtual import VirtualLoop, World

LATENCY = (0.0002, 0.004)
"""Seconds that octets need, each way."""
SLOW_OPEN = (1.0, 20.0)
SLOW_CLOSE = (0.5, 3.0)
RARE = 0.01
"""How often opening is slow, or fails, and closing is slow."""


class Wire:
    """An open port. Octets keep their order, not the pieces in which they were sent."""

    def __init__(
        self, world: World, rng: random.Random, modem: ModemModel, understood: bool = True
    ) -> None:
        """Not *understood*: opened at a speed that isn't the modem's."""
        self._understood = understood
        self._world = world
        self._rng = rng
        self._modem = modem
        self._on_bytes: Callable[[bytes], None] | None = None
        self._on_lost: Callable[[str], None] | None = None
        self._down_free = self._up_free = 0.0
        self._gathering: bytearray | None = None
        """A piece on its way up that more octets may still join."""

    def start(self, on_bytes: Callable[[bytes], None], on_lost: Callable[[str], None]) -> None:
        self._on_bytes, self._on_lost = on_bytes, on_lost

    def write(self, data: bytes) -> None:
        """What is on the way arrives, even if the daemon dies meanwhile."""
        epoch = self._modem.epoch
        arrival = max(self._world.now + self._rng.uniform(*LATENCY), self._down_free)
        self._down_free = arrival

        def arrive() -> None:
            if self._understood and self._modem.epoch == epoch:
                self._modem.receive(data)

        self._world.call_at(arrival, arrive)

    async def close(self) -> None:
        self.hang_up()
        if self._rng.random() < RARE:
            await asyncio.sleep(self._rng.uniform(*SLOW_CLOSE))

    def hang_up(self) -> None:
        """Nobody listens any more: closed, or the process that did is dead."""
        self._on_bytes = self._on_lost = None

    def lose(self) -> None:
        """The port is gone."""
        lost = self._on_lost
        self.hang_up()
        if lost is not None:
            lost("unplugged")

    def speak(self, data: bytes) -> None:
        """Octets from the modem."""
        if self._on_bytes is None or not self._understood:
            return
        cut = len(data)
        if self._gathering is not None and self._rng.random() < 0.7:
            self._gathering += data
            return
        if cut > 1 and self._rng.random() < 0.1:
            cut = self._rng.randrange(1, cut)
        self._send_up(bytearray(data[:cut]))
        if cut < len(data):
            self._send_up(bytearray(data[cut:]))

    def _send_up(self, piece: bytearray) -> None:
        arrival = max(self._world.now + self._rng.uniform(*LATENCY), self._up_free)
        self._up_free = arrival
        self._gathering = piece

        def arrive() -> None:
            if self._gathering is piece:
                self._gathering = None
            if self._on_bytes is not None:
                self._on_bytes(bytes(piece))

        self._world.call_at(arrival, arrive)


class SimulatedPorts:
    """The sockets of the host: `at.port.Ports` for the daemon, `farm.plugs.Plugs` for the farm."""

    def __init__(self, world: World, rng: random.Random, modems: Sequence[ModemModel]) -> None:
        self._world = world
        self._rng = rng
        self._modems: dict[str, ModemModel] = {}
        self._wires: dict[str, Wire] = {}
        self._present: tuple[PortName, ...] = ()
        self.refused: dict[str, str] = {}
        """Modems (by name) whose port can't be opened now, and why."""
        self.speeds: dict[str, int] = {}
        """Modems (by name) on a UART: they are heard at this speed only."""
        self.on_change: Callable[[], None] = lambda: None
        """Called when a port has come or gone."""
        for number, modem in enumerate(modems):
            self._modems[f"modem{number}"] = modem
        self._changed()

    # -- the daemon's side ----------------------------------------------------------------------

    def present(self) -> Sequence[PortName]:
        return self._present

    async def open(self, name: PortName, baudrate: int) -> Port:
        lot = self._rng.random()
        slow = self._rng.uniform(*SLOW_OPEN) if lot < RARE else self._rng.uniform(0.001, 0.05)
        await asyncio.sleep(slow)
        if RARE <= lot < 2 * RARE:
            raise PortLost(f"{name.path}: input/output error")
        modem = self._modems.get(name.device)
        if modem is None:
            raise PortLost(f"{name.path}: no such device")
        if modem.name in self.refused:
            raise PortLost(f"{name.path}: {self.refused[modem.name]}")
        before = self._wires.get(name.device)
        if before is not None:
            before.hang_up()
        understood = self.speeds.get(modem.name, baudrate) == baudrate
        wire = Wire(self._world, self._rng, modem, understood)
        self._wires[name.device] = wire
        modem.emit = wire.speak
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        loop.exit_actions.append(wire.hang_up)
        return wire

    # -- the farm's side ------------------------------------------------------------------------

    def at(self, name: str) -> ModemModel | None:
        """The modem that is plugged in under *name*."""
        return self._modems.get(name)

    def name_of(self, modem: ModemModel) -> str | None:
        return next((name for name, each in self._modems.items() if each is modem), None)

    def plug(self, modem: ModemModel, name: str) -> None:
        if name in self._modems:
            raise ValueError(f"{name} is taken")
        self._modems[name] = modem
        modem.truth.note("plugged", modem=modem.name, port=name)
        modem.power_on()
        self._changed()

    def unplug(self, modem: ModemModel) -> None:
        name = self.name_of(modem)
        if name is None:
            return
        modem.power_off()
        del self._modems[name]
        modem.truth.note("unplugged", modem=modem.name, port=name)
        wire = self._wires.pop(name, None)
        if wire is not None:
            wire.lose()
        self._changed()

    def _changed(self) -> None:
        self._present = tuple(PortName(name, name) for name in self._modems)
        self.on_change()
