"""Where modems are plugged in: ports with names, on ptys or in simulated time."""

from __future__ import annotations

from typing import Protocol

from gsmbridge.farm.modem import ModemModel


class Plugs(Protocol):
    """The sockets of a farm."""

    def name_of(self, modem: ModemModel) -> str | None:
        """The name of the port that *modem* has now; None while it is unplugged."""

    def plug(self, modem: ModemModel, name: str) -> None:
        """Power up *modem* under *name*, which must be free."""

    def unplug(self, modem: ModemModel) -> None:
        """Cut its power and take its port away; whoever has it open sees a hang-up."""


def swap_names(plugs: Plugs, one: ModemModel, other: ModemModel) -> None:
    """Both lose their ports, and come back under each other's name."""
    first, second = plugs.name_of(one), plugs.name_of(other)
    for modem in (one, other):
        plugs.unplug(modem)
    if second is not None:
        plugs.plug(one, second)
    if first is not None:
        plugs.plug(other, first)
