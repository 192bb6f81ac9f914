"""Modems of no known family work as generic, however they answer."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from tests.modem.farm_bench import Bench

from gsmbridge.farm.personalities import GENERIC, family

FORMS = {
    "prefixed": ("+CCID", "+CCID: {iccid}"),
    "bare": ("+CCID", "{iccid}"),
    "quoted": ("+CCID", '+CCID: "{iccid}",""'),
    "padded": ("+CCID", "+CCID: {iccid}F"),
    "another command": ("+QCCID", "+QCCID: {iccid}"),
    "a prefix that is not the command's": ("+CICCID", "+ICCID: {iccid}"),
    "no plus": ("+ICCID", "ICCID: {iccid}"),
    "swapped": ("^ICCID?", "^ICCID: {swapped}"),
    "a prefix that nobody knows": ("+CCID", "+CARDNUMBER: {iccid}"),
}


@pytest.mark.parametrize("form", FORMS)
def test_its_iccid_is_found(form: str) -> None:
    bench = Bench()
    command, answer = FORMS[form]
    unknown = family(
        "unknown", {"+CGMI": ("Nobody",), "+CGMM": ("M1",), command: (answer,)}, without=("+CCID",)
    )
    modem = bench.modem(unknown)

    async def scenario() -> None:
        await asyncio.sleep(40)
        (status,) = bench.fleet.statuses()
        assert modem.sim is not None
        assert (status.phase, status.dialect) == ("ready", "generic")
        assert status.iccid == modem.sim.iccid
        identity = bench.deliver(modem, "code")
        await asyncio.sleep(2)
        assert bench.intake.identities(arrived=True) == [identity]

    bench.run(scenario)


def test_without_any_iccid_the_imsi_serves() -> None:
    bench = Bench()
    unknown = family(
        "unknown", {"+CGMI": ("Nobody",)}, without=("+CCID", "+CRSM=176,12258,0,0,10", "+CGSN")
    )
    modem = bench.modem(unknown)

    async def scenario() -> None:
        await asyncio.sleep(20)
        (status,) = bench.fleet.statuses()
        assert modem.sim is not None
        assert (status.phase, status.iccid, status.imsi) == ("ready", None, modem.sim.imsi)

    bench.run(scenario)


def test_one_whose_listings_are_no_pdu_mode_tells_why_it_is_not_ready() -> None:
    bench = Bench()
    words = {
        "cmgl_header": '+CMGL: {slot},"REC UNREAD",,{length}',
        "cmgr_header": '+CMGR: "REC UNREAD",,{length}',
    }
    modem = bench.modem(replace(GENERIC, **words))

    async def scenario() -> None:
        await asyncio.sleep(10)
        bench.deliver(modem, "code")
        await asyncio.sleep(60)
        (status,) = bench.fleet.statuses()
        assert status.phase != "ready"
        assert status.last_error == "the modem forgot PDU mode"
        assert modem.sim is not None
        modem.erase("SM", 0)
        await asyncio.sleep(120)
        (status,) = bench.fleet.statuses()
        assert (status.phase, status.last_error) == ("ready", "")

    bench.run(scenario)


@pytest.mark.parametrize(
    "mute",
    ["+CNUM", "+CSCS", "+CSMS", "+CNMI", "+CGMR", "I", "+CGSN", "+CFUN", "+CMEE=", '+CPMS="ME"'],
)
def test_one_that_leaves_a_question_without_an_answer_works_without_it(mute: str) -> None:
    bench = Bench()
    modem = bench.modem(replace(GENERIC, mute=(mute,)))

    async def scenario() -> None:
        await asyncio.sleep(150)
        (status,) = bench.fleet.statuses()
        assert (status.phase, status.recoveries) == ("ready", ())
        identity = bench.deliver(modem, "code")
        await asyncio.sleep(60)
        assert bench.intake.identities(arrived=True) == [identity]

    bench.run(scenario)


def test_one_whose_sim_takes_its_time_is_waited_for() -> None:
    bench = Bench()
    bench.modem(replace(GENERIC, latency={"+CNUM": 20.0, "+CPIN": 20.0, "+CIMI": 12.0}))

    async def scenario() -> None:
        await asyncio.sleep(100)
        (status,) = bench.fleet.statuses()
        assert (status.phase, status.appearances, status.recoveries) == ("ready", 1, ())

    bench.run(scenario)


@pytest.mark.parametrize("identity", ["+CIMI", "+CCID"])
@pytest.mark.parametrize("refusal", ["+CME ERROR: 14", "ERROR"])
def test_what_a_sim_does_not_say_of_itself_at_first_is_asked_again(
    identity: str, refusal: str
) -> None:
    bench = Bench()
    without = (identity, "+CRSM=176,12258,0,0,10")
    modem = bench.modem(family("late", {}, without=without, unknown=refusal))

    async def scenario() -> None:
        await asyncio.sleep(8)
        busy = refusal != "ERROR"
        assert bool(bench.intake.seen) is not busy
        modem.personality = GENERIC
        await asyncio.sleep(200)
        (status,) = bench.fleet.statuses()
        assert (status.phase, status.appearances) == ("ready", 1 if busy else 2)
        assert modem.sim is not None
        assert (status.iccid, status.imsi) == (modem.sim.iccid, modem.sim.imsi)
        assert (bench.intake.seen[-1].iccid, bench.intake.seen[-1].imsi) == (
            modem.sim.iccid,
            modem.sim.imsi,
        )

    bench.run(scenario)


def test_the_beginning_of_an_iccid_alone_proves_no_sim() -> None:
    bench = Bench()
    cut = family("cut", {"+CCID": ("+CCID: {iccid:.18}",)}, without=("+CIMI",))
    modem = bench.modem(cut)

    async def scenario() -> None:
        await asyncio.sleep(60)
        (status,) = bench.fleet.statuses()
        assert status.phase == "no-sim" and "18 digits" in status.last_error
        assert not bench.intake.seen
        modem.personality = replace(cut, answers={**cut.answers, "+CIMI": ("{imsi}",)})
        await asyncio.sleep(60)
        (status,) = bench.fleet.statuses()
        assert status.phase == "ready"

    bench.run(scenario)
