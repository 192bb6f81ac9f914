"""A look at the bridge: what the log is told, when, and out of which journal."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gsmbridge.config import schema
from gsmbridge.config.secret import Secret
from gsmbridge.modem.status import ModemStatus
from gsmbridge.service.alarm_watch import COUNT_EVERY, AlarmWatch
from tests.journal.desk import Log
from tests.journal.test_queries import with_three_messages
from tests.service.test_alarms import CALM, WELL


@dataclass
class Watch:
    """A clock that is set by hand."""

    now: float

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return self.now

    def boot_id(self) -> str:
        return "boot"


@dataclass
class Host:
    """A bridge as an alarm watch sees it, and what it told."""

    config: schema.Config
    clock: Watch
    modems: list[ModemStatus] = field(default_factory=lambda: [WELL])
    stats: Any = CALM
    log: Log = field(default_factory=Log)

    def __post_init__(self) -> None:
        bridge: Any = SimpleNamespace(
            config=self.config,
            journal=SimpleNamespace(trouble=None),
            dispatcher=SimpleNamespace(stats=lambda: self.stats),
            fleet=SimpleNamespace(statuses=lambda: self.modems),
        )
        self.watch = AlarmWatch(bridge, self.clock, self.log, "farm1", {})

    def look(self, after: float = 5.0) -> list[str]:
        """Let time pass, look; the kinds of event that were told."""
        self.clock.now += after
        del self.log.told[:]
        asyncio.run(self.watch.look())
        return self.log.names()


@pytest.fixture
def host(tmp_path: Path) -> Host:
    desk = with_three_messages(tmp_path)
    config = schema.Config(
        onlinesim=schema.Onlinesim(url="https://partner.test/", key=Secret("sesame")),
        journal=schema.Journal(path=str(desk.path)),
    )
    return Host(config, Watch(desk.clock.wall()))


def test_the_log_has_the_beginning_and_the_end_of_an_alarm_once(host: Host) -> None:
    assert host.look() == ["alarm"]  # a stale message waits for a person
    assert host.look() == []
    host.modems = [replace(WELL, used=20)]
    assert host.look() == ["alarm"]
    host.modems = [WELL]
    assert host.look() == ["alarm_ended"]
    (ended,) = host.log.told
    assert (ended[1]["alarm"], ended[1]["seconds"]) == ("sim_full", 5)


def test_status_and_log_say_the_same(host: Host) -> None:
    host.look()
    told = [fields["what"] for _, fields in host.log.told]
    assert told == [alarm.what for alarm in host.watch.current()]
    assert told == ["messages wait for a person: 1 stale"]


def test_a_journal_that_cant_be_read_ends_no_alarm(host: Host) -> None:
    host.look()
    path = Path(host.config.journal.path)
    path.rename(path.with_name("away"))
    assert host.look(after=COUNT_EVERY) == []
    assert [alarm.kind for alarm in host.watch.current()] == ["messages_held"]


def test_the_daily_line_comes_at_its_hour_with_the_days_figures(host: Host) -> None:
    host.look()
    now = time.localtime(host.clock.now)
    hour = time.mktime((*now[:3], host.config.log.daily_hour, 0, 0, 0, 0, -1))
    while hour <= host.clock.now:
        hour += 86400.0
    assert host.look(after=hour - host.clock.now - 60.0) == []
    assert host.look(after=70.0) == ["daily"]
    (daily,) = host.log.told
    assert daily[1]["held"] == 1
    assert daily[1]["wrong"] == "wrong: messages wait for a person: 1 stale"
    assert host.look() == []
