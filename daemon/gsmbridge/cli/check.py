"""`gsmbridge check`."""

from __future__ import annotations

from argparse import Namespace

from gsmbridge.cli.command import Command, config_of


def _run(args: Namespace) -> int:
    config = config_of(args)
    rows = len(config.numbers)
    print(f"{args.config}: valid, {rows} number{'' if rows == 1 else 's'}")
    return 0


COMMAND = Command(
    name="check",
    help="validate the config; opens no port and no journal",
    description="Validate the config and name every mistake in it, one a line:\n"
    "file:line: key: what is wrong; what is allowed.",
    examples=("gsmbridge check", "gsmbridge check --config ./config.yaml"),
    statuses=((0, "the config is valid"), (78, "it has mistakes, or cannot be read")),
    run=_run,
)
