"""Naming what is on the ports, and the report of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from tests.modem.farm_bench import Bench
from tests.modem.test_ports import SlowLine

from gsmbridge.farm.personalities import FAMILIES, GENERIC, HUAWEI, QUECTEL, SIM800, WAVECOM
from gsmbridge.farm.virtual import run
from gsmbridge.modem.scan import scan, scan_for_report

T = TypeVar("T")


def in_simulated_time(bench: Bench, work: Awaitable[T]) -> T:
    async def main() -> T:
        bench.loop = asyncio.get_running_loop()
        return await work

    return run(bench.world, main())


def test_every_family_is_named_with_its_sim() -> None:
    bench = Bench()
    modems = [bench.modem(personality) for personality in FAMILIES]
    found = {
        status.path: status for status in in_simulated_time(bench, scan(bench, bench.settings))
    }
    assert len(found) == len(FAMILIES)
    for number, modem in enumerate(modems):
        status = found[f"/dev/modem{number}"]
        assert modem.sim is not None
        assert status.phase == "ready", (modem.personality.name, status.last_error)
        assert status.imsi == modem.sim.imsi


def test_the_ports_of_one_modem_are_asked_one_after_the_other() -> None:
    bench = Bench()
    modem = bench.modem(QUECTEL, usb="/sys/1-1", interface=2, vendor="2c7c")
    bench.extra(modem, dumb=True, usb="/sys/1-1", interface=0, vendor="2c7c")
    other = bench.extra(modem, usb="/sys/1-1", interface=3, vendor="2c7c")
    (status,) = in_simulated_time(bench, scan(bench, bench.settings))
    assert status.path == "/dev/modem0"
    assert other.device not in bench.plugs


def test_a_silent_port_is_named_too() -> None:
    bench = Bench()
    bench.modem().power_off()
    (status,) = in_simulated_time(bench, scan(bench, bench.settings))
    assert (status.phase, status.imei) == ("silent", None)
    assert status.last_error


def test_a_uart_at_another_speed_is_found() -> None:
    bench = SlowLine()
    bench.modem(WAVECOM, place="1-1:1.0:0")
    (status,) = in_simulated_time(bench, scan(bench, bench.settings))
    assert (status.phase, status.dialect) == ("ready", "wavecom")


def test_a_report_has_every_port_and_names_nobody() -> None:
    bench = Bench()
    modems = [bench.modem(each) for each in (GENERIC, HUAWEI, SIM800)]
    for modem in modems:
        assert modem.sim is not None
        modem.sim.own_number = "+" + modem.sim.msisdn
        bench.store(modem, "a secret")
    dumb = bench.extra(modems[0], dumb=True)
    statuses, report = in_simulated_time(bench, scan_for_report(bench, bench.settings))
    assert len(statuses) == 4
    for name in bench.names:
        assert f"== {name.path}" in report
    assert f"== {dumb.path}" in report
    for said in ("> AT+CGMI", "< huawei", "< SIMCOM_SIM800L", "> AT+CNMI=?", "+CPMS:"):
        assert said in report
    for modem in modems:
        assert modem.sim is not None
        for secret in (modem.imei, modem.sim.iccid[:18], modem.sim.imsi, modem.sim.msisdn):
            assert secret not in report
    assert report.isascii()
