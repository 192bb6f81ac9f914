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
from pathlib import Path
from typing import Protocol, TextIO

import h11

from gsmbridge.clock import Clock, SystemClock
from gsmbridge.farm.partner_script import NAMED, Reply, Script, load_script, parse_request
from gsmbridge.farm.partner_wire import Arrived, Exchange, RequestReader, pieces

__all__ = ["Exchange", "Partner"]

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
        number, reader = self.connections, RequestReader()
        try:
            while data := await peer.read():
                for arrived in reader.feed(data, self._clock.monotonic()):
                    reply = await self._exchange(peer, self._note(arrived, number))
                    if reply.then != "keep":
                        return
        except (OSError, h11.RemoteProtocolError):
            peer.reset()  # the client broke off, or sent what is no HTTP
        finally:
            peer.close()

    def _note(self, arrived: Arrived, connection: int) -> Exchange:
        request = parse_request(len(self.exchanges) + 1, arrived.body, self._attempts)
        now, wall = self._clock.monotonic(), self._clock.wall()
        exchange = Exchange(
            request, arrived.head, arrived.body, connection, arrived.first_byte, now, wall
        )
        self.exchanges.append(exchange)
        self._write(exchange, "received")
        self._news.set()
        return exchange

    async def _exchange(self, peer: Peer, exchange: Exchange) -> Reply:
        """Answer one request."""
        reply = self.script(exchange.request)
        try:
            for piece in pieces(reply, exchange.request):
                await asyncio.sleep(piece.pause)
                await peer.send(piece.data)
                if piece.status is not None:
                    exchange.status, exchange.answered = piece.status, self._clock.monotonic()
            exchange.sent = True
            await _end(peer, reply)
        finally:
            exchange.ended = self._clock.monotonic()
            self._write(exchange, "answered")
            self._news.set()
        return reply

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
