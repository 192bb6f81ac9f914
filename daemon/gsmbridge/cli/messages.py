"""`gsmbridge messages`."""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import Any

from gsmbridge.cli.command import Command, ask, print_json
from gsmbridge.cli.orders import sms_id
from gsmbridge.message import State

_UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}

CSV_COLUMNS = (
    "sms_id", "state", "reason", "phone", "phone_from", "iccid", "received", "scts", "attempts",
    "status", "error", "delivered", "freed", "on_sim", "text",
)  # fmt: skip
"""Of `--csv`, named as in the JSON document; `text` only with `--text`. Only ever added to."""
CSV_TIMES = ("received", "scts", "delivered", "freed")
"""Columns with a time: ISO 8601, UTC."""


def duration(text: str) -> int:
    """Seconds in a length of time such as 90s, 30m, 2h or 7d."""
    match = re.fullmatch(r"([0-9]{1,9})(s|m|min|h|d|w)?", text, re.ASCII)
    if not match:
        raise ArgumentTypeError(f"{text!r} is no length of time such as 90s, 30m, 2h or 7d")
    return int(match[1]) * _UNITS[match[2] or "s"]


def _phone(text: str) -> str:
    digits = text.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        raise ArgumentTypeError(f"{text!r} is no phone number")
    return digits


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--state",
        metavar="S",
        choices=[state.value for state in State],
        help=f"one of {', '.join(State)}",
    )
    parser.add_argument("--phone", metavar="P", type=_phone, help="only those to this number")
    parser.add_argument("--sender", metavar="S", help="only those from this sender, as it was sent")
    parser.add_argument("--since", metavar="T", type=duration, help="not older than 90s, 2h, 7d …")
    parser.add_argument("--until", metavar="T", type=duration, help="older than 90s, 2h, 7d …")
    parser.add_argument(
        "--id", metavar="SMSID", type=sms_id, help="one message, and what happened to it"
    )
    parser.add_argument("--text", action="store_true", help="with the text of the messages")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="one JSON document (docs/json.md)")
    shape.add_argument("--csv", action="store_true", help="comma-separated values, with a header")


def _run(args: Namespace) -> int:
    request = {
        "command": "messages",
        "id": args.id,
        "state": args.state,
        "phone": args.phone,
        "sender": args.sender,
        "since": args.since,
        "until": args.until,
        "text": args.text,
    }
    answer = ask(args, request)
    found = answer.get("messages", [])
    if args.json:
        print_json(answer)
    elif args.csv:
        _print_csv(found, args.text)
    elif not found:
        print(_none(args))
    else:
        print("\n".join(lines(found, args.text)))
        if args.id is not None:
            from gsmbridge.cli import history

            print("\n".join(["", *history.lines(found[0]), history.now(found[0])]))
    return 0


def _none(args: Namespace) -> str:
    """Why nothing is shown: a message that is there may be none of those asked for."""
    if args.id is None:
        return "no messages"
    there = ask(args, {"command": "messages", "id": args.id}).get("messages")
    if not there:
        return f"no message {args.id}"
    return f"message {args.id} is {there[0]['state']}, but another filter leaves it out"


def lines(messages: list[dict[str, Any]], text: bool) -> list[str]:
    """A table of messages, newest last."""
    from gsmbridge.cli.table import table, terminal_width

    header = ("SMSID", "RECEIVED", "TO", "FROM", "STATE", "TRIES", "WHY")
    rows = [_row(message, text) for message in messages]
    return table((*header, "TEXT") if text else header, rows, terminal_width())


def _row(message: dict[str, Any], text: bool) -> tuple[object, ...]:
    from gsmbridge.cli.table import moment

    row = (
        message.get("sms_id"),
        moment(message.get("received")),
        message.get("phone"),
        message.get("phone_from"),
        message.get("state"),
        message.get("attempts"),
        _why(message),
    )
    return (*row, message.get("text")) if text else row


def _why(message: dict[str, Any]) -> str:
    """Why a message stands where it does, as far as it isn't plain."""
    parts = message.get("parts") or {}
    told = list(dict.fromkeys(str(message[k]) for k in ("reason", "error") if message.get(k)))
    if message.get("status") and not told:
        told.append(f"HTTP {message['status']}")
    if parts.get("have") != parts.get("total"):
        told.append(f"{parts.get('have')} of {parts.get('total')} parts")
    return ", ".join(told)


def _print_csv(messages: list[dict[str, Any]], text: bool) -> None:
    import csv
    import sys

    columns = CSV_COLUMNS if text else CSV_COLUMNS[:-1]
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for message in messages:
        writer.writerow([_csv(column, message.get(column)) for column in columns])


def _csv(column: str, value: object) -> object:
    """A value as it stands in CSV. A sender's text that a spreadsheet would take for a formula
    gets an apostrophe in front, as spreadsheets themselves write text."""
    from datetime import UTC, datetime

    if isinstance(value, int | float) and column in CSV_TIMES:
        return datetime.fromtimestamp(int(value), UTC).isoformat()
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value


COMMAND = Command(
    name="messages",
    help="what the journal holds, newest last; what happened to one",
    description="List what the journal holds, newest last. Texts are shown only with --text.\n"
    "With --id: what happened to that message, step by step.\n"
    "Lines are cut to the width of a terminal, and never where the output goes\n"
    "elsewhere.",
    examples=(
        "gsmbridge messages --since 2h",
        "gsmbridge messages --state unassigned",
        "gsmbridge messages --phone 79088081050 --sender Telegram --text",
        "gsmbridge messages --id 181530355",
        "gsmbridge messages --since 2d --until 1d --csv > yesterday.csv",
        "gsmbridge messages --json | jq '.messages[-1]'",
    ),
    statuses=((0, "it could answer"), (1, "it could not"), (78, "wrong config")),
    run=_run,
    arguments=_arguments,
)
