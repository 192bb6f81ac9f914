"""The command side of a simulated modem: octets become commands, one runs at a time."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from gsmbridge.farm import commands

if TYPE_CHECKING:
    from gsmbridge.farm.modem import ModemModel

QUEUED_COMMANDS = 16
LONGEST_COMMAND = 1024
STOP = re.compile(rb"[\r\x1a\x1b]")
"""What ends a line: CR a command, Ctrl-Z and ESC a PDU (27.005, 3.5.1)."""

Hook = Callable[[str], None]


class Dialogue:
    """Hears commands, has them answered after their time, and says the answers by *send*."""

    def __init__(self, modem: ModemModel, send: Callable[[str], None]) -> None:
        self.before: list[Hook] = []
        """Called with each command just before it takes effect."""
        self.after: list[Hook] = []
        """Called just after, before it is answered: what must fall between two commands."""
        self._modem = modem
        self._send = send
        self._prompt: commands.Prompt | None = None
        self._heard = b""
        self._unheard = b""
        self._running = False
        self._queue: deque[str] = deque()

    def reset(self) -> None:
        """Forget what was asked: the power went."""
        self._prompt = None
        self._heard = self._unheard = b""
        self._running = False
        self._queue.clear()

    def receive(self, data: bytes) -> None:
        """Octets from the host."""
        if self._modem.trouble.hang and not self._revived(data):
            return
        self._heard += data
        while match := STOP.search(self._heard):
            text, self._heard = self._heard[: match.start()], self._heard[match.end() :]
            self._hear_line(text.decode("latin-1"), match[0].decode())
        self._heard = self._heard[-LONGEST_COMMAND:]

    def _revived(self, data: bytes) -> bool:
        """Whether *data* ends a hang; what doesn't is lost, or kept to be answered late."""
        trouble = self._modem.trouble
        if trouble.revive == "esc" and b"\x1b" in data:
            self.recover()
            return True
        if trouble.revive == "cfun" and b"CFUN=1,1" in data.upper():
            self._modem.reboot()
        elif trouble.late:
            self._unheard = (self._unheard + data)[:LONGEST_COMMAND]
        return False

    def recover(self) -> None:
        """A hang ends; what was kept is answered now."""
        self._modem.trouble.hang = False
        heard, self._unheard = self._unheard, b""
        if heard:
            self.receive(heard)

    def stick(self) -> None:
        """Wait for a PDU behind "> " that nobody means to send."""
        self._prompt = lambda _: ("+CMS ERROR: 304",)
        self.reply(("> ",))

    def _hear_line(self, text: str, stop: str) -> None:
        if self._modem.settings.echo:
            self._send(text + stop)
        if stop == "\x1b":
            if self._prompt:
                self._prompt = None
                self.reply(("OK",))
        elif self._prompt:
            if stop == "\x1a":
                prompt, self._prompt = self._prompt, None
                self.reply(prompt(text.strip()))
        elif stop == "\r" and (command := text.strip("\n\0 "))[:2].upper() == "AT":
            self._hear_command(command)

    def _hear_command(self, command: str) -> None:
        if command[2:].upper().startswith(self._modem.personality.mute):
            return
        if not self._running:
            self._run(command)
        elif not self._modem.personality.drops_when_busy and len(self._queue) < QUEUED_COMMANDS:
            self._queue.append(command)

    def _run(self, command: str) -> None:
        self._running = True
        latency = self._modem.personality.latency
        name = command[2:].upper()
        known = [begin for begin in latency if name.startswith(begin)]
        delay = latency[max(known, key=len)] if known else 0.0
        delay += self._modem.trouble.reply_delay
        self._modem.later(delay, lambda: self._finish(command))

    def _finish(self, command: str) -> None:
        epoch = self._modem.epoch
        for hook in tuple(self.before):
            hook(command)
        if epoch != self._modem.epoch:
            return  # a hook took the power
        answer = commands.answer(self._modem, command)
        if isinstance(answer, commands.Question):
            self._prompt = answer.prompt
            answer = ("> ",)
        for hook in tuple(self.after):
            hook(command)
        if epoch != self._modem.epoch:
            return
        self._running = False
        self.reply(answer)
        if self._queue:
            self._run(self._queue.popleft())

    def reply(self, lines: commands.Lines) -> None:
        """Information lines, then the final result (V.250, 5.7), a storm between them."""
        eol = self._modem.personality.eol
        *information, final = lines
        if final == "> ":
            self._send(eol + final)
            return
        for number, text in enumerate(information):
            self._send(("" if number else eol) + text + eol)
            for line in self._modem.trouble.storm:
                self._send(eol + line + eol)
        self._send(eol + final + eol)
