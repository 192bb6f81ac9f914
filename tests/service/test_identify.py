"""What the daemon answers to `identify` requests: nothing unchecked reaches a modem."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from gsmbridge.config.schema import Config, Number, Onlinesim
from gsmbridge.errors import GsmbridgeError
from gsmbridge.events import Silent
from gsmbridge.farm.modem import ModemModel
from gsmbridge.farm.network import Network
from gsmbridge.farm.sim import SimCard, make_sim
from gsmbridge.farm.truth import Truth
from gsmbridge.farm.virtual import SimulatedClock, run
from gsmbridge.journal.disk import JournalFile
from gsmbridge.journal.journal import Journal
from gsmbridge.modem.fleet import Fleet
from gsmbridge.modem.status import IdleWait
from gsmbridge.service import settings
from gsmbridge.service.identify import ARRIVAL_PATIENCE, Identifier
from tests.journal.desk import Office
from tests.modem.farm_bench import Bench

Act = Callable[[Identifier, list[ModemModel]], Awaitable[None]]


def numbered(sim: SimCard) -> Config:
    return Config(
        onlinesim=Onlinesim(url="https://partner.test/"),
        numbers=(Number(phone=sim.msisdn, iccid=sim.iccid),),
    )


def play(folder: Path, act: Act, *own_numbers: str) -> Bench:
    """*act* with a real journal and simulated modems: the first SIM is listed, the others know
    *own_numbers*."""
    bench = Bench()
    sims = [make_sim(1), *(make_sim(n, own_number=own) for n, own in enumerate(own_numbers, 2))]
    modems = [bench.modem(sim=sim) for sim in sims]
    network = Network(
        bench.world, Truth(lambda: bench.world.now), lambda: 1_800_000_000.0, random.Random(1)
    )
    for modem in modems:
        network.cover(modem)
    config = numbered(sims[0])

    async def main() -> None:
        bench.loop = asyncio.get_running_loop()
        clock = SimulatedClock(bench.world)
        file = JournalFile(folder / "journal.db", clock, synchronous="OFF")
        ids = folder / "journal.db.ids"
        journal = Journal(file, ids, None, clock, settings.rules(config), Silent())
        fleet = Fleet(bench, bench.settings, journal, Silent(), clock, IdleWait())
        tasks = [asyncio.create_task(journal.run()), asyncio.create_task(fleet.run())]
        await journal.start(Office(), 0, 1, None)
        await asyncio.sleep(10)
        try:
            identifier = Identifier(journal, fleet, lambda: config, Silent(), random.Random(1))
            await act(identifier, modems)
        finally:
            await fleet.close()
            journal.close(clean=True)
            await asyncio.wait(tasks)
            file.close()

    run(bench.world, main())
    return bench


async def sims(identifier: Identifier) -> list[Any]:
    return list((await identifier.answer({}))["sims"])


def test_the_sims_are_shown_with_what_is_known_of_them(tmp_path: Path) -> None:
    async def act(identifier: Identifier, modems: list[ModemModel]) -> None:
        found = await sims(identifier)
        assert [each["iccid"] for each in found] == [m.sim.iccid for m in modems if m.sim]
        assert [each["listed"] for each in found] == [make_sim(1).msisdn, None, None]
        assert [each["own_number"] for each in found] == [None, "79990000001", None]

    play(tmp_path, act, "+79990000001", "")


def test_a_number_stored_on_two_sims_is_no_ones(tmp_path: Path) -> None:
    async def act(identifier: Identifier, modems: list[ModemModel]) -> None:
        assert [each["own_number"] for each in await sims(identifier)] == [None, None, None]

    play(tmp_path, act, "+79990000001", "+79990000001")


@pytest.mark.parametrize(
    "asks",
    [
        "all",
        ["1"],
        [{"sim": "1", "ussd": "*100#"}],
        [{"sim": [1], "ussd": "*100#"}],
        [{"ussd": "*100#"}],
        [{"sim": 1, "ussd": "*100#"}] * 17,
    ],
)
def test_a_request_that_makes_no_sense_is_refused(tmp_path: Path, asks: Any) -> None:
    async def act(identifier: Identifier, modems: list[ModemModel]) -> None:
        with pytest.raises(GsmbridgeError, match="asks is no list"):
            await identifier.answer({"asks": asks})

    play(tmp_path, act)


@pytest.mark.parametrize(
    "ask",
    [
        {"sim": 1, "ussd": '*100#",15\rATD112;\r'},
        {"sim": 1, "ussd": "100"},
        {"sim": 1, "ussd": None},
        {"sim": 1, "sms_to": "7908\rAT"},
        {"sim": 1, "sms_to": "112"},
        {"sim": 1},
        {"sim": 99, "ussd": "*100#"},
    ],
)
def test_what_cannot_be_asked_is_an_error_and_reaches_no_modem(
    tmp_path: Path, ask: dict[str, Any]
) -> None:
    async def act(identifier: Identifier, modems: list[ModemModel]) -> None:
        (result,) = (await identifier.answer({"asks": [ask]}))["results"]
        assert result["error"]
        assert result["number"] is None

    bench = play(tmp_path, act)
    sent = bench.sent(bench.modems["/dev/modem0"])
    assert not [command for command in sent if "CUSD" in command or "CMGS" in command]


def test_one_sim_is_asked_one_thing_at_a_time(tmp_path: Path) -> None:
    async def act(identifier: Identifier, modems: list[ModemModel]) -> None:
        both = await identifier.answer({"asks": [{"sim": 1, "ussd": "*100#"}] * 2})
        assert [each["number"] for each in both["results"]] == [make_sim(1).msisdn, None]
        assert both["results"][1]["error"] == "somebody is asking this SIM already"
        again = await identifier.answer({"asks": [{"sim": 1, "ussd": "*100#"}]})
        assert again["results"][0]["error"] is None

    play(tmp_path, act)


def test_a_message_tells_its_sender_and_where_it_arrived(tmp_path: Path) -> None:
    async def act(identifier: Identifier, modems: list[ModemModel]) -> None:
        ask = {"sim": 2, "sms_to": make_sim(1).msisdn}
        (result,) = (await identifier.answer({"asks": [ask]}))["results"]
        assert result["number"] == make_sim(2).msisdn
        assert result["arrived_on"] == 1
        await asyncio.sleep(5)
        assert modems[0].sim is not None
        assert modems[0].sim.sms.used == 0

    play(tmp_path, act, "")


def test_a_message_that_does_not_arrive_is_given_up_and_not_sent_again(tmp_path: Path) -> None:
    async def act(identifier: Identifier, modems: list[ModemModel]) -> None:
        ask = {"sim": 2, "sms_to": "79999999999"}
        (result,) = (await identifier.answer({"asks": [ask]}))["results"]
        assert f"not arrived in {ARRIVAL_PATIENCE:.0f} s" in result["error"]

    bench = play(tmp_path, act, "")
    sent = bench.sent(bench.modems["/dev/modem1"])
    assert len([command for command in sent if command.startswith("AT+CMGS")]) == 1


class Speechless:
    """A network that takes a message from a modem which is deaf and mute from then on."""

    def __init__(self, modem: ModemModel) -> None:
        self._modem = modem
        self._network = modem.carrier

    def available(self, sim: SimCard) -> None:
        self._network.available(sim)

    def submit(self, sim: SimCard, tpdu: bytes) -> None:
        self._network.submit(sim, tpdu)
        trouble = self._modem.trouble
        trouble.hang, trouble.mute, trouble.revive = True, True, "esc"


def test_a_message_that_went_out_without_an_answer_still_counts(tmp_path: Path) -> None:
    async def act(identifier: Identifier, modems: list[ModemModel]) -> None:
        modems[1].carrier = Speechless(modems[1])
        ask = {"sim": 2, "sms_to": make_sim(1).msisdn}
        (result,) = (await identifier.answer({"asks": [ask]}))["results"]
        assert (result["number"], result["error"]) == (make_sim(2).msisdn, None)

    bench = play(tmp_path, act, "")
    sent = bench.sent(bench.modems["/dev/modem1"])
    assert len([command for command in sent if command.startswith("AT+CMGS")]) == 1
