"""Which number each SIM has in the config, and when it had which."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gsmbridge.config.schema import Number
from gsmbridge.config.secret import Secret
from gsmbridge.farm.sim import SimCard

LAG = 5.0
"""Seconds that the daemon may take over a change: it is committed first."""


class Numbering:
    """The `numbers` of the config. The network reaches a SIM under its own number (MSISDN) always;
    what the bridge must push under is what the config says."""

    def __init__(self, sims: Sequence[SimCard], now: Callable[[], float]) -> None:
        self._now = now
        self._msisdn = {sim.iccid: sim.msisdn for sim in sims}
        self._phone: dict[str, str | None] = dict(self._msisdn)
        self._since = {sim.iccid: [(now(), self._phone[sim.iccid])] for sim in sims}
        self.listed = {sim.iccid: {"iccid": sim.iccid} for sim in sims}
        """What the config has to know each SIM by."""
        self.pins = {sim.iccid: sim.pin for sim in sims if sim.pin is not None}
        """What the config gives as their PIN."""
        self._owner = {phone: sim for sim in sims for phone in self.phones(sim)}

    @staticmethod
    def phones(sim: SimCard) -> tuple[str, ...]:
        """The numbers that *sim* can have; no other can."""
        return sim.msisdn, f"1{sim.msisdn}", f"2{sim.msisdn}"

    def rows(self) -> tuple[Number, ...]:
        """The config's rows. A SIM without a number stays listed, disabled."""
        return tuple(
            Number(
                phone=phone or self._msisdn[iccid],
                **self.listed[iccid],
                pin=None if (pin := self.pins.get(iccid)) is None else Secret(pin),
                enabled=phone is not None,
            )
            for iccid, phone in self._phone.items()
        )

    def change(self, phones: Mapping[str, str | None]) -> None:
        """From now on these SIMs (by ICCID) have these numbers."""
        for iccid, phone in phones.items():
            self._phone[iccid] = phone
            self._since[iccid].append((self._now(), phone))

    def msisdn(self, phone: str) -> str | None:
        """The network's number of the SIM that can have *phone*."""
        sim = self._owner.get(phone)
        return None if sim is None else sim.msisdn

    def was_valid(self, phone: str, start: float, end: float) -> bool:
        """Whether its SIM had *phone* at some time from *start* to *end*."""
        sim = self._owner.get(phone)
        if sim is None:
            return False
        times = self._since[sim.iccid]
        ends = [at + LAG for at, _ in times[1:]] + [float("inf")]
        return any(
            number == phone and since <= end and until >= start
            for (since, number), until in zip(times, ends, strict=True)
        )
