"""Which paths are served, to whom, and what health means."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gsmbridge.clock import SystemClock
from gsmbridge.config.schema import Metrics
from gsmbridge.events import Silent
from gsmbridge.farm.virtual import World, run
from gsmbridge.journal.rules import Rules
from gsmbridge.service.bridge import Bridge
from gsmbridge.service.log import EventLog, Lines
from gsmbridge.service.web import health
from gsmbridge.service.web.http import Request, Response
from gsmbridge.service.web.measures import Measures
from gsmbridge.service.web.site import Site
from tests.web.sight import CALM, READY

PAGE = Metrics(listen=("127.0.0.1", 9108), page=True)


class Farm:
    """A bridge as far as the site looks at it. Its loops go round when poked, but stuck ones."""

    def __init__(self, metrics: Metrics = PAGE, stuck: tuple[int, ...] = ()) -> None:
        self.config = SimpleNamespace(
            metrics=metrics, numbers=(), journal=SimpleNamespace(path="/nowhere/journal.db")
        )
        self.fleet = SimpleNamespace(statuses=lambda: [READY])
        self.dispatcher = SimpleNamespace(stats=lambda: CALM.stats)
        self.journal = SimpleNamespace(trouble=None, rules=Rules())
        self.supervisor = SimpleNamespace(crashes=0)
        self.started = True
        self._stuck = stuck
        self._beats = [0, 0, 0]

    def poke(self) -> None:
        for loop in range(3):
            self._beats[loop] += loop not in self._stuck

    def beats(self) -> tuple[int, ...]:
        return tuple(self._beats)


def ask(farm: Farm, path: str, host: str = "127.0.0.1", listen: str = "127.0.0.1") -> Response:
    """The answer to one request, on a site that listens on *listen*."""

    async def story() -> Response:
        measures = Measures(Silent(), SystemClock())
        log = EventLog(Lines(-1))
        site = Site(cast(Bridge, farm), measures, log, SystemClock(), lambda: ())
        site._listen = listen
        return await site.answer(Request("GET", path, host))

    return asyncio.run(story())


def test_metrics_are_served() -> None:
    answer = ask(Farm(), "/metrics")
    assert answer.status is HTTPStatus.OK
    assert b"gsmbridge_modem_up" in answer.body
    assert answer.kind.startswith("text/plain")


def test_metrics_are_served_while_the_journal_cannot_be_read() -> None:
    assert b"gsmbridge_messages{" not in ask(Farm(), "/metrics").body


def test_the_page_and_what_it_needs_are_served() -> None:
    page = ask(Farm(), "/")
    assert page.status is HTTPStatus.OK and page.kind.startswith("text/html")
    assert ask(Farm(), "/style.css").kind.startswith("text/css")
    for mood in ("ok", "warn", "bad"):
        assert ask(Farm(), f"/{mood}.svg").kind == "image/svg+xml"
    assert ask(Farm(), "/favicon.ico").status is HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("path", ["/", "/style.css", "/ok.svg"])
def test_the_page_is_off_unless_asked_for(path: str) -> None:
    assert ask(Farm(replace(PAGE, page=False)), path).status is HTTPStatus.NOT_FOUND


def test_the_page_keeps_to_the_address_that_is_listened_on_since_the_start() -> None:
    reloaded = Farm(PAGE)  # to loopback, which takes a restart to be true
    assert ask(reloaded, "/", listen="0.0.0.0").status is HTTPStatus.NOT_FOUND
    meant = Farm(replace(PAGE, page_anywhere=True))
    assert ask(meant, "/", listen="0.0.0.0").status is HTTPStatus.OK


@pytest.mark.parametrize("path", ["/", "/metrics", "/healthz", "/style.css"])
@pytest.mark.parametrize("host", ["evil.example", "", "127.0.0.1.evil.example", "localhost.evil"])
def test_a_name_that_is_not_ours_is_not_answered(path: str, host: str) -> None:
    assert ask(Farm(), path, host).status is HTTPStatus.MISDIRECTED_REQUEST


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "192.168.1.7", "farm.lan"])
def test_addresses_and_names_from_the_config_are_answered(host: str) -> None:
    farm = Farm(replace(PAGE, hosts=("farm.lan",)))
    assert ask(farm, "/metrics", host).status is HTTPStatus.OK


def healthy(farm: Farm) -> str | None:
    found: list[str | None] = []

    async def story() -> None:
        found.append(await health.trouble(cast(Bridge, farm)))

    run(World(), story())
    return found[0]


def test_a_daemon_whose_loops_go_round_is_healthy() -> None:
    assert healthy(Farm()) is None
    assert ask(Farm(), "/healthz").body == b"ok\n"


def test_a_stuck_loop_is_named() -> None:
    assert healthy(Farm(stuck=(1,))) == "stuck: forwarding"
    assert healthy(Farm(stuck=(0, 2))) == "stuck: journal, modems"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda farm: setattr(farm, "started", False), "starting"),
        (
            lambda farm: setattr(farm.journal, "trouble", "disk full"),
            "journal can't be written: disk full",
        ),
    ],
)
def test_a_daemon_that_cannot_work_says_why(change: Callable[[Any], None], why: str) -> None:
    farm = Farm()
    change(farm)
    assert healthy(farm) == why
    answer = ask(farm, "/healthz")
    assert answer.status is HTTPStatus.SERVICE_UNAVAILABLE
    assert answer.body.decode() == f"{why}\n"


def test_the_style_sheet_fetches_nothing() -> None:
    style = (Path(health.__file__).parent / "style.css").read_text(encoding="utf-8")
    assert "url(" not in style and "@import" not in style
