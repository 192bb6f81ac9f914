"""What the daemon has to live with between two kills: messages without end, a server that fails in
all its ways, outages, and hands that move SIMs, ports and modems."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from gsmbridge.farm import farm as building
from gsmbridge.farm.partner_script import NAMED, Reply, Request, Rule, Rules
from tests.endtoend.scene import Scene

TERMINAL = "[never]"
"""In a text: its push is refused for good, until the operator wants it retried."""
NARROW = 1
"""The SIM that is nearly full all the time: nothing comes to it that stays there."""
BACKLOG = 40
"""Messages that may lie on SIMs and be wanted, and as many parts on their way, before there are
more."""
HAND = 1.6
"""Seconds that a hand takes to move a SIM, at the least."""


def bad_days(seed: int) -> Rules:
    """A server that mostly works."""
    return Rules(
        (
            Rule(Reply(500, "oops"), ratio=0.06),
            Rule(NAMED["silent"], ratio=0.03),
            Rule(NAMED["reset"], ratio=0.04),  # taken, but the answer never arrives
            Rule(NAMED["half_status"], ratio=0.02),
            Rule(NAMED["unavailable"], ratio=0.03),
            Rule(NAMED["ignored"], ratio=0.02),
            Rule(NAMED["wrong_key"], ratio=0.01),
            Rule(NAMED["redirect"], ratio=0.01),
            Rule(NAMED["garbage"], ratio=0.01),
            Rule(NAMED["echo_page"], ratio=0.01),
            Rule(Reply(body="OK", delay=0.3), ratio=0.1),
            Rule(NAMED["chunked"], ratio=0.05),
            Rule(NAMED["half_body"], ratio=0.03),
            Rule(NAMED["error_in_200"], ratio=0.02),
        ),
        seed,
    )


class Server:
    """The server's script: bad days, or what is wanted next."""

    def __init__(self, seed: int) -> None:
        self._usual = bad_days(seed)
        self.next: Callable[[Request], Reply] | None = None
        """Answers the next request that isn't refused for good, and only that."""
        self.well = False
        """It answers everything rightly, from here on."""
        self.relented: set[int] = set()
        """smsIds that it does not refuse any more."""

    def __call__(self, request: Request) -> Reply:
        if TERMINAL in request.text and request.sms_id not in self.relented:
            return NAMED["no_operation"]
        if self.well:
            return NAMED["ok"]
        wanted, self.next = self.next, None
        return self._usual(request) if wanted is None else wanted(request)


class Weather:
    """All that happens by itself."""

    def __init__(self, scene: Scene, rng: random.Random, rate: float) -> None:
        self._scene = scene
        self._rng = rng
        self._rate = rate
        self._sent = 0
        self._to_refuse: set[int] = set()
        """Messages that stay on their SIMs until the operator sees to them."""
        self._tasks: list[asyncio.Task[None]] = []
        self._moving: set[int] = set()

    def begin(self) -> None:
        self._tasks = [
            asyncio.create_task(self._load()),
            asyncio.create_task(self._outages()),
            asyncio.create_task(self._hands()),
        ]

    async def end(self) -> None:
        """No more messages, the server listens, and every SIM and modem is in its place."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._scene.partner.close()
        await self._scene.restart_partner()
        farm = self._scene.farm
        lying = [sim for sim in farm.sims if all(modem.sim is not sim for modem in farm.modems)]
        for number, modem in enumerate(farm.modems):
            if modem.sim is None and lying:
                modem.insert(lying.pop())
            if self._scene.ptys.name_of(modem) is None:
                self._scene.ptys.plug(modem, f"modem{number}back")

    def message(self) -> None:
        """One more, for any of the farm's numbers."""
        self._sent += 1
        sender, text = building.sample(self._rng, self._sent, longest=3)
        self._scene.send(self._rng.randrange(len(self._scene.farm.sims)), text, sender)

    def message_to_refuse(self) -> None:
        """One that stays on its SIM, until the operator sees to it."""
        self._sent += 1
        sender, text = building.sample(self._rng, self._sent)
        sims = [at for at in range(len(self._scene.farm.sims)) if at != NARROW]
        message = self._scene.send(self._rng.choice(sims), f"{text} {TERMINAL}", sender)
        self._to_refuse.add(message)

    async def _load(self) -> None:
        while True:
            # A machine that is busy with other things must not drown in its backlog.
            lying = self._scene.on_sims() - self._to_refuse
            if self._scene.farm.network.waiting() < BACKLOG > len(lying):
                self.message()
            await asyncio.sleep(self._rng.expovariate(self._rate))

    async def _outages(self) -> None:
        """Now and then nobody listens at the server's address."""
        while True:
            await asyncio.sleep(self._rng.uniform(5.0, 12.0))
            await self._scene.partner.close()
            await asyncio.sleep(self._rng.uniform(0.3, 2.0))
            await self._scene.restart_partner()

    async def _hands(self) -> None:
        acts = (
            self._swap_sims,
            self._swap_sims,
            self._replug,
            self._swap_ports,
            self._overwrite,
            self._overwrite,
            self._disturb,
        )
        while True:
            await asyncio.sleep(self._rng.uniform(0.5, 3.0))
            await self._rng.choice(acts)()

    async def _swap_sims(self) -> None:
        """Two cards change places, while the modems run; every other time without a word of it."""
        one, other = self._rng.sample(self._scene.farm.modems, 2)
        noticed = self._rng.random() < 0.5
        first, second = one.sim, other.sim
        if first is None or second is None:
            return
        one.remove(noticed=noticed)
        other.remove(noticed=noticed)
        try:
            await asyncio.sleep(HAND + self._rng.random())
        finally:
            one.insert(second, noticed=noticed)
            other.insert(first, noticed=noticed)

    async def _replug(self) -> None:
        """A modem is unplugged; it comes back under its name or another."""
        modem = self._rng.randrange(len(self._scene.farm.modems))
        rename = self._rng.random() < 0.5
        self._scene.strike_fault(modem, "unplug", seconds=self._rng.uniform(0.3, 3), rename=rename)

    async def _swap_ports(self) -> None:
        self._scene.strike_fault(self._rng.randrange(len(self._scene.farm.modems)), "swap_ports")

    async def _disturb(self) -> None:
        """A modem starts anew, is slow, cuts its output into pieces, or lies about a delete."""
        kind, details = self._rng.choice(
            (
                ("reboot", {}),
                ("slow", {"delay": 0.3, "seconds": 3.0}),
                ("pieces", {"seconds": 3.0}),
                ("lumps", {"seconds": 3.0}),
                ("storm", {"seconds": 3.0}),
                ("delete", {"how": "lie", "seconds": 3.0}),
                ("delete", {"how": "deny", "seconds": 3.0}),
                ("announce", {"how": "never", "seconds": 5.0}),
                ("report", {}),
            )
        )
        self._strike(kind, **details)

    async def _overwrite(self) -> None:
        """The network puts a message in another's place, just before a slot is read: before some
        that are about to be deleted, too."""
        self._sent += 1
        text = f"in its place [{self._sent}]"
        self._strike("overwrite", on="AT+CMGR", before=True, text=text)

    def _strike(self, kind: str, **details: object) -> None:
        """At any modem; what takes slots for good spares the narrow SIM."""
        modem = self._rng.randrange(len(self._scene.farm.modems))
        narrow = self._scene.farm.modems[modem].sim is self._scene.farm.sims[NARROW]
        if not (narrow and kind == "report"):
            self._scene.strike_fault(modem, kind, **details)
