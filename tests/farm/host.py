"""A host that types AT commands to one simulated modem, in simulated time."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from gsmbridge.farm.encode import Part, message
from gsmbridge.farm.modem import ModemModel
from gsmbridge.farm.network import Network
from gsmbridge.farm.personalities import GENERIC, Personality
from gsmbridge.farm.sim import SimCard, make_sim
from gsmbridge.farm.truth import Event, Truth
from gsmbridge.farm.virtual import World

WALL = 1_800_000_000.0
WHEN = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)


class Host:
    """One modem with SIM number 1, its echo off unless *echo*, on a network of its own."""

    def __init__(
        self,
        personality: Personality = GENERIC,
        *,
        sim: SimCard | None = None,
        start: bool = True,
        echo: bool = False,
    ) -> None:
        self.world = World(1)
        self.truth = Truth(lambda: self.world.now)
        self.heard = b""
        self.sim = sim or make_sim(1, own_number="+79080000001")
        self.modem = ModemModel(
            personality, self.world, self._hear, random.Random(1), sim=self.sim, truth=self.truth
        )
        self.network = Network(self.world, self.truth, lambda: WALL, random.Random(2))
        self.network.cover(self.modem)
        self.modem.settings.echo = echo
        if start:
            self.modem.start()

    def _hear(self, data: bytes) -> None:
        self.heard += data

    def wait(self, seconds: float = 0.0) -> bytes:
        """What comes within *seconds*."""
        self.world.run_until(self.world.now + seconds)
        heard, self.heard = self.heard, b""
        return heard

    def say(self, *commands: str, seconds: float = 0.0) -> bytes:
        """Commands one after the other; what comes back."""
        return b"".join(self._ask(command, seconds) for command in commands)

    def _ask(self, command: str, seconds: float) -> bytes:
        self.modem.receive(command.encode() + b"\r")
        return self.wait(seconds)

    def parts(self, text: str) -> list[Part]:
        return message("Bank", text, WHEN, reference=1)

    def store(self, *texts: str) -> list[Part]:
        """Put messages on the SIM by way of the network."""
        parts = [part for text in texts for part in self.parts(text)]
        for part in parts:
            self.network.send_parts(self.sim.msisdn, [part], "Bank", part.text)
        self.wait()
        return parts

    def events(self, kind: str) -> list[Event]:
        return [event for event in self.truth.events if event.kind == kind]
