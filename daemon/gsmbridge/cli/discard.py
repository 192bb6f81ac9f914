"""`gsmbridge discard`."""

from __future__ import annotations

from argparse import Namespace

from gsmbridge.cli.command import Command
from gsmbridge.cli.orders import arguments, order


def _run(args: Namespace) -> int:
    return order(args, "discard")


COMMAND = Command(
    name="discard",
    help="mark messages as needing no push",
    description="Mark messages as needing no push. Only by this word does the daemon delete a\n"
    "message from its SIM that was never pushed.",
    examples=("gsmbridge discard 181530355",),
    statuses=((0, "all are marked"), (1, "an id is unknown or was refused"), (78, "wrong config")),
    run=_run,
    arguments=arguments,
)
