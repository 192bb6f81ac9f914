"""All that happens around the program: network, hands, other readers, disk, clock, people."""

from __future__ import annotations

from collections.abc import Iterator

from gsmbridge.message import State
from tests.model import ledger, session
from tests.model.ledger import with_row
from tests.model.scenario import Assumption, Fault, Mistake, Scenario
from tests.model.session import over, with_session
from tests.model.state import FLIGHT, NONE, SETTLING, At, Due, Move, Stage, Step, Task, World


def steps(sc: Scenario, world: World) -> Iterator[Step]:
    """What can happen next, for nothing or for one of the faults that are left."""
    yield from _network(sc, world)
    yield from _mends(sc, world)
    yield from _time_passes(world)
    if world.faults:
        left = world._replace(faults=world.faults - 1)
        for kind, happens in FAULTS.items():
            if kind in sc.kinds:
                yield from happens(sc, left)


def with_card(world: World, card: int, slot: int, sms: int) -> World:
    lies = world.cards[card]
    changed = (*lies[:slot], sms, *lies[slot + 1 :])
    return world._replace(cards=(*world.cards[:card], changed, *world.cards[card + 1 :]))


def _modem_with(world: World, card: int) -> int:
    return world.places.index(card) if card in world.places else NONE


REQUESTED = tuple(stage for stage in FLIGHT + SETTLING if stage is not Stage.FREEZING)
"""An attempt has begun, and a crash ends it, or forgets how it ended."""

# ---- network ------------------------------------------------------------------------------------


def _network(sc: Scenario, world: World) -> Iterator[Step]:
    """Each message may come once, into the first free slot."""
    for sms, what in enumerate(sc.messages):
        lies = world.cards[what.sim]
        if not world.sent[sms] and NONE in lies:
            yield from _stored(sc, world, sms, lies.index(NONE))


def _stored(sc: Scenario, world: World, sms: int, slot: int) -> Iterator[Step]:
    card = sc.messages[sms].sim
    sent = (*world.sent[:sms], True, *world.sent[sms + 1 :])
    stored = with_card(world, card, slot, sms)._replace(sent=sent)
    modem = _modem_with(world, card)
    if not _in_gap(sc, world, modem, slot):
        yield Step("the network stores a message", (sms, slot), stored, mends=False)
    if modem != NONE and world.sessions[modem].sim != NONE:
        heard = world.sessions[modem]._replace(announced=True, line=True)
        told = with_session(stored, modem, heard)
        yield Step(
            "the network stores a message and the modem tells", (sms, slot), told, mends=False
        )


def _overwrites(sc: Scenario, world: World) -> Iterator[Step]:
    for sms, what in enumerate(sc.messages):
        for slot, lay in enumerate(world.cards[what.sim]):
            if world.sent[sms] or lay == NONE:
                continue
            for step in _stored(sc, _took(sc, world, lay), sms, slot):
                yield step._replace(what=step.what.replace("stores", "overwrites one with"))


def _in_gap(sc: Scenario, world: World, modem: int, slot: int) -> bool:
    """Whether *slot* was just read again and is about to be deleted."""
    if modem == NONE or world.sessions[modem].at is not At.GAP:
        return False
    return world.sessions[modem].slot == slot and sc.assumes(Assumption.GAP)


def _took(sc: Scenario, world: World, sms: int) -> World:
    """A message is gone by no doing of ours: excused unless it is journalled."""
    lost = sc.messages[sms]
    for copy in world.journal.copies:
        if sc.messages[copy.sms].bytes == lost.bytes and world.truth[copy.row].sim == lost.sim:
            return world
    return world._replace(taken=(*world.taken[:sms], True, *world.taken[sms + 1 :]))


def _other_reader(sc: Scenario, world: World) -> Iterator[Step]:
    for card, lies in enumerate(world.cards):
        for slot, sms in enumerate(lies):
            if sms != NONE:
                gone = with_card(_took(sc, world, sms), card, slot, NONE)
                yield Step("another reader deletes", (card, slot), gone, mends=False)


# ---- hands --------------------------------------------------------------------------------------


def _changed(world: World, modem: int, card: int, told: bool) -> World:
    """Another card, or none, is in a modem."""
    places = (*world.places[:modem], card, *world.places[modem + 1 :])
    was = world.sessions[modem]
    now = was
    if was.sim != NONE and told:
        now = was._replace(hint=True, line=True)
    elif was.sim != NONE and was.at is not At.IDLE:
        now = was._replace(moved=True)
    return with_session(world._replace(places=places), modem, now)


def _told(sc: Scenario, world: World, modem: int) -> tuple[bool, ...]:
    """Whether the modem tells: both can be, where that is not ruled out."""
    if world.sessions[modem].sim == NONE:
        return (False,)
    return (True, False) if session.silent_change_allowed(sc, world, modem) else (True,)


def _removed(sc: Scenario, world: World) -> Iterator[Step]:
    for modem, card in enumerate(world.places):
        if card != NONE:
            for told in _told(sc, world, modem):
                word = "with a word" if told else "silently"
                out = _changed(world, modem, NONE, told)
                yield Step("a card is taken out", (modem, word), out, mends=False)


def _swapped(sc: Scenario, world: World) -> Iterator[Step]:
    if len(world.places) < 2:
        return
    first, second = world.places[:2]
    for one in _told(sc, world, 0):
        for other in _told(sc, world, 1):
            words = tuple("with a word" if told else "silently" for told in (one, other))
            both = _changed(_changed(world, 0, second, one), 1, first, other)
            yield Step("the cards are swapped", words, both, mends=False)


def _unplugged(sc: Scenario, world: World) -> Iterator[Step]:
    for modem, was in enumerate(world.sessions):
        if was.sim != NONE:
            yield Step("a modem is lost", (modem,), over(world, modem), mends=False)


# ---- process, disk, clock -----------------------------------------------------------------------


def _down(world: World) -> World:
    for modem in range(len(world.sessions)):
        world = over(world, modem)
    truth = tuple(
        truth._replace(
            rests=truth.rests or task.stage in REQUESTED,
            known=truth.known and row.state is State.DELIVERED,
        )
        for truth, task, row in zip(world.truth, world.tasks, world.journal.rows, strict=True)
    )
    return world._replace(up=False, truth=truth, tasks=(Task(),) * len(world.tasks))


def _crash(sc: Scenario, world: World) -> Iterator[Step]:
    if world.up:
        yield Step("the process dies", (), _down(world), mends=False)


def _stop(sc: Scenario, world: World) -> Iterator[Step]:
    """Nothing is in flight any more, or it would be dropped as if it had failed."""
    busy = any(task.stage in FLIGHT + SETTLING for task in world.tasks)
    if world.up and world.disk == "well" and not busy:
        stopped = _down(ledger.write_failures(world))
        stopped = stopped._replace(journal=stopped.journal._replace(clean=True))
        yield Step("the process is stopped", (), stopped, mends=False)


def _disk(sc: Scenario, world: World) -> Iterator[Step]:
    if world.disk == "well":
        for how in ("full", "dead"):
            yield Step("the disk is", (how,), world._replace(disk=how), mends=False)


def _clock(sc: Scenario, world: World) -> Iterator[Step]:
    for days in (-1, 0, 1):
        if days != world.clock:
            jumped = world._replace(clock=days)
            if sc.makes(Mistake.WALL_CLOCK) and days > world.clock:
                jumped = _intervals_over(jumped)
            yield Step("the wall clock jumps to day", (days,), jumped, mends=False)


def _mends(sc: Scenario, world: World) -> Iterator[Step]:
    """What sets itself right, or is set right, sooner or later."""
    if world.disk != "well":
        yield Step("the disk is", ("well",), world._replace(disk="well"))
    if not world.up and world.disk == "well":
        begins = 1 if sc.makes(Mistake.ID_FROM_MEMORY) else world.journal.mark
        moves: list[Move] = []
        begun = world._replace(up=True, next_id=begins)
        yield Step("the process starts", (), ledger.start(sc, begun, moves), tuple(moves))
    for card in range(sc.cards):
        for modem, place in enumerate(world.places):
            if card not in world.places and place == NONE:
                told = _told(sc, world, modem)[-1]
                yield Step("a card is put in", (card, modem), _changed(world, modem, card, told))


def _time_passes(world: World) -> Iterator[Step]:
    """Every interval that runs is over; a disk that works has taken what waited."""
    running = any(truth.rests for truth in world.truth)
    running = running or any(row.due is Due.AHEAD for row in world.journal.rows)
    running = running or any(task.stage is Stage.WAITS for task in world.tasks)
    if running:
        if world.disk == "well" and world.up:
            world = ledger.write_failures(world)
        truth = tuple(each._replace(rests=False) for each in world.truth)
        yield Step("the interval passes", (), _intervals_over(world)._replace(truth=truth))


def _intervals_over(world: World) -> World:
    for at, row in enumerate(world.journal.rows):
        if row.due is Due.AHEAD:
            world = with_row(world, at, row._replace(due=Due.OVER))
    tasks = tuple(
        task._replace(
            stage=Stage.DUE if task.stage is Stage.WAITS else task.stage,
            failed=Due.OVER if task.failed is not Due.NONE else task.failed,
        )
        for task in world.tasks
    )
    return world._replace(tasks=tasks)


# ---- people -------------------------------------------------------------------------------------


def _reload(sc: Scenario, world: World) -> Iterator[Step]:
    for config in range(len(sc.configs)):
        if config == world.config or world.disk != "well":
            continue
        moves: list[Move] = []
        changed = world._replace(config=config)
        if world.up:
            changed = ledger.resolve_again(sc, ledger.write_failures(changed), moves)
        yield Step("the config becomes", (config,), changed, tuple(moves), mends=False)


def _retry(sc: Scenario, world: World) -> Iterator[Step]:
    if world.up and world.disk == "well":
        world = ledger.write_failures(world)
        for at in range(len(world.journal.rows)):
            moves: list[Move] = []
            again = ledger.retry(sc, world, at, moves)
            if again is not None:
                yield Step("the operator retries", (at,), again, tuple(moves), mends=False)


def _discard(sc: Scenario, world: World) -> Iterator[Step]:
    if world.up and world.disk == "well":
        world = ledger.write_failures(world)
        for at in range(len(world.journal.rows)):
            moves: list[Move] = []
            gone = ledger.discard(world, at, moves)
            if gone is not None:
                yield Step("the operator discards", (at,), gone, tuple(moves), mends=False)


FAULTS = {
    Fault.CRASH: _crash,
    Fault.STOP: _stop,
    Fault.UNPLUG: _unplugged,
    Fault.REMOVE: _removed,
    Fault.SWAP: _swapped,
    Fault.READER: _other_reader,
    Fault.OVERWRITE: _overwrites,
    Fault.DISK: _disk,
    Fault.CLOCK: _clock,
    Fault.RELOAD: _reload,
    Fault.RETRY: _retry,
    Fault.DISCARD: _discard,
}
