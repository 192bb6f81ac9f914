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
    description="Mark messages as needing no push. They are deleted from their SIMs, though\n"
    "never pushed: by itself the daemon does that only where sim_full allows it,\n"
    "and to its own messages (identify). A part that comes after its message was\n"
    "discarded is a message by itself, and is pushed as one incomplete.",
    examples=("gsmbridge discard 181530355",),
    statuses=((0, "all are marked"), (1, "an id is unknown or was refused"), (78, "wrong config")),
    run=_run,
    arguments=arguments,
)
