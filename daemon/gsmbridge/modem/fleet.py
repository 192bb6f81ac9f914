"""All modems of a host: which ports there are, and which of them are one modem."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from gsmbridge.at.port import PortName, Ports
from gsmbridge.clock import Clock
from gsmbridge.errors import ModemError
from gsmbridge.events import Events
from gsmbridge.modem import events as kinds
from gsmbridge.modem.errand import Errand, T
from gsmbridge.modem.intake import Intake
from gsmbridge.modem.keeper import Keeper, Surroundings, Twin
from gsmbridge.modem.status import IdleWait, ModemSettings, ModemStatus, PollWait

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
    ) -> None:
        self._ports = ports
        self._settings = settings
        self._events = events
        self._around = Surroundings(intake, events, clock, poll_wait or IdleWait(), self)
        self._places: dict[str, Place] = {}
        self._ending: list[asyncio.Task[None]] = []
        self._claims: dict[Keeper, tuple[str, str]] = {}
        self._by_sim: dict[int, Keeper] = {}
        self._closed = asyncio.Event()

    async def run(self) -> None:
        """Look for ports until closed."""
        while not self._closed.is_set():
            self._scan()
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

    def claim(self, keeper: Keeper, imei: str | None, sim: str) -> None:
        """Two ports without a USB parent are one modem if IMEI and SIM are the same. Never by IMEI
        alone: the modems of some pools share one."""
        self._claims.pop(keeper, None)
        if imei is None or keeper.shared:
            return
        for other, claim in self._claims.items():
            if claim == (imei, sim):
                raise Twin(other.status().path)
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
                self._places[key] = self._settle(names)
            else:
                place.missed = 0
                place.keeper.names = tuple(names)
        for key, place in list(self._places.items()):
            self._check(key, place, found.get(key, []))
        self._ending = [task for task in self._ending if not task.done()]

    def _settle(self, names: list[PortName]) -> Place:
        keeper = Keeper(names, self._ports, self._settings, self._around)
        return Place(keeper, asyncio.create_task(self._keep(keeper)))

    def _check(self, key: str, place: Place, names: list[PortName]) -> None:
        """Give a place up whose open port is gone for good, or matches no more."""
        current = place.keeper.current
        there = current is None or any(name.device == current.device for name in names)
        if names and there:
            return
        place.keeper.names = tuple(names)
        place.missed += 1
        if place.missed >= MISSED_SCANS:
            self._give_up(key)

    def _give_up(self, key: str) -> None:
        place = self._places.pop(key)
        place.task.cancel()
        self._ending.append(place.task)

    async def _keep(self, keeper: Keeper) -> None:
        """Run a keeper; an error of the program costs this modem a second and nobody else."""
        while True:
            try:
                await keeper.run()
            except Exception as error:
                self._events.emit(
                    kinds.MODEM_CRASHED,
                    error=f"{type(error).__name__}: {error}",
                    modem=keeper.status().path,
                )
                await asyncio.sleep(AFTER_CRASH)
