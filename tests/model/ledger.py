"""The journal's transactions, as rules over what is committed.

Each takes the world before and gives the world after the commit, and what the forwarding loop is
told with it. Moves between states are written out here, cause and target, and compared with
`journal.life` by a test.
"""

from __future__ import annotations

from typing import Any

from gsmbridge.journal.life import Cause
from gsmbridge.message import State
from tests.model import forwarding
from tests.model.scenario import Mistake, Scenario
from tests.model.state import NONE, Copy, Due, Move, Row, Sms, Stage, Task, Truth, World

DONE = (State.DELIVERED, State.DISCARDED)
ATTEMPTED = (State.PENDING, State.UNASSIGNED)


def with_row(world: World, at: int, row: Row) -> World:
    rows = world.journal.rows
    journal = world.journal._replace(rows=(*rows[:at], row, *rows[at + 1 :]))
    return world._replace(journal=journal)


def with_copy(world: World, at: int, copy: Copy) -> World:
    copies = world.journal.copies
    journal = world.journal._replace(copies=(*copies[:at], copy, *copies[at + 1 :]))
    return world._replace(journal=journal)


def moved(world: World, at: int, cause: Cause, to: State, moves: list[Move], **more: Any) -> World:
    row = world.journal.rows[at]
    moves.append((row.state, cause, to))
    return with_row(world, at, row._replace(state=to, **more))


# ---- readings -----------------------------------------------------------------------------------


def record(sc: Scenario, world: World, modem: int, moves: list[Move]) -> World:
    """What the session of *modem* has read."""
    session = world.sessions[modem]
    there: list[int] = []
    for slot, sms in session.read:
        world, copy = _find(sc, world, modem, slot, sms, there)
        if copy is None:
            world, copy = _new(sc, world, modem, slot, sms, moves)
        there.append(copy)
    if session.complete:
        for at, copy_row in enumerate(world.journal.copies):
            on_it = copy_row.on_sim and world.journal.rows[copy_row.row].card == session.sim
            if on_it and at not in there:
                gone = copy_row._replace(on_sim=False, place=NONE, slot=NONE)
                world = with_copy(world, at, gone)
        listed = tuple(was or card == session.sim for card, was in enumerate(world.journal.listed))
        world = world._replace(journal=world.journal._replace(listed=listed))
    return world


def _find(
    sc: Scenario, world: World, modem: int, slot: int, sms: int, there: list[int]
) -> tuple[World, int | None]:
    """The copy that lies in a slot, brought up to date; None if the message is new."""
    copies, rows = world.journal.copies, world.journal.rows
    sim = world.sessions[modem].sim
    alike = [
        at
        for at in reversed(range(len(copies)))
        if sc.messages[copies[at].sms].bytes == sc.messages[sms].bytes
        and (rows[copies[at].row].card == sim or sc.makes(Mistake.SAME_ON_ANY_SIM))
    ]
    for at in alike:
        copy = copies[at]
        if at not in there and copy.on_sim and (copy.place, copy.slot) == (modem, slot):
            return with_copy(world, at, copy._replace(sms=sms)), at
    world = _displace(world, modem, slot)
    copies = world.journal.copies
    for at in alike:
        copy = copies[at]
        seen_now = copy.on_sim and copy.place == modem
        if at not in there and not copy.freed and not seen_now:
            found = copy._replace(sms=sms, place=modem, slot=slot, on_sim=True)
            return with_copy(world, at, found), at
    for at in alike:
        again = sc.messages[sms].dated and not sc.makes(Mistake.REDELIVERY_NEW)
        if copies[at].on_sim or again or not copies[at].freed:
            return _add_copy(world, copies[at].row, sms, modem, slot)
    return world, None


def _displace(world: World, modem: int, slot: int) -> World:
    """Something else lies in this slot now."""
    for at, copy in enumerate(world.journal.copies):
        if copy.on_sim and (copy.place, copy.slot) == (modem, slot):
            world = with_copy(world, at, copy._replace(place=NONE, slot=NONE))
    return world


def _add_copy(world: World, row: int, sms: int, modem: int, slot: int) -> tuple[World, int]:
    copies = (*world.journal.copies, Copy(row, sms, modem, slot))
    return world._replace(journal=world.journal._replace(copies=copies)), len(copies) - 1


def _new(
    sc: Scenario, world: World, modem: int, slot: int, sms: int, moves: list[Move]
) -> tuple[World, int]:
    """A message, or a part, that was never seen on this SIM."""
    what = sc.messages[sms]
    sim = world.sessions[modem].sim
    if what.aside is not None:
        world, at = _add_row(world, sim, what, what.aside, held=False)
        return _add_copy(world, at, sms, modem, slot)
    fresh = world.sessions[modem].listed
    like, known = _belongs(world, sim, what)
    if like is not None and (known or sc.makes(Mistake.LATE_PART_LOST)):
        return _add_copy(world, like, sms, modem, slot)
    held = _may_be_old(world, sim, what, fresh)
    alone = like is not None and world.journal.rows[like].state is not State.COLLECTING
    if like is None or alone:
        world, at = _add_row(world, sim, what, State.COLLECTING, held=held)
    else:
        at = like
        row = world.journal.rows[at]
        parts = tuple(sorted((*row.parts, what.part)))
        world = with_row(world, at, row._replace(parts=parts, held=row.held and held))
    world, copy = _add_copy(world, at, sms, modem, slot)
    row = world.journal.rows[at]
    if alone or len(row.parts) == row.total:
        world = whole(sc, world, at, fresh, moves)
    return world, copy


def _belongs(world: World, sim: int, what: Sms) -> tuple[int | None, bool]:
    """The row that a part may belong to, and whether that has it already."""
    late = None
    if what.key:
        for at, row in enumerate(world.journal.rows):
            if row.card != sim or row.key != what.key:
                continue
            if what.part in row.parts:
                return at, True
            if row.state is State.COLLECTING:
                return at, False
            if late is None and len(row.parts) < row.total:
                late = at
    return late, False


def _may_be_old(world: World, sim: int, what: Sms, fresh: bool) -> bool:
    seems_old = what.old + world.clock > 0
    return seems_old and not fresh and not world.journal.listed[sim]


def _add_row(world: World, sim: int, what: Sms, state: State, held: bool) -> tuple[World, int]:
    row = Row(
        world.next_id, sim, what.key or what.bytes, (what.part,), what.total, state, held=held
    )
    mark = max(world.journal.mark, world.next_id + 1)
    world = world._replace(
        journal=world.journal._replace(rows=(*world.journal.rows, row), mark=mark),
        next_id=world.next_id + 1,
        tasks=(*world.tasks, Task()),
        truth=(*world.truth, Truth(what.sim)),
    )
    return world, len(world.journal.rows) - 1


def whole(sc: Scenario, world: World, at: int, fresh: bool, moves: list[Move]) -> World:
    """All is here that will come: it goes out, or it is held."""
    row = world.journal.rows[at]
    world = with_row(world, at, row._replace(content=row.parts))
    phone = sc.number(world, row.card)
    if row.held:
        return moved(world, at, Cause.OLD, State.STALE, moves)
    if phone == NONE:
        return moved(world, at, Cause.NO_NUMBER, State.UNASSIGNED, moves)
    world = moved(world, at, Cause.WHOLE, State.PENDING, moves, phone=phone, frozen=fresh)
    return forwarding.add(sc, world, at)


# ---- numbers ------------------------------------------------------------------------------------


def resolve_again(sc: Scenario, world: World, moves: list[Move]) -> World:
    """Numbers may have changed."""
    for at, row in enumerate(world.journal.rows):
        if row.state in ATTEMPTED and not row.insisted:
            world = _resolve_one(sc, world, at, row, moves)
    return world


def _resolve_one(sc: Scenario, world: World, at: int, row: Row, moves: list[Move]) -> World:
    phone = sc.number(world, row.card)
    pending = row.state is State.PENDING
    if row.phone == phone and (pending or phone == NONE):
        return world
    if row.frozen and row.phone != phone and not sc.makes(Mistake.FROZEN_RENUMBERED):
        if pending:
            world = moved(world, at, Cause.NUMBER_CHANGED, State.UNASSIGNED, moves)
            world = forwarding.withdraw(world, at)
        return world
    if pending:
        world = forwarding.withdraw(world, at)
    if phone == NONE:
        return moved(world, at, Cause.NO_NUMBER, State.UNASSIGNED, moves, phone=NONE)
    if not pending:
        world = moved(world, at, Cause.RESOLVED, State.PENDING, moves)
    row = world.journal.rows[at]
    world = with_row(world, at, row._replace(phone=phone))
    return forwarding.add(sc, world, at, due=_rest_over(row))


def _rest_over(row: Row) -> Due:
    """When the wait after the last attempt is over: it may have ended only just now."""
    if not row.frozen:
        return Due.NONE
    return row.due if row.due is not Due.NONE else Due.AHEAD


# ---- the operator -------------------------------------------------------------------------------


def retry(sc: Scenario, world: World, at: int, moves: list[Move]) -> World | None:
    """None where it is refused."""
    row = world.journal.rows[at]
    held = (State.STALE, State.UNASSIGNED)
    again = {*held, State.REFUSED}
    if sc.makes(Mistake.DELIVERED_RETRIED):
        again.add(State.DELIVERED)
    if row.state not in again:
        return None
    phone = row.phone
    if not row.frozen and row.state in held:
        phone = sc.number(world, row.card)
        if phone == NONE:
            return None
    due = _rest_over(row)
    more = {"phone": phone, "held": False, "insisted": row.frozen, "due": due}
    world = moved(world, at, Cause.RETRY, State.PENDING, moves, **more)
    return forwarding.add(sc, world, at, due=due)


def discard(world: World, at: int, moves: list[Move]) -> World | None:
    """None where it is refused."""
    if world.journal.rows[at].state in DONE:
        return None
    world = moved(world, at, Cause.DISCARD, State.DISCARDED, moves)
    return forwarding.withdraw(world, at)


# ---- verdicts, failures, starts -----------------------------------------------------------------


def settle(world: World, at: int, moves: list[Move]) -> World:
    """Commit the verdict that waits."""
    delivered = world.tasks[at].stage is Stage.KNOWN_OK
    to = State.DELIVERED if delivered else State.REFUSED
    cause = Cause.ANSWERED_200 if delivered else Cause.TERMINAL_ERROR
    state = world.journal.rows[at].state
    if state is to or (state is State.DISCARDED and not delivered):
        return world
    return moved(world, at, cause, to, moves, due=Due.NONE)


def write_failures(world: World) -> World:
    """Commit the failures that wait for company: they go with whatever is written next."""
    for at, task in enumerate(world.tasks):
        if task.failed is not Due.NONE:
            row = world.journal.rows[at]
            if row.state in ATTEMPTED:
                world = with_row(world, at, row._replace(due=task.failed))
            world = forwarding.with_task(world, at, task._replace(failed=Due.NONE))
    return world


def start(sc: Scenario, world: World, moves: list[Move]) -> World:
    """A process begins: numbers are resolved, what waits is handed out."""
    clean = world.journal.clean
    world = resolve_again(sc, world, moves)
    world = world._replace(
        journal=world.journal._replace(clean=False),
        tasks=(Task(),) * len(world.journal.rows),
    )
    for at, row in enumerate(world.journal.rows):
        believed = clean or row.due is Due.AHEAD or sc.makes(Mistake.DUE_FORGOTTEN)
        believed = believed or (row.due is Due.OVER and sc.makes(Mistake.DUE_BELIEVED))
        if row.state in ATTEMPTED and row.frozen and not believed:
            row = row._replace(due=Due.AHEAD)
            world = with_row(world, at, row)
        if row.state is State.PENDING:
            due = Due.NONE if sc.makes(Mistake.DUE_FORGOTTEN) else row.due
            world = forwarding.add(sc, world, at, due=due)
    return world
