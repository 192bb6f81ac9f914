"""A modem that answers by script, on an in-memory port in simulated time."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from gsmbridge.at.channel import Channel
from gsmbridge.at.command import Urc
from gsmbridge.farm.virtual import World, run

T = TypeVar("T")

Deliver = Callable[["ScriptedModem", bytes], None]


class ScriptedModem:
    """A `Port` with a modem behind it. *script* maps a command to what the modem writes back:
    bytes, or (delay, bytes) pairs; a list is used up entry by entry, its last one repeated."""

    def __init__(self, world: World, script: dict[str, Any], deliver: Deliver | None = None):
        self.world = world
        self.script = script
        self.deliver = deliver or ScriptedModem.whole
        self.received: list[str] = []
        self.closed = False
        self._buffer = b""
        self._on_bytes: Callable[[bytes], None] | None = None
        self._on_lost: Callable[[str], None] | None = None

    def start(self, on_bytes: Callable[[bytes], None], on_lost: Callable[[str], None]) -> None:
        self._on_bytes, self._on_lost = on_bytes, on_lost

    def write(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r")) >= 0:
            text = self._buffer[:end].lstrip(b"\x1b").decode()
            self._buffer = self._buffer[end + 1 :]
            self.received.append(text)
            self._answer(text)

    async def close(self) -> None:
        self.closed = True

    def lose(self, reason: str) -> None:
        assert self._on_lost is not None
        self._on_lost(reason)

    def say(self, data: bytes, delay: float = 0.001) -> None:
        """Write *data* to the host later."""
        self.world.call_later(delay, lambda: self.deliver(self, data))

    def whole(self, data: bytes) -> None:
        assert self._on_bytes is not None
        self._on_bytes(data)

    def bytewise(self, data: bytes) -> None:
        for index, byte in enumerate(data):
            chunk = bytes([byte])
            self.world.call_later(index * 0.001, lambda chunk=chunk: self.whole(chunk))

    def in_chunks(self, data: bytes) -> None:
        delay = 0.0
        while data:
            size = self.world.rng.randint(1, 20)
            chunk, data = data[:size], data[size:]
            self.world.call_later(delay, lambda chunk=chunk: self.whole(chunk))
            delay += 0.002

    def delayed(self, data: bytes) -> None:
        self.world.call_later(0.016, lambda: self.whole(data))

    def _answer(self, text: str) -> None:
        answer = self.script.get(text, b"\r\nOK\r\n" if text == "AT" else MARKERS.get(text, b""))
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, bytes):
            answer = ((0.001, answer),)
        for delay, data in answer:
            self.say(data, delay)


MARKERS = {"AT+CMEE?": b"\r\n+CMEE: 1\r\n\r\nOK\r\n", "AT+CMGF?": b"\r\n+CMGF: 0\r\n\r\nOK\r\n"}

DELIVERIES: list[Deliver] = [
    ScriptedModem.whole,
    ScriptedModem.bytewise,
    ScriptedModem.in_chunks,
    ScriptedModem.delayed,
]


def talk(
    script: dict[str, Any],
    dialogue: Callable[[Channel, ScriptedModem, list[Urc]], Coroutine[Any, Any, T]],
    deliver: Deliver | None = None,
    seed: int = 1,
    **options: Any,
) -> T:
    """Run *dialogue* with a channel to a scripted modem: returns what it returns."""
    world = World(seed)
    modem = ScriptedModem(world, script, deliver)
    urcs: list[Urc] = []

    async def main() -> T:
        channel = Channel(modem, on_urc=urcs.append, **options)
        return await dialogue(channel, modem, urcs)

    return run(world, main())
