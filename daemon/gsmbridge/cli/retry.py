"""`gsmbridge retry`."""

from __future__ import annotations

from argparse import Namespace

from gsmbridge.cli.command import Command
from gsmbridge.cli.orders import arguments, order


def _run(args: Namespace) -> int:
    return order(args, "retry")


COMMAND = Command(
    name="retry",
    help="put messages back in the queue",
    description="Put held, refused or stale messages back in the queue. A delivered one is never\n"
    "pushed again.",
    examples=("gsmbridge retry 181530355", "gsmbridge retry 181530355 181530356"),
    statuses=((0, "all are queued"), (1, "an id is unknown or was refused"), (78, "wrong config")),
    run=_run,
    arguments=arguments,
)
