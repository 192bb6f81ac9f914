"""One open modem, from the first AT to the loss of its port.

An *appearance* is the time in which one SIM is proved to be in a modem that kept its settings.
It begins with set-up, identity and a complete listing; any sign that SIM or settings are no longer
what they were ends it, and another begins. Slot numbers mean something within it only.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from gsmbridge.at.channel import Channel
from gsmbridge.at.port import Port, PortName
from gsmbridge.clock import Clock
from gsmbridge.errors import ModemError
from gsmbridge.events import Events
from gsmbridge.iccid import luhn_ok
from gsmbridge.message import SimSeen, SimState
from gsmbridge.modem import choice, identity, network, setup
from gsmbridge.modem import events as kinds
from gsmbridge.modem.appearance import Appearance, Subject
from gsmbridge.modem.direct import DirectDelivery
from gsmbridge.modem.errand import Errand, T
from gsmbridge.modem.flutter import Flutter
from gsmbridge.modem.hints import Hints
from gsmbridge.modem.identity import ModemIdentity, OtherSim, SimAbsent, SimIdentity, Unsettled
from gsmbridge.modem.intake import Intake
from gsmbridge.modem.owner import Owner
from gsmbridge.modem.pin import Locked, unlock
from gsmbridge.modem.status import ModemSettings, ModemStatus, PollWait
from gsmbridge.modem.store import Store
from gsmbridge.modem.teller import Teller

SIGNAL_EVERY = 2
"""Every how many polls the signal is asked for."""
UNANNOUNCED = 2
"""Messages found by polling alone after which another port is tried."""
SETTINGS_EVERY = 20
"""Every how many polls the settings are made anew, and the operator is asked for."""
LOOK_FOR_SIM_EVERY = 600.0
"""Seconds after which a SIM is looked for in a modem that says it has none."""
SWAP_AND_BACK = 15.0
"""Seconds without an answer in which another SIM may have been in, and a message for it come."""
NOT_READY_PAUSE = 1.0
"""Seconds before a modem without a SIM is asked again, whatever it chatters."""


class Session:
    """The work on one modem through one open channel."""

    def __init__(
        self,
        port: Port,
        name: PortName,
        settings: ModemSettings,
        intake: Intake,
        events: Events,
        clock: Clock,
        owner: Owner,
        poll_wait: PollWait,
    ) -> None:
        self.name = name
        self.settings = settings
        self.status = ModemStatus(name.path, phase="setup", since=clock.wall())
        self.modem: ModemIdentity | None = None
        self._intake = intake
        self._teller = Teller(events, name.path)
        self._clock = clock
        self._owner = owner
        self._poll_wait = poll_wait
        self._wake = asyncio.Event()
        self._floor = asyncio.Lock()  # held by whoever runs commands that belong together
        self.hints = Hints(self._wake)
        self._direct = DirectDelivery(name.path, self.hints, intake, self._teller)
        self.channel = Channel(
            port,
            timeout=settings.command_timeout,
            on_urc=self.hints.take,
            on_lost=self._wake.set,
        )
        self._appearance: Appearance | None = None
        self._sim: SimState | None = None
        self._look_for_sim_at = 0.0
        self._flutter = Flutter()

    def wake(self) -> None:
        """The journal has slots to free, or the config changed."""
        if self._appearance is not None:
            self._appearance.freeing = True
        self._wake.set()

    async def errand(self, sim: int, errand: Errand[T]) -> T:
        """See `Errands.errand`."""
        async with self._floor:
            appearance, modem = self._appearance, self.modem
            if modem is None or appearance is None or appearance.subject.sim.sim != sim:
                raise ModemError("the SIM is not ready in this modem", "try again in a minute")
            await appearance.main.store.confirm()
            result = await errand(self.channel, modem.dialect)
            await appearance.main.store.confirm()
            return result

    async def run(self) -> None:
        """Serve the modem until it fails: PortLost, CommandTimeout, CommandFailed, or what the
        owner raises."""
        while True:
            self._wake.clear()
            try:
                async with self._floor:
                    await self._appear()
                await self._serve()
            except Unsettled as doubt:
                self.hints.sim_out = self.hints.sim_out or isinstance(doubt, OtherSim)
                self._doubt(doubt)
                await self._direct.hold(self._modem_key())
                await self._breathe()
            except SimAbsent as absent:
                await self._without_sim(absent)
            except ModemError:
                await self._direct.hold(self._modem_key())  # what it keeps ends with this session
                raise
            finally:
                self._appearance = None

    async def _appear(self) -> None:
        """Set-up, identity, first pass: the beginning of an appearance."""
        self._phase("setup")
        self._flutter.begins(asyncio.get_running_loop().time())
        channel = self.channel
        await setup.synchronise(channel)
        await setup.switch_on(channel)
        modem = await self._identify_modem()
        sim, stores = await self._identify_sim()
        started = None
        while modem.dialect.store_is_copy and sim.key != started and self._copy_in_doubt():
            started = sim.key
            await setup.restart_sim(channel, modem.dialect)
            sim, stores = await self._identify_sim()
        self.hints.sim_out = False
        wary = modem.dialect.store_is_copy and sim.key != started
        await self._begin(sim, stores, wary=wary)

    def _copy_in_doubt(self) -> bool:
        """The modem's copy of the store may be that of another SIM than the one that is in."""
        unwatched = self._owner.unwatched >= SWAP_AND_BACK
        return self._sim_state().changed or self.hints.sim_out or unwatched

    async def _identify_modem(self) -> ModemIdentity:
        modem = await identity.modem_identity(self.channel)
        self.modem = modem
        dialect = modem.dialect
        self.hints.dialect = dialect
        self.channel.learn(urcs=dialect.urcs, pace=dialect.pace)
        self._note(
            manufacturer=modem.manufacturer,
            model=modem.model,
            revision=modem.revision,
            dialect=dialect.name,
            imei=modem.imei,
        )
        await setup.initialise(self.channel, dialect, choice.role(self.name, dialect))
        return modem

    async def _identify_sim(self) -> tuple[SimIdentity, list[Store]]:
        """A SIM that is unlocked, on whose store the modem is set, and that the journal knows."""
        assert self.modem is not None
        channel, dialect = self.channel, self.modem.dialect
        await unlock(channel, dialect, self.settings, self._intake, self._teller)
        ready = await setup.settings(channel, dialect)
        if not ready.indications:
            self._teller.tell_new(kinds.NO_INDICATIONS)
        self.hints.begin()
        sim = await identity.sim_identity(channel, dialect)
        if not sim.proved:
            raise SimAbsent("18 digits of an ICCID may be a neighbour's too, and it gives no IMSI")
        self._owner.identified(self.modem, sim)
        own_numbers = await identity.own_numbers(channel)
        await identity.check(channel, sim)
        seen = SimSeen(self._modem_key(), sim.iccid, sim.imsi, own_numbers)
        state = await self._intake.sim_seen(seen)
        if self._sim is not None and self._sim.sim != state.sim:
            self.hints.forget_arrivals()
        self._sim = state
        self._note(
            sim=state.sim,
            iccid=sim.iccid,
            imsi=sim.imsi,
            phone=state.phone,
            own_numbers=own_numbers,
            store=ready.usage.memory,
        )
        if sim.iccid is not None and sim.iccid.isdecimal() and not luhn_ok(sim.iccid):
            self._teller.tell_new(kinds.SIM_CHECK_DIGIT, iccid=sim.iccid)
        told = (self.hints.unsettled, self._read_again)
        main = ready.usage.memory
        memories = (main, *ready.others)
        return sim, [Store(channel, dialect, sim, memory, main, *told) for memory in memories]

    async def _begin(self, sim: SimIdentity, stores: list[Store], *, wary: bool) -> None:
        """The first pass, and everybody is told."""
        self._phase("reading")
        token = f"{self._clock.boot_id()}:{self._clock.monotonic():.6f}:{self.name.device}"
        subject = Subject(self.name.path, self._modem_key(), token, self._sim_state())
        appearance = Appearance(subject, stores, self.hints, self._intake, self._teller)
        self._appearance = appearance
        self.hints.appearance = token
        await appearance.begin(wary=wary, unseen=self._owner.unseen)
        self._owner.ready(subject.sim.sim)
        self._teller.over(kinds.SIM_ABSENT)
        self._teller.over(kinds.PIN_WITHHELD)
        self._note(appearances=self.status.appearances + 1, last_error="")
        self._phase("ready")
        self._teller.tell(
            kinds.MODEM_APPEARED,
            model=self.status.model,
            imei=self.status.imei,
            iccid=sim.iccid or sim.imsi,
            used=appearance.main.used,
            total="?" if appearance.main.total is None else appearance.main.total,
        )

    async def _serve(self) -> None:
        """Work and polls until this appearance is over."""
        appearance = self._appearance
        assert appearance is not None
        loop = asyncio.get_running_loop()
        polls = 0
        poll_at = loop.time()
        while True:
            self._wake.clear()
            self.channel.check()
            async with self._floor:
                await self._direct.take(appearance, self.channel, self.hints.dialect)
                if reason := self.hints.unsettled():
                    raise Unsettled(reason)
                await appearance.work()
                if loop.time() >= poll_at:
                    await self._poll(appearance, polls)
                    polls += 1
                    poll_at = loop.time() + self.settings.poll_interval
            self._note_store(appearance)
            if not self.hints.arrivals:
                seconds = max(0.0, min(poll_at, appearance.due) - loop.time())
                polls = await self._poll_wait.wait(self.name.path, seconds, self._wake, polls)

    async def _poll(self, appearance: Appearance, number: int) -> None:
        """Ask the network and the store. Number 0 comes right after the first
        pass. What a restart that nobody noticed forgot is set again from time to time."""
        await self._ask_network(
            signal=number % SIGNAL_EVERY == 0, operator=number % SETTINGS_EVERY == 0
        )
        if number and number % SETTINGS_EVERY == 0 and self.modem is not None:
            ready = await setup.settings(self.channel, self.modem.dialect)
            if ready.usage.memory != appearance.main.memory:
                raise Unsettled(f"the modem reads {ready.usage.memory} now")
        if number:
            await appearance.poll(number)
            await self._look_for_identity(appearance, number)
            if appearance.unannounced >= UNANNOUNCED and not self.hints.announced:
                appearance.unannounced = 0
                self._owner.unannounced()

    async def _look_for_identity(self, appearance: Appearance, number: int) -> None:
        """Ask for what the SIM did not tell at first, at growing intervals: the config may list it
        by that."""
        sim = appearance.main.store.sim
        if number & (number - 1) or (sim.iccid is not None and sim.imsi is not None):
            return
        found = await identity.sim_identity(self.channel, self.hints.dialect)
        if (found.iccid and not sim.iccid) or (found.imsi and not sim.imsi):
            raise Unsettled("the SIM tells more of itself now")

    async def _without_sim(self, absent: SimAbsent) -> None:
        """Ask again every poll_interval, or when the modem reports something; told once."""
        locked = isinstance(absent, Locked)
        self.hints.sim_out = self.hints.sim_out or not locked
        self._phase("pin" if locked else "no-sim", absent.message)
        kind = kinds.PIN_WITHHELD if locked else kinds.SIM_ABSENT
        self._teller.tell_new(kind, reason=absent.message)
        self._note(sim=None, iccid=None, imsi=None, phone=None, own_numbers=())
        await self._direct.hold(self._modem_key())
        await asyncio.sleep(NOT_READY_PAUSE)
        if not locked:
            await self._look_for_sim()
        rest = max(0.0, self.settings.poll_interval - NOT_READY_PAUSE)
        await self._poll_wait.wait(self.name.path, rest, self._wake)

    async def _look_for_sim(self) -> None:
        """Start the SIM anew from time to time: without a contact that tells of it, a card that
        was put in is seen only so."""
        now = asyncio.get_running_loop().time()
        if self.modem is None or now < self._look_for_sim_at:
            return
        if self._look_for_sim_at:
            await setup.restart_sim(self.channel, self.modem.dialect)
        self._look_for_sim_at = now + LOOK_FOR_SIM_EVERY

    def _doubt(self, doubt: Unsettled) -> None:
        self._note(last_error=doubt.message)
        if line := self.hints.restarted:
            self._teller.tell(kinds.MODEM_RESTARTED, line=line)
        elif self._flutter.times:
            self._teller.tell_new(kinds.SIM_CHANGED, reason=doubt.message)
        else:
            self._teller.tell(kinds.SIM_CHANGED, reason=doubt.message)

    async def _breathe(self) -> None:
        """A modem that flutters is given growing pauses."""
        await asyncio.sleep(self._flutter.ends(asyncio.get_running_loop().time()))
        if self.hints.restarted:
            await asyncio.sleep(self.hints.dialect.settle)

    async def _ask_network(self, *, signal: bool, operator: bool) -> None:
        found = await network.ask(self.channel, signal=signal, operator=operator)
        self._note(registration=found.registration)
        self._owner.registered(found.registration)
        if signal:
            self._note(signal=found.signal)
        if operator:
            self._note(operator=found.operator)

    def _read_again(self, reason: str) -> None:
        self._teller.tell_new(kinds.READ_AGAIN, reason=reason)

    def _modem_key(self) -> str:
        return identity.modem_key(None if self.modem is None else self.modem.imei, self.name)

    def _sim_state(self) -> SimState:
        assert self._sim is not None
        return self._sim

    def _note_store(self, appearance: Appearance) -> None:
        self._note(used=appearance.main.used, total=appearance.main.total)
        if appearance.found_new:
            appearance.found_new = False
            self._owner.heard()
            self._note(last_sms=self._clock.wall())

    def _note(self, **changes: object) -> None:
        if any(getattr(self.status, name) != value for name, value in changes.items()):
            self.status = replace(self.status, **changes)  # type: ignore[arg-type]

    def _phase(self, phase: str, error: str = "") -> None:
        error = error or self.status.last_error
        self.status = self.status.turned(phase, self._clock.wall(), error)
