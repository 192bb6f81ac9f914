"""Each fault does what it says, and ends."""

from __future__ import annotations

import random
from typing import Any

import pytest

from gsmbridge.farm.farm import Farm, build
from gsmbridge.farm.faults import KINDS, Fault, Faults
from gsmbridge.farm.modem import ModemModel
from gsmbridge.farm.personalities import GENERIC, HUAWEI
from gsmbridge.farm.truth import Truth
from gsmbridge.farm.virtual import World


class Names:
    """Ports that are names alone."""

    def __init__(self, modems: tuple[ModemModel, ...]) -> None:
        self.ports = {modem.name: modem for modem in modems}

    def name_of(self, modem: ModemModel) -> str | None:
        return next((name for name, each in self.ports.items() if each is modem), None)

    def plug(self, modem: ModemModel, name: str) -> None:
        assert name not in self.ports
        self.ports[name] = modem
        modem.power_on()

    def unplug(self, modem: ModemModel) -> None:
        if name := self.name_of(modem):
            del self.ports[name]
        modem.power_off()


class Scene:
    """Two modems, the first one's line, and faults."""

    def __init__(self, family: Any = GENERIC) -> None:
        self.world = World(1)
        self.farm: Farm = build(
            self.world,
            2,
            rng=random.Random(1),
            truth=Truth(lambda: self.world.now),
            wall=lambda: 1_800_000_000.0,
            families=[family],
        )
        self.plugs = Names(self.farm.modems)
        self.faults = Faults(self.world, self.farm, self.plugs, random.Random(2))
        self.pieces: list[bytes] = []
        self.modem, self.other = self.farm.modems
        self.sim = self.farm.sims[0]
        self.modem.emit = self.pieces.append
        for modem in self.farm.modems:
            modem.settings.echo = False
            modem.settings.cnmi = (1, 1, 0, 0, 0)
            modem.start()

    def strike(self, kind: str, **details: Any) -> None:
        self.faults.strike(Fault(0.0, 0, kind, details))

    def wait(self, seconds: float = 0.0) -> bytes:
        self.world.run_until(self.world.now + seconds)
        heard = b"".join(self.pieces)
        self.pieces.clear()
        return heard

    def say(self, command: str, seconds: float = 0.0) -> bytes:
        self.modem.receive(command.encode() + b"\r")
        return self.wait(seconds)

    def send(self, text: str) -> bytes:
        self.farm.network.send(self.sim.msisdn, text, "Bank")
        return self.wait()


def test_a_hang_is_silent_and_ends_with_nothing_said_late() -> None:
    scene = Scene()
    scene.strike("hang", seconds=30.0)
    assert scene.say("AT", 20.0) == b""
    assert scene.wait(20.0) == b""
    assert scene.say("AT") == b"\r\nOK\r\n"


def test_a_message_that_comes_during_a_hang_is_stored_without_a_word() -> None:
    scene = Scene()
    scene.strike("hang", seconds=30.0)
    assert scene.send("hello") == b""
    assert scene.sim.sms.used == 1


def test_a_hang_may_chatter() -> None:
    scene = Scene()
    scene.strike("hang", seconds=17.5, chatter=True)
    assert scene.say("AT", 17.4).count(b"^RSSI:") == 4


def test_what_was_asked_during_a_hang_is_answered_when_esc_ends_it_and_never_again() -> None:
    scene = Scene()
    scene.strike("hang", seconds=30.0, late=True, revive="esc")
    assert scene.say("AT+CREG?", 5.0) == b""
    scene.modem.receive(b"\x1b")
    assert scene.wait(1.0) == b"\r\n+CREG: 0,1\r\n\r\nOK\r\n"
    assert scene.wait(60.0) == b""


def test_what_was_asked_during_a_hang_may_be_answered_late() -> None:
    scene = Scene()
    scene.strike("hang", seconds=30.0, late=True)
    assert scene.say("AT+CREG?", 29.0) == b""
    assert scene.wait(2.0) == b"\r\n+CREG: 0,1\r\n\r\nOK\r\n"


@pytest.mark.parametrize(("revive", "octets"), [("esc", b"\x1b"), ("cfun", b"AT+CFUN=1,1\r")])
def test_a_hang_may_end_by_a_certain_thing_only(revive: str, octets: bytes) -> None:
    scene = Scene()
    scene.strike("hang", revive=revive)
    assert scene.say("AT", 1000.0) == b""
    scene.modem.receive(octets)
    scene.wait(10.0)
    assert b"OK" in scene.say("AT")


def test_a_hang_that_only_power_ends() -> None:
    scene = Scene()
    scene.strike("hang")
    scene.modem.receive(b"\x1bAT+CFUN=1,1\rAT\r")
    assert scene.wait(1000.0) == b""
    scene.strike("unplug", seconds=3.0)
    scene.wait(10.0)
    assert b"OK" in scene.say("AT")


def test_a_modem_stuck_at_the_prompt_swallows_commands_until_esc() -> None:
    scene = Scene()
    scene.strike("prompt")
    assert scene.wait() == b"\r\n> "
    assert b"OK" not in scene.say("AT")
    scene.modem.receive(b"\x1b")
    scene.wait()
    assert scene.say("AT") == b"\r\nOK\r\n"


def test_a_storm_falls_between_header_and_pdu() -> None:
    scene = Scene()
    scene.send("hello")
    scene.strike("storm", seconds=5.0, lines=1)
    lines = scene.say("AT+CMGR=1").split()
    assert lines[0] == b"+CMGR:"
    assert not lines[2].startswith(b"0791")
    assert scene.wait(10.0) == b""
    assert scene.say("AT+CREG?") == b"\r\n+CREG: 0,1\r\n\r\nOK\r\n"


def test_pieces_are_small_and_whole_together() -> None:
    scene = Scene()
    scene.strike("pieces", seconds=10.0)
    scene.modem.receive(b"AT+CREG?\r")
    scene.world.run_until(scene.world.now + 0.1)
    assert max(map(len, scene.pieces)) <= 7
    assert scene.wait() == b"\r\n+CREG: 0,1\r\n\r\nOK\r\n"


def test_lumps_join_replies() -> None:
    scene = Scene()
    scene.strike("lumps", hold=0.5)
    scene.modem.receive(b"AT+CREG?\rAT\r")
    scene.world.run_until(scene.world.now + 1.0)
    assert scene.pieces == [b"\r\n+CREG: 0,1\r\n\r\nOK\r\n\r\nOK\r\n"]


def test_slowness_delays_every_answer() -> None:
    scene = Scene()
    scene.strike("slow", delay=5.0, seconds=4.0)
    assert scene.say("AT", 4.9) == b""
    assert scene.wait(0.2) == b"\r\nOK\r\n"
    assert scene.say("AT") == b"\r\nOK\r\n"


def test_noise_is_octets() -> None:
    scene = Scene()
    scene.strike("noise", octets=40)
    assert len(scene.wait()) == 40


def test_a_modem_comes_back_under_another_name() -> None:
    scene = Scene()
    scene.strike("unplug", seconds=3.0, rename=True)
    assert scene.plugs.name_of(scene.modem) is None
    scene.wait(4.0)
    assert scene.plugs.name_of(scene.modem) == "modem2"


def test_two_modems_swap_names() -> None:
    scene = Scene()
    scene.strike("swap_ports", other=1)
    assert scene.plugs.name_of(scene.modem) == "modem1"
    assert scene.plugs.name_of(scene.other) == "modem0"


def test_two_modems_swap_cards_in_silence() -> None:
    scene = Scene()
    scene.send("hello")
    scene.strike("swap_sims", other=1, noticed=False)
    assert scene.wait(5.0) == b""
    assert scene.other.sim is scene.sim
    assert scene.say("AT+CMGL=4") == b"\r\nOK\r\n"


def test_a_silent_swap_leaves_a_copied_store_as_it_was() -> None:
    scene = Scene(HUAWEI)
    scene.send("hello")
    scene.strike("swap_sims", other=1, noticed=False)
    assert b"+CMGL: 0,0" in scene.say("AT+CMGL=4")


def test_a_card_may_be_swapped_right_after_a_certain_command() -> None:
    scene = Scene()
    first, second = (sim.iccid.encode() for sim in scene.farm.sims)
    scene.strike("swap_sims", other=1, noticed=False, on="AT+CMGL")
    assert first in scene.say("AT+CCID")
    scene.say("AT+CMGL=4")
    assert second in scene.say("AT+CCID")
    scene.say("AT+CMGL=4")
    assert second in scene.say("AT+CCID")


def test_a_card_is_pulled_and_put_back() -> None:
    scene = Scene()
    scene.strike("remove_sim", seconds=10.0)
    assert scene.wait() == b"\r\n+CPIN: NOT READY\r\n"
    assert scene.wait(12.0) == b"\r\n+CPIN: READY\r\n"
    assert scene.modem.sim is scene.sim


def test_a_message_may_arrive_during_a_listing() -> None:
    scene = Scene()
    scene.strike("arrive", text="in between", on="AT+CMGL")
    assert scene.say("AT+CMGL=4") == b'\r\nOK\r\n\r\n+CMTI: "SM",1\r\n'
    assert scene.sim.sms.used == 1


def test_a_slot_may_be_overwritten_between_read_and_delete() -> None:
    scene = Scene()
    scene.send("hello")
    scene.wait()
    scene.strike("overwrite", text="in its place", on="AT+CMGR")
    first = scene.say("AT+CMGR=1")
    assert scene.say("AT+CMGR=1") != first
    kinds = [event.kind for event in scene.farm.truth.events]
    assert kinds[-4:] == ["fault", "sent", "overwritten", "stored"]


def test_a_delete_may_say_ok_and_do_nothing() -> None:
    scene = Scene()
    scene.send("hello")
    scene.strike("delete", how="lie", seconds=20.0)
    assert scene.say("AT+CMGD=1") == b"\r\nOK\r\n"
    assert scene.sim.sms.used == 1
    scene.wait(21.0)
    scene.say("AT+CMGD=1")
    assert scene.sim.sms.used == 0


def test_a_delete_may_say_error_and_do_it() -> None:
    scene = Scene()
    scene.send("hello")
    scene.strike("delete", how="deny")
    assert scene.say("AT+CMGD=1") == b"\r\nERROR\r\n"
    assert scene.sim.sms.used == 0


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("never", b""),
        ("twice", 2 * b'\r\n+CMTI: "SM",1\r\n'),
        ("minus_one", b'\r\n+CMTI: "SM",-1\r\n'),
        ("late", b'\r\n+CMTI: "SM",1\r\n'),
    ],
)
def test_announcements(how: str, said: bytes) -> None:
    scene = Scene()
    scene.strike("announce", how=how)
    at_once = scene.send("hello")
    assert at_once + scene.wait(30.0) == said
    assert (at_once == b"") == (how in ("never", "late"))


def test_an_announcement_may_name_another_slot() -> None:
    scene = Scene()
    scene.strike("announce", how="wrong")
    said = scene.send("hello")
    assert said.startswith(b'\r\n+CMTI: "SM",')
    assert said != b'\r\n+CMTI: "SM",1\r\n'


def test_messages_may_land_in_the_modems_own_memory() -> None:
    scene = Scene()
    scene.strike("into_me")
    assert scene.send("hello") == b'\r\n+CMTI: "SM",1\r\n'
    assert (scene.sim.sms.used, scene.modem.me.used) == (0, 1)


def test_a_sim_can_be_filled() -> None:
    scene = Scene()
    scene.strike("fill", leave=1)
    scene.send("one")
    scene.send("two")
    assert (scene.sim.sms.used, scene.farm.network.waiting()) == (20, 1)


def test_every_fault_is_noted() -> None:
    needed = {"announce": {"how": "never"}, "reticent": {"what": "imsi"}}
    for kind in KINDS:
        scene = Scene()
        scene.strike(kind, **needed.get(kind, {}))
        (noted,) = [event for event in scene.farm.truth.events if event.kind == "fault"]
        assert noted.fields["fault"] == kind


def test_faults_come_when_they_are_due() -> None:
    scene = Scene()
    scene.faults.schedule([Fault(5.0, 0, "echo"), Fault(1.0, 0, "noise")])
    scene.wait(10.0)
    found = [e.fields["fault"] for e in scene.farm.truth.events if e.kind == "fault"]
    assert found == ["noise", "echo"]
    assert scene.say("AT") == b"AT\r\r\nOK\r\n"
