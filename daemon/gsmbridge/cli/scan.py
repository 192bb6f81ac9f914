"""`gsmbridge scan`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from gsmbridge.cli.command import Command, ask, print_json


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document (docs/json.md)")


def _run(args: Namespace) -> int:
    answer = ask(args, {"command": "scan"})
    if args.json:
        print_json(answer)
    else:
        print("\n".join(lines(answer)))
    return 0


def lines(answer: dict[str, Any]) -> list[str]:
    """Modems, what is in them, and rows for those without a number."""
    from gsmbridge.cli.modems import numbers_block
    from gsmbridge.cli.table import table, terminal_width

    modems, width = answer.get("modems", []), terminal_width()
    if not modems:
        return ["no port matches modems.ports"]
    blocks = [
        table(("PORT", "MODEM", "IMEI", "OPERATOR", "NETWORK"), [_modem(m) for m in modems], width),
        table(("PORT", "ICCID", "IMSI", "NUMBER", "FROM"), [_sim(m) for m in modems], width),
        table(("PORT", "SIGNAL", "STORE", "PHASE", "ERROR"), [_state(m) for m in modems], width),
    ]
    block = numbers_block(modems)
    if block:
        blocks.append(["Without a number; fill in and add to the config:", "", *block])
    return "\n\n".join("\n".join(part) for part in blocks).split("\n")


def _modem(modem: dict[str, Any]) -> tuple[object, ...]:
    from gsmbridge.cli.modems import short_path

    name = " ".join(str(modem[key]) for key in ("manufacturer", "model") if modem.get(key))
    where = short_path(modem.get("path"))
    return where, name, modem.get("imei"), modem.get("operator"), modem.get("registration")


def _sim(modem: dict[str, Any]) -> tuple[object, ...]:
    from gsmbridge.cli.modems import short_path

    values = (modem.get(key) for key in ("iccid", "imsi", "phone", "phone_source"))
    return (short_path(modem.get("path")), *values)


def _state(modem: dict[str, Any]) -> tuple[object, ...]:
    from gsmbridge.cli.modems import short_path, store

    where = short_path(modem.get("path"))
    return where, modem.get("signal"), store(modem), modem.get("phase"), modem.get("last_error")


COMMAND = Command(
    name="scan",
    help="name every modem and SIM",
    description="Name every modem and SIM on the configured ports, and print rows for the config\n"
    "for SIMs that have no number. Never disturbs a port that the running daemon holds.",
    examples=("gsmbridge scan", "gsmbridge scan --json"),
    statuses=((0, "it could look"), (1, "it could not"), (78, "wrong config")),
    run=_run,
    arguments=_arguments,
)
