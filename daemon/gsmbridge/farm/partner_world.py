"""The stand-in for the partner's server in simulated time: the same scripts, the same record.

It belongs to the world, not to the daemon: a crash of the daemon takes its connections, and what
the server had received by then stays received.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from enum import StrEnum
from math import inf

import h11

from gsmbridge.clock import Clock
from gsmbridge.errors import PartnerError
from gsmbridge.farm.partner_script import NAMED, Script, parse_request
from gsmbridge.farm.partner_wire import Exchange, Piece, RequestReader, pieces
from gsmbridge.farm.virtual import VirtualLoop
from gsmbridge.farm.world import Scheduler


class Line(StrEnum):
    """The way to the server."""

    UP = "up"
    REFUSING = "refusing"
    """Nobody listens there."""
    NO_NAME = "no name"
    """Its name is not found."""
    TLS = "tls"
    """It is reached, and TLS fails: a certificate that does not fit, or too old a version."""
    DEAD = "dead"
    """Whatever is sent vanishes."""


class SimulatedPartner:
    """The server. `connect` is what a `Client` opens its connections with."""

    def __init__(
        self,
        scheduler: Scheduler,
        clock: Clock,
        script: Script | None = None,
        latency: Callable[[], float] = lambda: 0.001,
    ) -> None:
        self.script: Script = script or (lambda _: NAMED["ok"])
        """May be exchanged at any time."""
        self.line = Line.UP
        """May change at any time; DEAD also swallows what is under way."""
        self.keep_alive = inf
        """Seconds after which the server closes a connection that lies idle."""
        self.exchanges: list[Exchange] = []
        self.connections = 0
        self.scheduler = scheduler
        self.latency = latency
        """Seconds that bytes need in one direction; asked for each piece."""
        self._clock = clock
        self._attempts: dict[int, int] = {}

    async def connect(self, host: str, port: int) -> SimulatedStream:
        """Open a connection, as `onlinesim.client.Connect`. ConnectionRefusedError."""
        await asyncio.sleep(2 * self.latency())
        if self.line is Line.DEAD:
            await asyncio.Event().wait()
        if self.line is Line.REFUSING:
            raise ConnectionRefusedError("connection refused")
        if self.line is Line.NO_NAME:
            raise PartnerError("dns", f"look-up of {host} failed: not found")
        if self.line is Line.TLS:
            raise PartnerError("tls", f"{host}: certificate refused: certificate has expired")
        self.connections += 1
        stream = SimulatedStream(_Connection(self, self.connections))
        loop = asyncio.get_running_loop()
        if isinstance(loop, VirtualLoop):
            loop.exit_actions.append(stream.abort)
        return stream

    def note(self, reader: RequestReader, data: bytes, connection: int) -> list[Exchange]:
        """Record the requests that *data* completes."""
        exchanges = []
        for arrived in reader.feed(data, self._clock.monotonic()):
            request = parse_request(len(self.exchanges) + 1, arrived.body, self._attempts)
            now, wall = self._clock.monotonic(), self._clock.wall()
            exchange = Exchange(
                request, arrived.head, arrived.body, connection, arrived.first_byte, now, wall
            )
            self.exchanges.append(exchange)
            exchanges.append(exchange)
        return exchanges

    def went_out(self, exchange: Exchange, piece: Piece) -> None:
        """Record that *piece* of the answer was sent."""
        if piece.status is not None:
            exchange.status, exchange.answered = piece.status, self._clock.monotonic()

    def over(self, exchange: Exchange, sent: bool) -> None:
        """Record the end of an exchange."""
        if exchange.ended is None:
            exchange.sent, exchange.ended = sent, self._clock.monotonic()


class SimulatedStream:
    """The daemon's end of a connection: an `onlinesim.stream.Stream`."""

    def __init__(self, far: _Connection) -> None:
        self._far = far
        far.near = self
        self._buffer = bytearray()
        self._ended = False
        self._error: OSError | None = None
        self._news = asyncio.Event()

    async def read(self) -> bytes:
        while not self._buffer and not self._ended:
            self._news.clear()
            await self._news.wait()
        if self._buffer:
            data = bytes(self._buffer)
            self._buffer.clear()
            return data
        if self._error is not None:
            raise self._error
        return b""

    def write(self, data: bytes) -> None:
        if not self._ended:
            self._far.send_up(lambda: self._far.receive(data))

    async def start_tls(self, context: ssl.SSLContext, server_name: str) -> None:
        raise ConnectionResetError("the simulated server speaks no TLS")

    def quiet(self) -> bool:
        return not self._buffer and not self._ended

    def abort(self) -> None:
        """Also what the kernel does when the daemon's process ends."""
        if not self._ended:
            self.arrive(b"", None)
            self._far.send_up(self._far.hang_up)

    def arrive(self, data: bytes, error: OSError | None = None) -> None:
        """Bytes from the server; b"" is the end of the connection, by *error* or in order."""
        if self._ended:
            return
        self._buffer += data
        if not data:
            self._ended, self._error = True, error
        self._news.set()


class _Connection:
    """The server's end."""

    def __init__(self, partner: SimulatedPartner, number: int) -> None:
        self.near: SimulatedStream
        self._partner = partner
        self._number = number
        self._reader = RequestReader()
        self._open = True
        self._current: Exchange | None = None
        self._last = 0
        self._free_up = self._free_down = 0.0

    def send_up(self, action: Callable[[], object]) -> None:
        """To the server, after all that was sent before."""
        self._free_up = self._travel(self._free_up, action)

    def _send_down(self, action: Callable[[], object]) -> None:
        self._free_down = self._travel(self._free_down, action)

    def _travel(self, not_before: float, action: Callable[[], object]) -> float:
        """On its way: *action* at the other end, unless the line is dead by then."""

        def arrive() -> None:
            if self._partner.line is not Line.DEAD:
                action()

        now = self._partner.scheduler.now
        arrival = max(now + self._partner.latency(), not_before)
        self._partner.scheduler.call_later(arrival - now, arrive)
        return arrival

    def receive(self, data: bytes) -> None:
        if not self._open:
            return
        try:
            exchanges = self._partner.note(self._reader, data, self._number)
        except h11.RemoteProtocolError:
            self._close(ConnectionResetError("connection reset"))
            return
        for exchange in exchanges:  # one: the client never sends ahead
            self._current, self._last = exchange, exchange.request.number
            reply = self._partner.script(exchange.request)
            self._answer(exchange, pieces(reply, exchange.request), reply.then)

    def _answer(self, exchange: Exchange, left: list[Piece], then: str) -> None:
        """Send the pieces that are left, each in its time."""
        if not left:
            self._end(exchange, then)
            return
        piece, rest = left[0], left[1:]

        def send() -> None:
            if not self._open:
                return
            if piece.data:
                self._send_down(lambda: self.near.arrive(piece.data))
            self._partner.went_out(exchange, piece)
            self._answer(exchange, rest, then)

        self._partner.scheduler.call_later(piece.pause, send)

    def _end(self, exchange: Exchange, then: str) -> None:
        if then in ("hang", "endless"):  # filler would say no more than silence does
            return
        self._partner.over(exchange, sent=True)
        self._current = None
        if then == "keep" and self._partner.keep_alive < inf:
            number = exchange.request.number
            self._partner.scheduler.call_later(
                self._partner.keep_alive, lambda: self._close_idle(number)
            )
        if then == "close":
            self._close(None)
        elif then == "reset":
            self._close(ConnectionResetError("connection reset"))

    def _close_idle(self, number: int) -> None:
        if self._open and self._current is None and self._last == number:
            self._close(None)

    def _close(self, error: OSError | None) -> None:
        self._open = False
        self._send_down(lambda: self.near.arrive(b"", error))

    def hang_up(self) -> None:
        """The client is gone."""
        self._open = False
        if self._current is not None:
            self._partner.over(self._current, sent=False)
