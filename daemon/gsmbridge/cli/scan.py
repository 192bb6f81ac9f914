"""`gsmbridge scan`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from gsmbridge.cli.command import Command, ask, print_json


def _arguments(parser: ArgumentParser) -> None:
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="one JSON document (docs/json.md)")
    shape.add_argument(
        "--report",
        metavar="FILE",
        help="write every command and reply to FILE (- for stdout), with IMEI, ICCID, IMSI, "
        "numbers, names and texts masked: to be sent in about a modem that is not known yet",
    )


def _run(args: Namespace) -> int:
    answer = ask(args, {"command": "scan", "report": args.report is not None})
    if args.report is not None:
        return _write(args.report, answer.get("report") or held(answer))
    if args.json:
        print_json(answer)
    else:
        print("\n".join(lines(answer)))
    return 0


def _write(file: str, report: str) -> int:
    from gsmbridge.errors import GsmbridgeError

    if file == "-":
        print(report, end="")
        return 0
    try:
        Path(file).write_text(report, encoding="utf-8")
    except OSError as error:
        raise GsmbridgeError(f"{file}: {error.strerror}") from None
    print(f"written to {file}; nothing in it names a modem, a SIM or a person")
    return 0


def held(answer: dict[str, Any]) -> str:
    """The report while a daemon holds the ports: what it knows, and nothing is asked."""
    from gsmbridge.cli.table import cell
    from gsmbridge.modem.masking import Masks

    masks = Masks()
    lines = ["The daemon holds the ports; stop it for a transcript. What it knows of each modem:"]
    for modem in answer.get("modems", []):
        facts = ("manufacturer", "model", "phase", "iccid", "registration", "signal", "last_error")
        lines += ["", f"== {modem.get('path')}"]
        lines += [cell(masks.line(f"{fact} {modem[fact]}")) for fact in facts if modem.get(fact)]
        lines.append(f"store {modem.get('store')}")
    return "\n".join(lines) + "\n"


def lines(answer: dict[str, Any]) -> list[str]:
    """Modems, what is in them, and rows for those without a number."""
    from gsmbridge.cli.modems import numbers_block
    from gsmbridge.cli.table import cell, table, terminal_width

    modems, width = answer.get("modems", []), terminal_width()
    if not modems:
        return ["no port matches modems.ports"]
    blocks = [
        table(("PORT", "MODEM", "IMEI", "OPERATOR", "NETWORK"), [_modem(m) for m in modems], width),
        table(("PORT", "ICCID", "IMSI", "NUMBER", "FROM"), [_sim(m) for m in modems], width),
        table(("PORT", "SIGNAL", "STORE", "PHASE"), [_state(m) for m in modems], width),
    ]
    errors = [f"{_where(m)}: {cell(m['last_error'])}" for m in modems if m.get("last_error")]
    if errors:
        blocks.append(errors)
    block = numbers_block(modems)
    if block:
        blocks.append(["Without a number; fill in and add to the config:", "", *block])
    return "\n\n".join("\n".join(part) for part in blocks).split("\n")


def _modem(modem: dict[str, Any]) -> tuple[object, ...]:
    from gsmbridge.cli.table import cell

    maker, model = (str(modem.get(key) or "") for key in ("manufacturer", "model"))
    if model.lower().startswith(maker.split(" ")[0].lower()):
        maker = ""
    name = _at_most(30, cell(f"{maker} {model}".strip()))
    operator = _at_most(16, cell(modem.get("operator")))
    return _where(modem), name, modem.get("imei"), operator, modem.get("registration")


def _sim(modem: dict[str, Any]) -> tuple[object, ...]:
    values = (modem.get(key) for key in ("iccid", "imsi", "phone", "phone_source"))
    return (_where(modem), *values)


def _state(modem: dict[str, Any]) -> tuple[object, ...]:
    from gsmbridge.cli.modems import store

    return _where(modem), modem.get("signal"), store(modem), modem.get("phase")


def _where(modem: dict[str, Any]) -> str:
    from gsmbridge.cli.modems import path_end

    return path_end(modem.get("path"), 20)


def _at_most(columns: int, text: str) -> str:
    return text if len(text) <= columns else text[: columns - 1] + "…"


COMMAND = Command(
    name="scan",
    help="name every modem and SIM",
    description="Name every modem and SIM on the configured ports, and print rows for the config\n"
    "for SIMs that have no number. Never disturbs a port that the running daemon\n"
    "holds.",
    examples=("gsmbridge scan", "gsmbridge scan --json", "gsmbridge scan --report modems.txt"),
    statuses=((0, "it could look"), (1, "it could not"), (78, "wrong config")),
    run=_run,
    arguments=_arguments,
)
