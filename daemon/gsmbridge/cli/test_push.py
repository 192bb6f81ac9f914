"""`gsmbridge test-push`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from gsmbridge.cli.command import Command, agreed, ask_of, config_of
from gsmbridge.cli.identify import checked

if TYPE_CHECKING:
    from gsmbridge.config.schema import Config


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--phone", metavar="P", type=checked("phone"), required=True, help="the number it is for"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask before it is sent")


def _run(args: Namespace) -> int:
    config = config_of(args)
    print("\n".join(_told(config, args.phone)), flush=True)
    if not args.yes and not agreed("Send it? [y/N] "):
        print("nothing was sent")
        return 1
    import asyncio

    from gsmbridge.cli.table import cell
    from gsmbridge.service.trial import push_once

    sms_id = int(ask_of(config, {"command": "reserve_id"})["sms_id"])
    trial = asyncio.run(push_once(config, sms_id, args.phone))
    status = "none" if trial.status is None else trial.status
    print(f"smsId {sms_id}: status {status}, error {cell(trial.token)}, {trial.ms} ms")
    print(cell(trial.told))
    return 0 if trial.good else 1


def _told(config: Config, phone: str) -> list[str]:
    """What will be sent, before it is."""
    from gsmbridge.cli.table import cell
    from gsmbridge.service.trial import SENDER, TEXT

    lines = [
        f"One push to {cell(config.onlinesim.url)}",
        f"  phone      {phone}",
        f"  phoneFrom  {SENDER}",
        f"  text       {TEXT}",
        "A client who rents this number now will see it.",
    ]
    if not any(row.phone == phone for row in config.numbers):
        lines.append("The config doesn't list this number.")
    return lines


COMMAND = Command(
    name="test-push",
    help="push one test message to the partner",
    description="The first thing to do with a new key: push one clearly marked message for a\n"
    "number, after asking, and tell what the answer means. It has an smsId of its\n"
    "own, and is no message of a SIM: the journal doesn't show it, and it is never\n"
    "repeated.",
    examples=(
        "gsmbridge test-push --phone 79088081050",
        "gsmbridge test-push --phone 79088081050 --yes",
    ),
    statuses=(
        (0, "URL and key are right, whether or not the number is rented"),
        (1, "they are not, there was no answer, or nothing was sent"),
        (78, "wrong config"),
    ),
    run=_run,
    arguments=_arguments,
)
