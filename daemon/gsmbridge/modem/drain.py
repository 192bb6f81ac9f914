"""Reads what comes out of a modem's other ports and throws it away.

The firmware of some sticks keeps unsolicited lines for every port and crashes once the buffer of
one that nobody reads is full. Silencing it by command is asked for too, but not every firmware
obeys, and none does before it was asked; reading needs no help of the modem.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from gsmbridge.at.port import Port, PortName, Ports
from gsmbridge.errors import PortLost

OPEN_AGAIN = 10.0
"""Seconds until a port that could not be opened, or was lost, is opened again."""


class Drain:
    """Holds ports open and discards what they say."""

    def __init__(self, ports: Ports, names: Callable[[], Sequence[PortName]], rate: int) -> None:
        """*names* gives the ports to hold, each time anew."""
        self._ports = ports
        self._names = names
        self._rate = rate
        self._open: dict[str, Port] = {}
        self._gone: list[Port] = []

    async def run(self) -> None:
        """Until cancelled; then the ports are given back."""
        try:
            while True:
                while self._gone:
                    await self._gone.pop().close()
                for name in self._names():
                    if name.device not in self._open:
                        await self._hold(name)
                await asyncio.sleep(OPEN_AGAIN)
        finally:
            await asyncio.gather(*(port.close() for port in (*self._gone, *self._open.values())))

    async def _hold(self, name: PortName) -> None:
        try:
            port = await self._ports.open(name, self._rate)
        except PortLost:  # it is not needed for work: the modem's own session tells of trouble
            return
        self._open[name.device] = port
        port.start(_discard, partial(self._lost, name.device))

    def _lost(self, device: str, reason: str) -> None:
        if (port := self._open.pop(device, None)) is not None:
            self._gone.append(port)


def _discard(data: bytes) -> None:
    """What the session reads comes by its own port."""
