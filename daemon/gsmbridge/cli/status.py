"""`gsmbridge status`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from gsmbridge.cli.command import Command, ask, print_json
from gsmbridge.cli.modems import modem_lines, short_path, store

SOON = 14
"""Days until a SIM is full, from which on it is told."""
NEARLY = 0.8
"""Of a SIM's slots, from which on it is nearly full."""


def _arguments(parser: ArgumentParser) -> None:
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="one JSON document (docs/json.md)")
    how.add_argument("--watch", action="store_true", help="show it again every 2 s, until Ctrl-C")


def _run(args: Namespace) -> int:
    if args.watch:
        return _watch(args)
    answer = ask(args, {"command": "status"})
    if args.json:
        print_json(answer)
    else:
        print("\n".join(lines(answer)))
    return 0


def _watch(args: Namespace) -> int:
    import sys
    import time

    clear = "\x1b[H\x1b[2J" if sys.stdout.isatty() else ""
    while True:
        print(clear + "\n".join(lines(ask(args, {"command": "status"}))), flush=True)
        time.sleep(2)


def lines(status: dict[str, Any]) -> list[str]:
    """The status for people."""
    import time

    from gsmbridge.cli.table import age, terminal_width

    now, width = time.time(), terminal_width()
    blocks = [
        _head(status, now),
        [_alarm(alarm, now) for alarm in status.get("standing", [])],
        _queue(status, now),
        [*modem_lines(status.get("modems", []), now, width), *_filling(status)],
        _numbers(status.get("numbers", []), now, width),
    ]
    oldest = status.get("oldest_pending_s")
    if oldest is not None:
        blocks[2].append(f"oldest waiting: {age(oldest)}")
    return "\n\n".join("\n".join(block) for block in blocks if block).split("\n")


def _head(status: dict[str, Any], now: float) -> list[str]:
    from gsmbridge.cli.table import age

    version = _safe(status.get("version"))
    if not status.get("running"):
        return [f"gsmbridge {version}: not running (this is what the journal holds)"]
    since = status.get("since")
    up = age(now - since) if since is not None else "?"
    return [f"gsmbridge {version}: running for {up}, pid {_safe(status.get('pid'))}"]


def _alarm(alarm: dict[str, Any], now: float) -> str:
    from gsmbridge.cli.table import age, moment

    since = alarm.get("since")
    lasts = f"  since {moment(since)} ({age(now - since)})" if since is not None else ""
    return f"ALARM{lasts}  {_safe(alarm.get('what'))}"


def _queue(status: dict[str, Any], now: float) -> list[str]:
    from gsmbridge.cli.table import age

    counts = status.get("queue") or {}
    told = ", ".join(f"{_safe(state)} {count}" for state, count in counts.items() if count)
    lines = [f"messages: {told or 'none'}"]
    success = status.get("last_success")
    lines.append(f"last success: {age(now - success) + ' ago' if success else 'none yet'}")
    error = dict(status.get("last_error") or {})
    if error:
        at = error.pop("at", None)
        when = f"{age(now - at)} ago, " if at is not None else ""
        told = ", ".join(f"{name} {_safe(value)}" for name, value in error.items())
        lines.append(f"last error: {when}{told}")
    return lines


def _filling(status: dict[str, Any]) -> list[str]:
    """SIMs that are nearly full, or will be soon."""
    days = {sim.get("iccid") or sim.get("imsi"): sim for sim in status.get("sims", [])}
    lines = []
    for modem in status.get("modems", []):
        sim = days.get(modem.get("iccid") or modem.get("imsi")) or {}
        told = [*_fullness(modem.get("store") or {}), *_pace(sim.get("full_in_days"))]
        if told:
            lines.append(f"{short_path(modem['path'])}: SIM {store(modem)}, {', '.join(told)}")
    return lines


def _fullness(slots: dict[str, Any]) -> list[str]:
    used, total = slots.get("used") or 0, slots.get("total") or 0
    if total and used >= total:
        return ["full: no message can come"]
    return ["nearly full"] if total and used >= NEARLY * total else []


def _pace(days: float | None) -> list[str]:
    if days is None or days > SOON:
        return []
    left = "less than a day" if days < 1 else f"about {days:.0f} days"
    return [f"full in {left} at its present pace"]


def _numbers(numbers: list[dict[str, Any]], now: float, width: int | None) -> list[str]:
    from gsmbridge.cli.table import age, table

    rows = [
        (
            number.get("phone"),
            number.get("iccid") or number.get("imsi"),
            number.get("modem") or ("no modem" if number.get("enabled", True) else "disabled"),
            age(now - number["last_sms"]) + " ago" if number.get("last_sms") else None,
        )
        for number in numbers
    ]
    return table(("NUMBER", "SIM", "MODEM", "LAST SMS"), rows, width)


def _safe(value: object) -> str:
    from gsmbridge.cli.table import cell

    return cell(value)


COMMAND = Command(
    name="status",
    help="modems, numbers and queue",
    description="Show the daemon: each modem, each number, the queue by state, the oldest\n"
    "waiting message, the last success and error. Works with the daemon stopped too,\n"
    "and says so.",
    examples=(
        "gsmbridge status",
        "gsmbridge status --watch",
        "gsmbridge status --json | jq '.queue'",
    ),
    statuses=((0, "it could answer"), (1, "it could not"), (78, "wrong config")),
    run=_run,
    arguments=_arguments,
)
