"""Modems that nothing can reach: without registration, or silent among their like."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from tests.modem.farm_bench import Bench

from gsmbridge.farm.personalities import GENERIC, QUECTEL
from gsmbridge.modem.registration import PATIENCE, Registration
from gsmbridge.modem.silence import Listener, silent


def lost() -> dict[str, tuple[str, ...]]:
    return {"+CREG?": ("+CREG: 0,2",), "+CEREG?": ("+CEREG: 0,2",)}


def test_a_minute_without_network_is_an_alarm_until_it_ends() -> None:
    bench = Bench()
    modem = bench.modem()
    healthy = modem.personality

    async def scenario() -> None:
        await asyncio.sleep(10)
        modem.personality = replace(healthy, answers={**healthy.answers, **lost()})
        await asyncio.sleep(180)
        (status,) = bench.fleet.statuses()
        assert status.alarms == ("not registered in its network (searching)",)
        assert status.phase == "ready"
        modem.personality = healthy
        await asyncio.sleep(61)
        assert bench.fleet.statuses()[0].alarms == ()
        assert bench.told.names().count("network_lost") == 1
        assert bench.told.names().count("network_found") == 1

    bench.run(scenario)


def test_a_moment_without_network_is_none() -> None:
    watch = Registration()
    assert watch.seen("searching", 0.0) is None
    assert watch.seen("", PATIENCE) is None
    assert watch.seen("home", PATIENCE - 1) is None
    assert watch.seen("denied", PATIENCE + 1) is None
    assert watch.seen("none", 2 * PATIENCE - 2) is None
    assert watch.seen("none", 2 * PATIENCE - 1) is not None  # since it was last seen at home
    assert watch.seen("none", 3 * PATIENCE) is None
    assert watch.seen("roaming", 4 * PATIENCE) is not None
    assert not watch.alarms


def test_silence_is_measured_against_others_of_the_operator() -> None:
    busy, mute = Listener(1, "A", 0.0, 990.0), Listener(2, "A", 0.0, None)
    assert silent([busy, mute], 1000.0, 500.0) == [mute]
    assert silent([busy, replace(mute, operator="B")], 1000.0, 500.0) == []
    assert silent([busy, replace(mute, since=600.0)], 1000.0, 500.0) == []
    assert silent([busy, replace(mute, heard=400.0)], 1000.0, 500.0) != []
    assert silent([mute, replace(mute, sim=3)], 1000.0, 500.0) == []  # nobody is heard
    assert silent([replace(busy, operator=""), replace(mute, operator="")], 1000.0, 500.0) == []


def test_a_silent_modem_registers_anew_once_and_is_named() -> None:
    bench = Bench()
    bench.settings = replace(bench.settings, silent_after=3600.0)
    mute, busy = bench.modem(QUECTEL), bench.modem(GENERIC)

    async def scenario() -> None:
        for number in range(16):
            await asyncio.sleep(600)
            bench.intake.done.add(bench.deliver(busy, f"code {number}"))
            bench.fleet.wake(2)
        assert [line for line in bench.sent(mute) if line == "AT+CFUN=4"] == ["AT+CFUN=4"]
        assert "AT+CFUN=4" not in bench.sent(busy)
        named = [fields["modem"] for name, fields in bench.told.events if name == "modem_silent"]
        assert named == ["/dev/modem0"]
        bench.deliver(mute, "at last")
        await asyncio.sleep(120)
        assert bench.told.names().count("modem_heard") == 1
        assert bench.fleet.statuses()[0].phase == "ready"

    bench.run(scenario)
