"""The messages of a simulated day."""

from __future__ import annotations

from gsmbridge.farm import encode, farm
from gsmbridge.farm.sim import Label, SimCard
from gsmbridge.farm.simulate.letters import FORWARDED, KEPT, Draft, Letter
from gsmbridge.farm.simulate.stage import Stage

DAY = 86400.0
OLDEST = 3 * DAY
"""Age of what lies on a SIM at the beginning, at most."""
ODD_DELIVERIES = ("in pieces", "again")
"""What happens to the parts of a message."""
BURSTS, BURST = 0.05, (2, 8)
"""How often several messages come at once, and how many: the fewest and the most."""
KEPT_SHARE = 0.01
"""Of all that comes, what is not for forwarding: it stays on its SIM until the operator's word."""


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
                draft = self._draft(longest=1)
                self._stage.drawn["start old messages"] += 1
                network = self._stage.farm.network
                parts = network.compose(draft.text, draft.sender, age=self._rng.uniform(0, OLDEST))
                message, parts = network.record(modem.sim.msisdn, parts, draft.sender, draft.text)
                pdu = encode.smsc_part(modem.personality.smsc) + parts[0].tpdu
                modem.write("SM", at, pdu, Label(message))

    def schedule(self, days: float, daily: float) -> None:
        """*daily* messages to each modem's worth of SIMs, on average, at any time."""
        at_once = 1 + BURSTS * (sum(BURST) / 2 - 1)
        count = round(days * daily * len(self._stage.farm.modems) / at_once)
        for _ in range(count):
            self._stage.world.call_later(self._rng.uniform(0, days * DAY), self._send)

    def _send(self) -> None:
        """One message, or several at once."""
        rng = self._rng
        inserted = [modem.sim for modem in self._stage.farm.modems if modem.sim is not None]
        everywhere = not inserted or rng.random() < 0.05
        sim = rng.choice(self._stage.farm.sims if everywhere else inserted)
        for _ in range(rng.randint(*BURST) if rng.random() < BURSTS else 1):
            self._send_one(sim)

    def _send_one(self, sim: SimCard) -> None:
        rng = self._rng
        draft = self._draft(longest=1 if rng.random() < 0.8 else 4)
        if rng.random() < KEPT_SHARE:
            kind = rng.choice(list(KEPT))
            self._stage.drawn[f"message {kind}"] += 1
            self._stage.farm.network.repeat(sim.msisdn, KEPT[kind](draft), None)
            return
        kind = rng.choices(list(FORWARDED), [weight for weight, _ in FORWARDED.values()])[0]
        self._stage.drawn[f"message {kind}"] += 1
        self._post(sim, FORWARDED[kind][1](draft))

    def _post(self, sim: SimCard, letter: Letter) -> None:
        """Its parts in some order; one now and then late, or never, or twice."""
        rng, network, world = self._rng, self._stage.farm.network, self._stage.world
        message, parts = network.record(sim.msisdn, letter.parts, letter.sender, letter.text)
        labelled = [(part.tpdu, Label(message, n)) for n, part in enumerate(parts, 1)]
        if rng.random() < 0.2:
            rng.shuffle(labelled)
        late: tuple[bytes, Label] | None = None
        if len(labelled) > 1 and rng.random() < 0.1:
            self._stage.drawn["message in pieces"] += 1
            late = labelled.pop()
        for tpdu, label in labelled:
            network.repeat(sim.msisdn, tpdu, label)
        if late is not None and rng.random() < 0.7:
            tpdu, label = late
            world.call_later(
                rng.uniform(1.0, 400.0), lambda: network.repeat(sim.msisdn, tpdu, label)
            )
        if letter.repeatable and rng.random() < 0.05:  # as after a lost acknowledgement
            again, known = rng.choice(labelled)
            self._stage.drawn["message again"] += 1
            world.call_later(
                rng.choice((0.5, 60.0, 7200.0)) * rng.random(),
                lambda: network.repeat(sim.msisdn, again, known),
            )

    def _draft(self, longest: int) -> Draft:
        self._number += 1
        sender, text = farm.sample(self._rng, self._number, longest)
        return Draft(self._rng, self._stage.farm.network.stamp, sender, text, self._number)
