"""Things to show: a farm as the metrics and the page see it."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from prometheus_client.core import Metric

from gsmbridge.events import Silent
from gsmbridge.farm.virtual import SimulatedClock, World
from gsmbridge.forwarding import events as forwarding
from gsmbridge.forwarding.stats import LastError, Stats
from gsmbridge.modem.status import ModemStatus
from gsmbridge.onlinesim.answer import Alarm as PartnerAlarm
from gsmbridge.service.alarms import Alarm
from gsmbridge.service.web.exposition import Counts, States
from gsmbridge.service.web.measures import Measures, Told
from gsmbridge.service.web.page import Sight
from gsmbridge.service.web.snapshot import Books, Snapshot

NOW = time.mktime((2026, 11, 24, 14, 0, 0, 0, 0, -1))

READY = ModemStatus(
    path="/dev/ttyUSB0",
    phase="ready",
    since=NOW - 3600,
    manufacturer="huawei",
    model="E1752",
    imei="490154203237518",
    sim=1,
    iccid="8970101000000000004",
    imsi="250011234567890",
    phone="79080000000",
    operator="Farm Mobile",
    registration="home",
    signal=-71,
    store="SM",
    used=3,
    total=20,
    last_sms=NOW - 60,
    resets=1,
    recoveries=(("reset", 1),),
)

STATS = Stats(
    waiting=0,
    in_flight=0,
    settling=0,
    oldest=None,
    unreachable_for=None,
    paused=False,
    alarms=(),
    last_success=NOW - 12,
    last_error=None,
    attempts=5,
    delivered=3,
    refused=1,
    failed=1,
    faults=0,
    errors=(("NO_OPERATION", 1), ("http", 1)),
)

CALM = Snapshot(NOW, (READY,), STATS, numbers=1)
BOOKS = Books(
    queue={"delivered": 3, "refused": 1},
    last_delivery=NOW - 12,
    arrivals=((NOW - 60, "delivered"), (NOW - 7200, "delivered"), (NOW - 7300, "refused")),
)
UNREACHABLE = Alarm("partner_unreachable", "", "partner unreachable for 41 s, 7 waiting", NOW - 41)


def sight(*modems: ModemStatus, **changes: Any) -> Sight:
    """What the page shows of these modems, one that is ready by default."""
    now = replace(CALM, modems=modems or CALM.modems)
    return replace(Sight("farm-1", now, BOOKS, (), (), NOW - 86400 * 3), **changes)


def troubled() -> Sight:
    """Everything at once."""
    stats = replace(
        STATS,
        waiting=6,
        in_flight=1,
        oldest=NOW - 45,
        unreachable_for=41.0,
        alarms=(PartnerAlarm.KEY,),
        last_error=LastError(NOW - 3, 355, 503, "http"),
    )
    modems = (
        READY,
        replace(READY, path="/dev/ttyUSB1", phase="lost", last_error="gone", last_sms=None),
        replace(READY, path="/dev/ttyUSB2", phase="pin", signal=-111, used=17),
        replace(READY, path="/dev/ttyUSB3", used=20, alarms=("not registered",)),
        ModemStatus("/dev/ttyUSB4", phase="silent"),
        ModemStatus("/dev/ttyUSB5", phase="twin", imei="1"),
    )
    return sight(
        now=Snapshot(NOW, modems, stats, 4, "disk full"),
        alarms=(UNREACHABLE, Alarm("modem_down", "/dev/ttyUSB1", "/dev/ttyUSB1 is down", NOW - 9)),
        recent=(Told(NOW - 41, forwarding.UNREACHABLE.level, "partner unreachable"),),
        books=replace(BOOKS, queue={"unassigned": 2, "stale": 1, "delivered": 3}),
    )


def families() -> list[Metric]:
    """Every metric that the program has."""
    measures = Measures(Silent(), SimulatedClock(World()))
    measures.emit(forwarding.DELIVERED, phone="79080000000")
    states = States(CALM, BOOKS, (), Counts({"delivered": 3}, 0))
    return [*measures.registry.collect(), *states.collect()]


def samples() -> set[str]:
    """The names under which Prometheus knows them."""
    suffixes = {
        "counter": ("_total",),
        "histogram": ("_bucket", "_count", "_sum"),
        "info": ("_info",),
    }
    return {each.name + suffix for each in families() for suffix in suffixes.get(each.type, ("",))}


def table() -> str:
    """The metrics, for docs/metrics.md."""
    lines = ["| metric | type | labels | meaning |", "|---|---|---|---|"]
    for each in families():
        suffix = {"counter": "_total", "info": "_info"}.get(each.type, "")
        labels = dict.fromkeys(label for sample in each.samples for label in sample.labels)
        named = ", ".join(f"`{label}`" for label in labels if label != "le")
        lines.append(f"| `{each.name}{suffix}` | {each.type} | {named} | {each.documentation} |")
    return "\n".join(lines)
