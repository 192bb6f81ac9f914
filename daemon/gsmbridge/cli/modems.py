"""Modems as `status` and `scan` show them."""

from __future__ import annotations

from typing import Any

Modem = dict[str, Any]


def modem_lines(modems: list[Modem], now: float, width: int | None) -> list[str]:
    """A table of modems, one a line, those that don't work first; their errors below it.

    On a terminal of *width* columns a port has a quarter of them: names by path are long, and what
    follows must not be cut for them.
    """
    from gsmbridge.cli.table import age, cell, table

    modems = sorted(modems, key=lambda modem: modem.get("phase") in ("ready", "twin"))
    rows = []
    for modem in modems:
        path = modem.get("path")
        since = modem.get("since")
        last = modem.get("last_sms")
        rows.append(
            (
                short_path(path) if width is None else path_end(path, width // 4),
                modem.get("phone"),
                modem.get("iccid") or modem.get("imsi"),
                modem.get("phase"),
                age(now - since) if since is not None else None,
                modem.get("signal"),
                store(modem),
                age(now - last) + " ago" if last is not None else None,
                modem.get("operator"),
            )
        )
    header = ("PORT", "NUMBER", "SIM", "PHASE", "FOR", "SIG", "STORE", "LAST SMS", "OPERATOR")
    lines = table(header, rows, width)
    for modem in modems:
        if modem.get("last_error"):
            lines.append(f"{short_path(modem.get('path'))}: {cell(modem['last_error'])}")
    return lines


def short_path(path: object) -> str:
    """A port without `/dev/`."""
    from gsmbridge.cli.table import cell

    return cell(path).removeprefix("/dev/")


def path_end(path: object, columns: int) -> str:
    """A port without `/dev/`, of a long name its end, where names by path differ."""
    path = short_path(path)
    return path if len(path) <= columns else "…" + path[1 - columns :]


def store(modem: Modem) -> str | None:
    """Slots used and in all, such as `3/20`."""
    slots = modem.get("store") or {}
    if slots.get("used") is None:
        return None
    total = slots.get("total")
    return f"{slots['used']}/{'?' if total is None else total}"


def numbers_block(modems: list[Modem]) -> list[str]:
    """A `numbers:` block to paste into the config, for SIMs that have no number; empty if none."""
    from gsmbridge.cli.table import cell

    lines: list[str] = []
    told: set[object] = set()
    for modem in modems:
        by = "iccid" if modem.get("iccid") else "imsi"
        if modem.get("phone") or not modem.get(by) or modem[by] in told:
            continue
        told.add(modem[by])
        lines.append(f'  - phone: ""  # the number of the SIM in {short_path(modem.get("path"))}')
        lines.append(f'    {by}: "{cell(modem[by])}"')
    return ["numbers:", *lines] if lines else []
