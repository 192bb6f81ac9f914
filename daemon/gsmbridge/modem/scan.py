"""Naming what is on every port, all side by side, without changing how a modem is set up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from gsmbridge.at.channel import Channel
from gsmbridge.at.port import PortName, Ports
from gsmbridge.dialects.dialect import Dialect
from gsmbridge.dialects.families import of_vendor
from gsmbridge.errors import ModemError
from gsmbridge.modem import choice, identity, network, pin, setup
from gsmbridge.modem.report import ask_more, report
from gsmbridge.modem.status import ModemSettings, ModemStatus
from gsmbridge.modem.transcript import RecordedPorts

PATIENCE = 60.0
"""Seconds for one port; a SIM that is busy after its modem's start may take most of them."""


Further = Callable[[Channel, Dialect], Awaitable[None]]


async def scan(ports: Ports, settings: ModemSettings) -> list[ModemStatus]:
    """Every modem on *ports*, by path; of one USB device the port that says most."""
    found = await asyncio.gather(
        *(_look_until_known(ports, names, settings) for names in _by_place(ports.present()))
    )
    return sorted(found, key=lambda status: status.path)


async def scan_for_report(ports: Ports, settings: ModemSettings) -> tuple[list[ModemStatus], str]:
    """The same, with a report of all that every port said."""
    recorded = RecordedPorts(ports)
    found = await asyncio.gather(
        *(_look_at_each(recorded, names, settings) for names in _by_place(ports.present()))
    )
    best = [max(statuses, key=_worth) for statuses in found]
    text = report(recorded.transcripts, [status for statuses in found for status in statuses])
    return sorted(best, key=lambda status: status.path), text


def _by_place(names: Sequence[PortName]) -> list[list[PortName]]:
    """The ports of each modem, the likely one first. They are asked one after the other: some
    modems take only one command at a time over all of them."""
    places: dict[str, list[PortName]] = {}
    for name in names:
        places.setdefault(name.usb or name.device, []).append(name)
    return [choice.in_order(each, of_vendor(each[0].vendor)) for each in places.values()]


async def _look_until_known(
    ports: Ports, names: Sequence[PortName], settings: ModemSettings
) -> ModemStatus:
    statuses: list[ModemStatus] = []
    for name in names:
        statuses.append(await _look_at_speeds(ports, name, settings, None))
        if statuses[-1].imei is not None or statuses[-1].iccid is not None:
            break
    return max(statuses, key=_worth)


async def _look_at_each(
    ports: Ports, names: Sequence[PortName], settings: ModemSettings
) -> list[ModemStatus]:
    return [await _look_at_speeds(ports, name, settings, ask_more) for name in names]


async def _look_at_speeds(
    ports: Ports, name: PortName, settings: ModemSettings, further: Further | None
) -> ModemStatus:
    """A UART that says nothing is asked at other speeds too."""
    status = await _look(ports, name, settings, further)
    if name.usb is not None or name.place is None:
        return status
    for rate in choice.RATES:
        if status.phase == "silent" and rate != settings.baudrate:
            status = await _look(ports, name, replace(settings, baudrate=rate), further)
    return status


def _worth(status: ModemStatus) -> tuple[bool, bool, bool]:
    return status.phase == "ready", status.iccid is not None, status.imei is not None


async def _look(
    ports: Ports, name: PortName, settings: ModemSettings, further: Further | None
) -> ModemStatus:
    seen = _Seen(ModemStatus(name.path))
    try:
        async with asyncio.timeout(PATIENCE):
            channel = Channel(
                await ports.open(name, settings.baudrate),
                timeout=settings.command_timeout,
                on_urc=lambda urc: None,
            )
            try:
                await seen.ask(channel, further)
            finally:
                await channel.close()
    except ModemError as error:
        seen.note(last_error=str(error))
    except TimeoutError:
        seen.note(last_error=f"no answer in {PATIENCE:.0f} s")
    return seen.status


class _Seen:
    """What is known of one modem so far: it stays when a later question fails."""

    def __init__(self, status: ModemStatus) -> None:
        self.status = replace(status, phase="silent")

    def note(self, **changes: object) -> None:
        self.status = replace(self.status, **changes)  # type: ignore[arg-type]

    async def ask(self, channel: Channel, further: Further | None) -> None:
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
        if further is not None:
            await further(channel, modem.dialect)
        wants, iccid = await pin.lock(channel, modem.dialect)
        if wants:
            self.note(phase="pin", iccid=iccid, last_error=f"the SIM wants {wants}")
            return
        sim = await identity.sim_identity(channel, modem.dialect)
        self.note(iccid=sim.iccid, imsi=sim.imsi)
        self.note(own_numbers=await identity.own_numbers(channel))
        seen = await network.ask(channel)
        self.note(operator=seen.operator, registration=seen.registration, signal=seen.signal)
        usage = await setup.read_usage(channel)
        if usage is not None:
            self.note(store=usage.memory, used=usage.used, total=usage.total)
        self.note(phase="ready")
