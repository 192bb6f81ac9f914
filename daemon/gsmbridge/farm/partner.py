"""A stand-in for the partner's server, and the record of what it was sent.

    python -m gsmbridge.farm.partner --script no_operation --record pushes.jsonl

It answers as its script says (see `partner_script`), right or wrong, and keeps every request byte
for byte: in memory, and as JSON lines, two for each request: one before its answer goes out, one
when the answer is over. Bytes are written as text of one character a byte (Latin-1).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import socket
import ssl
import struct
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TextIO

import h11

from gsmbridge.clock import Clock, SystemClock
from gsmbridge.farm.partner_script import NAMED, Reply, Request, Script, load_script, parse_request

FILLER = b"x" * 16384


class Peer(Protocol):
    """The server's end of a connection; asyncio's streams, or simulated ones."""

    async def read(self) -> bytes:
        """Bytes as they come; b"" at the end. OSError when it broke."""

    async def send(self, data: bytes) -> None:
        """Returns when the bytes have been taken over. OSError when it broke."""

    def close(self) -> None:
        """Close after what was sent."""

    def reset(self) -> None:
        """Break the connection off (TCP RST)."""


@dataclass(slots=True)
class Exchange:
    """A request and what became of its answer. Times are the clock's monotonic seconds."""

    request: Request
    head: bytes
    """Request line and headers as they came."""
    body: bytes
    connection: int
    """Counted over all connections from 1."""
    first_byte: float
    received: float
    """When the last byte of the request was there."""
    wall: float
    """Unix time of the same moment."""
    status: int | None = None
    """The status that was sent, once its status line has gone out whole."""
    answered: float | None = None
    """When the status line had gone out."""
    sent: bool = False
    """The reply went out as scripted, to its end."""
    ended: float | None = None


@dataclass(slots=True)
class _Connection:
    number: int
    peer: Peer
    ahead: bytes = b""
    """Read already, of the next request."""


class Partner:
    """The server. One object may be started, closed and started again: the record goes on."""

    def __init__(
        self,
        script: Script | None = None,
        record: Path | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.script: Script = script or (lambda _: NAMED["ok"])
        """May be exchanged at any time."""
        self.exchanges: list[Exchange] = []
        self.connections = 0
        self.url = ""
        self._record: TextIO | None = record.open("a", encoding="ascii") if record else None
        self._clock = clock or SystemClock()
        self._attempts: dict[int, int] = {}
        self._server: asyncio.Server | None = None
        self._serving: dict[asyncio.Task[None], _TcpPeer] = {}
        self._news = asyncio.Event()

    async def start(
        self, port: int = 0, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
    ) -> str:
        """Listen; returns the URL. OSError where the port is taken."""
        self._server = await asyncio.start_server(
            self._accept, host, port, ssl=tls, backlog=1024, reuse_address=True
        )
        bound = self._server.sockets[0].getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://{host}:{bound}/v1/PUSH_SMS_RENT"
        return self.url

    async def close(self) -> None:
        """Stop listening and break off every connection. The record stays."""
        if self._server is not None:
            self._server.close()
            self._server = None
        serving = dict(self._serving)
        for task, peer in serving.items():
            task.cancel()
            peer.drop()
        await asyncio.gather(*serving, return_exceptions=True)
        if self._record is not None:
            self._record.flush()

    async def arrived(self, count: int) -> None:
        """Wait until *count* requests have come."""
        while len(self.exchanges) < count:
            self._news.clear()
            await self._news.wait()

    async def seen(self, count: int) -> None:
        """Wait until *count* requests have come, and the answers to all so far are over."""
        while len(self.exchanges) < count or any(e.ended is None for e in self.exchanges):
            self._news.clear()
            await self._news.wait()

    async def serve(self, peer: Peer) -> None:
        """Serve one connection until it ends."""
        self.connections += 1
        connection = _Connection(self.connections, peer)
        try:
            while exchange := await self._next(connection):
                self.exchanges.append(exchange)
                self._write(exchange, "received")
                self._news.set()
                reply = self.script(exchange.request)
                try:
                    await self._answer(peer, exchange, reply)
                finally:
                    exchange.ended = self._clock.monotonic()
                    self._write(exchange, "answered")
                    self._news.set()
                if reply.then != "keep":
                    break
        except (OSError, h11.RemoteProtocolError):
            peer.reset()  # the client broke off, or sent what is no HTTP
        finally:
            peer.close()

    async def _next(self, connection: _Connection) -> Exchange | None:
        """The next request of a connection; None at its end."""
        http = h11.Connection(h11.SERVER)
        raw, body, first_byte = b"", b"", 0.0
        while (event := http.next_event()) is not h11.PAUSED:
            if event is h11.NEED_DATA:
                data = connection.ahead or await connection.peer.read()
                connection.ahead = b""
                if not data:
                    return None
                first_byte = first_byte or self._clock.monotonic()
                raw += data
                http.receive_data(data)
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                break
        connection.ahead = http.trailing_data[0]
        head = raw[: raw.index(b"\r\n\r\n") + 4]
        request = parse_request(len(self.exchanges) + 1, body, self._attempts)
        now, wall = self._clock.monotonic(), self._clock.wall()
        return Exchange(request, head, body, connection.number, first_byte, now, wall)

    async def _answer(self, peer: Peer, exchange: Exchange, reply: Reply) -> None:
        await asyncio.sleep(reply.delay)
        wire = reply.wire(exchange.request)
        status_end = _end_of_status_line(wire)
        sent = 0
        for piece, pause in _pieces(wire, reply):
            await asyncio.sleep(pause)
            await peer.send(piece)
            sent += len(piece)
            if exchange.answered is None and 0 < status_end <= sent:
                exchange.answered = self._clock.monotonic()
                exchange.status = reply.status if reply.raw is None else None
        exchange.sent = True
        await _end(peer, reply)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = _TcpPeer(reader, writer)
        task = asyncio.create_task(self.serve(peer))
        self._serving[task] = peer
        task.add_done_callback(lambda done: self._serving.pop(done, None))

    def _write(self, exchange: Exchange, event: str) -> None:
        if self._record is None:
            return
        line = {
            "event": event,
            "number": exchange.request.number,
            "smsId": exchange.request.sms_id,
            "attempt": exchange.request.attempt,
            "connection": exchange.connection,
        }
        if event == "received":
            line |= {
                "first_byte": exchange.first_byte,
                "received": exchange.received,
                "wall": exchange.wall,
                "head": exchange.head.decode("latin-1"),
                "body": exchange.body.decode("latin-1"),
            }
        else:
            line |= {
                "status": exchange.status,
                "answered": exchange.answered,
                "ended": exchange.ended,
                "sent": exchange.sent,
            }
        self._record.write(json.dumps(line) + "\n")
        self._record.flush()


class _TcpPeer:
    """A `Peer` over asyncio's streams."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        # So that drain waits for the kernel. Under TLS, asyncio takes 0 for "never writable".
        writer.transport.set_write_buffer_limits(high=1, low=0)

    async def read(self) -> bytes:
        return await self._reader.read(65536)

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    def close(self) -> None:
        self._writer.close()

    def reset(self) -> None:
        linger_none = struct.pack("ii", 1, 0)
        sock = self._writer.get_extra_info("socket")
        with contextlib.suppress(OSError):  # already gone
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_none)
        self.drop()

    def drop(self) -> None:
        self._writer.transport.abort()


def _pieces(wire: bytes, reply: Reply) -> list[tuple[bytes, float]]:
    """What to send, each piece with the seconds to wait before it."""
    if reply.drip > 0:
        return [(wire[at : at + 1], reply.drip) for at in range(len(wire))]
    if reply.pause_after is not None:
        head, mark, rest = wire.partition(reply.pause_after.encode("latin-1"))
        return [(head + mark, 0.0), (rest, reply.pause)]
    return [(wire, 0.0)]


async def _end(peer: Peer, reply: Reply) -> None:
    match reply.then:
        case "reset":
            peer.reset()
        case "hang":
            while await peer.read():
                pass
        case "endless":
            while True:
                await peer.send(FILLER)
        case "close" | "keep":
            pass


def _end_of_status_line(wire: bytes) -> int:
    """Offset behind the status line of the final response; 0 where there is none."""
    at = 0
    while wire.startswith(b"HTTP/1.1 1", at):
        at = wire.find(b"\r\n\r\n", at) + 4
    return wire.find(b"\r\n", at) + 2 if wire.find(b"\r\n", at) >= 0 else 0


async def run(options: argparse.Namespace) -> None:
    """Serve until SIGTERM or SIGINT."""
    tls = None
    if options.cert:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(options.cert, options.key)
    partner = Partner(load_script(options.script, options.seed), options.record)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    print(await partner.start(options.port, tls, options.host), flush=True)
    await stop.wait()
    await partner.close()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m gsmbridge.farm.partner", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any that is free")
    parser.add_argument("--record", type=Path, help="append the record to this file")
    parser.add_argument("--script", default="ok", help=f"a YAML file, or {', '.join(NAMED)}")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cert", help="PEM certificate: serve https")
    parser.add_argument("--key", help="PEM key of the certificate")
    asyncio.run(run(parser.parse_args(arguments)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
