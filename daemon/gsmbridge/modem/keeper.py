"""Keeps one modem at work: opens its port, runs sessions, climbs the ladder, for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from gsmbridge.at.command import Command
from gsmbridge.at.port import PortName, Ports
from gsmbridge.clock import Clock
from gsmbridge.errors import CommandTimeout, ModemError, PortLost
from gsmbridge.events import Events, Kind
from gsmbridge.modem import events as kinds
from gsmbridge.modem import setup
from gsmbridge.modem.errand import Errand, T
from gsmbridge.modem.identity import ModemIdentity, SimIdentity
from gsmbridge.modem.intake import Intake
from gsmbridge.modem.recovery import Ladder, Rung, Step, quiet_pause
from gsmbridge.modem.session import Session
from gsmbridge.modem.status import ModemSettings, ModemStatus, PollWait

STEADY = 60.0
"""Seconds of work after which a failure begins at the foot of the ladder again."""
REOPEN_PAUSE = 0.5
"""Seconds until a lost port is looked for."""
TWIN_PAUSE = 20.0
"""Seconds until the second port of a modem is looked at again."""
AFTER_RESET = 3.0
"""Seconds that a modem is left alone after a reset command."""
CLOSE_PATIENCE = 1.0
"""Seconds that a closing port is waited for; a dead one may take half a minute by itself."""


class Twin(ModemError):
    """Another port of this modem is already served."""

    def __init__(self, other: str) -> None:
        super().__init__(f"another port of this modem is served: {other}")
        self.other = other


class Book(Protocol):
    """What keepers must know of one another."""

    def claim(self, keeper: Keeper, imei: str | None, sim: str) -> None:
        """`Twin` where another keeper serves the same SIM in the same modem."""

    def serves(self, keeper: Keeper, sim: int) -> None:
        """*keeper* is to be woken for this SIM of the journal."""

    def release(self, keeper: Keeper) -> None:
        """*keeper* serves nothing any more."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every session is given."""

    intake: Intake
    events: Events
    clock: Clock
    poll_wait: PollWait
    book: Book


class Keeper:
    """The task of one modem: one place, with the ports found there."""

    def __init__(
        self, names: Sequence[PortName], ports: Ports, settings: ModemSettings, around: Surroundings
    ) -> None:
        self.names = tuple(names)
        """The ports found at this place; kept up to date by the fleet."""
        self.current: PortName | None = None
        """The port that is open or being opened."""
        self._ports = ports
        self._settings = settings
        self._around = around
        self._session: Session | None = None
        self._closing: asyncio.Task[None] | None = None
        """Held until done: the loop itself keeps no task alive."""
        self._last = ModemStatus(names[0].path, since=around.clock.wall())
        self._identity: ModemIdentity | None = None
        self._ladder = Ladder()
        self._ready_at: float | None = None
        self._trouble_at: float | None = None
        self._unusable = False
        self._twin = ""
        self._tries = 0
        self._resets = 0

    @property
    def shared(self) -> bool:
        """Its ports hang on one USB device: no other place can be this modem."""
        return self.names[0].usb is not None if self.names else False

    def status(self) -> ModemStatus:
        """The modem as it is, or as it was last seen."""
        shown = self._session.status if self._session is not None else self._last
        phase = shown.phase
        if self._trouble_at is not None and phase == "setup":
            phase = "recovering"  # from one attempt to the next
        return replace(shown, phase=phase, resets=self._resets)

    def wake(self) -> None:
        """There is something to do for the SIM in this modem."""
        if self._session is not None:
            self._session.wake()

    async def errand(self, sim: int, errand: Errand[T]) -> T:
        """See `Errands.errand`."""
        if self._session is None:
            raise ModemError("the modem is not ready")
        return await self._session.errand(sim, errand)

    def reload(self, ports: Ports, settings: ModemSettings) -> None:
        """Go on by another config."""
        self._ports, self._settings = ports, settings
        if self._session is not None:
            self._session.settings = settings
            self._session.wake()

    def identified(self, modem: ModemIdentity, sim: SimIdentity) -> None:
        self._identity = modem
        self._tries = 0
        self._around.book.claim(self, modem.imei, sim.key)
        self._twin = ""

    def ready(self, sim: int) -> None:
        now = asyncio.get_running_loop().time()
        self._ready_at = now
        self._around.book.serves(self, sim)
        if self._trouble_at is not None:
            seconds = round(now - self._trouble_at)
            self._emit(kinds.MODEM_RECOVERED, seconds=seconds)
            self._trouble_at = None

    async def run(self) -> None:
        """Serve the modem until cancelled."""
        step = Step(Rung.REOPEN, 0.0)
        while True:
            await asyncio.sleep(step.pause)
            name = self._choose()
            if name is None:
                step = Step(step.rung, REOPEN_PAUSE)
                continue
            self.current = name
            try:
                step = await self._visit(name, step.rung)
            finally:
                self.current = None
                self._around.book.release(self)

    def _choose(self) -> PortName | None:
        """The family's own port first where the family is known; others in turn while they stay
        silent."""
        if not self.names:
            return None
        wanted = self._identity.dialect.interface if self._identity is not None else None
        names = sorted(self.names, key=lambda name: (name.interface != wanted, name.interface or 0))
        return names[self._tries % len(names)]

    async def _visit(self, name: PortName, rung: Rung) -> Step:
        """One port from opening to closing; what to do next."""
        around = self._around
        try:
            port = await self._ports.open(name, self._settings.baudrate)
        except PortLost as error:
            return self._not_opened(error)
        if self._unusable:
            self._unusable = False
            self._emit(kinds.PORT_USABLE)
        session = Session(
            port,
            name,
            self._settings,
            around.intake,
            around.events,
            around.clock,
            self,
            around.poll_wait,
        )
        session.status = replace(self._last, path=name.path, phase="setup", sim=None)
        self._session = session
        try:
            return await self._serve(session, rung)
        finally:
            self._last = replace(session.status, sim=None)
            self._session = None
            self._closing = asyncio.create_task(session.channel.close())
            await asyncio.wait((self._closing,), timeout=CLOSE_PATIENCE)

    async def _serve(self, session: Session, rung: Rung) -> Step:
        """Run the session again as long as synchronising is all that a failure asks for."""
        while True:
            self._ready_at = None
            try:
                await self._apply(rung, session)
                await session.run()
            except PortLost as error:
                return self._lost(session, error)
            except Twin as twin:
                return self._is_twin(session, twin)
            except ModemError as error:
                step = self._failed(session, error)
            if step.rung is not Rung.SYNC:
                return step
            await asyncio.sleep(step.pause)
            rung = step.rung

    async def _apply(self, rung: Rung, session: Session) -> None:
        """Do what the rung says, beyond opening and synchronising. The modem may be too deaf to
        answer: the session finds out."""
        if self._identity is None:
            return
        dialect = self._identity.dialect
        try:
            if rung is Rung.REINIT:
                await setup.synchronise(session.channel)
                await setup.restart_sim(session.channel, dialect)
            elif rung is Rung.RESET and dialect.reset:
                self._resets += 1
                self._emit(kinds.MODEM_RESET, command=dialect.reset[0])
                for text in dialect.reset:
                    await session.channel.run(Command(text, timeout=5.0))
        except CommandTimeout as error:
            self._note(session, "recovering", error.message)
        if rung is Rung.RESET:
            await asyncio.sleep(AFTER_RESET + dialect.settle)

    def _not_opened(self, error: PortLost) -> Step:
        self._tries += 1
        self._last = replace(self._last, phase="lost", last_error=error.message)
        if not self._unusable:
            self._unusable = True
            self._emit(kinds.PORT_UNUSABLE, error=str(error))
        return Step(Rung.REOPEN, quiet_pause(self._tries - 1))

    def _lost(self, session: Session, error: PortLost) -> Step:
        self._tries += 1
        if session.modem is not None:
            self._emit(kinds.MODEM_LOST, error=error.message)
            self._tries = 0
        self._note(session, "lost", error.message)
        return Step(Rung.REOPEN, max(REOPEN_PAUSE, quiet_pause(self._tries) - 1.0))

    def _is_twin(self, session: Session, twin: Twin) -> Step:
        if twin.other != self._twin:
            self._twin = twin.other
            self._emit(kinds.MODEM_TWIN, other=twin.other)
        self._note(session, "twin", twin.message)
        return Step(Rung.REOPEN, TWIN_PAUSE)

    def _failed(self, session: Session, error: ModemError) -> Step:
        """A modem that never spoke is left alone, quietly; one that did is taken up the ladder."""
        now = asyncio.get_running_loop().time()
        self._around.book.release(self)
        if self._identity is None or (session.modem is None and len(self.names) > 1):
            self._tries += 1
            self._note(session, "silent", error.message)
            return Step(Rung.REOPEN, quiet_pause(self._tries - 1))
        if self._ready_at is not None and now - self._ready_at >= STEADY:
            self._ladder.recovered()
        if self._trouble_at is None:
            self._trouble_at = now
            self._emit(kinds.MODEM_TROUBLE, error=error.message)
        self._note(session, "recovering", error.message)
        return self._ladder.failed(now)

    def _note(self, session: Session, phase: str, error: str) -> None:
        since = self._around.clock.wall()
        session.status = replace(session.status, phase=phase, since=since, last_error=error)

    def _emit(self, kind: Kind, **fields: object) -> None:
        path = self.current.path if self.current is not None else self._last.path
        self._around.events.emit(kind, **fields, modem=path)
