"""A tiny HTTP/1.1 server over asyncio: GET and HEAD, one request a connection, all bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus

import h11

MOST_CONNECTIONS = 32
"""Further ones are closed at once."""
LONGEST_REQUEST = 16 * 1024
"""Bytes of a request's head."""
PATIENCE = 5.0
"""Seconds for a client to send its request."""
SLOW_CLIENT = 30.0
"""Seconds for a client to take the answer."""

TEXT = "text/plain; charset=utf-8"

HEADERS = (
    ("Cache-Control", "no-store"),
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'",
    ),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
)
"""Of every answer: nothing from elsewhere, no script, no frame, nothing kept."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked."""

    method: str
    path: str
    """Without its query."""
    host: str
    """The Host header's name, lower case, without port and brackets; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered."""

    body: bytes
    kind: str = TEXT
    status: HTTPStatus = HTTPStatus.OK


def told(status: HTTPStatus, line: str) -> Response:
    """An answer of one line."""
    return Response(f"{line}\n".encode(), TEXT, status)


Answer = Callable[[Request], Awaitable[Response]]


class HttpServer:
    """Has *answer* answer what is asked."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._clients: dict[asyncio.StreamWriter, None] = {}

    async def serve(self, host: str, port: int) -> None:
        """Listen and answer, for good. OSError where it can't listen there."""
        server = await asyncio.start_server(self._client, host, port, limit=LONGEST_REQUEST)
        try:
            await server.serve_forever()
        finally:
            server.close()
            for client in self._clients:  # hung up on, not cancelled: asyncio would log that
                client.transport.abort()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if len(self._clients) < MOST_CONNECTIONS:
                self._clients[writer] = None
                await self._one(reader, writer)
        except (OSError, TimeoutError):
            pass  # the client went away or sleeps: nobody is left to be told
        finally:
            self._clients.pop(writer, None)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=LONGEST_REQUEST)
        head_only = False
        try:
            async with asyncio.timeout(PATIENCE):
                head = await _head(connection, reader)
            if head is None:
                return
            head_only = head.method == b"HEAD"
            response = await self._respond(_request(head))
        except h11.RemoteProtocolError:
            response = told(HTTPStatus.BAD_REQUEST, "this is no HTTP request")
        writer.write(_bytes(connection, response, head_only))
        async with asyncio.timeout(SLOW_CLIENT):
            await writer.drain()

    async def _respond(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            return told(HTTPStatus.METHOD_NOT_ALLOWED, "only GET and HEAD are answered")
        return await self._answer(request)


async def _head(connection: h11.Connection, reader: asyncio.StreamReader) -> h11.Request | None:
    """The request's head; None where the client hung up before."""
    while (event := connection.next_event()) is h11.NEED_DATA:
        connection.receive_data(await reader.read(LONGEST_REQUEST))
    return event if isinstance(event, h11.Request) else None


def _request(head: h11.Request) -> Request:
    host = next((value for name, value in head.headers if name == b"host"), b"")
    return Request(
        head.method.decode("ascii"),
        head.target.decode("ascii").partition("?")[0],
        host_name(host.decode("ascii", "replace")),
    )


def host_name(host: str) -> str:
    """The name in a Host header (RFC 9110, 7.2), without port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()


def _bytes(connection: h11.Connection, response: Response, head_only: bool) -> bytes:
    headers = [
        ("Content-Type", response.kind),
        ("Content-Length", str(len(response.body))),
        ("Connection", "close"),
        *HEADERS,
    ]
    if response.status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers.append(("Allow", "GET, HEAD"))
    reason = response.status.phrase.encode("ascii")
    status = h11.Response(status_code=response.status, reason=reason, headers=headers)
    sent = connection.send(status) or b""
    if not head_only:
        sent += connection.send(h11.Data(data=response.body)) or b""
    return sent
