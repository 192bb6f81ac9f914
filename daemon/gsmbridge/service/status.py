"""The documents that `status`, `messages` and `scan` show (their shape: docs/json.md)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from gsmbridge import __version__
from gsmbridge.config.schema import Config
from gsmbridge.errors import JournalError
from gsmbridge.journal import queries
from gsmbridge.journal.orders import Ordered
from gsmbridge.modem.status import ModemStatus
from gsmbridge.numbers import Numbered

Document = dict[str, Any]


def modem(status: ModemStatus, number: Numbered | None, last: Mapping[str, float]) -> Document:
    """One modem. *number*: what its SIM's messages go out under; *last*: when the journal's SIMs
    last had a message (`last_sms`)."""
    return {
        "path": status.path,
        "manufacturer": status.manufacturer,
        "model": status.model,
        "imei": status.imei,
        "iccid": status.iccid,
        "imsi": status.imsi,
        "phone": None if number is None else number.phone,
        "phone_source": None if number is None else number.source,
        "operator": status.operator,
        "registration": status.registration,
        "signal": status.signal,
        "store": {"memory": status.store, "used": status.used, "total": status.total},
        "phase": status.phase,
        "since": status.since,
        "last_sms": heard(status, last),
        "last_error": status.last_error,
        "resets": status.resets,
        "recoveries": dict(status.recoveries),
        "alarms": list(status.alarms),
    }


def heard(modem: ModemStatus, known: Mapping[str, float]) -> float | None:
    """When a message last came for the SIM in *modem*, Unix time: by what this run has seen arrive,
    else by what the journal knows of its SIMs (`queries.last_sms`)."""
    if modem.last_sms is not None:
        return modem.last_sms
    return known.get(modem.iccid or modem.imsi or "")


def last_sms(sims: Iterable[Document]) -> dict[str, float]:
    """When each SIM last had a message that was new, by ICCID and by IMSI."""
    heard = [(s[key], s["last_sms"]) for s in sims for key in ("iccid", "imsi")]
    return {key: at for key, at in heard if key and at is not None}


def ordered(sms_id: int, order: Ordered) -> Document:
    """What became of one message of a `retry` or `discard`."""
    state, phone = order.state.value, order.phone
    return {"sms_id": sms_id, "ok": True, "state": state, "phone": phone, "error": None}


def not_ordered(sms_id: int, error: JournalError) -> Document:
    """Why an order could not be carried out."""
    return {"sms_id": sms_id, "ok": False, "state": None, "phone": None, "error": str(error)}


def numbers(config: Config, modems: Iterable[Document], sims: Iterable[Document]) -> list[Document]:
    """Every number of the config, where its SIM is now, and when it last got an SMS."""
    by = {m[key]: m for m in modems for key in ("iccid", "imsi", "phone") if m[key]}
    last = last_sms(sims)
    found = []
    for row in config.numbers:
        sim = row.iccid or row.imsi or ""
        modem = by.get(row.phone) or by.get(sim) or {}  # a modem may show less of an ICCID, or more
        found.append(
            {
                "phone": row.phone,
                "iccid": row.iccid,
                "imsi": row.imsi,
                "enabled": row.enabled,
                "modem": modem.get("path"),
                "last_sms": last.get(sim) or modem.get("last_sms"),
            }
        )
    return found


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
