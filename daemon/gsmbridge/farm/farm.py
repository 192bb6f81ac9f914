"""A whole farm: modems of several families, a SIM in each, one network."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gsmbridge.farm.modem import ModemModel
from gsmbridge.farm.network import Network
from gsmbridge.farm.personalities import GENERIC, Personality
from gsmbridge.farm.sim import SimCard, luhn, make_sim
from gsmbridge.farm.truth import Truth
from gsmbridge.farm.world import Scheduler

SENDERS = ("Telegram", "Instagram", "WhatsApp", "+491701234567", "7000", "Amazon")
WORDS = ("Your code is", "Ваш код:", "Use this code to log in:", "Код подтверждения", "PIN")


@dataclass(frozen=True, slots=True)
class Farm:
    """Modem *i* was built with SIM *i*; where a SIM is later, the network knows."""

    modems: tuple[ModemModel, ...]
    sims: tuple[SimCard, ...]
    network: Network
    truth: Truth

    def still_stored(self) -> int:
        """Messages (or parts) that lie on SIMs or in modems."""
        cards = sum(sim.sms.used for sim in self.sims)
        return cards + sum(modem.me.used for modem in self.modems)


def build(
    world: Scheduler,
    count: int,
    *,
    rng: random.Random,
    truth: Truth,
    wall: Callable[[], float],
    families: Sequence[Personality] = (GENERIC,),
    capacity: int = 20,
    pace: float = 0.0,
    own_numbers: bool = False,
) -> Farm:
    """*count* modems, of the *families* in turn, not started yet. *own_numbers*: the SIMs know
    theirs (AT+CNUM)."""
    network = Network(world, truth, wall, random.Random(rng.random()), pace=pace)
    modems = []
    for number in range(count):
        sim = make_sim(number, capacity)
        if own_numbers:
            sim.own_number = "+" + sim.msisdn
        body = f"35{number:012d}"
        modem = ModemModel(
            families[number % len(families)],
            world,
            lambda _: None,
            random.Random(rng.random()),
            name=f"modem{number}",
            imei=body + luhn(body),
            sim=sim,
            truth=truth,
        )
        network.cover(modem)
        modems.append(modem)
    sims = tuple(modem.sim for modem in modems if modem.sim is not None)
    return Farm(tuple(modems), sims, network, truth)


def sample(rng: random.Random, number: int, longest: int = 1) -> tuple[str, str]:
    """A sender and a text that no other *number* has; up to *longest* parts."""
    text = f"{rng.choice(WORDS)} {rng.randrange(1_000_000):06d} [{number}]"
    for _ in range(rng.randrange(longest)):
        text += " " + "".join(rng.choice("abcdefgh ijklmnop€{}") for _ in range(100))
    return rng.choice(SENDERS), text
