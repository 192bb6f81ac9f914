"""How everything stands at one moment, taken in the loop, for metrics and the page."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field, replace
from pathlib import Path

from gsmbridge.errors import JournalError
from gsmbridge.forwarding.stats import Stats
from gsmbridge.journal import database, queries, sims
from gsmbridge.journal.rules import Rules
from gsmbridge.modem.status import ModemStatus
from gsmbridge.service import status
from gsmbridge.service.bridge import Bridge

MOST_ARRIVALS = 200_000
"""Messages of a day that are counted for the page; with more, it shows their last hours."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All of it is immutable: it is turned into text in another thread. Times are Unix time."""

    at: float
    modems: tuple[ModemStatus, ...]
    stats: Stats
    numbers: int
    """Numbers of the config that are enabled."""
    crashes: int = 0
    """Of the daemon's tasks, each started again."""


def take(bridge: Bridge, at: float) -> Snapshot:
    """How *bridge* stands."""
    return Snapshot(
        at=at,
        modems=tuple(bridge.fleet.statuses()),
        stats=bridge.dispatcher.stats(),
        numbers=sum(row.enabled for row in bridge.config.numbers),
        crashes=bridge.supervisor.crashes,
    )


def numbered(now: Snapshot, path: Path, rules: Rules) -> Snapshot:
    """With the numbers that each SIM's messages go out under now: a reload or another SIM may have
    changed them since a modem was told. Asks the journal's file; blocks."""
    there = [modem.sim for modem in now.modems if modem.sim is not None]
    try:
        found = database.read(path, lambda db: sims.numbers(db, rules, there))
    except JournalError:
        return now  # its trouble is told by the journal itself
    phones = {sim: number.phone for sim, number in found.items()}
    modems = (
        modem if modem.sim is None else replace(modem, phone=phones.get(modem.sim))
        for modem in now.modems
    )
    return replace(now, modems=tuple(modems))


@dataclass(frozen=True, slots=True)
class Books:
    """What the journal's file holds; empty where it can't be read."""

    queue: dict[str, int] = field(default_factory=dict)
    """Messages by state."""
    oldest_pending: float | None = None
    """Unix time at which the oldest message still to be pushed was read."""
    last_delivery: float | None = None
    arrivals: tuple[tuple[float, str], ...] = ()
    """When messages were read, and their states, where asked for."""
    last_sms: dict[str, float] = field(default_factory=dict)
    """When each SIM, by ICCID or IMSI, last had a message that was new."""

    def heard(self, modem: ModemStatus) -> float | None:
        """When a message last came for the SIM in *modem*."""
        return status.heard(modem, self.last_sms)


def read_books(path: Path, since: float | None = None) -> Books:
    """Ask the journal's file, also for what arrived since *since*; blocks."""

    def ask(db: sqlite3.Connection) -> Books:
        return Books(
            queue=queries.counts(db),
            oldest_pending=queries.oldest_pending(db),
            last_delivery=queries.last_delivery(db),
            last_sms=queries.last_sms(db),
            arrivals=() if since is None else tuple(queries.arrivals(db, since, MOST_ARRIVALS)),
        )

    try:
        return database.read(path, ask)
    except JournalError:
        return Books()  # its trouble is told by the journal itself
