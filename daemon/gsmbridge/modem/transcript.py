"""Writes down what goes over a port, for reports about modems that nobody has seen yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from gsmbridge.at.port import Port, PortName, Ports
from gsmbridge.modem.masking import Masks

SENT, RECEIVED = ">", "<"


@dataclass(slots=True)
class Transcript:
    """One port's."""

    name: PortName
    began: float
    lines: list[tuple[float, str, str]] = field(default_factory=list)
    """Seconds since it began, direction, line."""
    _open: dict[str, bytes] = field(default_factory=dict)

    def add(self, direction: str, data: bytes) -> None:
        """Bytes went over the port. A line is written down once it ends."""
        when = asyncio.get_running_loop().time() - self.began
        data = self._open.pop(direction, b"") + data
        *whole, rest = data.replace(b"\n", b"\r").split(b"\r")
        self.lines += [(when, direction, line.decode("latin-1")) for line in whole if line]
        if rest:
            self._open[direction] = rest

    def text(self, masks: Masks) -> list[str]:
        """For people, masked. What a scan sends holds no secret."""
        lines = [(f"{at:8.3f}", way, line) for at, way, line in self.lines]
        lines += [("   (cut)", way, rest.decode("latin-1")) for way, rest in self._open.items()]
        return [
            f"{when} {way} {_printable(line if way == SENT else masks.line(line))}"
            for when, way, line in lines
        ]


class RecordedPorts:
    """Ports whose traffic is written down."""

    def __init__(self, ports: Ports) -> None:
        self.transcripts: list[Transcript] = []
        self._ports = ports

    def present(self) -> Sequence[PortName]:
        return self._ports.present()

    async def open(self, name: PortName, baudrate: int) -> Port:
        transcript = Transcript(name, asyncio.get_running_loop().time())
        self.transcripts.append(transcript)
        return _Recorded(await self._ports.open(name, baudrate), transcript)


class _Recorded:
    """An open port whose traffic is written down."""

    def __init__(self, port: Port, transcript: Transcript) -> None:
        self._port = port
        self._transcript = transcript

    def start(self, on_bytes: Callable[[bytes], None], on_lost: Callable[[str], None]) -> None:
        def take(data: bytes) -> None:
            self._transcript.add(RECEIVED, data)
            on_bytes(data)

        self._port.start(take, on_lost)

    def write(self, data: bytes) -> None:
        self._transcript.add(SENT, data)
        self._port.write(data)

    async def close(self) -> None:
        await self._port.close()


def _printable(text: str) -> str:
    return "".join(char if " " <= char <= "~" else f"\\x{ord(char):02x}" for char in text)
