"""Modems with several ports, of which one announces messages."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from tests.modem.farm_bench import Bench

from gsmbridge.at.port import Port, PortName
from gsmbridge.errors import ModemError, PortLost
from gsmbridge.farm.personalities import GENERIC, HUAWEI, QUECTEL, SIM800, WAVECOM
from gsmbridge.farm.sim import make_sim

HUB = "/sys/1-1"


def test_the_port_that_announces_is_used_from_the_first_word_on() -> None:
    bench = Bench()
    modem = bench.modem(HUAWEI, usb=HUB, interface=2, protocol=2, vendor="12d1")
    dialling = bench.extra(modem, usb=HUB, interface=0, protocol=1, vendor="12d1")
    diagnostic = bench.extra(modem, dumb=True, usb=HUB, interface=1, protocol=3, vendor="12d1")
    bench.names.sort(key=lambda name: name.interface or 0)

    async def scenario() -> None:
        await asyncio.sleep(20)
        (status,) = bench.fleet.statuses()
        assert (status.phase, status.path) == ("ready", "/dev/modem0")
        identity = bench.deliver(modem, "code")
        await asyncio.sleep(0.5)
        assert bench.intake.identities(arrived=True) == [identity]
        assert "AT^PORTSEL=0" in bench.sent(modem)
        # The dialling port is held and read, without a word to it; the diagnostic one is left.
        (held,) = bench.plugs[dialling.device]
        assert held.open and not held.written
        assert diagnostic.device not in bench.plugs

    bench.run(scenario)
    assert not bench.plugs[dialling.device][0].open


def test_the_port_is_changed_once_the_family_is_known() -> None:
    bench = Bench()
    modem = bench.modem(QUECTEL, usb=HUB, interface=2)
    other = bench.extra(modem, usb=HUB, interface=0)  # answers, and has no vendor to go by
    bench.names.reverse()

    async def scenario() -> None:
        await asyncio.sleep(15)
        (status,) = bench.fleet.statuses()
        assert (status.phase, status.path) == ("ready", "/dev/modem0")
        assert bench.plugs[other.device]
        identity = bench.deliver(modem, "code")
        await asyncio.sleep(0.5)
        assert bench.intake.identities(arrived=True) == [identity]

    bench.run(scenario)


def test_a_port_that_never_announces_is_left_for_one_that_does() -> None:
    bench = Bench()
    modem = bench.modem(GENERIC, usb=HUB, interface=1)
    bench.extra(modem, usb=HUB, interface=0)

    async def scenario() -> None:
        await asyncio.sleep(5)
        assert bench.fleet.statuses()[0].path == "/dev/modem1"
        for number in range(2):
            bench.deliver(modem, f"code {number}")
            await asyncio.sleep(35)
        (status,) = bench.fleet.statuses()
        assert (status.phase, status.path) == ("ready", "/dev/modem0")
        identity = bench.deliver(modem, "code 3")
        await asyncio.sleep(0.5)
        assert identity in bench.intake.identities(arrived=True)

    bench.run(scenario)


def test_where_no_port_announces_the_modem_stays_where_it_is() -> None:
    bench = Bench()
    modem = bench.modem(GENERIC, usb=HUB, interface=1)
    bench.extra(modem, usb=HUB, interface=0)
    modem.trouble.announce = "never"

    async def scenario() -> None:
        await asyncio.sleep(5)
        for number in range(20):
            identity = bench.deliver(modem, f"code {number}")
            await asyncio.sleep(35)
            assert identity in bench.intake.identities(arrived=True)
        assert sum(map(len, bench.plugs.values())) == 2

    bench.run(scenario)


def test_a_hung_stick_with_several_ports_is_reset() -> None:
    bench = Bench()
    modem = bench.modem(QUECTEL, usb=HUB, interface=2, vendor="2c7c")
    bench.extra(modem, dumb=True, usb=HUB, interface=0, vendor="2c7c")

    async def scenario() -> None:
        await asyncio.sleep(10)
        modem.trouble.hang, modem.trouble.revive = True, "cfun"
        await asyncio.sleep(300)
        (status,) = bench.fleet.statuses()
        assert (status.phase, status.path) == ("ready", "/dev/modem0")
        assert status.resets >= 1

    bench.run(scenario)


def test_a_modem_that_comes_back_as_a_cd_from_a_reset_is_not_reset() -> None:
    bench = Bench()
    answers = {**HUAWEI.answers, "+CGMM": ("E173",)}
    modem = bench.modem(replace(HUAWEI, answers=answers), usb=HUB, interface=2, vendor="12d1")

    async def scenario() -> None:
        await asyncio.sleep(15)
        modem.trouble.hang = True
        await asyncio.sleep(3600)
        assert bench.told.names().count("modem_reset") == 0
        assert not [line for line in bench.sent(modem) if "RESET" in line or "CFUN=1,1" in line]

    bench.run(scenario)


def test_since_when_a_modem_is_down_is_known_whatever_is_tried_with_it() -> None:
    bench = Bench()
    modem = bench.modem()

    async def scenario() -> None:
        await asyncio.sleep(30)
        began = bench.fleet.statuses()[0].since
        modem.trouble.hang = True
        for _ in range(20):
            await asyncio.sleep(33)
            (status,) = bench.fleet.statuses()
            assert status.phase != "ready"
            assert began + 30 <= status.since < began + 95, "the poll that found it so"
        modem.trouble.hang = False
        await asyncio.sleep(120)
        (status,) = bench.fleet.statuses()
        assert status.phase == "ready"
        assert status.since > began + 600

    bench.run(scenario)


def test_the_last_rung_resets_the_usb_device_where_the_config_allows_it() -> None:
    bench = Bench()
    bench.settings = replace(bench.settings, usb_reset=True)
    modem = bench.modem(usb=HUB, interface=0)
    bench.on_usb_reset = modem.reboot

    async def scenario() -> None:
        await asyncio.sleep(5)
        modem.trouble.hang = True
        await asyncio.sleep(420)
        (status,) = bench.fleet.statuses()
        assert bench.usb_resets == [HUB]
        assert (status.phase, status.resets) == ("ready", 1)
        assert dict(status.recoveries)["reset its USB port"] == 1
        assert bench.told.names().count("modem_recovered") == 1
        assert "modem_down" in bench.told.names()

    bench.run(scenario)


def test_a_usb_reset_that_fails_is_told_and_others_behind_a_bridge_are_spared() -> None:
    bench = Bench()
    bench.settings = replace(bench.settings, usb_reset=True)
    modem, behind_bridge = bench.modem(usb=HUB, interface=0), bench.modem(place="1-2:1.0:3")

    def refuse() -> None:
        raise ModemError("/dev/bus/usb/003/017: permission denied")

    bench.on_usb_reset = refuse

    async def scenario() -> None:
        await asyncio.sleep(5)
        modem.trouble.hang = behind_bridge.trouble.hang = True
        await asyncio.sleep(3600)
        assert set(bench.usb_resets) == {HUB}
        assert any(
            name == "recovery_failed" and "permission denied" in str(fields["error"])
            for name, fields in bench.told.events
        )

    bench.run(scenario)


def test_trouble_that_lasts_gets_rarer_and_louder() -> None:
    bench = Bench()
    modem = bench.modem()

    async def scenario() -> None:
        await asyncio.sleep(5)
        modem.trouble.hang = True
        await asyncio.sleep(90_000)
        names = bench.told.names()
        assert names.count("modem_trouble") == 1
        assert names.count("modem_down") == 2
        assert names.count("modem_dead") == 3
        assert len(names) < 20
        modem.dialogue.recover()
        await asyncio.sleep(60)
        assert bench.fleet.statuses()[0].phase == "ready"

    bench.run(scenario)


def test_modems_without_an_imei_are_all_served_under_their_own_sims() -> None:
    bench = Bench()
    answers = {key: value for key, value in GENERIC.answers.items() if key not in ("+CGSN", "+GSN")}
    modems = [bench.modem(replace(GENERIC, answers=answers)) for _ in range(4)]

    async def scenario() -> None:
        await asyncio.sleep(10)
        assert [status.phase for status in bench.fleet.statuses()] == ["ready"] * 4
        assert len({seen.modem for seen in bench.intake.seen}) == 4
        for number, modem in enumerate(modems):
            identity = bench.deliver(modem, f"for {number}")
            await asyncio.sleep(0.5)
            assert bench.intake.owner(identity) == {bench.fleet.statuses()[number].sim}

    bench.run(scenario)


def test_a_pool_with_one_imei_behind_a_bridge_keeps_its_modems_apart() -> None:
    bench = Bench()
    for number in range(16):
        bench.modem(SIM800, place=f"1-2:1.{number}:0").imei = "350000000000006"

    async def scenario() -> None:
        await asyncio.sleep(20)
        assert [status.phase for status in bench.fleet.statuses()] == ["ready"] * 16
        assert len({seen.modem for seen in bench.intake.seen}) == 16

    bench.run(scenario)


def test_a_pin_question_without_a_final_result_is_enough() -> None:
    bench = Bench()
    modem = bench.modem(WAVECOM, sim=make_sim(1))
    reply = modem.dialogue.reply

    def without_final(lines: tuple[str, ...]) -> None:
        if lines[0].startswith("+CPIN:"):
            modem.say(lines[0])
        else:
            reply(lines)

    modem.dialogue.reply = without_final  # type: ignore[method-assign,assignment]

    async def scenario() -> None:
        await asyncio.sleep(20)
        assert bench.fleet.statuses()[0].phase == "ready"

    bench.run(scenario)


class SlowLine(Bench):
    """A bench whose modems understand 9600 bit/s alone."""

    async def open(self, name: PortName, baudrate: int) -> Port:
        port = await super().open(name, baudrate)
        modem = self.modems[name.device]
        if baudrate != 9600:
            modem.emit = lambda data: None
        return port


def test_a_uart_is_tried_at_other_speeds_until_it_answers_and_stays_at_that() -> None:
    bench = SlowLine()
    bench.modem(WAVECOM)

    async def scenario() -> None:
        await asyncio.sleep(90)
        assert bench.fleet.statuses()[0].phase == "ready"
        opened = len(bench.plugs["/dev/modem0"])
        bench.plugs["/dev/modem0"][-1].lose()
        await asyncio.sleep(30)
        assert bench.fleet.statuses()[0].phase == "ready"
        assert len(bench.plugs["/dev/modem0"]) == opened + 1

    bench.run(scenario)


class ClosedPorts(Bench):
    """A bench whose ports nobody may open."""

    async def open(self, name: PortName, baudrate: int) -> Port:
        raise PortLost(f"{name.path}: permission denied", "add yourself to group dialout")


def test_a_port_that_cannot_be_opened_is_told_once_and_named_once() -> None:
    bench = ClosedPorts()
    bench.modem()

    async def scenario() -> None:
        await asyncio.sleep(90)
        why = "permission denied; add yourself to group dialout"
        ((_, fields),) = [each for each in bench.told.events if each[0] == "port_unusable"]
        assert (fields["modem"], fields["error"]) == ("/dev/modem0", why)
        assert bench.fleet.statuses()[0].last_error == "permission denied"

    bench.run(scenario)
