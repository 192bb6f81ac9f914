"""Errands on simulated modems: one SMS, one USSD request, beside the messages that arrive."""

from __future__ import annotations

import asyncio
import random

import pytest
from tests.modem.farm_bench import Bench

from gsmbridge.at.channel import Channel
from gsmbridge.dialects.dialect import Dialect
from gsmbridge.errors import CommandFailed, GsmbridgeError, ModemError
from gsmbridge.farm import ussd as network_ussd
from gsmbridge.farm.network import Network
from gsmbridge.farm.personalities import GENERIC, HUAWEI, QUECTEL, SIM800, Personality
from gsmbridge.farm.sim import make_sim
from gsmbridge.modem import ussd
from gsmbridge.modem.errand import sending
from gsmbridge.modem.msisdn import own_number

IMSI = make_sim(1).imsi
MSISDN = make_sim(1).msisdn


def networked(bench: Bench) -> Network:
    from gsmbridge.farm.truth import Truth

    truth = Truth(lambda: bench.world.now)
    network = Network(bench.world, truth, lambda: 1_800_000_000.0, random.Random(1))
    for modem in bench.modems.values():
        network.cover(modem)
    return network


def test_a_message_sent_from_one_sim_arrives_on_another() -> None:
    bench = Bench()
    bench.modem()
    other = bench.modem(HUAWEI)
    network = networked(bench)

    async def scenario() -> None:
        await asyncio.sleep(10)
        assert other.sim is not None
        await bench.fleet.errand(1, sending("+" + other.sim.msisdn, "gsmbridge ABC"))
        await asyncio.sleep(1)
        assert [reading.sim for reading in bench.intake.readings if reading.arrived] == [2]
        assert network.waiting() == 0

    bench.run(scenario)


@pytest.mark.parametrize("personality", [GENERIC, HUAWEI, SIM800, QUECTEL], ids=lambda p: p.name)
@pytest.mark.parametrize("code", ["*100#", "*111#", "*112#"])
def test_the_answer_to_a_ussd_request_is_read_in_each_form(
    personality: Personality, code: str
) -> None:
    bench = Bench()
    modem = bench.modem(personality)

    async def scenario() -> None:
        await asyncio.sleep(10)
        answer = await ussd.ask(bench.fleet, 1, code)
        assert answer.text == network_ussd.CODES[code].format(number=MSISDN)
        assert own_number(answer.text, IMSI) == MSISDN
        asked = [event.fields["code"] for event in modem.truth.events if event.kind == "ussd"]
        assert asked == [code]
        assert bench.sent(modem)[-2:][0].startswith("AT+CUSD=2")

    bench.run(scenario)


def test_a_message_that_arrives_while_the_network_thinks_is_read_at_once() -> None:
    bench = Bench()
    modem = bench.modem()

    async def scenario() -> None:
        await asyncio.sleep(10)
        asking = asyncio.create_task(ussd.ask(bench.fleet, 1, "*100#"))
        await asyncio.sleep(0.5)
        identity = bench.deliver(modem, "code 1234")
        await asyncio.sleep(0.1)
        assert not asking.done()
        assert bench.intake.identities(arrived=True) == [identity]
        await asking

    bench.run(scenario)


def test_a_network_that_never_answers_is_given_up_and_the_session_goes_on() -> None:
    bench = Bench()
    modem = bench.modem()

    async def scenario() -> None:
        await asyncio.sleep(10)
        with pytest.raises(ModemError, match="no answer to"):
            await ussd.ask(bench.fleet, 1, network_ussd.SILENT)
        identity = bench.deliver(modem, "code 1234")
        await asyncio.sleep(1)
        assert bench.intake.identities(arrived=True) == [identity]
        assert bench.fleet.statuses()[0].phase == "ready"
        assert "AT+CUSD=2" in bench.sent(modem)

    bench.run(scenario)


def test_an_unknown_code_is_told_as_such() -> None:
    bench = Bench()
    bench.modem()

    async def scenario() -> None:
        await asyncio.sleep(10)
        with pytest.raises(ModemError, match="the network does not know the code"):
            await ussd.ask(bench.fleet, 1, "*999#")

    bench.run(scenario)


def test_an_answer_that_comes_when_another_sim_is_in_is_nobodys() -> None:
    bench = Bench()
    modem = bench.modem()

    async def scenario() -> None:
        await asyncio.sleep(10)
        asking = asyncio.create_task(ussd.ask(bench.fleet, 1, "*100#"))
        await asyncio.sleep(0.5)
        modem.insert(make_sim(77), noticed=False)
        with pytest.raises(ModemError):
            await asking

    bench.run(scenario)


def test_an_errand_for_a_sim_that_is_not_here_is_refused() -> None:
    bench = Bench()
    modem = bench.modem()

    async def scenario() -> None:
        await asyncio.sleep(10)
        before = bench.sent(modem)
        with pytest.raises(ModemError, match="no modem has this SIM ready"):
            await bench.fleet.errand(99, sending("+79081234567", "x"))
        assert bench.sent(modem) == before

    bench.run(scenario)


def test_nothing_is_sent_from_another_sim_than_the_one_meant() -> None:
    bench = Bench()
    modem = bench.modem()

    async def scenario() -> None:
        await asyncio.sleep(10)
        modem.insert(make_sim(77), noticed=False)
        with pytest.raises(ModemError):
            await bench.fleet.errand(1, sending("+79081234567", "x"))
        assert not [command for command in bench.sent(modem) if "CMGS" in command]

    bench.run(scenario)


def test_a_refused_message_is_told_and_the_session_goes_on() -> None:
    bench = Bench()
    modem = bench.modem()

    async def refused(channel: Channel, dialect: Dialect) -> None:
        reply = await channel.run("AT+NONSENSE")
        raise CommandFailed("AT+NONSENSE", reply.final.decode())

    async def scenario() -> None:
        await asyncio.sleep(10)
        with pytest.raises(CommandFailed):
            await bench.fleet.errand(1, refused)
        identity = bench.deliver(modem, "code 1234")
        await asyncio.sleep(1)
        assert bench.intake.identities(arrived=True) == [identity]

    bench.run(scenario)


def test_whoever_asks_a_modem_that_is_pulled_is_told() -> None:
    bench = Bench()
    bench.modem()

    async def scenario() -> None:
        await asyncio.sleep(10)
        asking = asyncio.create_task(ussd.ask(bench.fleet, 1, "*100#"))
        await asyncio.sleep(0.5)
        bench.detach(bench.names[0])
        with pytest.raises(GsmbridgeError):
            await asking

    bench.run(scenario)
