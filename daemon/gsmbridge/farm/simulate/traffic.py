"""The messages of a simulated day."""

from __future__ import annotations

from gsmbridge.farm import encode, farm
from gsmbridge.farm.encode import Part
from gsmbridge.farm.sim import Label, SimCard
from gsmbridge.farm.simulate.stage import Stage

DAY = 86400.0
OLDEST = 3 * DAY
"""Age of what lies on a SIM at the beginning, at most."""


class Traffic:
    """Sends messages to the SIMs of a stage."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._rng = stage.chance()
        self._number = 0

    def lay(self, most: int) -> None:
        """Put up to *most* messages on each SIM, as from before the daemon's first start."""
        for modem in self._stage.farm.modems:
            for at in range(self._rng.randint(0, most)):
                assert modem.sim is not None
                sender, text = self._compose(longest=1)
                network = self._stage.farm.network
                parts = network.compose(text, sender, age=self._rng.uniform(0, OLDEST))
                message, parts = network.record(modem.sim.msisdn, parts, sender, text)
                pdu = encode.smsc_part(modem.personality.smsc) + parts[0].tpdu
                modem.write("SM", at, pdu, Label(message))

    def schedule(self, days: float, daily: float) -> None:
        """*daily* messages to each modem's worth of SIMs, on average, at any time."""
        count = round(days * daily * len(self._stage.farm.modems))
        for _ in range(count):
            self._stage.world.call_later(self._rng.uniform(0, days * DAY), self._send)

    def _send(self) -> None:
        """One message, or several at once."""
        rng = self._rng
        inserted = [modem.sim for modem in self._stage.farm.modems if modem.sim is not None]
        everywhere = not inserted or rng.random() < 0.05
        sim = rng.choice(self._stage.farm.sims if everywhere else inserted)
        for _ in range(1 if rng.random() < 0.95 else rng.randint(2, 8)):
            self._send_one(sim)

    def _send_one(self, sim: SimCard) -> None:
        rng, network = self._rng, self._stage.farm.network
        sender, text = self._compose(longest=1 if rng.random() < 0.8 else 4)
        parts = network.compose(text, sender, wide=rng.random() < 0.3)
        if len(parts) == 1 and rng.random() < 0.05:
            flash = encode.deliver(
                sender, text, network.stamp(), alphabet=_alphabet(text), message_class=0
            )
            parts = [Part(flash, text)]
        message, parts = network.record(sim.msisdn, parts, sender, text)
        labelled = [(part.tpdu, Label(message, n)) for n, part in enumerate(parts, 1)]
        if rng.random() < 0.2:
            rng.shuffle(labelled)
        for tpdu, label in labelled:
            network.repeat(sim.msisdn, tpdu, label)
        if rng.random() < 0.05:  # as after a lost acknowledgement
            tpdu, label = rng.choice(labelled)
            self._stage.world.call_later(
                rng.choice((0.5, 60.0, 7200.0)) * rng.random(),
                lambda: network.repeat(sim.msisdn, tpdu, label),
            )

    def _compose(self, longest: int) -> tuple[str, str]:
        self._number += 1
        return farm.sample(self._rng, self._number, longest)


def _alphabet(text: str) -> str:
    return "ucs2" if encode.septets(text) is None else "gsm7"
