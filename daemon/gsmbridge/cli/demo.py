"""`gsmbridge demo`."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable

from gsmbridge.cli.command import Command


def _count(most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= most):
            raise ArgumentTypeError(f"{text!r} is no whole number from 1 to {most}")
        return int(text)

    return read


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--modems", metavar="N", type=_count(512), default=4, help="default: %(default)s"
    )
    parser.add_argument(
        "--messages", metavar="M", type=_count(100_000), default=12, help="default: %(default)s"
    )


def _run(args: Namespace) -> int:
    from gsmbridge.farm.demo import run

    return run(args.modems, args.messages)


COMMAND = Command(
    name="demo",
    help="the whole thing with nothing attached",
    description="Run the real daemon between a simulated farm of modems and a local stand-in for\n"
    "the partner's server, and show each message go through. Needs no config and no\n"
    "hardware.",
    examples=("gsmbridge demo", "gsmbridge demo --modems 8 --messages 100"),
    statuses=((0, "every message arrived once, under its number"), (1, "one did not")),
    run=_run,
    arguments=_arguments,
)
