"""`gsmbridge messages` on a journal without a daemon: filters, history, CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gsmbridge.cli import history
from gsmbridge.cli.main import main
from gsmbridge.journal import steps
from gsmbridge.journal.journal import Journal
from gsmbridge.message import Failure, State
from tests.journal.desk import Desk, reading, seen

CONFIG = 'onlinesim: {url: "https://partner.test/", key: sesame}\njournal: {path: journal.db}\n'
Say = Callable[..., str]


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    """Run `gsmbridge messages` on the journal in the folder; its stdout."""
    (tmp_path / "config.yaml").write_text(CONFIG)

    def run(*args: str) -> str:
        status = main(["messages", *args, "--config", str(tmp_path / "config.yaml")])
        told = capsys.readouterr()
        assert status == 0, told.err
        return told.out

    return run


def journalled(folder: Path) -> list[int]:
    """Three messages, from different senders; the first has a history."""
    desk = Desk(folder)

    async def main(journal: Journal) -> list[int]:
        sim = await seen(journal)
        senders = ("Telegram", "+79001112233", "=cmd()")
        slots = {n: desk.pdu(f"code {n}", sender=s) for n, s in enumerate(senders, 1)}
        await journal.record(reading(sim, slots, arrived=True, path="/dev/ttyUSB3"))
        ids = [out.sms_id for out in desk.office.outgoing]
        for attempt in range(1, 40):
            journal.failed(Failure(ids[0], attempt, 0.0, 503, "http", 840))
        journal.failed(Failure(ids[0], 40, 0.0, None, "timeout", 30_000))
        await journal.settle(ids[0], State.DELIVERED, 41, 200, "", 95)
        return ids

    return desk.work(main)


def test_one_message_is_told_step_by_step(say: Say, tmp_path: Path) -> None:
    ids = journalled(tmp_path)
    told = say("--id", str(ids[0]))
    rows, _, story = told.partition("\n\n")
    assert len(rows.splitlines()) == 2
    lines = [line[21:] for line in story.splitlines()]
    assert lines[0] == "read (SM slot 1) [/dev/ttyUSB3]"
    assert lines[1] == "complete, to be pushed"
    assert lines[2] == "attempt 1 failed (HTTP 503, 840 ms)"
    assert lines[7] == "… 15 more failed attempts …"
    assert lines[-3:-1] == [
        "attempt 40 failed (timeout, 30000 ms)",
        "attempt 41 delivered it (HTTP 200, 95 ms)",
    ]
    assert story.splitlines()[-1] == "now: delivered; it is never pushed again"
    document = json.loads(say("--id", str(ids[0]), "--json"))
    assert [step["kind"] for step in document["messages"][0]["steps"]][:2] == ["read", "whole"]


@pytest.mark.parametrize("state", State)
def test_how_a_message_stands_is_told_for_every_state(state: State) -> None:
    message = {"sms_id": 355, "state": state.value, "reason": "no number", "error": "NO_OP"}
    told = history.now({**message, "parts": {"have": 1, "total": 2}})
    assert told.startswith("now: ")
    if state in (State.UNASSIGNED, State.STALE):
        assert "no number" in told and "gsmbridge retry 355" in told


def test_an_id_that_is_unknown_is_answered_so(say: Say, tmp_path: Path) -> None:
    journalled(tmp_path)
    assert say("--id", "7") == say("--id", "7", "--state", "pending") == "no message 7\n"


def test_an_id_that_another_filter_leaves_out_is_not_called_unknown(
    say: Say, tmp_path: Path
) -> None:
    first, *_ = journalled(tmp_path)
    told = f"message {first} is delivered, but another filter leaves it out\n"
    assert say("--id", str(first), "--state", "pending") == told
    assert say("--id", str(first), "--sender", "Farm") == told
    assert json.loads(say("--id", str(first), "--state", "pending", "--json")) == {"messages": []}


def test_messages_are_found_by_sender_with_or_without_plus(say: Say, tmp_path: Path) -> None:
    ids = journalled(tmp_path)

    def found(*args: str) -> list[int]:
        return [row["sms_id"] for row in json.loads(say(*args, "--json"))["messages"]]

    assert found("--sender", "Telegram") == [ids[0]]
    assert found("--sender", "79001112233") == found("--sender", "+79001112233") == [ids[1]]
    assert found("--sender", "telegram") == []
    assert "steps" not in json.loads(say("--json"))["messages"][0]


def test_csv_has_a_header_and_no_formula(say: Say, tmp_path: Path) -> None:
    journalled(tmp_path)
    rows = list(csv.DictReader(io.StringIO(say("--csv"))))
    assert [row["phone_from"] for row in rows] == ["Telegram", "'+79001112233", "'=cmd()"]
    assert rows[0]["delivered"].endswith("+00:00")
    assert "text" not in rows[0]
    assert next(csv.DictReader(io.StringIO(say("--csv", "--text"))))["text"] == "code 1"


def test_a_stretch_of_time_has_two_ends(say: Say, tmp_path: Path) -> None:
    """The simulated clock of the journal is years away from this machine's."""
    journalled(tmp_path)
    everything: list[Any] = json.loads(say("--json"))["messages"]
    assert everything
    older = json.loads(say("--json", "--until", "1s"))["messages"]
    newer = json.loads(say("--json", "--since", "1s"))["messages"]
    assert len(older) + len(newer) == len(everything)


def test_the_key_is_no_matter_to_who_only_reads(say: Say, tmp_path: Path) -> None:
    journalled(tmp_path)
    config = 'onlinesim: {url: "https://partner.test/", key_file: none}\n'
    (tmp_path / "config.yaml").write_text(config + "journal: {path: journal.db}\n")
    assert "Telegram" in say()


def test_every_kind_of_step_has_its_words() -> None:
    assert set(history.TOLD) == set(steps.KINDS)
