"""Where events go: plain lines on stdout, or the journal's native protocol, and counters."""

from __future__ import annotations

import logging
import os
import select
import socket
import struct
from collections import Counter
from collections.abc import Mapping
from typing import Protocol

from gsmbridge.errors import describe
from gsmbridge.events import Kind, Level
from gsmbridge.printable import printable

JOURNAL_SOCKET = "/run/systemd/journal/socket"
LONGEST_LINE = 4096
"""Bytes: a pipe that is writable takes PIPE_BUF bytes without blocking (pipe(7))."""

CONTENT = ("text", "pdu")
"""Fields with what was sent: only with show_text."""

LIBRARY = Kind("library", Level.WARNING, "5f6c1f7d0a5e4f0fb8c2a5d3b1c94e27", "{logger}: {problem}")
LINES_LOST = Kind(
    "log_lines_lost", Level.WARNING, "c1a83d5b7e1d4b7f8f7c0a2e64d9b3f5", "{count} log lines lost"
)
KINDS = (LIBRARY, LINES_LOST)

_FIELD_NAMES = {"status": "HTTP_STATUS"}
_RESERVED = ("MESSAGE", "PRIORITY", "MESSAGE_ID", "EVENT", "SYSLOG_IDENTIFIER")


class Sink(Protocol):
    """A place for events. False: it could not be told now, without blocking."""

    def tell(self, kind: Kind, line: str, fields: Mapping[str, object]) -> bool: ...


class Lines:
    """Plain lines on a descriptor; `<N>` in front where journald reads them as a stream."""

    def __init__(self, fd: int, priorities: bool = False) -> None:
        self._fd = fd
        self._priorities = priorities
        self._torn = False

    def tell(self, kind: Kind, line: str, fields: Mapping[str, object]) -> bool:
        text = f"<{kind.level:d}>{line}" if self._priorities else line
        data = text.encode("utf-8", "backslashreplace")
        if len(data) >= LONGEST_LINE:
            data = data[: LONGEST_LINE - 8].decode("utf-8", "ignore").encode() + "…".encode()
        return self._write(b"\n" * self._torn + data + b"\n")

    def _write(self, data: bytes) -> bool:
        try:
            writable = select.poll()
            writable.register(self._fd, select.POLLOUT)
            if not writable.poll(0):
                return False
            written = os.write(self._fd, data)
        except OSError:  # closed, full disk, broken pipe: the daemon goes on
            return False
        self._torn = written < len(data)
        return not self._torn


class Journald:
    """The journal's native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL), else *fallback*."""

    def __init__(self, fallback: Sink, path: str = JOURNAL_SOCKET) -> None:
        self._fallback = fallback
        self._path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def tell(self, kind: Kind, line: str, fields: Mapping[str, object]) -> bool:
        try:
            self._socket.sendto(datagram(kind, line, fields), self._path)
        except OSError:  # journald is restarting, its queue is full, or the entry is too long
            return self._fallback.tell(kind, line, fields)
        return True


def datagram(kind: Kind, line: str, fields: Mapping[str, object]) -> bytes:
    """One entry as journald takes it. Every value is framed by its length, so that no content
    can begin a field of its own."""
    entry: dict[str, object] = {
        "MESSAGE": line,
        "PRIORITY": int(kind.level),
        "MESSAGE_ID": kind.message_id,
        "EVENT": kind.name,
        "SYSLOG_IDENTIFIER": "gsmbridge",
    }
    for name, value in fields.items():
        field = _FIELD_NAMES.get(name, name.upper())
        if value is not None and field not in _RESERVED:
            entry[field] = value
    return b"".join(_framed(name, value) for name, value in entry.items())


def _framed(name: str, value: object) -> bytes:
    data = str(value).encode("utf-8", "backslashreplace")
    return name.encode("ascii") + b"\n" + struct.pack("<Q", len(data)) + data + b"\n"


class _Fields(dict[str, object]):
    """Fields for a template: one that is missing shows as a dash."""

    def __missing__(self, name: str) -> str:
        return "-"


class EventLog:
    """Events as log lines and counters. Never raises, never blocks."""

    def __init__(self, sink: Sink, level: Level = Level.INFO, show_text: bool = False) -> None:
        self._sink = sink
        self._level = level
        self._show_text = show_text
        self._lost = 0
        self.counts: Counter[str] = Counter()
        """Events so far by kind, those below the level too."""
        self.lost = 0
        """Lines that could not be written, since the start."""

    def configure(self, level: Level, show_text: bool) -> None:
        """Take over changed settings."""
        self._level = level
        self._show_text = show_text

    def emit(self, kind: Kind, /, **fields: object) -> None:
        self.counts[kind.name] += 1
        if kind.level > self._level:
            return
        if not self._show_text:
            fields = {name: value for name, value in fields.items() if name not in CONTENT}
        if self._lost and self._tell(LINES_LOST, {"count": self._lost}):
            self._lost = 0
        if not self._tell(kind, fields):
            self._lost += 1
            self.lost += 1

    def _tell(self, kind: Kind, fields: Mapping[str, object]) -> bool:
        return self._sink.tell(kind, line_of(kind, fields), fields)


def line_of(kind: Kind, fields: Mapping[str, object]) -> str:
    """The line for people, safe to print whatever the fields hold."""
    safe = _Fields((name, _safe(value)) for name, value in fields.items())
    try:
        return printable(kind.template.format_map(safe))
    except (ValueError, TypeError, LookupError, AttributeError):  # a value the template can't take
        return " ".join([kind.name, *(f"{name}={value}" for name, value in safe.items())])


def _safe(value: object) -> object:
    if value is None:
        return "-"
    return value if isinstance(value, int | float) else printable(str(value))


def open_log(environ: Mapping[str, str], level: Level, show_text: bool) -> EventLog:
    """The log of this process: native where stdout is the journal's stream, else lines."""
    if not _is_journal_stream(environ.get("JOURNAL_STREAM", ""), 1):
        return EventLog(Lines(1), level, show_text)
    return EventLog(Journald(Lines(1, priorities=True)), level, show_text)


def _is_journal_stream(stream: str, fd: int) -> bool:
    """JOURNAL_STREAM is inherited: it counts only where it names the descriptor (systemd.exec)."""
    try:
        status = os.fstat(fd)
    except OSError:
        return False
    return stream == f"{status.st_dev}:{status.st_ino}"


def level_of(name: str) -> Level:
    """The level that the config's word names."""
    return Level[name.upper()]


class LibraryHandler(logging.Handler):
    """What libraries, asyncio above all, tell through `logging`, as events of one line."""

    def __init__(self, log: EventLog) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        level = Level.ERROR if record.levelno >= logging.ERROR else Level.WARNING
        kind = Kind(LIBRARY.name, level, LIBRARY.message_id, LIBRARY.template)
        self._log.emit(kind, logger=record.name, problem=_problem(record))


def _problem(record: logging.LogRecord) -> str:
    """The message's first line, up to where asyncio quotes a callback's arguments, and what was
    raised where: neither the error's text nor a value (I8)."""
    told = record.getMessage().partition("\n")[0]
    error = record.exc_info[1] if record.exc_info else None
    return told if error is None else f"{told.partition('(')[0]} ({describe(error)})"
