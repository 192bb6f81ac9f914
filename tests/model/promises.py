"""What must hold in every state, and what a good end is. Judged by the world, not by the journal.

What is promised of one step, a request or a delete, is judged where it is taken
(`forwarding._promised`, `session._promised`).
"""

from __future__ import annotations

from gsmbridge.message import State
from tests.model.ledger import DONE
from tests.model.scenario import Scenario
from tests.model.state import NONE, At, Stage, World

WAITING = (State.COLLECTING, State.PENDING)
ASIDE = (State.SKIPPED, State.UNREADABLE)


def wrong(sc: Scenario, world: World) -> str:
    """Which promise this state breaks; "" if none."""
    return _lost(sc, world) or _misread(sc, world) or _ids(world) or _delivered_unserved(world)


def _lost(sc: Scenario, world: World) -> str:
    """I1: what the network has stored lies on its SIM or is journalled, unless others took it."""
    journalled = {
        (sc.messages[copy.sms].bytes, world.truth[copy.row].sim) for copy in world.journal.copies
    }
    for number, sms in enumerate(sc.messages):
        if world.sent[number] and not world.taken[number]:
            there = number in world.cards[sms.sim] or (sms.bytes, sms.sim) in journalled
            if not there:
                return f"I1: {sms.name} is lost"
    return ""


def _misread(sc: Scenario, world: World) -> str:
    """I6: every copy is attributed to the SIM that held it. I1: and its part is in the text."""
    for copy in world.journal.copies:
        row, sms = world.journal.rows[copy.row], sc.messages[copy.sms]
        if row.card != sms.sim:
            return f"I6: {sms.name} is attributed to another SIM"
        settled = row.state is not State.COLLECTING and row.state not in ASIDE and row.content
        if settled and sms.part not in row.content:
            return f"I1: {sms.name} is in no text"
    return ""


def _ids(world: World) -> str:
    ids = [row.sms_id for row in world.journal.rows]
    return "" if len(set(ids)) == len(ids) else "I4: two messages have one id"


def _delivered_unserved(world: World) -> str:
    """Only a 200 of the server makes a message delivered; a known one is never forgotten."""
    for row, truth in zip(world.journal.rows, world.truth, strict=True):
        if row.state is State.DELIVERED and not truth.served:
            return "I2: delivered without a 200"
    return ""


def good(sc: Scenario, world: World) -> bool:
    """All has settled: delivered and freed, or held with its reason, and everything is known."""
    if not world.up or world.disk != "well":
        return False
    if any(row.state in WAITING for row in world.journal.rows):
        return False
    if any(task.stage is not Stage.ABSENT for task in world.tasks):
        return False
    return all(_settled(sc, world, modem) for modem in range(len(world.places)))


def _settled(sc: Scenario, world: World, modem: int) -> bool:
    session, card = world.sessions[modem], world.places[modem]
    if card == NONE:
        return True
    if session.sim != card or not session.listed or session.at is not At.IDLE:
        return False
    known = {
        copy.slot: world.journal.rows[copy.row].state
        for copy in world.journal.copies
        if copy.on_sim and copy.place == modem
    }
    there = {slot for slot, sms in enumerate(world.cards[card]) if sms != NONE}
    return set(known) == there and not any(state in DONE for state in known.values())
