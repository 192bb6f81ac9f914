"""What is served on `metrics.listen`.

The daemon imports this only where that is set: Prometheus' client library takes 5 MB, and time.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path

from prometheus_client import ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from gsmbridge.clock import Clock
from gsmbridge.config.checks import is_loopback_host
from gsmbridge.service import events
from gsmbridge.service.alarms import Alarm
from gsmbridge.service.bridge import Bridge
from gsmbridge.service.log import EventLog
from gsmbridge.service.web import health, page, snapshot
from gsmbridge.service.web.exposition import Counts, exposition
from gsmbridge.service.web.http import HttpServer, Request, Response, told
from gsmbridge.service.web.measures import Measures
from gsmbridge.service.web.snapshot import Snapshot, numbered, read_books
from gsmbridge.service.web.words import Mood

TRY_AGAIN = 10.0
"""Seconds: the address may belong to a network that comes up later."""

DAY = 86400.0

STYLE = Path(__file__).with_name("style.css").read_bytes()
COLOURS = {Mood.OK: "#1a7f37", Mood.WARN: "#d99000", Mood.BAD: "#c21f2b"}
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
    '<circle cx="8" cy="8" r="7" fill="{}"/></svg>'
)
ASSETS = {"/style.css": Response(STYLE, "text/css; charset=utf-8")} | {
    f"/{mood.word}.svg": Response(ICON.format(colour).encode(), "image/svg+xml")
    for mood, colour in COLOURS.items()
}


class Site:
    """Answers requests about one bridge."""

    def __init__(
        self,
        bridge: Bridge,
        measures: Measures,
        log: EventLog,
        clock: Clock,
        alarms: Callable[[], Sequence[Alarm]],
    ) -> None:
        """*alarms* gives what is wrong now."""
        self._bridge = bridge
        self._measures = measures
        self._log = log
        self._clock = clock
        self._alarms = alarms
        self._since = clock.wall()
        self._host = socket.gethostname()
        self._listen = ""
        self._busy = asyncio.Lock()
        ProcessCollector(registry=measures.registry)

    async def serve(self, host: str, port: int) -> None:
        """Serve for good. A place where it can't listen is told once, and tried again quietly."""
        self._listen = host.lower()
        server, reason = HttpServer(self.answer), ""
        while True:
            try:
                await server.serve(host, port)
            except OSError as error:
                before, reason = reason, error.strerror or str(error)
                if reason != before:
                    told = {"address": f"{host}:{port}", "reason": reason, "seconds": TRY_AGAIN}
                    self._log.emit(events.NO_METRICS, **told)
            await asyncio.sleep(TRY_AGAIN)

    async def answer(self, request: Request) -> Response:
        """The answer to one request."""
        if not self._is_ours(request.host):
            return told(HTTPStatus.MISDIRECTED_REQUEST, "this name is not among metrics.hosts")
        if request.path == "/metrics":
            return await self._metrics()
        if request.path == "/healthz":
            return await self._health()
        if not self._has_page():
            return told(HTTPStatus.NOT_FOUND, "there is /metrics and /healthz; metrics.page is off")
        if request.path == "/":
            return await self._page()
        return ASSETS.get(request.path) or told(HTTPStatus.NOT_FOUND, "there is no such page")

    def _is_ours(self, host: str) -> bool:
        """A page of somebody else's that had its name resolve to this host (DNS rebinding) asks by
        that name: only addresses, localhost, and names from the config are answered."""
        names = ("localhost", self._listen, *self._bridge.config.metrics.hosts)
        return host in names or _is_address(host)

    def _has_page(self) -> bool:
        """By the config of now and the address that it listens on since the start."""
        metrics = self._bridge.config.metrics
        return metrics.page and (metrics.page_anywhere or is_loopback_host(self._listen))

    async def _metrics(self) -> Response:
        alarms = self._alarms()
        counts = Counts(dict(self._log.counts), self._log.lost)

        def text(now: Snapshot, path: Path) -> bytes:
            return exposition(self._measures.registry, now, read_books(path), alarms, counts)

        return Response(await self._in_thread(text), CONTENT_TYPE_LATEST)

    async def _page(self) -> Response:
        alarms = self._alarms()
        recent = tuple(self._measures.recent)

        def html(now: Snapshot, path: Path) -> bytes:
            books = read_books(path, now.at - DAY)
            return page.render(page.Sight(self._host, now, books, alarms, recent, self._since))

        return Response(await self._in_thread(html), "text/html; charset=utf-8")

    async def _in_thread(self, make: Callable[[Snapshot, Path], bytes]) -> bytes:
        """What *make* makes of this moment and the journal's file. One at a time: many who ask
        cost no more memory than one."""
        async with self._busy:
            now = snapshot.take(self._bridge, self._clock.wall())
            path, rules = Path(self._bridge.config.journal.path), self._bridge.journal.rules
            return await asyncio.to_thread(lambda: make(numbered(now, path, rules), path))

    async def _health(self) -> Response:
        trouble = await health.trouble(self._bridge)
        if trouble is not None:
            return told(HTTPStatus.SERVICE_UNAVAILABLE, trouble)
        return told(HTTPStatus.OK, "ok")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:  # a name
        return False
    return True
