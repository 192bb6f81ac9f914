"""The forwarding loop: one attempt at a time of each message, from its place to its verdict."""

from __future__ import annotations

from collections.abc import Iterator

from gsmbridge.message import State
from tests.model import ledger
from tests.model.scenario import Mistake, Scenario
from tests.model.state import (
    FLIGHT,
    SETTLING,
    Due,
    Move,
    Row,
    Stage,
    Step,
    Task,
    Truth,
    World,
)

ANSWERS = (Stage.OK, Stage.TERMINAL, Stage.ERROR)


def with_task(world: World, at: int, task: Task) -> World:
    return world._replace(tasks=(*world.tasks[:at], task, *world.tasks[at + 1 :]))


def with_truth(world: World, at: int, truth: Truth) -> World:
    return world._replace(truth=(*world.truth[:at], truth, *world.truth[at + 1 :]))


def add(sc: Scenario, world: World, at: int, due: Due = Due.NONE) -> World:
    """The journal tells that a row is to be pushed."""
    task = world.tasks[at]
    if task.stage in FLIGHT:
        return with_task(world, at, task._replace(leaves=False))
    if task.stage in (Stage.KNOWN_OK, Stage.KNOWN_TERMINAL):
        return world
    if task.stage is Stage.SETTLED and sc.makes(Mistake.ORDER_DROPPED):
        return world
    stage = Stage.WAITS if due is Due.AHEAD else Stage.DUE
    return with_task(world, at, task._replace(stage=stage, leaves=False))


def withdraw(world: World, at: int) -> World:
    """The journal tells that a row must not be pushed any more."""
    task = world.tasks[at]
    if task.stage in FLIGHT:
        return with_task(world, at, task._replace(leaves=True))
    if task.stage in SETTLING:
        return world
    return with_task(world, at, task._replace(stage=Stage.ABSENT))


def steps(sc: Scenario, world: World) -> Iterator[Step]:
    """What the loop, the server and the line between them can do next."""
    for at, task in enumerate(world.tasks):
        yield from _attempt(sc, world, at, task)
        if task.failed is not Due.NONE and world.disk == "well":
            yield Step("failures are committed", (), ledger.write_failures(world))
        yield from _verdict(sc, world, at, task)


def _attempt(sc: Scenario, world: World, at: int, task: Task) -> Iterator[Step]:
    row = world.journal.rows[at]
    match task.stage:
        case Stage.DUE if world.disk == "well" and sc.brief:
            yield _brief(sc, world, at, row)
        case Stage.DUE if world.disk == "well":
            if row.frozen or sc.makes(Mistake.PUSH_BEFORE_FREEZE):
                yield Step("a request begins", (at,), _send(sc, world, at))
            else:
                freezing = task._replace(stage=Stage.FREEZING)
                yield Step("a freeze is asked for", (at,), with_task(world, at, freezing))
        case Stage.FREEZING if world.disk == "well":
            world = ledger.write_failures(world)
            world = ledger.with_row(world, at, row._replace(frozen=True))
            world = with_task(world, at, Task()) if task.leaves else _send(sc, world, at)
            yield Step("a freeze is committed", (at,), world)
        case Stage.SENT:
            for answer in ANSWERS:
                truth = world.truth[at]
                served = truth._replace(served=truth.served or answer is Stage.OK)
                answered = with_task(world, at, task._replace(stage=answer))
                yield Step(f"the server {answer}", (at,), with_truth(answered, at, served))
            yield Step("the request is lost", (at,), _failed(sc, world, at))
        case Stage.OK | Stage.TERMINAL:
            yield from _arrives(world, at, task)
            yield Step("the reply is lost", (at,), _failed(sc, world, at))
        case Stage.ERROR:
            yield Step("the attempt fails", (at,), _failed(sc, world, at))


def _brief(sc: Scenario, world: World, at: int, row: Row) -> Step:
    """An attempt that is answered 200, to its commit."""
    frozen = _send(sc, ledger.with_row(world, at, row._replace(frozen=True)), at)
    known = with_truth(frozen, at, frozen.truth[at]._replace(served=True, known=True))
    moves: list[Move] = []
    settled = ledger.settle(with_task(known, at, Task(Stage.KNOWN_OK)), at, moves)
    return Step("it is delivered", (at,), with_task(settled, at, Task()), tuple(moves))


def _arrives(world: World, at: int, task: Task) -> Iterator[Step]:
    if task.stage is Stage.OK:
        known = with_truth(world, at, world.truth[at]._replace(known=True))
        stage = Stage.KNOWN_OK
    else:
        known, stage = world, Stage.KNOWN_TERMINAL
    reached = task._replace(stage=stage, leaves=False)
    yield Step("the reply arrives", (at,), with_task(known, at, reached))


def _verdict(sc: Scenario, world: World, at: int, task: Task) -> Iterator[Step]:
    if task.stage in (Stage.KNOWN_OK, Stage.KNOWN_TERMINAL):
        if world.disk != "dead":
            moves: list[Move] = []
            settled = ledger.write_failures(world) if world.disk == "well" else world
            settled = ledger.settle(settled, at, moves)
            settled = with_task(settled, at, settled.tasks[at]._replace(stage=Stage.SETTLED))
            yield Step("a verdict is committed", (at, task.stage), settled, tuple(moves))
        elif sc.makes(Mistake.VERDICT_GIVEN_UP):
            forgotten = with_task(world, at, task._replace(stage=Stage.DUE))
            yield Step("a verdict is given up", (at,), forgotten)
    elif task.stage is Stage.SETTLED:
        over = with_task(world, at, task._replace(stage=Stage.ABSENT))
        yield Step("the loop hears of its verdict", (at,), over)


def _failed(sc: Scenario, world: World, at: int) -> World:
    """An attempt ended without a verdict."""
    task = world.tasks[at]
    stage = Stage.DUE if sc.makes(Mistake.NO_INTERVAL) else Stage.WAITS
    stage = Stage.ABSENT if task.leaves else stage
    world = with_truth(world, at, world.truth[at]._replace(rests=True))
    return with_task(world, at, Task(stage, failed=Due.AHEAD))


def _send(sc: Scenario, world: World, at: int) -> World:
    """The request's first byte goes out: here everything that was promised of it is judged."""
    row, truth = world.journal.rows[at], world.truth[at]
    sent = (row.phone, row.content)
    broken = _promised(sc, world, at, row, truth)
    if truth.pushed is None:
        world = with_truth(world, at, truth._replace(pushed=sent))
    world = with_task(world, at, world.tasks[at]._replace(stage=Stage.SENT, leaves=False))
    return world._replace(broken=broken)


def _promised(sc: Scenario, world: World, at: int, row: Row, truth: Truth) -> str:
    if row.state is not State.PENDING:
        return f"pushes what is {row.state}"
    if truth.pushed is not None and truth.pushed != (row.phone, row.content):
        return "I4: the same id goes out with other content"
    if truth.rests:
        return "I5: an attempt begins before the interval is over"
    first = truth.pushed is None and not row.insisted
    if first and row.phone != sc.number(world, truth.sim):
        return "I6: it goes out under another number than that of its SIM"
    for other, known in zip(world.journal.rows, world.truth, strict=True):
        same = (other.key, other.content, known.sim) == (row.key, row.content, truth.sim)
        if known.known and same and (other is row or _dated(sc, row)):
            return "I3: a push after a known 200"
    return ""


def _dated(sc: Scenario, row: Row) -> bool:
    return all(sms.dated for sms in sc.messages if row.key in (sms.key, sms.bytes))
