"""Nothing that others wrote plays tricks on the terminal, whichever command shows it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gsmbridge.cli import history, identify, main, messages, scan, status
from gsmbridge.errors import CommandFailed
from gsmbridge.service.identification import Finding
from tests.cli.test_scan_shown import modem
from tests.cli.test_shown import MESSAGE, STATUS

HOSTILE = "\x1b]0;title\x07\x1b[2J\r\nforged line\x9b1A\u2028\u202e\x00"

BY_OTHERS = """
    manufacturer model imei iccid imsi operator registration last_error error phone_from text
"""
"""Fields that a modem, a SIM, a network, a sender or a server fills in."""


def poisoned(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: poisoned(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [poisoned(each, name) for each in value]
    return HOSTILE + str(value) if name in BY_OTHERS.split() and isinstance(value, str) else value


def of_status() -> Iterator[str]:
    yield from status.lines(poisoned(copy.deepcopy(STATUS)))


def of_messages() -> Iterator[str]:
    yield from messages.lines([poisoned(MESSAGE)], text=True)


def of_history() -> Iterator[str]:
    step = {"at": 2_000.0, "kind": "failed", "number": 1, "status": 503, "error": "http"}
    yield from history.lines({**poisoned(MESSAGE), "steps": [poisoned(step)]})


def of_scan() -> Iterator[str]:
    found = {"modems": [poisoned(modem(1, phone=None, last_error="AT: ERROR"))]}
    yield from scan.lines(found)
    yield from scan.held(found).splitlines()


def of_identify() -> Iterator[str]:
    sim = {"path": "/dev/ttyUSB0", "iccid": "8970101234567894321", "imsi": None}
    yield from identify._report([Finding(sim, None, False, HOSTILE)], verify=True)


@pytest.mark.parametrize("shown", [of_status, of_messages, of_history, of_scan, of_identify])
def test_no_command_shows_what_others_wrote_as_they_wrote_it(
    shown: Callable[[], Iterator[str]],
) -> None:
    lines = list(shown())
    assert any("forged line" in line for line in lines)
    assert not any(line.startswith("forged line") for line in lines)
    assert [line for line in lines if not line.isprintable()] == []


def test_an_error_that_quotes_a_modem_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main._report(CommandFailed("AT+CMGS", HOSTILE)) == 1
    assert capsys.readouterr().err.rstrip("\n").isprintable()
