"""What `gsmbridge scan` shows and writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from gsmbridge.cli import scan
from gsmbridge.cli.main import main
from gsmbridge.farm.personalities import FAMILIES

CONFIG = 'onlinesim: {{url: "https://partner.test/", key: sesame}}\njournal: {{path: journal.db}}\n'


def modem(number: int, **facts: object) -> dict[str, object]:
    return {
        "path": f"/dev/serial/by-path/pci-0000:00:14.0-usb-0:1.{number}:1.2-port0",
        "manufacturer": "SIMCOM INCORPORATED",
        "model": "SIMCOM_SIM7600G-H",
        "imei": "351234567890123",
        "iccid": "8970101234567894321",
        "imsi": "250011234567890",
        "phone": "790880810501234",
        "phone_source": "config",
        "operator": "A network with a very long name indeed",
        "registration": "searching",
        "signal": -113,
        "store": {"used": 255, "total": 255},
        "phase": "recovering",
        "last_error": None,
        **facts,
    }


def test_the_tables_fit_a_hundred_columns() -> None:
    modems = [modem(1), modem(2, manufacturer="Sierra Wireless, Incorporated", model="MC7455 " * 9)]
    modems += [
        modem(3, manufacturer=each.answers["+CGMI"][0], model=each.answers["+CGMM"][0])
        for each in FAMILIES
    ]
    lines = scan.lines({"modems": modems})
    assert max(map(len, lines)) <= 100
    assert any("1.2:1.2-port0" in line for line in lines)  # what tells two sockets apart


def test_an_error_has_a_line_of_its_own() -> None:
    error = "/dev/x: in use by ModemManager (pid 712); stop it, or keep it from this port"
    lines = scan.lines({"modems": [modem(1, last_error=error)]})
    assert any(line.endswith(error) for line in lines)


def test_a_report_while_the_daemon_runs_says_what_it_knows_and_names_nobody() -> None:
    report = scan.held({"modems": [modem(1, last_error="AT+CCID: ERROR")]})
    assert "The daemon holds the ports" in report
    assert "SIMCOM_SIM7600G-H" in report and "AT+CCID: ERROR" in report
    for secret in ("351234567890123", "8970101234567894321", "250011234567890"):
        assert secret not in report


def test_a_report_is_written_where_it_is_wanted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG.format() + f'modems: {{ports: ["{tmp_path}/none*"]}}\n')
    assert main(["scan", "--report", "-", "--config", str(config)]) == 0
    assert "transcript of a scan" in capsys.readouterr().out
    wanted = tmp_path / "report.txt"
    assert main(["scan", "--report", str(wanted), "--config", str(config)]) == 0
    assert "transcript of a scan" in wanted.read_text()
    assert main(["scan", "--report", str(tmp_path), "--config", str(config)]) == 1
    assert "directory" in capsys.readouterr().err
