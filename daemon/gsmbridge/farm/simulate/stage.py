"""All that is simulated around the daemon, put together for one seed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from gsmbridge.config.schema import Config, Journal, Onlinesim
from gsmbridge.config.secret import Secret
from gsmbridge.farm import farm as building
from gsmbridge.farm.modem import ModemModel
from gsmbridge.farm.partner_script import Reply, Request
from gsmbridge.farm.partner_world import SimulatedPartner
from gsmbridge.farm.personalities import FAMILIES, Personality
from gsmbridge.farm.sim import make_sim
from gsmbridge.farm.simulate.history import History
from gsmbridge.farm.simulate.host import Host, Vary
from gsmbridge.farm.simulate.numbering import Numbering
from gsmbridge.farm.simulate.ports import SimulatedPorts
from gsmbridge.farm.simulate.server import Server
from gsmbridge.farm.simulate.waits import ALL_POLLS, FLEET, LOOKS, ONE_POLL, SkippingWait
from gsmbridge.farm.state import Trouble
from gsmbridge.farm.truth import Event, Truth
from gsmbridge.farm.virtual import World
from gsmbridge.modem.registration import PATIENCE

NOW = 1_800_000_000.0
"""Unix time at the world's 0: a day in 2027."""
KEY = "simulated-key"
HEALTHY = Trouble()
LISTING = "AT+CMGL=4"
"""What a session asks for everything (27.005, 3.4.2)."""
NETWORK_SEEN_EVERY = 600.0
"""Seconds between the polls of a modem without network that nothing else concerns."""
SPARE_SIMS = 2
"""Cards that are in no modem at the beginning."""
LONGEST_WAY = 0.05
"""Seconds that bytes need to the server, or back, at most."""


class WorldClock:
    """The world's own time, which no power cut and no clock of a host touches."""

    def __init__(self, world: World) -> None:
        self._world = world

    def monotonic(self) -> float:
        return self._world.now

    def wall(self) -> float:
        return NOW + self._world.now

    def boot_id(self) -> str:
        return "world"


class HeardTruth(Truth):
    """A farm's record that tells listeners of each event."""

    def __init__(self, world: World) -> None:
        super().__init__(lambda: world.now)
        self.listeners: list[Callable[[Event], None]] = []

    def note(self, kind: str, **fields: Any) -> Event:
        event = super().note(kind, **fields)
        for listener in self.listeners:
            listener(event)
        return event


class Stage:
    """World, farm, partner and host of one history."""

    def __init__(
        self,
        seed: int,
        modems: int,
        folder: Path,
        *,
        families: Sequence[Personality] = (),
        trace: bool = False,
        vary: Vary = lambda around: around,
    ) -> None:
        """*families* of the modems, in turn; drawn if there are none."""
        self.world = World(seed)
        self.history = History(lambda: self.world.now, str(folder), keep=trace)
        self.truth = HeardTruth(self.world)
        self.clock = WorldClock(self.world)
        rng = self.world.rng
        families = families or rng.sample(FAMILIES, min(modems, len(FAMILIES)))
        built = building.build(
            self.world,
            modems,
            rng=self.chance(),
            truth=self.truth,
            wall=self.clock.wall,
            families=families,
            pace=3.0,
        )
        spare = tuple(make_sim(number) for number in range(modems, modems + SPARE_SIMS))
        self.farm = replace(built, sims=built.sims + spare)
        self.number()
        self.ports = SimulatedPorts(self.world, self.chance(), self.farm.modems)
        config = self._config(folder)
        self.waits = SkippingWait(lambda: self.world.now, config.modems.poll_interval)
        self.waits.restless = self._restless
        self.ports.on_change = lambda: self.waits.stir(FLEET, LOOKS)
        self.drawn: Counter[str] = Counter()
        """How often each kind of trouble, message and answer came, by its name."""
        latency = self.chance()
        self.partner = SimulatedPartner(
            self.world, self.clock, None, lambda: latency.uniform(0.002, LONGEST_WAY)
        )
        self.server = Server(self.world, self.partner, self.chance(), self.drawn)
        self.partner.script = self._answer
        self.on_request: Callable[[], None] = lambda: None
        self.host = Host(
            self.world,
            folder,
            config,
            self.ports,
            self.partner.connect,
            self.waits,
            self.history,
            self.chance(),
            vary,
        )
        self.truth.listeners += (self._heard, self._network_lost)
        for modem in self.farm.modems:
            modem.dialogue.after.append(partial(self._asked, modem))

    def chance(self) -> random.Random:
        """A source of chance of its own, so that more of one thing changes nothing of another."""
        return random.Random(self.world.rng.random())

    def number(self) -> None:
        """Have the config list every card of the farm."""
        self.numbering = Numbering(self.farm.sims, lambda: self.world.now)

    def stir(self, modem: ModemModel) -> None:
        """Something about *modem* is to be looked at by every kind of poll."""
        self._stir(modem, ALL_POLLS)

    def _stir(self, modem: ModemModel, looks: int) -> None:
        path = self.ports.name_of(modem)
        if path is not None:
            self.waits.stir(path, looks)

    def reload(self, phones: dict[str, str | None]) -> None:
        """The operator gives SIMs (by ICCID) other numbers, or none, and has the config read."""
        self.numbering.change(phones)
        self.host.reload(replace(self.host.config, numbers=self.numbering.rows()))

    def _heard(self, event: Event) -> None:
        self.history.add("farm", event.kind, event.fields)
        if event.kind == "deleted":
            return  # by the daemon itself: it looks whether that took
        if event.kind == "healed" and event.fields["troubles"] == ["announce"]:
            return  # what comes is a stir of its own
        name = event.fields.get("modem")
        for modem in self.farm.modems:
            if modem.name == name:
                counted = event.kind == "stored" and event.fields["store"] == "SM"
                self._stir(modem, ONE_POLL if counted else ALL_POLLS)

    def _network_lost(self, event: Event) -> None:
        if event.kind == "fault" and event.fields["fault"] == "no_service":
            modem = next(each for each in self.farm.modems if each.name == event.fields["modem"])
            self.world.call_later(PATIENCE, partial(self._without_network, modem))

    def _without_network(self, modem: ModemModel) -> None:
        """All that time does to a modem without network shows at some of its polls."""
        if modem.trouble.service:
            self._stir(modem, ONE_POLL)
            self.world.call_later(NETWORK_SEEN_EVERY, partial(self._without_network, modem))

    def _asked(self, modem: ModemModel, command: str) -> None:
        path = self.ports.name_of(modem)
        if path is not None and command == LISTING:
            self.waits.listed(path)

    def _restless(self, path: str) -> bool:
        modem = self.ports.at(path)
        if modem is None:
            return True
        # What it does not announce is a stir of its own, and so is the end of a network; polls
        # are answered as ever.
        trouble = replace(modem.trouble, announce=HEALTHY.announce, service=HEALTHY.service)
        if not trouble.hang:  # how it hung the last time matters no more
            trouble = replace(trouble, mute=False, revive="", late=False)
        return trouble != HEALTHY or modem.line.split or modem.line.hold > 0.0

    def _answer(self, request: Request) -> Reply:
        reply = self.server.answer(request)
        told = {"sms_id": request.sms_id, "attempt": request.attempt, "phone": request.phone}
        answer = reply.status if reply.cut is None else f"{reply.status} cut"
        self.history.add("partner", "request", {**told, "text": request.text, "answer": answer})
        self.on_request()
        return reply

    def _config(self, folder: Path) -> Config:
        """The config file as it is now."""
        return Config(
            onlinesim=Onlinesim(url="http://127.0.0.1/v1/PUSH_SMS_RENT", key=Secret(KEY)),
            numbers=self.numbering.rows(),
            journal=Journal(path=str(folder / "journal.db")),
        )
