"""A bench for the modem side: simulated modems in simulated time, a journal in memory."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from gsmbridge.at.port import Port, PortName
from gsmbridge.errors import PortLost
from gsmbridge.events import Kind
from gsmbridge.farm import encode
from gsmbridge.farm.modem import ExtraPort, ModemModel
from gsmbridge.farm.personalities import GENERIC, Personality
from gsmbridge.farm.sim import Label, SimCard, make_sim
from gsmbridge.farm.virtual import SimulatedClock, World, run
from gsmbridge.message import Reading, SimSeen, SimState, SlotToFree
from gsmbridge.modem.fleet import Fleet
from gsmbridge.modem.status import IdleWait, ModemSettings
from gsmbridge.sms.identity import tpdu_identity


@dataclass
class MemoryIntake:
    """The journal's side of `Intake`: keeps everything, frees what it is told to."""

    readings: list[Reading] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    """Identities whose slots may go."""
    elsewhere: set[str] = field(default_factory=set)
    """Identities that were seen on other SIMs."""
    freed_copies: list[int] = field(default_factory=list)
    pins: list[tuple[str, str]] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    seen: list[SimSeen] = field(default_factory=list)
    sims: dict[str, int] = field(default_factory=dict)
    last_sim: dict[str, int] = field(default_factory=dict)
    slots: dict[tuple[int, str, str, int], str] = field(default_factory=dict)
    on_record: Callable[[Reading], None] = lambda reading: None
    gate: asyncio.Event | None = None
    """Unset: nothing can be committed."""

    async def sim_seen(self, seen: SimSeen) -> SimState:
        await asyncio.sleep(0.001)
        self.seen.append(seen)
        key = seen.iccid or seen.imsi or ""
        sim = self.sims.setdefault(key, len(self.sims) + 1)
        changed = self.last_sim.get(seen.modem) != sim
        if changed:
            self.last_sim.pop(seen.modem, None)
        return SimState(sim, seen.iccid, seen.imsi, listed=False, changed=changed, phone=None)

    async def known_elsewhere(self, sim: int, identities: Sequence[str]) -> bool:
        return not self.elsewhere.isdisjoint(identities)

    async def known_here(self, sim: int, identities: Sequence[str]) -> bool:
        return set(identities) <= {self.slots[key] for key in self.slots if key[0] == sim}

    async def record(self, reading: Reading) -> Sequence[SlotToFree]:
        await asyncio.sleep(0.001)
        if self.gate is not None:
            await self.gate.wait()
        self.readings.append(reading)
        for stored in reading.slots:
            key = (reading.sim, reading.appearance, reading.store, stored.slot)
            self.slots[key] = tpdu_identity(stored.pdu)
        if reading.complete:
            self.last_sim[reading.modem] = reading.sim
        self.on_record(reading)
        return await self.to_free(reading.sim, reading.appearance)

    async def to_free(self, sim: int, appearance: str) -> Sequence[SlotToFree]:
        return tuple(
            SlotToFree(copy=slot, sms_id=slot, store=store, slot=slot, identity=identity)
            for (owner, where, store, slot), identity in self.slots.items()
            if (owner, where) == (sim, appearance) and identity in self.done
        )

    async def freed(self, copy: int) -> None:
        self.freed_copies.append(copy)
        self.slots = {key: value for key, value in self.slots.items() if key[3] != copy}

    async def may_send_pin(self, iccid: str, pin: str, *, untouched: bool) -> bool:
        again = untouched and iccid not in self.refused
        if (iccid, pin) in self.pins and iccid not in self.accepted and not again:
            return False
        self.pins.append((iccid, pin))
        return True

    async def pin_refused(self, iccid: str) -> None:
        self.refused.append(iccid)

    async def pin_accepted(self, iccid: str) -> None:
        self.accepted.append(iccid)

    def identities(self, *, arrived: bool | None = None) -> list[str]:
        """What was recorded, in order, each once."""
        found = [
            tpdu_identity(stored.pdu)
            for reading in self.readings
            for stored in reading.slots
            if arrived is None or reading.arrived == arrived
        ]
        return list(dict.fromkeys(found))

    def owner(self, identity: str) -> set[int]:
        return {key[0] for key, value in self.slots.items() if value == identity}


@dataclass
class Told:
    """Events as they were told."""

    events: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def emit(self, kind: Kind, /, **fields: object) -> None:
        kind.template.format_map(fields)
        self.events.append((kind.name, fields))

    def names(self) -> list[str]:
        return [name for name, _ in self.events]


class Plug:
    """One end of a simulated serial line."""

    def __init__(self, bench: Bench, name: PortName, modem: ModemModel | ExtraPort) -> None:
        self._bench = bench
        self._name = name
        self._modem = modem
        self._on_bytes: Callable[[bytes], None] | None = None
        self._on_lost: Callable[[str], None] | None = None
        self.written = bytearray()
        self.open = True

    def start(self, on_bytes: Callable[[bytes], None], on_lost: Callable[[str], None]) -> None:
        self._on_bytes, self._on_lost = on_bytes, on_lost

    def write(self, data: bytes) -> None:
        self.written += data
        self._bench.written[Path(self._name.device).name] += data
        self._bench.world.call_later(0.0, lambda: self._modem.receive(data))

    async def close(self) -> None:
        self.open = False
        self._on_bytes = self._on_lost = None

    def arrive(self, data: bytes) -> None:
        loop, take = self._bench.loop, self._on_bytes
        if take is not None:
            loop.call_soon(lambda: take(data) if self._on_bytes else None)

    def lose(self) -> None:
        lost = self._on_lost
        if lost is not None:
            self._bench.loop.call_soon(lost, "unplugged")


class Bench:
    """Modems on ports, and the fleet that serves them."""

    def __init__(self, seed: int = 1) -> None:
        self.world = World(seed)
        self.rng = random.Random(seed)
        self.intake = MemoryIntake()
        self.told = Told()
        self.names: list[PortName] = []
        self.modems: dict[str, ModemModel | ExtraPort] = {}
        self.usb_resets: list[str] = []
        self.on_usb_reset: Callable[[], None] = lambda: None
        self.plugs: dict[str, list[Plug]] = {}
        self.written: dict[str, bytearray] = {}
        self.settings = ModemSettings()
        self.loop: asyncio.AbstractEventLoop
        self.fleet: Fleet

    # Ports

    def present(self) -> Sequence[PortName]:
        return tuple(self.names)

    async def open(self, name: PortName, baudrate: int) -> Port:
        if name not in self.names:
            raise PortLost(f"{name.path} is not there")
        await asyncio.sleep(0.001)
        modem = self.modems[name.device]
        plug = Plug(self, name, modem)
        self.plugs.setdefault(name.device, []).append(plug)
        modem.emit = plug.arrive
        return plug

    # What is attached

    def modem(
        self, personality: Personality = GENERIC, sim: SimCard | None = None, **port: object
    ) -> ModemModel:
        """Attach one more modem."""
        number = len(self.modems)
        path = f"/dev/modem{number}"
        modem = ModemModel(
            personality,
            self.world,
            lambda data: None,
            self.rng,
            name=f"modem{number}",
            imei=f"35000000000{number:04d}",
            sim=make_sim(number + 1) if sim is None else sim,
        )
        modem.start()
        self.attach(PortName(path, path, **port), modem)  # type: ignore[arg-type]
        return modem

    def extra(self, modem: ModemModel, *, dumb: bool = False, **port: object) -> PortName:
        """One more tty of *modem*, which says nothing unasked."""
        path = f"/dev/modem{len(self.modems)}"
        name = PortName(path, path, **port)  # type: ignore[arg-type]
        self.attach(name, modem.add_port(dumb=dumb))
        return name

    async def usb_reset(self, usb: str) -> None:
        self.usb_resets.append(usb)
        self.on_usb_reset()

    def attach(self, name: PortName, modem: ModemModel | ExtraPort) -> None:
        self.modems[name.device] = modem
        self.written.setdefault(Path(name.device).name, bytearray())
        self.names.append(name)

    def detach(self, name: PortName) -> None:
        self.names.remove(name)
        for plug in self.plugs.get(name.device, []):
            plug.lose()

    def sent(self, modem: ModemModel) -> list[str]:
        """Commands that the modem was sent."""
        return self.written[modem.name].decode("latin-1").replace("\x1b", "").split("\r")[:-1]

    # Messages

    def tpdu(self, text: str, age: float = 0.0) -> bytes:
        when = datetime.fromtimestamp(1_800_000_000 - age, UTC)
        return encode.message("Bank", text, when, reference=1)[0].tpdu

    def store(self, modem: ModemModel, text: str, at: int | None = None, age: float = 0.0) -> str:
        """A message that lies on the SIM already; its identity."""
        assert modem.sim is not None
        place = modem.sim.sms.free() if at is None else at
        assert place is not None
        pdu = encode.smsc_part() + self.tpdu(text, age)
        modem.write("SM", place, pdu, Label(1))
        return tpdu_identity(pdu.hex())

    def deliver(self, modem: ModemModel, text: str, message_class: int | None = None) -> str:
        """A message that arrives now; its identity."""
        tpdu = self.tpdu(text)
        if message_class is not None:  # DCS lies behind the address, 5 octets of "Bank" (23.038, 4)
            dcs = 1 + 2 + (tpdu[1] + 1) // 2 + 1
            tpdu = tpdu[:dcs] + bytes((0x10 | message_class,)) + tpdu[dcs + 1 :]
        modem.incoming(tpdu, Label(1))
        return tpdu_identity((encode.smsc_part() + tpdu).hex())

    def identity(self, text: str) -> str:
        return tpdu_identity((encode.smsc_part() + self.tpdu(text)).hex())

    # Running

    def run(self, scenario: Callable[[], Awaitable[None]]) -> None:
        """Serve the modems while *scenario* lasts, in simulated time."""

        async def main() -> None:
            self.loop = asyncio.get_running_loop()
            clock = SimulatedClock(self.world)
            self.fleet = Fleet(
                self, self.settings, self.intake, self.told, clock, IdleWait(), self.usb_reset
            )
            task = asyncio.create_task(self.fleet.run())
            try:
                await scenario()
            finally:
                await self.fleet.close()
                await task

        run(self.world, main())
