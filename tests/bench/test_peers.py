"""The judgement on other programs, and the scripts with which they forward."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any, cast

import pytest

from peers import programs
from peers.judge import Life, lives, losses
from processes import Program, wait_until
from scenes import Play

PEERS = Path(__file__).parents[2] / "bench" / "peers"


def told(events: list[dict[str, Any]], requests: list[dict[str, Any]]) -> list[Life]:
    """What became of messages, by the records of farm and server."""
    stage = SimpleNamespace(
        farm=SimpleNamespace(events=lambda: events),
        sink=SimpleNamespace(requests=lambda: requests),
    )
    return lives(cast(Play, stage))


def sent(message: int) -> dict[str, Any]:
    return {"kind": "sent", "message": message, "text": f"text {message}", "to": "79080000000"}


def event(kind: str, message: int, at: float) -> dict[str, Any]:
    return {"kind": kind, "message": message, "at": at}


def request(message: int, at: float) -> dict[str, Any]:
    return {"text": f"text {message}", "at": at, "answered": at + 0.5, "phone": "79080000000"}


def test_a_message_that_came_before_it_was_deleted_is_no_loss() -> None:
    events = [sent(1), event("stored", 1, 1.0), event("deleted", 1, 4.0)]
    assert losses(told(events, [request(1, 2.0)])) == {"lost": 0, "twice": 0, "early": 0}


def test_a_message_that_was_deleted_and_never_came_is_lost() -> None:
    events = [sent(1), event("stored", 1, 1.0), event("deleted", 1, 4.0)]
    assert losses(told(events, [])) == {"lost": 1, "twice": 0, "early": 1}


def test_a_message_that_still_lies_on_its_sim_is_not_lost() -> None:
    assert losses(told([sent(1), event("stored", 1, 1.0)], [])) == {
        "lost": 0,
        "twice": 0,
        "early": 0,
    }


def test_a_delete_between_request_and_answer_is_early() -> None:
    events = [sent(1), event("stored", 1, 1.0), event("deleted", 1, 2.1)]
    assert losses(told(events, [request(1, 2.0)])) == {"lost": 0, "twice": 0, "early": 1}


def test_a_message_that_came_again_came_twice_and_its_delay_is_the_first() -> None:
    events = [sent(1), event("stored", 1, 1.0), sent(2), event("stored", 2, 1.0)]
    messages = told(events, [request(1, 2.0), request(2, 3.0), request(1, 9.0)])
    assert losses(messages)["twice"] == 1
    assert [life.delay for life in messages] == [1.0, 2.0]


class Server(HTTPServer):
    """Answers *status* and keeps what came."""

    status = 200
    came: list[dict[str, Any]]


class Answer(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.append(json.loads(body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Answer) as server:
        server.came = []
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_what_killed_processes_leave_behind_is_removed_and_nothing_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "SEMAPHORES", tmp_path)
    leaves = f'touch "{tmp_path}/mm_smsd_$$.sem"; echo ready; sleep 60'
    (tmp_path / "mm_smsd_1.sem").touch()
    program = Program(
        [["sh", "-c", leaves]] * 2, tmp_path / "output", "ready", programs.remove_semaphores
    )
    wait_until(lambda: program.ready() == 2, 10.0)
    assert len(list(tmp_path.glob("mm_smsd_*.sem"))) == 3
    program.close(kill=True)
    assert [file.name for file in tmp_path.glob("mm_smsd_*.sem")] == ["mm_smsd_1.sem"]


def forward(script: str, server: Server, *arguments: str, **environ: str) -> int:
    url = f"http://127.0.0.1:{server.server_port}/v1/PUSH"
    command = [sys.executable, "-IS", str(PEERS / script), url, *arguments]
    return subprocess.run(command, env=environ, timeout=60, check=False).returncode


def test_a_message_of_gammu_is_posted_once_with_its_parts_joined(server: Server) -> None:
    about = {"PHONE_ID": "79080000000", "SMS_1_NUMBER": "Farm", "SMS_MESSAGES": "2"}
    parts = {"SMS_1_TEXT": "one, ", "SMS_2_TEXT": "two"}
    assert forward("forward_gammu.py", server, **about, **parts) == 0
    assert [(push["phone"], push["text"]) for push in server.came] == [("79080000000", "one, two")]


def test_a_file_of_smstools_is_posted_and_kept_where_the_server_did_not_take_it(
    server: Server, tmp_path: Path
) -> None:
    file = tmp_path / "modem.abc"
    file.write_text("From: Farm\nModem: 79080000000\nAlphabet: UTF-8\n\nкод 1\n\nand 2")
    server.status = 503
    assert forward("forward_smstools.py", server, "RECEIVED", str(file)) == 1
    assert file.exists()
    server.status = 200
    assert forward("forward_smstools.py", server, "RECEIVED", str(file)) == 0
    assert not file.exists()
    assert [push["text"] for push in server.came] == ["код 1\n\nand 2"] * 2
