"""What commands answer while no daemon runs: from the journal's file, and from the ports."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from gsmbridge.clock import SystemClock
from gsmbridge.config.schema import Config
from gsmbridge.errors import GsmbridgeError, JournalError
from gsmbridge.journal import database, files, ids, orders
from gsmbridge.journal.orders import Ordered
from gsmbridge.journal.outcome import Now, Outcome
from gsmbridge.modem.status import ModemStatus
from gsmbridge.numbers import Numbered, Numbers
from gsmbridge.service import settings, status

Document = dict[str, Any]
Order = Callable[[sqlite3.Connection, int], Ordered]


def answer(config: Config, request: Document) -> Document:
    """The answer to a request. GsmbridgeError where it cannot be given."""
    clock = SystemClock()
    match request["command"]:
        case "scan":
            return _scan(config, bool(request.get("report")))
        case "status":
            return status.stopped(
                config, _read(config, lambda db: status.journal_part(db, clock.wall()))
            )
        case "messages":
            wall = clock.wall()
            found: Document = _read(config, lambda db: status.messages(db, request, wall))
            return found
        case "retry":
            rules, under = settings.rules(config), request.get("as")

            def retry(db: sqlite3.Connection, sms_id: int) -> Ordered:
                return orders.retry(db, rules, Now.of(clock), sms_id, Outcome(), under)

            return _write(config, request, retry)
        case "discard":
            return _write(
                config,
                request,
                lambda db, sms_id: orders.discard(db, Now.of(clock), sms_id, Outcome()),
            )
        case "reserve_id":
            return {"sms_id": _reserve_id(config, clock.wall())}
        case other:
            raise GsmbridgeError(f"no such request: {other}")


def _read(config: Config, query: Callable[[sqlite3.Connection], Any]) -> Any:
    path = Path(config.journal.path)
    if not path.exists():
        with closing(sqlite3.connect(":memory:")) as empty:
            empty.row_factory = sqlite3.Row
            empty.executescript(database.SCHEMA.read_text())
            return query(empty)
    return database.read(path, query)


def _write(config: Config, request: Document, order: Order) -> Document:
    path = Path(config.journal.path)
    if not path.exists():
        raise JournalError(f"there is no journal {path} yet")
    lock = database.Lock(path)
    lock.take()
    results: list[Document] = []
    try:
        with closing(database.open_or_raise(path)) as db:
            for sms_id in request["ids"]:
                db.execute("BEGIN IMMEDIATE")
                try:
                    ordered = order(db, sms_id)
                except JournalError as error:
                    db.execute("ROLLBACK")
                    results.append(status.not_ordered(sms_id, error))
                else:
                    db.execute("COMMIT")
                    results.append(status.ordered(sms_id, ordered))
    except (sqlite3.Error, OSError) as error:
        raise JournalError(f"the journal {path} can't be written: {error}") from error
    finally:
        lock.release()
    return {"results": results}


def _reserve_id(config: Config, wall: float) -> int:
    """An smsId that no message ever gets; durable, in a journal that may be new."""
    path, place = files.real(config.journal.path), config.onlinesim
    if not path.parent.is_dir():
        raise JournalError(f"there is no folder {path.parent}", "start the service once")
    lock = database.Lock(path)
    try:
        lock.take()
        files.prepare(path)
        with closing(database.open_or_raise(path)) as db:
            db.execute("BEGIN IMMEDIATE")
            fresh = db.execute("SELECT 1 FROM meta WHERE key = 'ids'").fetchone() is None
            if fresh and place.sms_id_start is None and wall < ids.CLOCK_IS_SET:
                raise JournalError("the clock of this host is not set", "smsIds begin with it")
            floor = place.sms_id_start or ids.lowest(wall, fresh)
            high_water = ids.HighWater(path.with_name(path.name + ".ids"))
            counter = ids.open_ids(high_water, floor, place.host_index, place.host_count, db)
            sms_id = counter.take()
            ids.keep_mark(db, counter)
            db.execute("COMMIT")
            return sms_id
    except (sqlite3.Error, OSError) as error:
        raise JournalError(f"the journal {path} can't be written: {error}") from error
    finally:
        lock.release()


def _scan(config: Config, report: bool) -> Document:
    from gsmbridge.at.serial_port import SerialPorts
    from gsmbridge.modem.scan import scan, scan_for_report

    ports = SerialPorts(config.modems.ports, config.modems.exclude)
    by = settings.modems(config)
    answer: Document = {}
    if report:
        found, answer["report"] = asyncio.run(scan_for_report(ports, by))
    else:
        found = asyncio.run(scan(ports, by))
    numbered = _numbered(found, settings.numbers(config))
    return {"modems": [status.modem(*each, {}) for each in numbered], **answer}


def _numbered(
    found: Sequence[ModemStatus], numbers: Numbers
) -> Iterator[tuple[ModemStatus, Numbered | None]]:
    """Modems, and the number of the SIM in each, as far as the SIMs at hand tell."""
    for modem in found:
        sim = (modem.iccid, modem.imsi)  # neighbours may show the same of their ICCIDs
        others = [each for each in found if (each.iccid, each.imsi) != sim]
        number = numbers.resolve(
            modem.iccid,
            modem.imsi,
            modem.own_number,
            [each.own_number for each in others if each.own_number],
            [each.iccid for each in others if each.iccid],
        )
        yield modem, number if isinstance(number, Numbered) else None
