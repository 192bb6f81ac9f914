"""What is served on `metrics.listen`.

The daemon imports this only where that is set: Prometheus' client library takes 5 MB, and time.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path

from prometheus_client.exposition import CONTENT_TYPE_LATEST

from gsmbridge.clock import Clock
from gsmbridge.service import events
from gsmbridge.service.bridge import Bridge
from gsmbridge.service.log import EventLog
from gsmbridge.service.web import health, snapshot
from gsmbridge.service.web.exposition import Counts, exposition
from gsmbridge.service.web.http import HttpServer, Request, Response, told
from gsmbridge.service.web.measures import Measures

TRY_AGAIN = 10.0
"""Seconds: the address may belong to a network that comes up later."""


class Site:
    """Answers requests about one bridge."""

    def __init__(self, bridge: Bridge, measures: Measures, log: EventLog, clock: Clock) -> None:
        self._bridge = bridge
        self._measures = measures
        self._log = log
        self._clock = clock
        self._busy = asyncio.Lock()

    async def serve(self, host: str, port: int) -> None:
        """Serve for good. A place where it can't listen is told once, and tried again quietly."""
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
        match request.path:
            case "/metrics":
                return await self._metrics()
            case "/healthz":
                return await self._health()
        return told(HTTPStatus.NOT_FOUND, "there is /metrics and /healthz")

    def _is_ours(self, host: str) -> bool:
        """A page of somebody else's that had its name resolve to this host (DNS rebinding) asks by
        that name: only addresses, localhost, and names from the config are answered."""
        metrics = self._bridge.config.metrics
        listen = metrics.listen[0].lower() if metrics.listen else ""
        return host in ("localhost", listen, *metrics.hosts) or _is_address(host)

    async def _metrics(self) -> Response:
        async with self._busy:  # one at a time: many scrapers cost no more memory than one
            now = snapshot.take(self._bridge, self._clock.wall())
            counts = Counts(dict(self._log.counts), self._log.lost)
            path = Path(self._bridge.config.journal.path)

            def text() -> bytes:
                books = snapshot.read_books(path)
                return exposition(self._measures.registry, now, books, counts)

            return Response(await asyncio.to_thread(text), CONTENT_TYPE_LATEST)

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
