"""What `retry` and `discard` have in common: ids in, a line for each out."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import Any

from gsmbridge.cli.command import ask


def sms_id(text: str) -> int:
    """An smsId, as an argument."""
    if not (text.isascii() and text.isdigit() and 0 < int(text[:12]) < 2**31):
        raise ArgumentTypeError(f"{text!r} is no smsId")
    return int(text)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("ids", metavar="SMSID", nargs="+", type=sms_id, help="as messages shows")


def order(args: Namespace, command: str, **more: str) -> int:
    """Have *command* carried out; 1 if any of the messages is unknown or it was refused. *more*
    goes with the request."""
    import sys

    answer = ask(args, {"command": command, "ids": list(dict.fromkeys(args.ids)), **more})
    results = answer.get("results", [])
    for result in results:
        print(_told(result), file=sys.stdout if result.get("ok") else sys.stderr)
    return 0 if results and all(result.get("ok") for result in results) else 1


def _told(result: dict[str, Any]) -> str:
    from gsmbridge.cli.table import cell

    told = f"{result.get('sms_id')}: "
    if result.get("ok"):
        pushed = result.get("state") == "pending" and result.get("phone")
        under = f", under {cell(result.get('phone'))}" if pushed else ""
        return told + cell(result.get("state")) + under
    return told + cell(result.get("error") or "refused")
