"""The socket between the running daemon and the commands.

One JSON document per line each way. A request is `{"command": ..., ...}`; it carries the journal's
path, since a socket found may belong to a daemon that works on another journal. An answer is what
docs/json.md shows, or `{"error": ...}`.
"""

from __future__ import annotations

import asyncio
import grp
import json
import os
import socket
import stat
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from gsmbridge.errors import GsmbridgeError
from gsmbridge.service.ask import GROUP, OTHER_JOURNAL, Document, address, ask, socket_path

__all__ = ["ControlServer", "Document", "ask", "socket_path"]

Handle = Callable[[Document], Awaitable[Document]]

LONGEST_REQUEST = 256 * 1024
MOST_CONNECTIONS = 64
_PATIENCE = 30.0  # seconds for a client to send a line or to take an answer


class ControlServer:
    """Answers requests on a socket: 0660, for group gsmbridge where there is one.

    *handle* gets each request and gives its answer; a GsmbridgeError of it is answered as such.
    Requests that name another journal than *journal*, where given, never reach it.
    """

    def __init__(self, path: Path, handle: Handle, journal: str | None = None) -> None:
        self._path = path
        self._handle = handle
        self._journal = journal and os.path.realpath(journal)
        self._server: asyncio.Server | None = None
        self._clients: dict[asyncio.StreamWriter, None] = {}

    async def start(self) -> None:
        """Listen. A stale socket is replaced; GsmbridgeError where a living one is in the way."""
        self._server = await asyncio.start_unix_server(
            self._serve, sock=_listening(self._path), limit=LONGEST_REQUEST
        )

    async def close(self) -> None:
        """Stop listening, hang up, remove the socket."""
        if self._server is None:
            return
        self._server.close()
        for client in list(self._clients):
            client.close()
        self._server = None
        with suppress(OSError):  # its folder may be gone already
            self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._clients) >= MOST_CONNECTIONS:
            writer.close()
            return
        self._clients[writer] = None
        try:
            while await self._serve_line(reader, writer):
                pass
        except (OSError, TimeoutError):
            pass  # the client hung up or sleeps: nobody is left to be told
        finally:
            del self._clients[writer]
            writer.close()

    async def _serve_line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; False when there will be no more."""
        more = True
        try:
            async with asyncio.timeout(_PATIENCE):
                line = await reader.readline()
            if not line:
                return False
            answer = await self._answer(line)
        except ValueError:  # StreamReader's word for a line over its limit
            answer, more = {"error": "the request is too long"}, False
        writer.write(json.dumps(answer).encode() + b"\n")
        async with asyncio.timeout(_PATIENCE):
            await writer.drain()
        return more

    async def _answer(self, line: bytes) -> Document:
        try:
            request = json.loads(line)
        except (ValueError, RecursionError):
            return {"error": "the request is no JSON document"}
        if not isinstance(request, dict) or not isinstance(request.get("command"), str):
            return {"error": "the request names no command"}
        journal = request.pop("journal", None)
        if self._journal is not None and journal not in (None, self._journal):
            return {"error": OTHER_JOURNAL}
        try:
            return await self._handle(request)
        except GsmbridgeError as error:
            return {"error": str(error)}


def _listening(path: Path) -> socket.socket:
    server = socket.socket(socket.AF_UNIX)
    try:
        _remove_stale(path)
        before = os.umask(0o117)  # 0660 from the first moment on
        try:
            with address(path) as where:
                server.bind(where)
        finally:
            os.umask(before)
        _give_to_group(path)
        server.listen(MOST_CONNECTIONS)
    except OSError as error:
        server.close()
        hint = "its folder must be the service's own"
        raise GsmbridgeError(f"{path}: {error.strerror or error}", hint) from None
    except GsmbridgeError:
        server.close()
        raise
    return server


def _remove_stale(path: Path) -> None:
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise GsmbridgeError(f"{path} is no socket", "move it away")
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX) as probe:
        probe.setblocking(False)
        try:
            with address(path) as where:
                probe.connect(where)
        except ConnectionRefusedError:
            path.unlink()
            return
        except BlockingIOError:
            pass  # alive: its queue is full
    raise GsmbridgeError(f"{path}: another gsmbridge listens there", "stop it first")


def _give_to_group(path: Path) -> None:
    # no such group, or not ours to give: the socket stays with the service's own group
    with suppress(KeyError, PermissionError):
        os.chown(path, -1, grp.getgrnam(GROUP).gr_gid)
