"""Modems, SIMs and numbers, by what the daemon or a scan says of them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from gsmbridge.config.schema import Number
from gsmbridge.doctor.finding import Finding, fail, ok, warn
from gsmbridge.iccid import same

Modem = dict[str, Any]

NEARLY = 0.8
"""Of a SIM's slots."""
SOON = 14.0
"""Days until a SIM is full."""
REGISTERED = ("home", "roaming")
WORKING = ("ready", "twin")
STARTING = ("opening", "setup", "reading")


def modems(found: Sequence[Modem]) -> Iterator[Finding]:
    """Each modem that does not work, and how many do."""
    for modem in found:
        yield from _state(modem)
    ready = sum(modem["phase"] in WORKING for modem in found)
    if found:
        yield ok("modems", f"{ready} of {len(found)} ready")


def _state(modem: Modem) -> Iterator[Finding]:
    path, phase = modem["path"], modem["phase"]
    error = f" ({modem['last_error']})" if modem.get("last_error") else ""
    if phase == "pin":
        todo = "give pin in its row of numbers; a PUK only by hand, in a phone"
        yield fail("modems", f"{path}: the SIM is locked{error}", todo)
    elif phase == "no-sim":
        yield fail("modems", f"{path}: no usable SIM{error}", "put it in anew, try another one")
    elif phase in STARTING:
        yield warn("modems", f"{path}: is just starting, {phase}{error}", "look again in a minute")
    elif phase not in WORKING:
        todo = "power, cable, hub; a port that is no modem belongs in modems.exclude"
        yield fail("modems", f"{path}: does not answer, {phase}{error}", todo)
    elif phase == "ready" and (modem.get("registration") or "home") not in REGISTERED:
        what = f"{path}: not registered in its network ({modem['registration']})"
        yield fail("network", what, "antenna, operator, SIM blocked or unpaid")


def stores(found: Sequence[Modem], sims: Sequence[dict[str, Any]]) -> Iterator[Finding]:
    """SIMs that are full, or will be soon. *sims*: as the journal knows them."""
    days = {sim[key]: sim.get("full_in_days") for sim in sims for key in ("iccid", "imsi")}
    todo = "gsmbridge messages shows what stays there; retry or discard it, or messages.sim_full"
    troubled = False
    for modem in found:
        used, total = modem["store"]["used"], modem["store"]["total"]
        if not total or used is None:
            continue
        left = days.get(modem["iccid"] or modem["imsi"])
        pace = f"; full in about {left:.0f} days at its present pace" if left is not None else ""
        what = f"{modem['path']}: {used} of {total} slots used"
        if used >= total:
            troubled = True
            yield fail("store", f"{what}: full, the network holds messages back", todo)
        elif used >= NEARLY * total or (left is not None and left <= SOON):
            troubled = True
            yield warn("store", f"{what}{pace}", todo)
    if found and not troubled:
        yield ok("store", "every SIM has room")


def numbers(rows: Sequence[Number], found: Sequence[Modem]) -> Iterator[Finding]:
    """Rows against SIMs: without a number, in no modem, two rows for one."""
    ready = [modem for modem in found if modem["phase"] == "ready"]
    missing = False
    for modem in ready:
        theirs = [row for row in rows if _is(row, modem)]
        if len(theirs) > 1:
            what = f"{modem['path']}: two rows are this SIM: {theirs[0].phone}, {theirs[1].phone}"
            todo = "one of them is wrong: gsmbridge identify --verify"
            yield fail("numbers", what, todo)
        disabled = theirs and not any(row.enabled for row in theirs)
        if not modem.get("phone") and not disabled:
            name = modem["iccid"] or modem["imsi"]
            todo = "gsmbridge identify finds it; add the row and reload"
            yield fail("numbers", f"{modem['path']}: SIM {name} has no number", todo)
    for row in rows:
        if row.enabled and not any(_is(row, modem) for modem in ready):
            missing = True
            what = f"{row.phone}: its SIM {row.iccid or row.imsi} is ready in no modem"
            yield fail("numbers", what, "plug it in, or set enabled: false")
    if rows and not missing:
        yield ok("numbers", f"the SIMs of all {len(rows)} numbers are there")
    elif not rows:
        yield warn("numbers", "none is listed", "gsmbridge scan prints rows to paste")


def _is(row: Number, modem: Modem) -> bool:
    by_iccid = row.iccid is not None and modem["iccid"] is not None
    if by_iccid and same(str(row.iccid), modem["iccid"]):
        return True
    return row.imsi is not None and row.imsi == modem["imsi"]
