"""One simulated modem, without I/O: octets from the host in, octets to the host out.

Everything it does later goes through a `Scheduler`; all chance comes from one `random.Random`.
What it answers is in `commands`, in which words in `personalities`; its troubles are in `state`.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from gsmbridge.farm.dialogue import Dialogue
from gsmbridge.farm.encode import smsc_part, text_mode
from gsmbridge.farm.line import Line
from gsmbridge.farm.personalities import Personality
from gsmbridge.farm.sim import Label, Records, SimCard, Status
from gsmbridge.farm.state import Carrier, NoCarrier, Outcome, Phase, Settings, Trouble
from gsmbridge.farm.truth import Truth
from gsmbridge.farm.world import Scheduler


class ExtraPort:
    """One more tty of a modem: the same modem answers there, but says nothing unasked.

    *dumb*: it does not even answer, as a port for diagnosis or voice.
    """

    def __init__(self, modem: ModemModel, *, dumb: bool = False) -> None:
        self.modem = modem
        self.emit: Callable[[bytes], None] = lambda _: None
        self.dialogue = Dialogue(modem, self._send)
        self._dumb = dumb

    def receive(self, data: bytes) -> None:
        if not self._dumb and self.modem.phase not in (Phase.OFF, Phase.DEAF):
            self.dialogue.receive(data)

    def _send(self, text: str) -> None:
        if self.modem.phase is not Phase.OFF and not self.modem.trouble.hang:
            self.emit(text.encode("latin-1", "replace"))


class ModemModel:
    """A modem with at most one SIM in it.

    *emit* may be called within `receive`: whoever wires it up keeps the two directions apart.
    """

    def __init__(
        self,
        personality: Personality,
        world: Scheduler,
        emit: Callable[[bytes], None],
        rng: random.Random,
        *,
        name: str = "modem0",
        imei: str = "350000000000006",
        sim: SimCard | None = None,
        truth: Truth | None = None,
        carrier: Carrier | None = None,
    ) -> None:
        self.personality = personality
        self.world = world
        self.rng = rng
        self.name = name
        self.imei = imei
        self.sim = sim
        self.truth = truth or Truth(lambda: world.now)
        self.carrier: Carrier = carrier or NoCarrier()
        self.trouble = Trouble()
        self.line = Line(world, self._emit, rng, personality.baud)
        self.me = Records(personality.me_capacity)
        self.emit = emit
        self.phase = Phase.OFF
        self.settings = self._fresh_settings()
        self._copy: Records | None = None
        self._sim_started = False
        self.epoch = 0
        """Counts power cuts: what was under way in an earlier one never ends."""
        self.dialogue = Dialogue(self, self.send)
        self.extra_ports: list[ExtraPort] = []

    # -- power ----------------------------------------------------------------------------------

    def start(self) -> None:
        """As it is found: booted long ago, echo on."""
        self.phase = Phase.READY
        self._chatter(0)
        self._start_sim()

    def power_off(self) -> None:
        self.epoch += 1
        self.phase = Phase.OFF
        self.line.clear()
        for dialogue in (self.dialogue, *(port.dialogue for port in self.extra_ports)):
            dialogue.reset()
        self._sim_started = False
        self._copy = None

    def power_on(self) -> None:
        """Boot: deaf, then chatter, then ready; settings are forgotten."""
        kept = self.settings.stores
        self.settings = self._fresh_settings()
        if self.personality.keeps_store:
            self.settings.stores = kept
        self.trouble.hang = False
        self.phase = Phase.DEAF
        self.later(self.personality.deaf, self._hear)
        for after, text in self.personality.boot:
            self.later(after, lambda text=text: self.say(text))  # type: ignore[misc]
        self.later(self.personality.ready, self._ready)

    def reboot(self) -> None:
        self.power_off()
        self.truth.note("booted", modem=self.name)
        self.power_on()

    def _fresh_settings(self) -> Settings:
        store = self.personality.default_store
        return Settings(cnmi=self.personality.cnmi_default, stores=[store] * 3)

    def _hear(self) -> None:
        self.phase = Phase.BOOTING

    def _ready(self) -> None:
        self.phase = Phase.READY
        self._chatter(0)
        self._start_sim()

    def _chatter(self, turn: int) -> None:
        lines = self.personality.chatter
        if not lines or not self.personality.chatter_every or self.settings.muted:
            return
        if turn:
            self.say(lines[turn % len(lines)])
        self.later(self.personality.chatter_every, lambda: self._chatter(turn + 1))

    def later(self, delay: float, action: Callable[[], object]) -> None:
        """*action* in *delay* seconds, unless the power goes before."""
        epoch = self.epoch
        self.world.call_later(delay, lambda: action() if epoch == self.epoch else None)

    # -- SIM ------------------------------------------------------------------------------------

    def insert(self, sim: SimCard, *, noticed: bool = True) -> None:
        """Put *sim* in, in place of what is there. Not *noticed*: the modem goes on as before, with
        the old card's messages where it has copied them, though the new card answers; one that has
        booted without a card looks for one and notices all the same."""
        if self.sim is not None:
            self.truth.note("removed", modem=self.name, iccid=self.sim.iccid)
        self.sim = sim
        self.truth.note("inserted", modem=self.name, iccid=sim.iccid)
        if not noticed and self._sim_started:
            self.carrier.available(sim)
        elif self.phase is Phase.READY:
            self._sim_started = False
            self.settings.unlocked = False
            self.later(1.0, self._sim_in)

    def remove(self, *, noticed: bool = True) -> None:
        """Pull the SIM."""
        if self.sim is None:
            return
        self.truth.note("removed", modem=self.name, iccid=self.sim.iccid)
        self.sim = None
        if noticed:
            self._sim_started = False
            self._copy = None
            for text in self.personality.sim_out:
                self.say(text)

    def _sim_in(self) -> None:
        for text in self.personality.sim_in:
            self.say(text)
        self._start_sim()

    def _start_sim(self) -> None:
        """Read the card: from here on its messages can be served, and it is reachable."""
        if self.sim is None or self.settings.cfun != 1:
            return
        if self.sim.pin is not None and not self.settings.unlocked:
            return
        self._sim_started = True
        self._copy = self.sim.sms.copy() if self.personality.ram_copy else None
        self.carrier.available(self.sim)

    def sim_state(self) -> str:
        """`READY`, `SIM PIN`, `SIM PUK`, or `BUSY` and `ABSENT`, which are errors."""
        if self.sim is None:
            return "ABSENT"
        if self.phase is not Phase.READY:
            return "BUSY"
        if self.sim.pin is not None and not self.settings.unlocked:
            return "SIM PIN" if self.sim.tries else "SIM PUK"
        return "READY" if self._sim_started else "BUSY"

    def unlock(self, pin: str) -> bool:
        """AT+CPIN: one try."""
        if self.sim is None or not self.sim.verify(pin):
            return False
        self.settings.unlocked = True
        self.later(0.0, self._start_sim)
        return True

    def set_function(self, level: int) -> None:
        """AT+CFUN: 0 and 4 let go of the SIM, 1 starts it anew."""
        self.settings.cfun = level
        if level == 1:
            self._start_sim()
        else:
            self._sim_started = False

    # -- messages -------------------------------------------------------------------------------

    def shown(self, store: str) -> Records | None:
        """The records that AT commands see as *store*."""
        if store not in self.personality.stores:
            return None
        if store == "ME":
            return self.me
        if self._copy is not None:
            return self._copy
        return self.sim.sms if self.sim else None

    def _written(self, store: str) -> list[Records]:
        """The records that a change to *store* reaches, the lasting ones first."""
        if store == "ME":
            return [self.me]
        return [*([self.sim.sms] if self.sim else []), *([self._copy] if self._copy else [])]

    def incoming(self, tpdu: bytes, label: Label | None = None) -> Outcome:
        """The network delivers *tpdu* to the SIM in this modem."""
        if self.phase is not Phase.READY or not self._sim_started or self.sim is None:
            return Outcome.ABSENT
        if self.trouble.service:
            return Outcome.ABSENT
        if self._goes_direct(tpdu):
            self.truth.note("direct", **self._of(label, ""))
            pdu = self.hex(smsc_part(self.personality.smsc) + tpdu)
            head, data = text_mode(tpdu) if self.settings.cmgf else (f",{len(tpdu)}", pdu)
            self.say(f"+CMT: {head}", data)
            return Outcome.DIRECT
        store = "ME" if self.trouble.into_me else self.settings.stores[2]
        store = store if store == "ME" else "SM"
        records = self._written(store)
        at = records[0].free()
        if at is None:
            for text in self.personality.full:
                self.say(text)
            return Outcome.FULL
        self.write(store, at, smsc_part(self.personality.smsc) + tpdu, label)
        self._announce("SM" if self.trouble.into_me else store, at)
        return Outcome.STORED

    def write(self, store: str, at: int, pdu: bytes, label: Label | None) -> None:
        """Put *pdu* at position *at*, over whatever lies there."""
        records = self._written(store)
        if records[0].rows[at][0]:
            self.truth.note("overwritten", **self._of(records[0].labels[at], store, at))
        for each in records:
            each.put(at, pdu, label)
        self.truth.note("stored", **self._of(label, store, at))

    def draft(self, at: int) -> None:
        """Put a row on the SIM that is no received message: a short SMS-SUBMIT, never sent."""
        submit = bytes.fromhex("00010005810021F300000161")
        for records in self._written("SM"):
            records.put(at, submit, status=Status.UNSENT)

    def erase(self, store: str, at: int) -> None:
        """AT+CMGD of position *at*."""
        records = self._written(store)
        was_full = records[0].free() is None
        if records[0].rows[at][0]:
            self.truth.note("deleted", **self._of(records[0].labels[at], store, at))
        for each in records:
            each.erase(at)
        if was_full and self.sim is not None:
            sim = self.sim
            self.later(0.0, lambda: self.carrier.available(sim))

    def take(self, at: int) -> None:
        """Another program than the daemon deletes position *at* of the SIM."""
        records = self._written("SM")
        self.truth.note("taken", **self._of(records[0].labels[at], "SM", at))
        was_full = records[0].free() is None
        for each in records:
            each.erase(at)
        if was_full and self.sim is not None:
            self.carrier.available(self.sim)

    def _of(self, label: Label | None, store: str, at: int = -1) -> dict[str, object]:
        return {
            "modem": self.name,
            "iccid": self.sim.iccid if self.sim else None,
            "store": store,
            "slot": at + self.personality.slot_base if at >= 0 else None,
            "message": label.message if label else None,
            "part": label.part if label else None,
        }

    def _goes_direct(self, tpdu: bytes) -> bool:
        if tpdu[0] & 0x03:
            return False  # no SMS-DELIVER
        if self.settings.cnmi[1] == 2:
            return True
        dcs = tpdu[1 + 2 + (tpdu[1] + 1) // 2 + 1]
        class0 = (dcs & 0xD0 == 0x10 or dcs & 0xF0 == 0xF0) and dcs & 0x03 == 0
        return class0 and (self.personality.direct_class0 or self.settings.cnmi[1] == 3)

    def _announce(self, store: str, at: int) -> None:
        if self.settings.cnmi[0] == 0 or self.settings.cnmi[1] != 1:
            return
        how = self.trouble.announce
        slot = at + self.personality.slot_base
        if how == "never":
            return
        if how == "wrong":
            slot += self.rng.randint(1, 3)
        elif how == "minus_one":
            slot = -1
        text = self.personality.cmti.format(store=store, slot=slot)
        self.later(self.rng.uniform(1.0, 20.0) if how == "late" else 0.0, lambda: self.say(text))
        if how == "twice":
            self.later(0.5, lambda: self.say(text))

    # -- the line -------------------------------------------------------------------------------

    def hex(self, pdu: bytes) -> str:
        return pdu.hex() if self.personality.lower_case else pdu.hex().upper()

    def say(self, *lines: str) -> None:
        """Unsolicited lines that belong together."""
        eol = self.personality.eol
        self.send(eol + eol.join(lines) + eol)

    def send(self, text: str) -> None:
        self.line.send(text.encode("latin-1", "replace"))

    def _emit(self, data: bytes) -> None:
        if self.phase is not Phase.OFF and not (self.trouble.hang and self.trouble.mute):
            self.emit(data)

    def add_port(self, *, dumb: bool = False) -> ExtraPort:
        """Give it one more tty."""
        self.extra_ports.append(ExtraPort(self, dumb=dumb))
        return self.extra_ports[-1]

    def receive(self, data: bytes) -> None:
        """Octets from the host."""
        if self.phase not in (Phase.OFF, Phase.DEAF):
            self.dialogue.receive(data)
