"""One AT exchange at a time, without I/O or time: bytes in; replies and unsolicited codes out.

A line belongs to the pending command if it is a final result, has a prefix that the command
declared, or is the PDU after such a line. Everything else is unsolicited, wherever it falls, or
the late reply of an earlier command, or noise. `_classify` decides, `_ACTIONS` says what follows:
nothing else moves the state.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise
from typing import ClassVar

from gsmbridge.at.command import Command, Prefixes, Reply, Urc, head_of
from gsmbridge.at.finals import Final, call_result, final_result
from gsmbridge.at.lines import PROMPT, LineBuffer
from gsmbridge.at.open_text import OpenText
from gsmbridge.at.pdu_lines import Header, Joined, Owner, PduLines, is_pdu_line
from gsmbridge.at.urcs import CHATTER, DEFAULT_URCS, WITH_PDU

REMEMBERED = 8
"""Earlier commands whose late replies are told apart."""

LONGEST_PREFIX = 40
"""Bytes that are looked at where a line may have been joined to the one before."""

_USUAL_FORM = re.compile(rb"[+^#!$*%_&][A-Z][A-Z0-9]* ?:", re.IGNORECASE)
_INNER_PREFIX = re.compile(rb"[+^#!$*%_&][A-Z][A-Z0-9]*(?: ERROR)? ?:", re.IGNORECASE)
_ECHO = re.compile(rb"A?T[+^#!$*%&][A-Z]|AT[EIVZ&D]?\d?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Send:
    """Bytes that the modem now waits for: the body of a command after its prompt."""

    data: bytes


Event = Reply | Urc | Send


class Kind(Enum):
    """What a line is, given the pending command."""

    PROMPT = auto()
    ECHO = auto()
    FINAL = auto()
    REPLY = auto()
    URC = auto()
    STRAY = auto()
    PDU = auto()
    TEXT = auto()
    NOISE = auto()


class Exchange:
    """The state of one channel: at most one pending command, and what earlier ones still owe."""

    def __init__(
        self, urcs: tuple[bytes, ...] = DEFAULT_URCS, finals: tuple[bytes, ...] = ()
    ) -> None:
        self._lines = LineBuffer()
        self._pdus = PduLines()
        self._text = OpenText()
        self._urcs = Prefixes()
        self._finals: tuple[bytes, ...] = ()
        self.learn(CHATTER + urcs, finals)
        self._command: Command | None = None
        self._echo = b""  # the pending command in upper case
        self._reply: list[bytes] = []
        self._early: bytes | None = None  # a final result that came ahead of its reply line
        self._short: Urc | None = None  # its PDU is not all there yet
        self._ended: deque[Command] = deque(maxlen=REMEMBERED)
        self._abandoned: deque[Command] = deque(maxlen=REMEMBERED)
        self._late: Command | None = None  # the abandoned command whose late reply is passing by
        self._events: list[Event] = []
        self.owed = 0
        """Final results that may still come for commands already given up."""
        self.strays = 0
        """Lines of late replies, final results that nobody waited for, prompts: signs that
        commands and replies may be out of step."""
        self.progress = 0
        """Grows with every sign that the pending reply is flowing."""
        self._noise = 0

    @property
    def noise(self) -> int:
        """Lines that meant nothing, endless ones included."""
        return self._noise + self._lines.cut

    @property
    def provisional(self) -> bool:
        """The reply is whole but for a final result that may never come: silence ends it."""
        if self._command is None or not self._reply:
            return False
        return self._early is not None or self._command.lenient

    def learn(self, urcs: tuple[bytes, ...] = (), finals: tuple[bytes, ...] = ()) -> None:
        """Know further unsolicited codes and final results."""
        self._urcs.add(urcs)
        self._finals += tuple(final for final in finals if final not in self._finals)

    def begin(self, command: Command) -> bytes:
        """Make *command* the pending one: the bytes to send."""
        assert self._command is None, "one command at a time"
        self._command = command
        self._reply = []
        self._early = None
        self._pdus.drop(Owner.REPLY)
        text = command.text.encode("ascii")
        self._echo = text.upper()
        return text + b"\r"

    def receive(self, data: bytes) -> list[Event]:
        """What *data* completes, in order. Never raises, whatever the bytes."""
        for line in self._lines.feed(data):
            parts = self._separate(line)
            for part, following in pairwise(parts):
                if self._is_marker(part, following):
                    self._early = part
                elif part:
                    self._take(part)
            if parts[-1]:
                self._take(parts[-1])
        if self._flows(self._lines.rest):
            self.progress += 1
        events, self._events = self._events, []
        return events

    def abandon(self) -> Reply | None:
        """Give the pending command up; its reply, where one came whole but for its end."""
        command = self._command
        if command is None:
            return None
        if self.provisional:
            return self._finish(self._early or b"")
        self._command = None
        self._pdus.disown()
        self._abandoned.append(command)
        self._late = command if self._reply else None
        self.owed += 1
        return None

    def settle(self) -> None:
        """Step is regained: nothing is owed any more."""
        self.owed = 0
        self._late = None
        self._pdus.drop(Owner.STRAY)

    # Lines

    def _separate(self, line: bytes) -> list[bytes]:
        """Cut a line in which a line end was lost: after an echo, a final result or a value."""
        line = self._without_echo(line)
        parts = []
        start = 0
        for match in _INNER_PREFIX.finditer(line, 1):
            at = match.start()
            quoted = line.count(b'"', start, at) % 2
            if not quoted and self._stands_alone(line[at : at + LONGEST_PREFIX]):
                parts.append(line[start:at].strip())
                start = at
        return [*parts, line[start:]]

    def _without_echo(self, line: bytes) -> bytes:
        """*line* without the pending command at its end, if anything stands in front of it."""
        echo = self._echo
        if self._command is None or len(echo) <= len("ATI"):
            return line
        while len(line) > len(echo) and line.upper().endswith(echo):
            line = line[: -len(echo)].strip()
        return line

    def _stands_alone(self, tail: bytes) -> bool:
        """Whether *tail* could begin a line of its own."""
        return (
            tail.upper().startswith((b"+CME ERROR", b"+CMS ERROR"))
            or (self._command is not None and self._command.owns(tail))
            or self._urcs.match(tail)
        )

    def _is_marker(self, part: bytes, following: bytes) -> bool:
        """`ERROR+CNUM: ...`: Huawei marks a line that it could not convert with an error in front
        of it and goes on. That error ends the reply only if no other final result comes."""
        command = self._command
        if command is None or not following:
            return False
        return command.owns(following) and self._final(part) is not None

    def _take(self, line: bytes) -> None:
        joined = self._pdus.continues(line)
        if joined is not None:
            self._on_joined(joined)
            return
        if self._short is not None:
            self._events.append(self._short)
            self._short = None
        overdue = self._pdus.overdue()
        if overdue is not None:
            self._events.append(Urc(overdue.line))
        kind = self._classify(line)
        if self._text and kind is not Kind.TEXT:
            self._events.append(Urc(self._text.cut()))
        self._ACTIONS[kind](self, line)

    def _on_joined(self, joined: Joined) -> None:
        if joined.header.owner is Owner.REPLY:
            self._reply[-1] = joined.pdu
            self.progress += 1
        elif joined.header.owner is Owner.URC and self._short is not None:
            self._short = Urc(joined.header.line, joined.pdu)
            if not joined.header.short(joined.pdu):
                self._events.append(self._short)
                self._short = None

    def _classify(self, line: bytes) -> Kind:
        command = self._command
        if line == PROMPT:
            return Kind.PROMPT
        if _ECHO.match(line) or (command and line.upper() == self._echo):
            return Kind.ECHO
        if self._final(line):
            return Kind.FINAL
        if command is not None and command.owns(line):
            return Kind.REPLY
        if self._urcs.match(line):
            return Kind.URC
        if self._former(line):
            return Kind.STRAY
        if self._pdus.expects(line, bare=command is not None and command.bare):
            return Kind.PDU
        if self._text:
            return Kind.TEXT
        if _USUAL_FORM.match(line):
            return Kind.URC
        return Kind.REPLY if command is not None and command.bare else Kind.NOISE

    def _final(self, line: bytes) -> Final | None:
        dialling = self._command is not None and self._echo.startswith((b"ATD", b"ATA"))
        return final_result(line, self._finals) or (call_result(line) if dialling else None)

    def _former(self, line: bytes) -> Command | None:
        """The latest earlier command that declared this line's prefix, abandoned ones first."""
        if is_pdu_line(line):
            return None
        for commands in (self._abandoned, self._ended):
            for command in reversed(commands):
                if command.owns(line):
                    return command
        return None

    def _flows(self, rest: bytes) -> bool:
        """Whether the unfinished line looks like one of the pending reply."""
        command = self._command
        if command is None or not rest:
            return False
        return command.owns(rest) or (command.pdu and is_pdu_line(rest))

    # What follows

    def _on_prompt(self, line: bytes) -> None:
        if self._command is not None and self._command.body:
            self._events.append(Send(self._command.body))
        else:
            self.strays += 1

    def _on_echo(self, line: bytes) -> None:
        pass

    def _on_final(self, line: bytes) -> None:
        if self._late is not None:
            self._abandoned.remove(self._late)
            self._late = None
            self._stray_final()
        elif self._command is None:
            self._stray_final()
        elif self._command.required and line == b"OK" and not self._reply:
            self._early = line
            self._stray_final()
        else:
            self._events.append(self._finish(line))

    def _on_reply(self, line: bytes) -> None:
        assert self._command is not None
        twin = bool(self._reply) and self._urcs.match(line)
        self._late = None
        self._reply.append(line)
        self.progress += 1
        if self._command.pdu and self._command.owns(line):
            self._pdus.drop(Owner.STRAY)
            self._pdus.announce(Header(Owner.REPLY, line))
        if twin:
            self._events.append(Urc(line))

    def _on_urc(self, line: bytes) -> None:
        if head_of(line) in WITH_PDU:
            unserved = self._pdus.announce(Header(Owner.URC, line))
            if unserved is not None:
                self._events.append(Urc(unserved.line))
        elif not self._text.opens(line):
            self._events.append(Urc(line))

    def _on_stray(self, line: bytes) -> None:
        former = self._former(line)
        assert former is not None
        self.strays += 1
        self._noise += 1
        if former in self._abandoned:
            self._late = former
        if former.pdu:
            self._pdus.announce(Header(Owner.STRAY, line))

    def _on_pdu(self, line: bytes) -> None:
        header = self._pdus.assign(line)
        if header.owner is Owner.REPLY:
            self._reply.append(line)
            self.progress += 1
        elif header.owner is Owner.URC and header.short(line):
            self._short = Urc(header.line, line)
        elif header.owner is Owner.URC:
            self._events.append(Urc(header.line, line))

    def _on_text(self, line: bytes) -> None:
        whole = self._text.add(line)
        if whole is not None:
            self._events.append(Urc(whole))

    def _finish(self, line: bytes) -> Reply:
        command, lines = self._command, tuple(self._reply)
        assert command is not None
        final = self._final(line) or Final(ok=True)
        self._command = None
        self._pdus.drop(Owner.REPLY)
        if command.prefixes:
            self._ended.append(command)
        return Reply(command, lines, line, final.ok, final.cme, final.cms)

    def _stray_final(self) -> None:
        self.owed = max(0, self.owed - 1)
        self.strays += 1
        self._noise += 1

    def _on_noise(self, line: bytes) -> None:
        self._noise += 1

    _ACTIONS: ClassVar[dict[Kind, Callable[[Exchange, bytes], None]]] = {
        Kind.PROMPT: _on_prompt,
        Kind.ECHO: _on_echo,
        Kind.FINAL: _on_final,
        Kind.REPLY: _on_reply,
        Kind.URC: _on_urc,
        Kind.STRAY: _on_stray,
        Kind.PDU: _on_pdu,
        Kind.TEXT: _on_text,
        Kind.NOISE: _on_noise,
    }
