"""The documents that `status`, `messages` and `scan` show (their shape: docs/json.md)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from gsmbridge import __version__
from gsmbridge.config.schema import Config
from gsmbridge.journal import queries
from gsmbridge.modem.status import ModemStatus
from gsmbridge.numbers import Numbered, Numbers

Document = dict[str, Any]


def modem(status: ModemStatus, numbers: Numbers) -> Document:
    """One modem."""
    phone, source = status.phone, None
    if status.iccid is not None or status.imsi is not None:
        own = status.own_numbers[0] if len(status.own_numbers) == 1 else None
        found = numbers.resolve(status.iccid, status.imsi, own)
        if isinstance(found, Numbered):
            phone, source = phone or found.phone, found.source
    return {
        "path": status.path,
        "manufacturer": status.manufacturer,
        "model": status.model,
        "imei": status.imei,
        "iccid": status.iccid,
        "imsi": status.imsi,
        "phone": phone,
        "phone_source": source,
        "operator": status.operator,
        "registration": status.registration,
        "signal": status.signal,
        "store": {"memory": status.store, "used": status.used, "total": status.total},
        "phase": status.phase,
        "since": status.since,
        "last_sms": status.last_sms,
        "last_error": status.last_error,
        "resets": status.resets,
        "recoveries": dict(status.recoveries),
        "alarms": list(status.alarms),
    }


def with_last_sms(modems: Iterable[Document], sims: Iterable[Document]) -> list[Document]:
    """The modems, each with the journal's word on its SIM where this run has not heard of one: what
    lay on the SIM at the start, or came before it, was an SMS too."""
    last = _last_sms(sims)
    return [
        m if m["last_sms"] is not None else {**m, "last_sms": last.get(m["iccid"] or m["imsi"])}
        for m in modems
    ]


def _last_sms(sims: Iterable[Document]) -> dict[str | None, float | None]:
    """When each SIM last had a message that was new, by ICCID and by IMSI."""
    return {s[key]: s["last_sms"] for s in sims for key in ("iccid", "imsi") if s[key]}


def numbers(config: Config, modems: Iterable[Document], sims: Iterable[Document]) -> list[Document]:
    """Every number of the config, where its SIM is now, and when it last got an SMS."""
    where = {m[key]: m["path"] for m in modems for key in ("iccid", "imsi") if m[key]}
    last = _last_sms(sims)
    return [
        {
            "phone": row.phone,
            "iccid": row.iccid,
            "imsi": row.imsi,
            "enabled": row.enabled,
            "modem": where.get(row.iccid or row.imsi),
            "last_sms": last.get(row.iccid or row.imsi),
        }
        for row in config.numbers
    ]


def messages(db: sqlite3.Connection, request: Document, wall: float) -> Document:
    """The answer to a request for messages; its times are seconds ago."""

    def ago(name: str) -> float | None:
        return None if request.get(name) is None else wall - float(request[name])

    wanted = queries.Wanted(
        sms_id=request.get("id"),
        state=request.get("state"),
        phone=request.get("phone"),
        sender=request.get("sender"),
        since=ago("since"),
        until=ago("until"),
    )
    return {"messages": queries.messages(db, wanted, bool(request.get("text")))}


def journal_part(db: sqlite3.Connection, wall: float) -> Document:
    """What the journal knows of the queue and the SIMs."""
    oldest = queries.oldest_pending(db)
    return {
        "queue": queries.counts(db),
        "oldest_pending_s": None if oldest is None else max(0.0, wall - oldest),
        "last_success": queries.last_delivery(db),
        "sims": queries.sims(db, wall),
    }


def stopped(config: Config, journal: Document) -> Document:
    """The status while no daemon runs."""
    return {
        "running": False,
        "pid": None,
        "version": __version__,
        "since": None,
        "modems": [],
        "numbers": numbers(config, [], journal["sims"]),
        "last_error": None,
        "alarms": [],
        "standing": [],
        **journal,
    }
