"""A TCP connection as the client sees it: bytes out, bytes in, TLS on top, gone at once."""

from __future__ import annotations

import asyncio
import select
import ssl
from typing import Protocol

BUFFER_LIMIT = 64 * 1024
"""Bytes held before the peer is made to wait."""


class Stream(Protocol):
    """An open connection."""

    async def read(self) -> bytes:
        """Bytes as they come, in pieces of any size; b"" at the end, also after `abort`.

        What came before an error is returned before the error (OSError) is raised.
        """

    def write(self, data: bytes) -> None:
        """Queue bytes. Never blocks; a failure shows in `read`."""

    async def start_tls(self, context: ssl.SSLContext, server_name: str) -> None:
        """Put TLS on top. OSError (ssl.SSLError among them) where that fails."""

    def quiet(self) -> bool:
        """It is open, and nothing has arrived that was not read."""

    def abort(self) -> None:
        """Close without waiting for anything."""


class TcpStream(asyncio.Protocol):
    """A `Stream` over an asyncio transport."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport
        self._buffer = bytearray()
        self._ended = False
        self._error: Exception | None = None
        self._news = asyncio.Event()

    async def read(self) -> bytes:
        while not self._buffer and not self._ended:
            self._news.clear()
            await self._news.wait()
        if self._buffer:
            data = bytes(self._buffer)
            self._buffer.clear()
            if not self._ended:
                self._transport.resume_reading()
            return data
        if self._error is not None:
            raise self._error
        return b""

    def write(self, data: bytes) -> None:
        self._transport.write(data)

    async def start_tls(self, context: ssl.SSLContext, server_name: str) -> None:
        if self._buffer:  # plain text must not pass for what came through TLS
            raise ConnectionAbortedError("the peer spoke before TLS began")
        transport = await asyncio.get_running_loop().start_tls(
            self._transport, self, context, server_hostname=server_name
        )
        if transport is None:  # lost at the end of the handshake
            raise ConnectionResetError("connection lost in the TLS handshake")
        self._transport = transport

    def quiet(self) -> bool:
        if self._buffer or self._ended or self._transport.is_closing():
            return False
        # The loop may not have come round to what the kernel already knows.
        poll = select.poll()
        poll.register(self._transport.get_extra_info("socket"), select.POLLIN)
        return not poll.poll(0)

    def abort(self) -> None:
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) > BUFFER_LIMIT:
            self._transport.pause_reading()
        self._news.set()

    def eof_received(self) -> None:
        self._ended = True
        self._news.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        self._error = exc
        self._news.set()
