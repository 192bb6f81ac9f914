"""All modems of a host: which ports there are, and which of them are one modem."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from gsmbridge.at.port import PortName, Ports
from gsmbridge.clock import Clock
from gsmbridge.errors import ModemError, describe
from gsmbridge.events import Events
from gsmbridge.modem import events as kinds
from gsmbridge.modem import silence
from gsmbridge.modem.errand import Errand, T
from gsmbridge.modem.identity import SimAbsent, SimIdentity
from gsmbridge.modem.intake import Intake
from gsmbridge.modem.keeper import Keeper
from gsmbridge.modem.recovery import Ladder
from gsmbridge.modem.status import IdleWait, ModemSettings, ModemStatus, PollWait
from gsmbridge.modem.surroundings import Surroundings, Twin, UsbReset

SCAN_INTERVAL = 1.0
"""Seconds between two looks at the ports."""
MISSED_SCANS = 2
"""After so many looks in a row without its ports, a place is given up."""
AFTER_CRASH = 1.0
CLOSE_PATIENCE = 2.0
"""Seconds that ports are waited for when the program ends."""


@dataclass(slots=True)
class Place:
    """Where a modem is: a USB device, or a port without one."""

    keeper: Keeper
    task: asyncio.Task[None]
    missed: int = 0


class Fleet:
    """Every port that matches is served by a keeper of its own; none waits for another."""

    def __init__(
        self,
        ports: Ports,
        settings: ModemSettings,
        intake: Intake,
        events: Events,
        clock: Clock,
        poll_wait: PollWait | None = None,
        usb_reset: UsbReset | None = None,
    ) -> None:
        self._ports = ports
        self._settings = settings
        self._events = events
        waits = poll_wait or IdleWait()
        self._around = Surroundings(intake, events, clock, waits, self, usb_reset)
        self._places: dict[str, Place] = {}
        self._ladders: dict[str, Ladder] = {}
        """Of modems that went while in trouble: a reset makes some re-appear, and resets count."""
        self._ending: list[asyncio.Task[None]] = []
        self._claims: dict[Keeper, tuple[str | None, SimIdentity]] = {}
        self._by_sim: dict[int, Keeper] = {}
        self._silent: dict[int, asyncio.Task[None]] = {}
        """SIMs that were found silent, with the task that registers each anew."""
        self._silence_at = 0.0
        self._closed = asyncio.Event()
        self.beats = 0
        """How often the ports were looked at."""

    @property
    def tried(self) -> bool:
        """Every port that is present was opened, or can't be."""
        return self.beats > 0 and all(
            place.keeper.status().phase != "opening" for place in self._places.values()
        )

    async def run(self) -> None:
        """Look for ports until closed."""
        while not self._closed.is_set():
            self._scan()
            self._look_for_silence(asyncio.get_running_loop().time())
            self.beats += 1
            await self._around.poll_wait.wait("", SCAN_INTERVAL, self._closed)

    def wake(self, sim: int) -> None:
        """The journal has something to free on this SIM."""
        if (keeper := self._by_sim.get(sim)) is not None:
            keeper.wake()

    async def errand(self, sim: int, errand: Errand[T]) -> T:
        """See `Errands.errand`."""
        keeper = self._by_sim.get(sim)
        if keeper is None:
            raise ModemError("no modem has this SIM ready")
        return await keeper.errand(sim, errand)

    def statuses(self) -> list[ModemStatus]:
        """Every modem, by path."""
        found = [place.keeper.status() for place in self._places.values()]
        return sorted(found, key=lambda status: status.path)

    def reload(self, settings: ModemSettings, ports: Ports) -> None:
        """Go on by another config; ports that match no more are given up at the next look."""
        self._settings, self._ports = settings, ports
        for place in self._places.values():
            place.keeper.reload(ports, settings)

    async def close(self) -> None:
        """End every session and give the ports back, within `CLOSE_PATIENCE`."""
        self._closed.set()
        for key in list(self._places):
            self._give_up(key)
        if self._ending:
            await asyncio.wait(self._ending, timeout=CLOSE_PATIENCE)

    # Book

    def claim(self, keeper: Keeper, imei: str | None, sim: SimIdentity) -> None:
        """Two ports without a USB parent are one modem if IMEI and SIM are the same. Never by IMEI
        alone: the modems of some pools share one. Two SIMs at once with one ICCID are neighbours,
        shown cut off; one SIM after the other is a card with several IMSIs."""
        self._claims.pop(keeper, None)
        for other, (its_imei, its_sim) in self._claims.items():
            if sim.key != its_sim.key:
                continue
            there = other.status()
            if sim.is_neighbour(its_sim) and there.phase in ("setup", "reading", "ready"):
                raise SimAbsent(f"{there.path} shows its ICCID too, with another IMSI")
            alone = imei is not None and not (keeper.shared or other.shared)
            if alone and imei == its_imei:
                raise Twin(there.path)
        self._claims[keeper] = (imei, sim)

    def serves(self, keeper: Keeper, sim: int) -> None:
        self._by_sim[sim] = keeper

    def release(self, keeper: Keeper) -> None:
        self._claims.pop(keeper, None)
        for sim in [sim for sim, owner in self._by_sim.items() if owner is keeper]:
            del self._by_sim[sim]

    # Ports

    def _scan(self) -> None:
        found: dict[str, list[PortName]] = {}
        for name in self._ports.present():
            found.setdefault(name.usb or name.device, []).append(name)
        for key, names in found.items():
            place = self._places.get(key)
            if place is None:
                self._places[key] = self._settle(names, self._ladders.pop(key, None))
            else:
                place.missed = 0
                place.keeper.rounds.names = tuple(names)
        for key, place in list(self._places.items()):
            self._check(key, place, found.get(key, []))
        self._ending = [task for task in self._ending if not task.done()]

    def _settle(self, names: list[PortName], ladder: Ladder | None) -> Place:
        keeper = Keeper(names, self._ports, self._settings, self._around, ladder)
        return Place(keeper, asyncio.create_task(self._keep(keeper)))

    def _check(self, key: str, place: Place, names: list[PortName]) -> None:
        """Give a place up whose open port is gone for good, or matches no more."""
        current = place.keeper.current
        there = current is None or any(name.device == current.device for name in names)
        if names and there:
            return
        place.keeper.rounds.names = tuple(names)
        place.missed += 1
        if place.missed >= MISSED_SCANS:
            self._give_up(key)

    def _give_up(self, key: str) -> None:
        place = self._places.pop(key)
        if place.keeper.climb.ladder.failures:
            self._ladders[key] = place.keeper.climb.ladder
        place.task.cancel()
        self._ending.append(place.task)

    # Silence

    def _look_for_silence(self, now: float) -> None:
        after = self._settings.silent_after
        if after is None or now < self._silence_at:
            return
        self._silence_at = now + silence.LOOK_EVERY
        keepers = {sim: keeper for sim, keeper in self._by_sim.items() if keeper.listener}
        listeners = [each.listener for each in keepers.values() if each.listener is not None]
        silent = {each.sim: each for each in silence.silent(listeners, now, after)}
        for sim, listener in silent.items():
            if sim not in self._silent and sim in keepers:
                path = keepers[sim].status().path
                told = {"hours": round(after / 3600, 1), "operator": listener.operator}
                self._events.emit(kinds.MODEM_SILENT, **told, modem=path)
                self._silent[sim] = asyncio.create_task(self._register_anew(sim, path))
        for sim in [sim for sim in self._silent if sim in keepers and sim not in silent]:
            del self._silent[sim]
            self._events.emit(kinds.MODEM_HEARD, modem=keepers[sim].status().path)

    async def _register_anew(self, sim: int, path: str) -> None:
        try:
            await self.errand(sim, silence.register_anew)
        except ModemError as error:
            self._events.emit(kinds.NOT_REGISTERED_ANEW, error=error.message, modem=path)

    async def _keep(self, keeper: Keeper) -> None:
        """Run a keeper; an error of the program costs this modem a second and nobody else."""
        while True:
            try:
                await keeper.run()
            except Exception as error:
                self._events.emit(
                    kinds.MODEM_CRASHED,
                    error=describe(error),
                    modem=keeper.status().path,
                )
                await asyncio.sleep(AFTER_CRASH)
