"""`gsmbridge retry`."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace

from gsmbridge.cli import orders
from gsmbridge.cli.command import Command


def _phone(text: str) -> str:
    from gsmbridge.config import checks
    from gsmbridge.errors import ConfigError

    try:
        return checks.phone(text)
    except ConfigError:
        raise ArgumentTypeError(f"{text!r} is no number: 8 to 15 digits") from None


def _arguments(parser: ArgumentParser) -> None:
    orders.arguments(parser)
    parser.add_argument(
        "--as",
        dest="under",
        metavar="NUMBER",
        type=_phone,
        help="the number they came for, where nobody but you can know",
    )


def _run(args: Namespace) -> int:
    more = {} if args.under is None else {"as": args.under}
    return orders.order(args, "retry", **more)


COMMAND = Command(
    name="retry",
    help="put messages back in the queue",
    description="Put held, refused or stale messages back in the queue. A delivered one is never\n"
    "pushed again. Each goes under the number of its earlier attempts, else of its\n"
    "SIM. Of some, such as what lay in a modem's own memory, nobody can know the\n"
    "SIM: say the number by --as.",
    examples=(
        "gsmbridge retry 181530355",
        "gsmbridge retry 181530355 181530356",
        "gsmbridge retry 181530355 --as 79088081050",
    ),
    statuses=((0, "all are queued"), (1, "an id is unknown or was refused"), (78, "wrong config")),
    run=_run,
    arguments=_arguments,
)
