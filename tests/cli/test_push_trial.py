"""`gsmbridge test-push`: one push, an id of its own, and the answer in plain words."""

from __future__ import annotations

import asyncio
import io
import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gsmbridge.cli.main import main
from gsmbridge.farm.partner import Partner
from gsmbridge.farm.partner_script import Reply
from gsmbridge.journal.journal import Journal
from gsmbridge.onlinesim.answer import Alarm, Delivered, Refused, Retry
from gsmbridge.service.trial import SILENCE, meaning
from tests.endtoend.scene import played, playing
from tests.journal.desk import Desk, reading, seen

PHONE = "79088081050"
Say = Callable[..., tuple[int, str, str]]


@contextmanager
def partner(reply: Reply) -> Iterator[Partner]:
    """A stand-in that always answers the same, in a thread of its own."""
    server, loop = Partner(lambda _: reply), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(20)
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.close(), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    """Run test-push against a URL: exit status, stdout, stderr."""

    def run(url: str, *args: str) -> tuple[int, str, str]:
        (tmp_path / "config.yaml").write_text(
            f'onlinesim: {{url: "{url}", key: sesame}}\njournal: {{path: journal.db}}\n'
        )
        config = str(tmp_path / "config.yaml")
        done = main(["test-push", "--phone", f"+{PHONE}", *args, "--config", config])
        told = capsys.readouterr()
        assert "sesame" not in told.out + told.err
        return done, told.out, told.err

    return run


def test_one_marked_message_goes_out_after_it_was_told(say: Say) -> None:
    with partner(Reply()) as server:
        done, out, _ = say(server.url, "--yes")
        (exchange,) = server.exchanges
    pushed = json.loads(exchange.body)
    assert done == 0
    assert pushed["phone"] == PHONE
    assert "not an SMS" in pushed["text"] and "test" in pushed["text"]
    assert f"One push to {server.url}" in out and pushed["text"] in out
    assert f"smsId {pushed['smsId']}: status 200, error -," in out
    assert "the partner took it" in out


def test_nothing_goes_out_without_a_yes(say: Say) -> None:
    with partner(Reply()) as server:
        stdin, sys.stdin = sys.stdin, io.StringIO("n\n")
        try:
            done, out, _ = say(server.url)
        finally:
            sys.stdin = stdin
        assert server.exchanges == []
    assert done == 1
    assert out.endswith("nothing was sent\n")


def test_its_id_never_meets_one_of_a_message(say: Say, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    received: list[int] = []

    async def receive(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: desk.another()}, arrived=True))
        received.append(desk.office.outgoing[-1].sms_id)
        received.append(await journal.reserve_id())

    with partner(Reply()) as server:
        for _ in range(2):
            say(server.url, "--yes")
            desk.work(receive)
        ours = [json.loads(exchange.body)["smsId"] for exchange in server.exchanges]
    every = [ours[0], received[0], received[1], ours[1], received[2], received[3]]
    assert len(set(every)) == 6


def test_a_wrong_key_is_told_as_such_and_what_the_server_wrote_is_not(say: Say) -> None:
    with partner(Reply(status=403, body='{"error": "ERROR_WRONG_KEY", "k": "{text}"}')) as server:
        done, out, _ = say(server.url, "--yes")
    assert done == 1
    assert "status 403, error WRONG_KEY" in out
    assert "put the partner's key into onlinesim.key" in out
    assert '"k"' not in out


def test_a_number_that_is_not_rented_proves_the_key(say: Say) -> None:
    with partner(Reply(status=400, body="NO_OPERATION")) as server:
        done, out, _ = say(server.url, "--yes")
    assert done == 0
    assert "URL and key are right; the number is not rented" in out


def test_no_answer_is_told_with_what_to_look_at(say: Say) -> None:
    done, out, _ = say("http://127.0.0.1:9/push", "--yes")
    assert done == 1
    assert "status none" in out and "nothing listens at that address" in out


def test_without_the_journals_folder_nothing_is_sent_and_nothing_made(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(
        'onlinesim: {url: "http://127.0.0.1:9/", key: sesame}\njournal: {path: none/journal.db}\n'
    )
    assert main(["test-push", "--phone", PHONE, "--yes", "--config", str(file)]) == 1
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("verdict", "good", "word"),
    [
        (Delivered(), True, "took it"),
        (Delivered("NO_OP"), True, "NO_OP"),
        (Refused(400, "BAD_SERVICE"), True, "bans this sender"),
        (Refused(400, "SOMETHING"), True, "not be sent again"),
        (Retry(10, "IGNORED", 400), True, "ordered"),
        (Retry(120, "http", 429), False, "120 s of patience"),
        (Retry(10, "http", 500), False, "fault of its own"),
        (Retry(10, "http", 404), False, "probably wrong"),
        (Retry(10, "http", 201), False, "only status 200"),
        *((Retry(10, "x", 403, alarm), False, "repeated") for alarm in Alarm),
        *((Retry(10, kind), False, told) for kind, told in SILENCE.items()),
    ],
)
def test_every_answer_has_its_meaning(verdict: object, good: bool, word: str) -> None:
    assert isinstance(verdict, Delivered | Refused | Retry)
    found, told = meaning(verdict)
    assert found is good
    assert word in told


@played
async def test_beside_the_running_daemon_it_takes_the_next_id(tmp_path: Path) -> None:
    async with playing(tmp_path, 1) as scene:
        await scene.start()
        phone = scene.farm.sims[0].msisdn
        status, out, error = await scene.command("test-push", "--phone", phone, "--yes")
        assert status == 0, error
        assert "The config doesn't list" not in out
        scene.send(0, "a real one")
        await scene.pushed(2)
        test, real = scene.pushes()
        assert real.request.sms_id == test.request.sms_id + 1
        assert [row["sms_id"] for row in (await scene.asked("messages"))["messages"]] == [
            real.request.sms_id
        ]
