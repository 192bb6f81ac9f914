"""The mobile network: messages find the SIM they are for, wherever it is, or wait for it."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

from gsmbridge.farm import encode
from gsmbridge.farm.encode import Part
from gsmbridge.farm.modem import ModemModel
from gsmbridge.farm.sim import Label, SimCard
from gsmbridge.farm.state import Outcome
from gsmbridge.farm.truth import Truth
from gsmbridge.farm.world import Scheduler

RETRY = 60.0
"""Seconds until the service centre tries again by itself."""
LAST_RETRY = 3600.0
"""At a SIM that stays full it tries after twice as long each time, up to this; it hears of room."""


@dataclass(slots=True)
class Mailbox:
    """What waits for one number, oldest first."""

    waiting: deque[tuple[bytes, Label | None]] = field(default_factory=deque)
    retrying: bool = False
    busy: bool = False
    patience: float = RETRY
    """Seconds until the next retry, should its SIM be full."""


class Network:
    """Service centre and radio. *wall* is the Unix time it stamps messages with.

    *pace*: seconds between two messages to one SIM; a real channel carries one in 2 to 5 s.
    """

    def __init__(
        self,
        world: Scheduler,
        truth: Truth,
        wall: Callable[[], float],
        rng: random.Random,
        *,
        pace: float = 0.0,
        zone: timezone = UTC,
    ) -> None:
        self._world = world
        self._truth = truth
        self._wall = wall
        self._rng = rng
        self._pace = pace
        self._zone = zone
        self._modems: list[ModemModel] = []
        self._boxes: dict[str, Mailbox] = {}
        self._messages = 0

    def cover(self, modem: ModemModel) -> None:
        """*modem* is within reach of this network from now on."""
        modem.carrier = self
        self._modems.append(modem)

    def stamp(self, age: float = 0.0) -> datetime:
        """The service centre's time, *age* seconds ago."""
        return datetime.fromtimestamp(self._wall(), self._zone) - timedelta(seconds=age)

    def send(self, to: str, text: str, sender: str = "Farm", *, wide: bool = False) -> int:
        """A message for number *to* (digits); its number in the farm's record."""
        return self.send_parts(to, self.compose(text, sender, wide=wide), sender, text)

    def compose(
        self, text: str, sender: str = "Farm", *, wide: bool = False, age: float = 0.0
    ) -> list[Part]:
        """The TPDUs of a message, stamped *age* seconds ago."""
        reference = self._rng.randrange(0x10000 if wide else 0x100)
        return encode.message(sender, text, self.stamp(age), reference=reference, wide=wide)

    def send_parts(self, to: str, parts: Iterable[Part], sender: str, text: str) -> int:
        """A message as TPDUs of the caller's making, delivered in the order given."""
        message, parts = self.record(to, parts, sender, text)
        box = self._boxes.setdefault(to, Mailbox())
        for number, part in enumerate(parts, 1):
            box.waiting.append((part.tpdu, Label(message, number)))
        self._deliver(to)
        return message

    def record(
        self, to: str, parts: Iterable[Part], sender: str, text: str
    ) -> tuple[int, list[Part]]:
        """Note a message as sent, without sending it: for what lies on a SIM from the start."""
        self._messages += 1
        parts = list(parts)
        self._truth.note(
            "sent",
            message=self._messages,
            to=to,
            sender=sender,
            text=text,
            parts=[part.text for part in parts],
            pdus=[part.tpdu.hex().upper() for part in parts],
        )
        return self._messages, parts

    def repeat(self, to: str, tpdu: bytes, label: Label | None) -> None:
        """Deliver once more what has arrived already, as after a lost acknowledgement; or, with no
        *label*, what is in no record: nobody must ever push it."""
        self._boxes.setdefault(to, Mailbox()).waiting.append((tpdu, label))
        self._deliver(to)

    def waiting(self, to: str | None = None) -> int:
        """Parts that have not reached their SIM."""
        boxes = self._boxes.values() if to is None else [self._boxes.get(to, Mailbox())]
        return sum(len(box.waiting) for box in boxes)

    def where(self, msisdn: str) -> ModemModel | None:
        """The modem in which the SIM of a number is."""
        for modem in self._modems:
            if modem.sim is not None and modem.sim.msisdn == msisdn:
                return modem
        return None

    def available(self, sim: SimCard) -> None:
        self._deliver(sim.msisdn)

    def submit(self, sim: SimCard, tpdu: bytes) -> None:
        """Turn an SMS-SUBMIT into an SMS-DELIVER (23.040, 9.2.2): the fields move, the user data
        stays as it is."""
        to, delivered = encode.forward(tpdu, "+" + sim.msisdn, self.stamp())
        self.send_parts(to, [Part(delivered, "")], "+" + sim.msisdn, "")

    def _deliver(self, to: str) -> None:
        box = self._boxes.get(to)
        while box and box.waiting and not box.busy:
            tpdu, label = box.waiting[0]
            modem = self.where(to)
            outcome = modem.incoming(tpdu, label) if modem else Outcome.ABSENT
            if outcome is not Outcome.FULL:
                box.patience = RETRY
            if outcome in (Outcome.FULL, Outcome.ABSENT):
                self._retry_later(to, box)
                return
            box.waiting.popleft()
            if self._pace:
                box.busy = True
                self._world.call_later(self._pace, lambda: self._next(to))

    def _next(self, to: str) -> None:
        self._boxes[to].busy = False
        self._deliver(to)

    def _retry_later(self, to: str, box: Mailbox) -> None:
        if not box.retrying:
            box.retrying = True
            self._world.call_later(box.patience, lambda: self._retry(to))
            box.patience = min(2 * box.patience, LAST_RETRY)

    def _retry(self, to: str) -> None:
        self._boxes[to].retrying = False
        self._deliver(to)
