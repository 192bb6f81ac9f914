"""Keeps one modem at work: opens its port, runs sessions, climbs the ladder, for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from gsmbridge.at.port import PortName, Ports
from gsmbridge.dialects.dialect import Dialect
from gsmbridge.errors import CommandTimeout, ModemError, PortLost
from gsmbridge.events import Kind
from gsmbridge.modem import choice, rungs
from gsmbridge.modem import events as kinds
from gsmbridge.modem.climb import Climb
from gsmbridge.modem.drain import Drain
from gsmbridge.modem.errand import Errand, T
from gsmbridge.modem.identity import ModemIdentity, SimIdentity
from gsmbridge.modem.recovery import Ladder, Rung, Step, quiet_pause
from gsmbridge.modem.registration import Registration
from gsmbridge.modem.rounds import Rounds
from gsmbridge.modem.session import Session
from gsmbridge.modem.silence import Listener
from gsmbridge.modem.status import ModemSettings, ModemStatus
from gsmbridge.modem.surroundings import OtherPort, Surroundings, Twin

STEADY = 60.0
"""Seconds of work after which a failure begins at the foot of the ladder again."""
REOPEN_PAUSE = 0.5
"""Seconds until a lost port is looked for."""
TWIN_PAUSE = 20.0
"""Seconds until the second port of a modem is looked at again."""
CLOSE_PATIENCE = 1.0
"""Seconds that a closing port is waited for; a dead one may take half a minute by itself."""


class Keeper:
    """The task of one modem: one place, with the ports found there."""

    def __init__(
        self,
        names: Sequence[PortName],
        ports: Ports,
        settings: ModemSettings,
        around: Surroundings,
        ladder: Ladder | None = None,
    ) -> None:
        self.rounds = Rounds(names, settings.baudrate)
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
        self.climb = Climb(self._emit, ladder or Ladder())
        self.registration = Registration()
        self._ready_at: float | None = None
        self._sim: int | None = None
        self._listens_since = 0.0
        self._heard: float | None = None
        self._unusable = False
        self._twin = ""

    @property
    def shared(self) -> bool:
        """Its ports hang on one USB device: no other place can be this modem."""
        return self.rounds.usb is not None

    def status(self) -> ModemStatus:
        """The modem as it is, or as it was last seen."""
        shown = self._session.status if self._session is not None else self._last
        phase = shown.phase
        if self.climb.in_trouble and phase == "setup":
            phase = "recovering"  # from one attempt to the next
        return replace(
            shown,
            phase=phase,
            resets=self.climb.resets,
            recoveries=self.climb.tried,
            alarms=self.registration.alarms,
        )

    @property
    def listener(self) -> Listener | None:
        """How long nothing was heard; None while the modem is not ready."""
        status = self.status()
        if status.phase != "ready" or status.sim is None:
            return None
        return Listener(status.sim, status.operator, self._listens_since, self._heard)

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

    # What the session tells and asks (owner.Owner)

    @property
    def unwatched(self) -> float:
        return self.climb.lasted(asyncio.get_running_loop().time())

    @property
    def unseen(self) -> bool:
        return self._sim is None

    def identified(self, modem: ModemIdentity, sim: SimIdentity) -> None:
        """`OtherPort` where the family's port is another one, `Twin` where the modem is served."""
        assert self.current is not None
        self._identity = modem
        self.rounds.answered(self.current)
        self._change_port(modem.dialect)
        self._around.book.claim(self, modem.imei, sim)
        self._twin = ""

    def unannounced(self) -> None:
        """Messages come, and are not announced on this port. `OtherPort` where there is one that
        was not tried yet."""
        if self.current is not None and self._identity is not None:
            self.rounds.unannounced(self.current)
            self._change_port(self._identity.dialect)

    def heard(self) -> None:
        """A message was read that is new."""
        self._heard = asyncio.get_running_loop().time()

    def registered(self, registration: str) -> None:
        """What the modem says of its network."""
        now = asyncio.get_running_loop().time()
        kind = self.registration.seen(registration, now)
        if kind is not None:
            lasted = round(self.registration.lasted(now))
            self._emit(kind, registration=registration, seconds=lasted)

    def ready(self, sim: int) -> None:
        now = asyncio.get_running_loop().time()
        self._ready_at = now
        if sim != self._sim:
            self._sim, self._listens_since, self._heard = sim, now, None
        self._around.book.serves(self, sim)
        self.climb.works(now)

    def _change_port(self, dialect: Dialect) -> None:
        assert self.current is not None
        other = self.rounds.better(self.current, dialect)
        if other is not None:
            raise OtherPort(f"its better port is {other.path}")

    # One visit after another

    async def run(self) -> None:
        """Serve the modem until cancelled."""
        step = Step(Rung.REOPEN, 0.0)
        while True:
            await asyncio.sleep(step.pause)
            if step.rung is Rung.USB_RESET:
                await self._reset_usb()
            name = self.rounds.choose(self._dialect())
            if name is None:
                step = Step(step.rung, REOPEN_PAUSE)
                continue
            self.current = name
            try:
                step = await self._visit(name, step.rung)
            finally:
                self.current = None
                self._around.book.release(self)

    def _dialect(self) -> Dialect:
        """The modem's, or the one that its USB vendor makes likely."""
        return self.rounds.likely if self._identity is None else self._identity.dialect

    async def _visit(self, name: PortName, rung: Rung) -> Step:
        """One port from opening to closing; what to do next."""
        around = self._around
        rate = self.rounds.speed(name, self._settings.baudrate, rung is Rung.REOPEN)
        try:
            port = await self._ports.open(name, rate)
        except PortLost as error:
            return self._not_opened(name, error)
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
        begun = self._last.turned("setup", around.clock.wall(), self._last.last_error)
        session.status = replace(begun, path=name.path, sim=None)
        self._session = session
        draining = self._drain(name)
        try:
            return await self._serve(session, rung)
        finally:
            if session.modem is not None:
                self.rounds.rate = rate
            self._last = replace(session.status, sim=None)
            self._session = None
            self._closing = asyncio.create_task(self._close(session, draining))
            await asyncio.wait((self._closing,), timeout=CLOSE_PATIENCE)

    def _drain(self, name: PortName) -> asyncio.Task[None] | None:
        if not self._dialect().drain or len(self.rounds.names) < 2:
            return None
        drain = Drain(
            self._ports, lambda: choice.to_drain(self.rounds.names, name), self.rounds.rate
        )
        return asyncio.create_task(drain.run())

    @staticmethod
    async def _close(session: Session, draining: asyncio.Task[None] | None) -> None:
        await session.channel.close()
        if draining is not None:
            draining.cancel()
            await asyncio.wait((draining,))

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
            except OtherPort as other:
                self._note(session, "setup", other.message)
                return Step(Rung.REOPEN, 0.0)
            except ModemError as error:
                step = self._failed(session, error)
            if step.rung is not Rung.SYNC:
                return step
            await asyncio.sleep(step.pause)
            rung = step.rung

    async def _apply(self, rung: Rung, session: Session) -> None:
        """Do what the rung says, beyond opening and synchronising. The modem may be too deaf to
        answer: the session finds out."""
        dialect = self._dialect()
        if rung is Rung.RESET:
            self._emit(kinds.MODEM_RESET, command=" ".join(dialect.reset))
        try:
            await rungs.apply(rung, session.channel, dialect)
        except CommandTimeout as error:
            self._note(session, "recovering", error.message)
        if rung is Rung.RESET:
            await asyncio.sleep(rungs.AFTER_RESET + dialect.settle)

    async def _reset_usb(self) -> None:
        usb = self.rounds.usb
        if usb is None or self._around.usb_reset is None:
            return
        self._emit(kinds.MODEM_RESET, command="USBDEVFS_RESET")
        try:
            await self._around.usb_reset(usb)
        except ModemError as error:
            self._emit(kinds.RECOVERY_FAILED, rung=Rung.USB_RESET.value, error=str(error))
        await asyncio.sleep(rungs.AFTER_RESET)

    # What to do after a visit

    def _not_opened(self, name: PortName, error: PortLost) -> Step:
        self.rounds.not_opened()
        own = f"{name.path}: "  # is said wherever the error is shown
        why = error.message.removeprefix(own)
        self._last = self._last.turned("lost", self._around.clock.wall(), why)
        if not self._unusable:
            self._unusable = True
            self._emit(kinds.PORT_UNUSABLE, error=str(error).removeprefix(own))
        return Step(Rung.REOPEN, quiet_pause(self.rounds.tries - 1))

    def _lost(self, session: Session, error: PortLost) -> Step:
        self.rounds.not_opened()
        if session.modem is not None:
            self._emit(kinds.MODEM_LOST, error=error.message)
            self.rounds.begin_anew()
        self._note(session, "lost", error.message)
        return Step(Rung.REOPEN, max(REOPEN_PAUSE, quiet_pause(self.rounds.tries) - 1.0))

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
        if session.modem is None:
            self.rounds.no_answer(session.name)
        if self._identity is None:
            self._note(session, "silent", error.message)
            return Step(Rung.REOPEN, quiet_pause(self.rounds.tries - 1))
        if self._ready_at is not None and now - self._ready_at >= STEADY:
            self.climb.ladder.recovered()
        self._note(session, "recovering", error.message)
        return self.climb.failed(error, now, self._rough(self._identity.dialect))

    def _rough(self, dialect: Dialect) -> list[Rung]:
        """The resets that this modem may be given."""
        usb = self._settings.usb_reset and self._around.usb_reset is not None and self.shared
        return [Rung.RESET] * bool(dialect.reset) + [Rung.USB_RESET] * usb

    def _note(self, session: Session, phase: str, error: str) -> None:
        session.status = session.status.turned(phase, self._around.clock.wall(), error)

    def _emit(self, kind: Kind, /, **fields: object) -> None:
        path = self.current.path if self.current is not None else self._last.path
        self._around.events.emit(kind, **fields, modem=path)
