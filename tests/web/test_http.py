"""The tiny server: bounded, GET and HEAD only, whatever it is sent."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest

from gsmbridge.service.web import http
from gsmbridge.service.web.http import HttpServer, Request, Response, host_name

SEEN: list[Request] = []


async def echo(request: Request) -> Response:
    SEEN.append(request)
    return Response(b"body of " + request.path.encode())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def with_server(story: Callable[[int], Awaitable[None]]) -> None:
    """Run *story* against a server that echoes; it gets the port."""

    async def play() -> None:
        port = free_port()
        serving = asyncio.create_task(HttpServer(echo).serve("127.0.0.1", port))
        await asyncio.sleep(0)
        try:
            await story(port)
        finally:
            serving.cancel()
            await asyncio.wait([serving])

    asyncio.run(play())


async def connect(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    while True:
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.01)


async def say(port: int, *pieces: bytes) -> bytes:
    reader, writer = await connect(port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0)
    try:
        answer = await reader.read()
    except ConnectionResetError:  # closed before all that was sent had been read
        answer = b""
    writer.close()
    return answer


def test_a_request_is_answered_with_headers_that_allow_nothing_from_elsewhere() -> None:
    async def story(port: int) -> None:
        answer = await say(port, b"GET /metrics?x=1 HTTP/1.1\r\nHost: farm:9108\r\n\r\n")
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 OK")
        assert body == b"body of /metrics"
        for header in (b"default-src 'none'", b"nosniff", b"no-referrer", b"DENY", b"no-store"):
            assert header in head
        assert b"script" not in head
        assert SEEN[-1] == Request("GET", "/metrics", "farm")

    with_server(story)


def test_head_gets_the_length_and_no_body() -> None:
    async def story(port: int) -> None:
        answer = await say(port, b"HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n")
        assert answer.endswith(b"\r\n\r\n")
        assert b"Content-Length: 10" in answer

    with_server(story)


def test_a_request_in_pieces_is_one_request() -> None:
    async def story(port: int) -> None:
        pieces = [bytes([octet]) for octet in b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"]
        assert b"200 OK" in await say(port, *pieces)

    with_server(story)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_nothing_but_get_and_head_is_allowed(method: str) -> None:
    async def story(port: int) -> None:
        answer = await say(port, f"{method} / HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        assert answer.startswith(b"HTTP/1.1 405")
        assert b"Allow: GET, HEAD" in answer

    with_server(story)


@pytest.mark.parametrize(
    "noise",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 40 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nno host\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"GET /" + b"a" * 40_000,
    ],
)
def test_noise_is_refused_and_the_next_one_served(noise: bytes) -> None:
    async def story(port: int) -> None:
        answer = await say(port, noise)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 400")
        assert b"200 OK" in await say(port, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")

    with_server(story)


def test_clients_that_say_nothing_are_bounded_and_those_beyond_are_hung_up_on() -> None:
    async def story(port: int) -> None:
        idle = [await connect(port) for _ in range(http.MOST_CONNECTIONS)]
        await asyncio.sleep(0.05)
        assert await say(port, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n") == b""
        for _, writer in idle:
            writer.close()
            await writer.wait_closed()
        await asyncio.sleep(0.05)
        assert b"200 OK" in await say(port, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")

    with_server(story)


def test_the_end_does_not_wait_for_clients_that_sleep() -> None:
    async def story(port: int) -> None:
        await connect(port)
        await asyncio.sleep(0.02)

    with_server(story)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("localhost:9108", "localhost"),
        ("FARM", "farm"),
        ("[::1]:9108", "::1"),
        ("127.0.0.1", "127.0.0.1"),
        ("", ""),
    ],
)
def test_the_name_in_a_host_header(header: str, name: str) -> None:
    assert host_name(header) == name
