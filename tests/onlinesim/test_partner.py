"""The stand-in server: its record, its scripts, its life as a program, and in simulated time."""

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gsmbridge.errors import PartnerError
from gsmbridge.farm.partner import Partner
from gsmbridge.farm.partner_script import NAMED, Reply, Request, Rules, load_script
from gsmbridge.farm.partner_world import Line, SimulatedPartner
from gsmbridge.farm.virtual import SimulatedClock, SimulatedCrash, World, run
from gsmbridge.message import Outgoing
from gsmbridge.onlinesim.client import Client, ClientSettings
from gsmbridge.onlinesim.request import request_body
from tests.onlinesim.helpers import BODY, push, serving


def request(sms_id: int = 1, phone: str = "79", text: str = "hi", attempt: int = 1) -> Request:
    return Request(sms_id, sms_id, phone, "me", text, attempt)


def body(sms_id: int, text: str = "hi") -> bytes:
    return request_body(Outgoing(sms_id, "79", "me", text, 0.0), "k")


def test_a_request_is_kept_byte_for_byte() -> None:
    async def main() -> None:
        async with serving(NAMED["no_op"]) as (partner, client):
            await push(client, body(7, "Привет\n"))
            await push(client, body(7, "Привет\n"))
            await partner.seen(2)
            first, second = partner.exchanges
            assert first.body == body(7, "Привет\n")
            assert first.request == Request(1, 7, "79", "me", "Привет\n", 1)
            assert second.request.attempt == 2
            assert first.status == 400
            assert first.sent
            assert first.answered is not None
            assert first.ended is not None
            assert first.first_byte <= first.received <= first.answered <= first.ended

    asyncio.run(main())


def test_the_record_holds_the_request_before_its_answer_goes_out(tmp_path: Path) -> None:
    record = tmp_path / "record"

    async def main() -> None:
        partner = Partner(record=record)
        client = Client(ClientSettings(await partner.start()))
        attempt = await client.push(BODY)
        received = json.loads(record.read_text().splitlines()[0])
        assert received["event"] == "received"
        assert received["body"].encode("latin-1") == BODY
        await attempt.finish()
        await partner.seen(1)
        answered = json.loads(record.read_text().splitlines()[1])
        assert (answered["event"], answered["status"], answered["sent"]) == ("answered", 200, True)
        await client.close()
        await partner.close()

    asyncio.run(main())


def test_an_answer_that_the_client_did_not_wait_for_is_not_sent() -> None:
    async def main() -> None:
        async with serving(Reply(body="OK", framing="close", then="endless")) as (partner, client):
            await push(client)
            await partner.seen(1)
            async with asyncio.timeout(5):
                await partner.close()

    asyncio.run(main())


def test_it_can_be_closed_and_started_again_on_its_port() -> None:
    async def main() -> None:
        partner = Partner()
        url = await partner.start()
        client = Client(ClientSettings(url))
        await push(client)
        await partner.close()
        with pytest.raises(PartnerError):
            await client.push(BODY)
        assert await partner.start(int(url.split(":")[2].split("/")[0])) == url
        await push(client)
        assert len(partner.exchanges) == 2
        await client.close()
        await partner.close()

    asyncio.run(main())


def rules(tmp_path: Path, text: str, seed: int = 0) -> Rules:
    file = tmp_path / "script.yaml"
    file.write_text(text)
    script = load_script(str(file), seed)
    assert isinstance(script, Rules)
    return script


def test_the_first_rule_that_fits_answers(tmp_path: Path) -> None:
    script = rules(
        tmp_path,
        """
        - {phone: "79", attempt: 1, answer: unavailable}
        - {text: "code [0-9]+", answer: {status: 400, body: IGNORED, delay: 0.5}}
        """,
    )
    assert script(request()) == NAMED["unavailable"]
    assert script(request(attempt=2)) == NAMED["ok"]
    assert script(request(phone="7", text="a code 12")) == Reply(400, "IGNORED", delay=0.5)


def test_a_ratio_depends_on_seed_id_and_attempt_alone(tmp_path: Path) -> None:
    text = "- {ratio: 0.3, answer: reset}"
    first, same, other = (rules(tmp_path, text, seed) for seed in (1, 1, 2))
    requests = [request(number) for number in range(1, 500)]
    hits = [first(each) == NAMED["reset"] for each in requests]
    assert hits == [same(each) == NAMED["reset"] for each in requests]
    assert hits != [other(each) == NAMED["reset"] for each in requests]
    assert 0.2 < sum(hits) / len(hits) < 0.4


@pytest.mark.parametrize(
    "text", ["a: b", "- {answer: nonsense}", "- {colour: red}", "- {answer: {colour: red}}"]
)
def test_a_script_that_is_wrong_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match=r"must be|unknown"):
        rules(tmp_path, text)


def test_it_runs_as_a_program(tmp_path: Path) -> None:
    record = tmp_path / "record"
    command = [sys.executable, "-m", "gsmbridge.farm.partner", "--script", "bad_service"]
    command += ["--record", str(record)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()

        async def main() -> None:
            client = Client(ClientSettings(url))
            assert (await push(client)).token == "BAD_SERVICE"
            await client.close()

        asyncio.run(main())
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0
    assert [json.loads(line)["event"] for line in record.read_text().splitlines()] == [
        "received",
        "answered",
    ]


class Simulation:
    """A client and a server in simulated time."""

    def __init__(self, reply: Reply | None = None) -> None:
        self.world = World()
        script = None if reply is None else lambda _: reply
        self.partner = SimulatedPartner(self.world, SimulatedClock(self.world), script)

    def client(self) -> Client:
        return Client(ClientSettings("http://127.0.0.1/v1/PUSH_SMS_RENT"), self.partner.connect)

    def outcome(self) -> int | str:
        async def main() -> int | str:
            client = self.client()
            try:
                return (await push(client)).status
            except PartnerError as error:
                return error.kind
            finally:
                await client.close()

        return run(self.world, main())


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("ok", 200),
        ("chunked", 200),
        ("until_close", 200),
        ("early_hints", 200),
        ("stalled_head", 200),
        ("half_body", 200),
        ("endless", 200),
        ("drip", 200),
        ("no_op", 400),
        ("huge", 400),
        ("half_status", "closed"),
        ("closed", "closed"),
        ("reset", "closed"),
        ("silent", "timeout"),
        ("garbage", "malformed"),
    ],
)
def test_simulated_answers_are_those_of_the_real_server(name: str, outcome: int | str) -> None:
    simulation = Simulation(NAMED[name])
    assert simulation.outcome() == outcome
    simulation.world.run_until(simulation.world.now + 4000)
    (exchange,) = simulation.partner.exchanges
    assert exchange.body == BODY
    assert exchange.ended is not None


@pytest.mark.parametrize(("line", "kind"), [(Line.REFUSING, "refused"), (Line.DEAD, "timeout")])
def test_a_simulated_line_can_be_down(line: Line, kind: str) -> None:
    simulation = Simulation()
    simulation.partner.line = line
    assert simulation.outcome() == kind
    assert simulation.partner.exchanges == []


def test_a_line_that_dies_swallows_the_answer() -> None:
    simulation = Simulation(Reply(delay=1.0))

    def cut() -> None:
        simulation.partner.line = Line.DEAD

    simulation.world.call_later(0.5, cut)
    assert simulation.outcome() == "timeout"
    assert simulation.partner.exchanges[0].status == 200


def test_a_crash_of_the_daemon_leaves_the_request_received() -> None:
    simulation = Simulation(Reply(delay=1.0))

    async def main() -> None:
        await push(simulation.client())

    simulation.world.crash_at(simulation.world.now + 0.5)
    with pytest.raises(SimulatedCrash):
        run(simulation.world, main())
    simulation.world.run_until(simulation.world.now + 5)
    (exchange,) = simulation.partner.exchanges
    assert exchange.body == BODY
    assert not exchange.sent
    assert simulation.outcome() == 200
    assert simulation.partner.exchanges[1].request.attempt == 2


def test_one_seed_gives_one_history() -> None:
    def history() -> list[tuple[float, int | None]]:
        simulation = Simulation()
        simulation.partner.latency = lambda: simulation.world.rng.uniform(0.001, 0.2)

        async def main() -> None:
            client = simulation.client()
            await asyncio.gather(*(push(client, body(number)) for number in range(1, 20)))
            await client.close()

        run(simulation.world, main())
        return [(e.received, e.status) for e in simulation.partner.exchanges]

    assert history() == history()
