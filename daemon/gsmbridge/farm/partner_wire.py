"""The server's side of the wire without I/O: requests out of bytes, and what is kept of each."""

from __future__ import annotations

from dataclasses import dataclass

import h11

from gsmbridge.farm.partner_script import Reply, Request


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


@dataclass(frozen=True, slots=True)
class Arrived:
    """A request as it came over the wire."""

    head: bytes
    body: bytes
    first_byte: float


class RequestReader:
    """The requests of one connection, out of its bytes."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._http = h11.Connection(h11.SERVER)
        self._raw = bytearray()
        self._body = bytearray()
        self._first_byte: float | None = None

    def feed(self, data: bytes, now: float) -> list[Arrived]:
        """The requests that *data* completes. h11.RemoteProtocolError where it is no HTTP."""
        arrived = []
        while data:
            if self._first_byte is None:
                self._first_byte = now
            self._raw += data
            self._http.receive_data(data)
            if not self._ended():
                break
            data = self._http.trailing_data[0]
            head, _, _ = bytes(self._raw).partition(b"\r\n\r\n")
            arrived.append(Arrived(head + b"\r\n\r\n", bytes(self._body), self._first_byte))
            self._begin()
        return arrived

    def _ended(self) -> bool:
        while (event := self._http.next_event()) is not h11.NEED_DATA:
            if isinstance(event, h11.Data):
                self._body += event.data
            elif isinstance(event, h11.EndOfMessage):
                return True
        return False


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a reply: *data* after *pause* seconds."""

    data: bytes
    pause: float
    status: int | None = None
    """The status whose line is complete with this piece."""


def pieces(reply: Reply, request: Request) -> list[Piece]:
    """What is sent to *request*, one piece after another."""
    wire = reply.wire(request)
    cuts = [(wire, reply.delay)]
    if reply.drip > 0:
        cuts = [(wire[at : at + 1], reply.drip) for at in range(len(wire))]
        cuts.insert(0, (b"", reply.delay))
    elif reply.pause_after is not None:
        head, mark, rest = wire.partition(reply.pause_after.encode("latin-1"))
        cuts = [(head + mark, reply.delay), (rest, reply.pause)]
    status_end = 0 if reply.raw is not None else _end_of_status_line(wire)
    result, sent = [], 0
    for data, pause in cuts:
        completes = sent < status_end <= sent + len(data)
        result.append(Piece(data, pause, reply.status if completes else None))
        sent += len(data)
    return result


def _end_of_status_line(wire: bytes) -> int:
    """Offset behind the status line of the final response; 0 where there is none."""
    at = 0
    while wire.startswith(b"HTTP/1.1 1", at):
        at = wire.index(b"\r\n\r\n", at) + 4 if b"\r\n\r\n" in wire[at:] else len(wire)
    return wire.find(b"\r\n", at) + 2 if b"\r\n" in wire[at:] else 0
