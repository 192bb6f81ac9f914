"""The least that can stand in for the partner's server: notes when a request began, answers 200.

    python bench/sink.py RECORD [PORT]

The farm's own stand-in takes each request apart and keeps it, which costs a core of two at a few
hundred requests a second. RECORD gets a JSON line for each request: CLOCK_MONOTONIC of its first
byte and of the answer, number and text.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from typing import IO

LENGTH = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Connection(asyncio.Protocol):
    """One connection; whoever is on it waits for each answer before the next request."""

    def __init__(self, record: IO[str]) -> None:
        self._record = record
        self._heard = b""
        self._first_byte = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if not self._heard:
            self._first_byte = asyncio.get_running_loop().time()
        self._heard += data
        head, end, body = self._heard.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if end and length is not None and len(body) >= int(length[1]):
            self._heard = b""
            self._transport.write(ANSWER)
            push = json.loads(body)
            line = {
                "at": self._first_byte,
                "answered": asyncio.get_running_loop().time(),
                "phone": push["phone"],
                "text": push["text"],
            }
            self._record.write(json.dumps(line) + "\n")


async def main(record: str, port: int) -> None:
    with open(record, "a", buffering=1) as file:  # noqa: ASYNC230, PTH123
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Connection(file), "127.0.0.1", port, backlog=1024)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0))
