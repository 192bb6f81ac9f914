"""The command line: finds the command, runs it, turns errors into one line and an exit status."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from gsmbridge import __version__
from gsmbridge.cli import (
    check,
    demo,
    discard,
    doctor,
    identify,
    messages,
    retry,
    run,
    scan,
    status,
    test_push,
)
from gsmbridge.cli.command import epilog
from gsmbridge.errors import ConfigError, GsmbridgeError
from gsmbridge.printable import printable

COMMANDS = (
    run.COMMAND,
    check.COMMAND,
    scan.COMMAND,
    status.COMMAND,
    messages.COMMAND,
    retry.COMMAND,
    discard.COMMAND,
    identify.COMMAND,
    doctor.COMMAND,
    test_push.COMMAND,
    demo.COMMAND,
)


def parser() -> ArgumentParser:
    """The parser of the whole command line."""
    top = ArgumentParser(
        prog="gsmbridge",
        description="Forwards every SMS that a farm of GSM modems receives to Onlinesim,\n"
        "once, under the right number.",
        epilog=epilog(
            ("gsmbridge demo", "gsmbridge check --config ./config.yaml", "gsmbridge status"),
            ((0, "done"), (1, "it did not work"), (2, "wrong usage"), (78, "a wrong config")),
        )
        + "\n\ngsmbridge COMMAND --help tells more of each.",
        formatter_class=RawDescriptionHelpFormatter,
    )
    top.add_argument("-V", "--version", action="version", version=f"gsmbridge {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", required=True, dest="command")
    for command in COMMANDS:
        command.add_to(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit status. Wrong usage leaves by SystemExit(2), as argparse does."""
    sys.stdout, sys.stderr = sys.stdout or _nothing(), sys.stderr or _nothing()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a locale without the character must not stop us
            stream.reconfigure(errors="backslashreplace")
    try:
        return _run(argv)
    except GsmbridgeError as error:
        return _report(error)
    except BrokenPipeError:  # whoever read our output has seen enough (`| head`)
        _drop_output()
        return 0
    except OSError as error:  # as a full disk behind `> file`
        _drop_output()
        print(f"gsmbridge: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _run(argv: Sequence[str] | None) -> int:
    """Run one command, and see what it printed on its way."""
    try:
        args = _arguments(sys.argv[1:] if argv is None else argv)
        status: int = args.run(args)
    except SystemExit:  # help and version are printed by the parser
        sys.stdout.flush()
        raise
    sys.stdout.flush()
    return status


def _arguments(argv: Sequence[str]) -> Namespace:
    top = parser()
    for argument in argv:
        if argument != argument.encode(errors="replace").decode():
            top.error(f"{argument!r}: its octets are no UTF-8")
    return top.parse_args(argv)


def _nothing() -> TextIO:
    """In place of an output that whoever started us has closed."""
    return Path(os.devnull).open("w")


def _drop_output() -> None:
    """What is still to be printed must not fail again when the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report(error: GsmbridgeError) -> int:
    if isinstance(error, ConfigError):
        for mistake in error.mistakes:
            print(mistake, file=sys.stderr)
    else:
        print(f"gsmbridge: {printable(str(error))}", file=sys.stderr)  # may quote a modem
    return error.exit_code
