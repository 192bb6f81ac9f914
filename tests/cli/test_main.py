"""The command line as a whole: usage, exit statuses, errors of one line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gsmbridge import __version__
from gsmbridge.cli.main import COMMANDS, main

CONFIG = 'onlinesim: {url: "https://partner.test/", key: sesame}\njournal: {path: journal.db}\n'
NAMES = [command.name for command in COMMANDS]


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "config.yaml"
    file.write_text(CONFIG)
    return str(file)


def run(*args: str, **more: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gsmbridge", *args]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def usage_status(*args: str) -> object:
    with pytest.raises(SystemExit) as left:
        main(args)
    return left.value.code


def test_a_run_that_cannot_begin_leaves_signals_as_they_were(tmp_path: Path) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    assert main(["run", "--config", str(tmp_path / "none.yaml")]) == 78
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


def test_the_module_runs_as_the_command_does() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"gsmbridge {__version__}\n")


def test_octets_that_are_no_text_are_wrong_usage() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gsmbridge", "messages", "--sender", b"\xff"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "no UTF-8" in done.stderr and "Traceback" not in done.stderr


def test_a_closed_output_is_no_error(config: str) -> None:
    command = 'exec "$0" -m gsmbridge check --config "$1" >&-'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable, config],
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", NAMES)
def test_each_help_has_examples_and_exit_statuses(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert usage_status(name, "--help") == 0
    told = capsys.readouterr().out
    assert f"  gsmbridge {name}" in told
    assert "exit status:\n  0 " in told
    assert "--config FILE" in told
    assert all(len(line) <= 80 for line in told.splitlines())


def test_the_list_of_commands_is_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert usage_status("--help") == 0
    told = capsys.readouterr().out
    assert all(f"\n    {name} " in told for name in NAMES)


@pytest.mark.parametrize(
    "args",
    [
        (),
        ("nonsense",),
        ("check", "--nonsense"),
        ("check", "extra"),
        ("retry",),
        ("retry", "7", "--as", "7908"),
        ("retry", "x"),
        ("retry", "0"),
        ("retry", "-1"),
        ("discard", "2147483648"),
        ("messages", "--state", "lost"),
        ("messages", "--since", "soon"),
        ("messages", "--phone", "Telegram"),
        ("status", "--json", "--watch"),
        ("test-push",),
        ("test-push", "--phone", "Telegram"),
        ("messages", "--id", "0"),
        ("messages", "--json", "--csv"),
        ("demo", "--modems", "0"),
        ("demo", "--modems", "513"),
    ],
)
def test_wrong_usage_exits_2(args: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert usage_status(*args) == 2
    assert "usage: gsmbridge" in capsys.readouterr().err


def test_a_demo_that_nobody_reads_any_more_leaves_no_daemon_behind(tmp_path: Path) -> None:
    demo = subprocess.Popen(
        [sys.executable, "-m", "gsmbridge", "demo"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert demo.stdout is not None and demo.stderr is not None
    assert demo.stdout.readline() and demo.stdout.readline()  # the daemon has started
    demo.stdout.close()
    assert (demo.stderr.read(), demo.wait(60)) == (b"", 0)
    assert not [pid for pid in Path("/proc").glob("[0-9]*") if str(tmp_path) in command_line(pid)]


def command_line(process: Path) -> str:
    """Of a process in /proc; empty where it has ended meanwhile."""
    try:
        return (process / "cmdline").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def test_check_of_a_valid_config_says_so(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--config", config]) == 0
    assert capsys.readouterr().out == f"{config}: valid, 0 numbers\n"


def test_check_opens_nothing(config: str, tmp_path: Path) -> None:
    assert main(["check", "--config", config]) == 0
    assert [file.name for file in tmp_path.iterdir()] == ["config.yaml"]


@pytest.mark.parametrize("name", ["check", "run", "status", "messages", "scan"])
def test_each_command_names_every_mistake_of_a_wrong_config_and_exits_78(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("onlinesim: {key: sesame}\nbogus: 1\n")
    assert main([name, "--config", str(file)]) == 78
    told = capsys.readouterr()
    assert told.out == ""
    lines = told.err.splitlines()
    assert lines[0].startswith(f"{file}:1: onlinesim.url: is missing; give the whole https:// URL")
    assert lines[1].startswith(f"{file}:2: bogus: is no key that is known here")
    assert len(lines) == 2


def test_an_error_is_one_line_without_a_traceback() -> None:
    done = run("check", "--config", "/none/config.yaml")
    assert done.returncode == 78
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("/none/config.yaml: no such file or directory")


BUFFERED = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
"""As most have it: what is printed is only written at the end."""


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    command = f"{sys.executable} -m gsmbridge --help | true; exit ${{PIPESTATUS[0]}}"
    for environ in (BUFFERED, {**BUFFERED, "PYTHONUNBUFFERED": "1"}):
        done = subprocess.run(
            ["bash", "-c", command],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env=environ,
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_output_that_cannot_be_written_is_an_error_of_one_line(config: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "gsmbridge", "messages", "--config", config],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "gsmbridge: [Errno 28] No space left on device\n"


def test_a_state_that_does_not_exist_is_answered_with_those_that_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert usage_status("messages", "--state", "lost") == 2
    assert "choose from 'collecting', 'pending', 'delivered'" in capsys.readouterr().err


def test_help_needs_neither_yaml_nor_the_daemon() -> None:
    script = (
        "import sys, gsmbridge.cli.main as m; m.parser().format_help();"
        "print([x for x in ('yaml', 'asyncio', 'sqlite3', 'serial', 'h11', 'json', 'socket')"
        " if x in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "[]\n"


def test_a_locale_without_the_character_is_no_error() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gsmbridge", "messages", "--help"],
        capture_output=True,
        timeout=60,
        check=False,
        env={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 0
    assert done.stdout.isascii()
