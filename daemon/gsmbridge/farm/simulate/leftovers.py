"""What is left when all is quiet: every message that still lies somewhere must be seen by the
operator, with the reason why it is held (I1)."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from gsmbridge.farm.sim import Status
from gsmbridge.farm.simulate.stage import Stage
from gsmbridge.farm.verdict import Violation
from gsmbridge.journal import database

OPEN = ("pending", "collecting")
"""States that cannot last when nothing is in the way."""


@dataclass(frozen=True, slots=True)
class Leftovers:
    """Messages that wait for the operator, and what should not be."""

    held: Counter[tuple[str, str]]
    """By state and reason."""
    not_arrived: int
    """Parts for SIMs that are in no modem, or full."""
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class _Copy:
    """What the journal has of a message (or part) on a SIM, not in a modem's own memory."""

    sms_id: int
    state: str
    pdu: str | None
    """None: erased, after some days."""
    imsi: str | None
    slot: int | None

    def is_of(self, stored: _Stored) -> bool:
        if self.pdu is not None:
            return stored.tpdu in self.pdu
        return self.slot == stored.slot and self.imsi == stored.imsi


@dataclass(frozen=True, slots=True)
class _Stored:
    """A message (or part) that lies on a SIM in a modem."""

    where: str
    imsi: str
    slot: int
    tpdu: str
    message: int
    """0: it is not for forwarding."""


def left(stage: Stage) -> Leftovers:
    """Look at SIMs and journal after the daemon has ended."""
    held, copies, stuck = database.read(stage.host.journal_path, _ask)
    violations = [
        Violation("stuck", stage.world.now, f"smsId {sms_id} is {state} with nothing in its way")
        for sms_id, state in stuck
    ]
    for stored in _stored(stage):
        found = [copy for copy in copies if copy.is_of(stored)]
        if not found:
            what = f"message {stored.message} in {stored.where} is not in the journal"
            violations.append(Violation("invisible", stage.world.now, what))
        elif any(copy.state == "delivered" for copy in found):
            what = f"smsId {found[0].sms_id} is delivered and still in {stored.where}"
            violations.append(Violation("not_freed", stage.world.now, what))
    return Leftovers(held, stage.farm.network.waiting(), tuple(violations))


def _ask(
    db: sqlite3.Connection,
) -> tuple[Counter[tuple[str, str]], list[_Copy], list[tuple[int, str]]]:
    held: Counter[tuple[str, str]] = Counter()
    stuck = []
    for row in db.execute("SELECT sms_id, state, reason FROM messages ORDER BY sms_id"):
        if row["state"] in OPEN:
            stuck.append((row["sms_id"], row["state"]))
        elif row["state"] != "delivered":
            held[row["state"], row["reason"]] += 1
    copies = [
        _Copy(row["sms_id"], row["state"], row["pdu"], row["imsi"], row["slot"])
        for row in db.execute(
            "SELECT sms_id, state, pdu, imsi, slot FROM copies JOIN messages USING (sms_id)"
            " JOIN sims ON sims.sim = copies.sim WHERE on_sim AND store <> 'ME'"
        )
    ]
    return held, copies, stuck


def _stored(stage: Stage) -> Iterator[_Stored]:
    for modem in stage.farm.modems:
        if modem.sim is None:
            continue
        records = modem.sim.sms
        for at in records.occupied():
            label = records.labels[at]
            if records.rows[at][0] in (Status.READ, Status.UNREAD):
                pdu = records.pdu(at)
                yield _Stored(
                    f"{modem.name}, position {at}",
                    modem.sim.imsi,
                    at + modem.personality.slot_base,
                    pdu[1 + pdu[0] :].hex().upper(),
                    0 if label is None else label.message,
                )
