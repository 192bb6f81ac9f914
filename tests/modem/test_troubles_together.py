"""Several troubles at a time, in every family: nothing is lost, misattributed or deleted early, and
in the end the modem works."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from tests.modem.farm_bench import Bench

from gsmbridge.at.port import PortName
from gsmbridge.farm.modem import ModemModel
from gsmbridge.farm.personalities import FAMILIES, Personality
from gsmbridge.farm.sim import Label, SimCard, make_sim
from gsmbridge.farm.state import Outcome
from gsmbridge.sms.identity import tpdu_identity

SEEDS = range(2)
HAVE_CONTACT = ("siemens", "wavecom", "falcom")


@dataclass
class Scene:
    """Two modems that exchange cards, and what was sent to which card."""

    bench: Bench
    rng: random.Random
    modems: list[ModemModel]
    sent: dict[str, SimCard] = field(default_factory=dict)
    count: int = 0

    def message(self, modem: ModemModel) -> None:
        self.count += 1
        text = f"message {self.count}"
        sim = modem.sim
        if modem.incoming(self.bench.tpdu(text), Label(1)) is Outcome.STORED:
            assert sim is not None
            self.sent[self.bench.identity(text)] = sim

    def for_a_while(self, modem: ModemModel, seconds: float, name: str, value: object) -> None:
        healthy = getattr(type(modem.trouble)(), name)
        setattr(modem.trouble, name, value)
        self.bench.world.call_later(seconds, lambda: setattr(modem.trouble, name, healthy))

    # Troubles

    def hang(self, modem: ModemModel) -> None:
        trouble = modem.trouble
        trouble.hang, trouble.mute = True, self.rng.random() < 0.5
        trouble.late = self.rng.random() < 0.5
        trouble.revive = self.rng.choice(("", "esc", "cfun"))
        self.bench.world.call_later(self.rng.uniform(5, 200), modem.dialogue.recover)

    def prompt(self, modem: ModemModel) -> None:
        modem.dialogue.stick()

    def noise(self, modem: ModemModel) -> None:
        modem.line.send(self.rng.randbytes(40))

    def storm(self, modem: ModemModel) -> None:
        lines = ("^RSSI:20", "RING", "+CREG: 1", "NO CARRIER", "+CPIN: READY")
        self.for_a_while(modem, 20.0, "storm", self.rng.sample(lines, 2))

    def pieces(self, modem: ModemModel) -> None:
        modem.line.split = True
        self.bench.world.call_later(20.0, lambda: setattr(modem.line, "split", False))

    def slow(self, modem: ModemModel) -> None:
        self.for_a_while(modem, 60.0, "reply_delay", self.rng.choice((0.3, 3.0, 14.0)))

    def echo(self, modem: ModemModel) -> None:
        modem.settings.echo = True

    def forget(self, modem: ModemModel) -> None:
        modem.settings.cmgf, modem.settings.cnmi = 1, (0, 0, 0, 0, 0)

    def reboot(self, modem: ModemModel) -> None:
        modem.reboot()

    def lie(self, modem: ModemModel) -> None:
        self.for_a_while(modem, 30.0, "delete", self.rng.choice(("lie", "deny")))

    def announce(self, modem: ModemModel) -> None:
        how = self.rng.choice(("never", "twice", "late", "wrong", "minus_one"))
        self.for_a_while(modem, 60.0, "announce", how)

    def swap_sims(self, modem: ModemModel) -> None:
        """By hand: it takes its time. Families whose SIM cannot be started anew have a contact."""
        one, two = self.modems
        noticed = self.rng.random() < 0.5 or one.personality.name in HAVE_CONTACT
        here, there = one.sim, two.sim
        if here is None or there is None:
            return
        for each in self.modems:
            each.remove(noticed=noticed)

        def back() -> None:
            one.insert(there, noticed=noticed)
            two.insert(here, noticed=noticed)

        self.bench.world.call_later(10.0, back)

    def into_me(self, modem: ModemModel) -> None:
        if "ME" in modem.personality.stores:
            self.for_a_while(modem, 60.0, "into_me", True)

    def remove_sim(self, modem: ModemModel) -> None:
        sim = modem.sim
        if sim is None:
            return
        modem.remove()
        self.bench.world.call_later(self.rng.uniform(5, 60), lambda: modem.insert(sim))

    def unplug(self, modem: ModemModel) -> None:
        """It comes back under a name of its own."""
        there = [name for name in self.bench.names if self.bench.modems[name.device] is modem]
        if not there:
            return
        self.bench.detach(there[0])
        modem.power_off()
        path = f"/dev/again{self.count}"
        self.count += 1

        def back() -> None:
            modem.power_on()
            self.bench.attach(PortName(path, path), modem)

        self.bench.world.call_later(self.rng.uniform(1, 20), back)

    def arrive_in_between(self, modem: ModemModel) -> None:
        command = self.rng.choice(("AT+CMGL", "AT+CMGR", "AT+CMGD", "AT+CPMS"))

        def hook(line: str) -> None:
            if line.startswith(command):
                modem.dialogue.after.remove(hook)
                self.message(modem)

        modem.dialogue.after.append(hook)


TROUBLES: tuple[Callable[[Scene, ModemModel], None], ...] = tuple(
    value for name, value in vars(Scene).items() if callable(value) and not name.startswith("_")
)[2:]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("personality", FAMILIES, ids=lambda each: each.name)
def test_in_the_end_everything_is_read_and_the_modem_works(
    personality: Personality, seed: int
) -> None:
    play(personality, seed)


def play(personality: Personality, seed: int, troubles: int = 12) -> None:
    bench = Bench(seed)
    rng = random.Random(f"{personality.name} {seed}")
    scene = Scene(bench, rng, [bench.modem(personality, make_sim(at + 1)) for at in range(2)])

    async def scenario() -> None:
        await asyncio.sleep(20)
        for _ in range(troubles):
            modem = rng.choice(scene.modems)
            for trouble in rng.sample(TROUBLES, rng.randint(1, 3)):
                trouble(scene, modem)
            scene.message(rng.choice(scene.modems))
            await asyncio.sleep(rng.choice((0.1, 1.0, 8.0, 40.0)))
            bench.intake.done |= set(scene.sent) if rng.random() < 0.5 else set()
            for sim in bench.intake.sims.values():
                bench.fleet.wake(sim)
        await asyncio.sleep(2400)
        check(scene)

    bench.run(scenario)


def check(scene: Scene) -> None:
    bench = scene.bench
    assert [status.phase for status in bench.fleet.statuses()] == ["ready", "ready"], [
        (status.phase, status.last_error) for status in bench.fleet.statuses()
    ]
    owners: dict[str, set[int]] = {}
    for reading in bench.intake.readings:
        held = reading.store == "ME" and not reading.arrived  # perhaps another SIM's
        for stored in reading.slots:
            of_message = owners.setdefault(tpdu_identity(stored.pdu), set())
            of_message |= set() if held else {reading.sim}
    for identity, sim in scene.sent.items():
        sims = bench.intake.sims.items()
        allowed = {key for name, key in sims if name.startswith(("unproved", sim.iccid))}
        assert identity in owners, "lost"
        assert owners[identity] <= allowed, "misattributed"
