"""The man page gsmbridge(1), made from what the commands say of themselves."""

from __future__ import annotations

import os
import sys
from argparse import Action, ArgumentParser, HelpFormatter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import gsmbridge
from gsmbridge.cli.main import COMMANDS, parser

INTRODUCTION = """\
Reads SMS from all GSM modems of this host, keeps each in a journal, pushes it to Onlinesim until
status 200, and only then deletes it from its SIM. The commands talk to the running daemon; without
it they read its journal. They want root or a member of group gsmbridge."""

FILES = (
    ("/etc/gsmbridge/config.yaml", "the config; its comments explain every key"),
    ("/etc/gsmbridge/onlinesim-key", "the API key, where the config has none; root's, 0600"),
    ("/etc/gsmbridge/NAME/config.yaml", "the config of gsmbridge@NAME, one of several farms"),
    ("/var/lib/gsmbridge/journal.db", "the journal; never delete it while messages wait"),
    ("/var/lib/gsmbridge/journal.db.before-N", "a copy made before an upgrade to schema N"),
    ("/run/gsmbridge/", "where commands reach the daemon"),
    ("/dev/gsmbridge/", "modems by the USB socket they are plugged into (udev)"),
)
ENVIRONMENT = (("GSMBRIDGE_ONLINESIM_KEY", "the API key, where the config has none"),)
SIGNALS = (
    ("SIGTERM, SIGINT", "end run within 10 s: what is in flight is finished"),
    ("SIGHUP", "read the config again; a wrong one is refused and the old one stays"),
)


def page(epoch: int) -> str:
    """The man page in roff; *epoch*, Unix time, dates it."""
    lines = [
        f'.TH GSMBRIDGE 1 "{moment(epoch, "%Y-%m-%d")}" "gsmbridge {gsmbridge.__version__}"'
        ' "gsmbridge"',
        ".nh",  # long options and paths are not hyphenated
        ".SH NAME",
        r"gsmbridge \- forwards SMS from GSM modems to Onlinesim",
        ".SH SYNOPSIS",
        r".B gsmbridge",
        r"\fICOMMAND\fR [\fIOPTION\fR \&...]",
        ".SH DESCRIPTION",
        _text(INTRODUCTION),
        ".SH COMMANDS",
    ]
    subparsers = commands()
    for command in COMMANDS:
        lines += _command(subparsers[command.name], command.description, command.examples)
    lines += [
        *_section("FILES", FILES),
        *_section("ENVIRONMENT", ENVIRONMENT),
        *_section("SIGNALS", SIGNALS),
        *_section("EXIT STATUS", _statuses()),
        ".SH SEE ALSO",
        ".BR systemctl (1),",
        ".BR journalctl (1);",
        "/usr/share/doc/gsmbridge/",
    ]
    return "\n".join(lines) + "\n"


def commands() -> dict[str, ArgumentParser]:
    """The parser of each command by its name."""
    (sub,) = (each for each in parser()._actions if isinstance(each.choices, dict))
    return dict(sub.choices)  # type: ignore[arg-type]


def options(command: ArgumentParser) -> list[Action]:
    """The arguments of a command, without --help."""
    return [each for each in command._actions if each.dest != "help"]


def moment(epoch: int, form: str) -> str:
    """A date in UTC, in the names of the C locale."""
    return datetime.fromtimestamp(epoch, UTC).strftime(form)


def _command(command: ArgumentParser, description: str, examples: Iterable[str]) -> Iterator[str]:
    yield f".SS {_escape(_usage(command))}"
    yield _text(description)
    for each in options(command):
        yield ".TP"
        yield f".B {_escape(_called(each))}"
        yield _text((each.help or "") % vars(each))
    yield ".PP"
    yield "Examples:"
    yield ".PP"
    yield ".nf"
    yield from (f".B {_escape(example)}" for example in examples)
    yield ".fi"


def _usage(command: ArgumentParser) -> str:
    """How it is called, in one line whatever the width of a terminal."""
    formatter = HelpFormatter(command.prog, width=10_000)
    formatter.add_usage(None, options(command), command._mutually_exclusive_groups, prefix="")
    return formatter.format_help().strip()


def _called(action: Action) -> str:
    value = str(action.metavar or "") if action.nargs != 0 else ""
    if action.nargs == "?" and action.option_strings:
        value = f"[{value}]"
    return " ".join(filter(None, (", ".join(action.option_strings), value)))


def _statuses() -> Iterator[tuple[str, str]]:
    for command in COMMANDS:
        for status, text in command.statuses:
            yield f"{status} ({command.name})", text


def _section(name: str, items: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield f".SH {name}"
    for term, text in items:
        yield from (".TP", f".B {_escape(term)}", _text(text))


def _text(text: str) -> str:
    """Paragraphs; a line that begins with a dot or a quote would be a request."""
    return "\n.PP\n".join(
        "\n".join(_escape(line) for line in paragraph.splitlines())
        for paragraph in text.split("\n\n")
    )


def _escape(text: str) -> str:
    text = text.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq")
    return rf"\&{text}" if text.startswith(".") else text


if __name__ == "__main__":
    sys.stdout.write(page(int(os.environ.get("SOURCE_DATE_EPOCH", gsmbridge.RELEASED))))
