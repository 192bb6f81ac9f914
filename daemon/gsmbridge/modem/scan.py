"""Naming what is on every port, all side by side, without changing how a modem is set up."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from gsmbridge.at.channel import Channel
from gsmbridge.at.port import PortName, Ports
from gsmbridge.errors import ModemError
from gsmbridge.modem import identity, network, setup
from gsmbridge.modem.status import ModemSettings, ModemStatus

PATIENCE = 60.0
"""Seconds for one port; a SIM that is busy after its modem's start may take most of them."""


async def scan(ports: Ports, settings: ModemSettings) -> list[ModemStatus]:
    """Every modem on *ports*, by path; of one USB device the port that says most."""
    found = await asyncio.gather(*(_look(ports, name, settings) for name in ports.present()))
    best: dict[str, ModemStatus] = {}
    for name, status in found:
        key = name.usb or name.device
        if key not in best or _worth(status) > _worth(best[key]):
            best[key] = status
    return sorted(best.values(), key=lambda status: status.path)


def _worth(status: ModemStatus) -> tuple[bool, bool, bool]:
    return status.phase == "ready", status.iccid is not None, status.imei is not None


async def _look(
    ports: Ports, name: PortName, settings: ModemSettings
) -> tuple[PortName, ModemStatus]:
    seen = _Seen(ModemStatus(name.path))
    try:
        async with asyncio.timeout(PATIENCE):
            channel = Channel(
                await ports.open(name, settings.baudrate),
                timeout=settings.command_timeout,
                on_urc=lambda urc: None,
            )
            try:
                await seen.ask(channel)
            finally:
                await channel.close()
    except ModemError as error:
        seen.note(last_error=str(error))
    except TimeoutError:
        seen.note(last_error=f"no answer in {PATIENCE:.0f} s")
    return name, seen.status


class _Seen:
    """What is known of one modem so far: it stays when a later question fails."""

    def __init__(self, status: ModemStatus) -> None:
        self.status = replace(status, phase="silent")

    def note(self, **changes: object) -> None:
        self.status = replace(self.status, **changes)  # type: ignore[arg-type]

    async def ask(self, channel: Channel) -> None:
        await setup.synchronise(channel)
        modem = await identity.modem_identity(channel)
        self.note(
            phase="no-sim",
            manufacturer=modem.manufacturer,
            model=modem.model,
            revision=modem.revision,
            dialect=modem.dialect.name,
            imei=modem.imei,
        )
        sim = await identity.sim_identity(channel, modem.dialect)
        self.note(iccid=sim.iccid, imsi=sim.imsi)
        self.note(own_numbers=await identity.own_numbers(channel))
        seen = await network.ask(channel)
        self.note(operator=seen.operator, registration=seen.registration, signal=seen.signal)
        usage = await setup.read_usage(channel)
        if usage is not None:
            self.note(store=usage.memory, used=usage.used, total=usage.total)
        self.note(phase="ready")
