"""The command line of `gsmbridge identify`."""

from __future__ import annotations

from pathlib import Path

import pytest

from gsmbridge.cli.main import main
from gsmbridge.journal.database import Lock


@pytest.mark.parametrize(
    "args",
    [
        (),
        ("--yes",),
        ("--ussd", "100"),
        ("--ussd", '*100#",15'),
        ("--via", "Bank"),
        ("--via", "123"),
        ("--via", "79081234567", "--ussd", "*100#"),
    ],
)
def test_wrong_usage_exits_2(args: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["identify", *args])
    assert left.value.code == 2
    assert "usage: gsmbridge identify" in capsys.readouterr().err


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "config.yaml"
    file.write_text(
        'onlinesim: {url: "https://partner.test/", key: sesame}\n'
        "journal: {path: state/journal.db}\n"
        f'modems: {{ports: ["{tmp_path}/none*"]}}\n'
    )
    return str(file)


def test_without_modems_there_is_nobody_to_ask(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["identify", "--ussd", "*100#", "--config", config]) == 0
    assert "there is no SIM without a number to ask" in capsys.readouterr().out


def test_a_proof_of_nothing_is_no_success(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["identify", "--verify", "--ussd", "*100#", "--config", config]) == 1
    assert "there is no SIM with a listed number to ask" in capsys.readouterr().out


def test_a_journal_that_somebody_works_on_is_left_alone(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "state").mkdir()
    lock = Lock(tmp_path / "state" / "journal.db")
    lock.take()
    try:
        assert main(["identify", "--ussd", "*100#", "--config", config]) == 1
    finally:
        lock.release()
    told = capsys.readouterr().err
    assert "is in use by process" in told
    assert told.count("\n") == 1


def test_a_journal_of_a_newer_program_is_refused(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import sqlite3
    from contextlib import closing

    (tmp_path / "state").mkdir()
    with closing(sqlite3.connect(tmp_path / "state" / "journal.db")) as db:
        db.execute("PRAGMA user_version = 99")
    assert main(["identify", "--ussd", "*100#", "--config", config]) == 78
    assert "has schema 99" in capsys.readouterr().err
