"""What the commands show, given the daemon's answer."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gsmbridge.cli import scan, status
from gsmbridge.cli.main import main
from gsmbridge.cli.messages import duration
from gsmbridge.cli.modems import modem_lines, numbers_block
from gsmbridge.cli.table import age, table
from gsmbridge.service.control import ControlServer

CONFIG = 'onlinesim: {url: "https://partner.test/", key: sesame}\njournal: {path: journal.db}\n'

MODEM = {
    "path": "/dev/ttyUSB3",
    "manufacturer": "huawei",
    "model": "E1752",
    "imei": "351234567890123",
    "iccid": "8970101234567894321",
    "imsi": "250011234567890",
    "phone": "79088081050",
    "phone_source": "config",
    "operator": "Beeline",
    "registration": "home",
    "signal": 20,
    "store": {"used": 3, "total": 20},
    "phase": "ready",
    "since": 1_000.0,
    "last_sms": 2_000.0,
    "last_error": None,
}
STATUS = {
    "running": True,
    "pid": 4711,
    "version": "0.1.0",
    "since": 1_000.0,
    "modems": [MODEM],
    "numbers": [
        {
            "phone": "79088081050",
            "iccid": "8970101234567894321",
            "imsi": None,
            "enabled": True,
            "modem": "/dev/ttyUSB3",
            "last_sms": 2_000.0,
        }
    ],
    "queue": {"pending": 2, "delivered": 40, "refused": 0},
    "oldest_pending_s": 75.0,
    "last_success": 2_000.0,
    "last_error": {"sms_id": 355, "status": 503, "error": "http"},
    "alarms": ["the key is refused (401): correct onlinesim.key"],
    "standing": [
        {
            "kind": "partner_key",
            "subject": "",
            "what": "the key is refused (401): correct onlinesim.key",
            "since": 1_500.0,
        }
    ],
}
MESSAGE = {
    "sms_id": 355,
    "state": "refused",
    "reason": None,
    "phone": "79088081050",
    "phone_from": "Tele\x1b[31mgram",
    "received": 2_000.0,
    "scts": 1_990.0,
    "attempts": 1,
    "status": 400,
    "error": "NO_OPERATION",
    "delivered": None,
    "freed": None,
    "parts": {"have": 1, "total": 2},
    "text": "one\ntwo " + "x" * 300,
}


@contextmanager
def daemon(folder: Path, answer: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A daemon that always gives *answer*; the path of its config, and the requests it got."""
    (folder / "config.yaml").write_text(CONFIG)
    got: list[dict[str, Any]] = []
    ready, loop = threading.Event(), asyncio.new_event_loop()

    async def handle(request: dict[str, Any]) -> dict[str, Any]:
        got.append(request)
        return answer

    def serve(stop: asyncio.Event) -> None:
        async def go() -> None:
            server = ControlServer(folder / "control.sock", handle)
            await server.start()
            ready.set()
            await stop.wait()
            await server.close()

        loop.run_until_complete(go())
        loop.close()

    stop = asyncio.Event()
    thread = threading.Thread(target=serve, args=(stop,))
    thread.start()
    assert ready.wait(10)
    try:
        yield str(folder / "config.yaml"), got
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


Say = Callable[..., tuple[int, str, str, list[dict[str, Any]]]]


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    """Run a command against a daemon that gives one answer: status, stdout, stderr, requests."""

    def run(answer: dict[str, Any], *args: str) -> tuple[int, str, str, list[dict[str, Any]]]:
        with daemon(tmp_path, answer) as (config, got):
            done = main([*args, "--config", config])
        told = capsys.readouterr()
        return done, told.out, told.err, got

    return run


def test_status_shows_the_daemon_its_queue_modems_and_numbers(say: Say) -> None:
    done, out, _, got = say(STATUS, "status")
    assert done == 0
    assert got == [{"command": "status"}]
    for told in (
        "running for",
        "pid 4711",
        ")  the key is refused (401)",
        "ALARM  since 01-01 ",
        "messages: pending 2, delivered 40",
        "oldest waiting: 75 s",
        "last error: sms_id 355, status 503, error http",
        "ttyUSB3  79088081050  8970101234567894321  ready",
        "3/20",
    ):
        assert told in out
    assert "refused 0" not in out


@pytest.mark.parametrize(
    ("days", "told"), [(0.4, "less than a day"), (4.2, "about 4 days"), (40.0, ""), (None, "")]
)
def test_status_says_in_how_many_days_a_sim_is_full(days: float | None, told: str) -> None:
    sims = [{"iccid": MODEM["iccid"], "imsi": None, "full_in_days": days}]
    lines = [line for line in status.lines({**STATUS, "sims": sims}) if "full in" in line]
    pace = f"ttyUSB3: SIM 3/20, full in {told} at its present pace"
    assert lines == ([pace] if told else [])


def test_status_names_sims_that_are_nearly_full() -> None:
    nearly = {**MODEM, "path": "/dev/ttyUSB4", "store": {"used": 16, "total": 20}}
    full = {**MODEM, "path": "/dev/ttyUSB5", "store": {"used": 20, "total": 20}}
    lines = status.lines({**STATUS, "modems": [MODEM, nearly, full]})
    assert [line for line in lines if "full" in line] == [
        "ttyUSB4: SIM 16/20, nearly full",
        "ttyUSB5: SIM 20/20, full: no message can come",
    ]


def test_modems_that_do_not_work_come_first() -> None:
    down = {**MODEM, "path": "/dev/ttyUSB4", "phase": "recovering"}
    lines = status.lines({**STATUS, "modems": [MODEM, down]})
    ports = [line.split()[0] for line in lines if line.startswith("ttyUSB")]
    assert ports == ["ttyUSB4", "ttyUSB3"]


def test_status_of_a_stopped_daemon_says_so() -> None:
    told = status.lines({"running": False, "version": "0.1.0", "queue": {}, "modems": []})
    assert told[0] == "gsmbridge 0.1.0: not running (this is what the journal holds)"
    assert "messages: none" in told


def test_json_is_the_answer_as_it_came(say: Say) -> None:
    for command in ("status", "messages", "scan"):
        done, out, _, _ = say(STATUS, command, "--json")
        assert done == 0
        assert json.loads(out) == STATUS


def test_messages_are_asked_for_by_what_was_given(say: Say) -> None:
    _, out, _, got = say(
        {"messages": []}, "messages", "--state", "pending", "--phone", "+79088081050",
        "--since", "2h",
    )  # fmt: skip
    assert out == "no messages\n"
    assert got == [
        {
            "command": "messages",
            "id": None,
            "state": "pending",
            "phone": "79088081050",
            "sender": None,
            "since": 7200,
            "until": None,
            "text": False,
        }
    ]


def test_a_message_is_one_whole_line_whatever_its_sender_wrote(say: Say) -> None:
    _, out, _, _ = say({"messages": [MESSAGE, MESSAGE]}, "messages", "--text")
    header, *rows = out.splitlines()
    assert header.split() == ["SMSID", "RECEIVED", "TO", "FROM", "STATE", "TRIES", "WHY", "TEXT"]
    assert len(rows) == 2
    assert r"Tele\x1b[31mgram" in rows[0]
    assert "NO_OPERATION, 1 of 2 parts" in rows[0]
    assert rows[0].endswith(r"one\ntwo " + "x" * 300)


@pytest.mark.parametrize("command", ["retry", "discard"])
def test_an_order_tells_of_each_message_and_fails_if_one_was_refused(
    say: Say, command: str
) -> None:
    good = {"sms_id": 7, "ok": True, "state": "pending", "error": None}
    bad = {"sms_id": 8, "ok": False, "state": None, "error": "unknown"}
    done, out, err, got = say({"results": [good, bad]}, command, "7", "8", "7")
    assert (done, out, err) == (1, "7: pending\n", "8: unknown\n")
    assert got == [{"command": command, "ids": [7, 8]}]
    assert say({"results": [good]}, command, "7")[0] == 0


def test_retry_says_under_which_number_a_message_goes_and_hands_on_the_one_it_is_given(
    say: Say,
) -> None:
    good = {"sms_id": 7, "ok": True, "state": "pending", "phone": "79088081050", "error": None}
    done, out, _, got = say({"results": [good]}, "retry", "7", "--as", "+79088081050")
    assert (done, out) == (0, "7: pending, under 79088081050\n")
    assert got == [{"command": "retry", "ids": [7], "as": "79088081050"}]


def test_an_error_of_the_daemon_is_one_line(say: Say) -> None:
    done, out, err, _ = say({"error": "the journal cannot be read"}, "status")
    assert (done, out, err) == (1, "", "gsmbridge: the journal cannot be read\n")


def test_scan_shows_rows_to_paste_for_sims_without_a_number() -> None:
    without = {**MODEM, "path": "/dev/ttyUSB7", "phone": None}
    told = scan.lines({"modems": [MODEM, without]})
    block = told[told.index("numbers:") :]
    assert block == [
        "numbers:",
        '  - phone: ""  # the number of the SIM in ttyUSB7',
        '    iccid: "8970101234567894321"',
    ]
    assert any("huawei E1752" in line and "351234567890123" in line for line in told)


def test_a_sim_that_shows_in_two_ports_is_one_row_to_paste() -> None:
    without = {**MODEM, "phone": None}
    assert len(numbers_block([without, {**without, "path": "/dev/ttyUSB4"}])) == 3


def test_a_modem_of_which_nothing_is_known_is_shown_all_the_same() -> None:
    told = scan.lines({"modems": [{"path": "/dev/ttyUSB0", "last_error": "no answer"}]})
    assert any("ttyUSB0" in line and "no answer" in line for line in told)
    assert status.lines({"modems": [{"path": "/dev/ttyUSB0"}]})


def test_a_table_is_cut_to_a_terminal_and_never_elsewhere() -> None:
    rows = [("1", "я" * 200), ("2", "短信" * 50)]
    assert max(map(len, table(("A", "B"), rows, None))) > 200
    cut = table(("A", "B"), rows, 100)
    assert cut[1] == "1  " + "я" * 96 + "…"
    assert cut[2].endswith("…")
    assert len(cut[2]) <= 60  # each of these characters takes two columns


def test_columns_stand_below_each_other_with_wide_characters() -> None:
    assert table(("A", "B"), [("短", "x"), ("ab", "y")], None) == ["A   B", "短  x", "ab  y"]


def test_the_status_of_a_farm_fits_100_columns() -> None:
    told = status.lines(STATUS)
    assert max(map(len, told)) <= 130  # not cut where stdout is no terminal
    assert max(map(len, modem_lines([MODEM], 3_000.0, 100))) <= 100


def test_a_port_with_a_long_name_leaves_room_for_how_long_its_modem_is_down() -> None:
    path = "/dev/gsmbridge/platform-fd500000.pcie-pci-0000:01:00.0-usb-0:1.1.4:1.0"
    down = {**MODEM, "path": path, "phase": "recovering", "since": 2_000.0}
    header, line = modem_lines([down], 2_150.0, 80)
    assert max(len(header), len(line)) <= 80
    assert line.startswith("…") and "usb-0:1.1.4:1.0  " in line
    assert "recovering  2 min" in line
    assert modem_lines([down], 2_150.0, None)[1].startswith(path.removeprefix("/dev/"))


def test_lengths_of_time_are_read_and_shown() -> None:
    assert [duration(t) for t in ("90", "90s", "30m", "2h", "7d")] == [90, 90, 1800, 7200, 604800]
    assert [age(s) for s in (0, 119, 120, 7199, 7200, 200_000)] == [
        "0 s",
        "119 s",
        "2 min",
        "119 min",
        "2 h",
        "2 d",
    ]
    assert age(None) == "-"
