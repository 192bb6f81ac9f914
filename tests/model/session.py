"""One modem's session: what it reads it proves twice, what it deletes it reads first."""

from __future__ import annotations

from collections.abc import Iterator

from tests.model import ledger
from tests.model.ledger import DONE, with_copy
from tests.model.scenario import Assumption, Fault, Mistake, Scenario
from tests.model.state import NONE, At, Move, Session, Slots, Stage, Step, World


def with_session(world: World, modem: int, session: Session) -> World:
    sessions = world.sessions
    return world._replace(sessions=(*sessions[:modem], session, *sessions[modem + 1 :]))


def over(world: World, modem: int) -> World:
    """This appearance ends: its slot numbers mean nothing any more."""
    copies = tuple(
        copy._replace(place=NONE, slot=NONE) if copy.place == modem else copy
        for copy in world.journal.copies
    )
    world = world._replace(journal=world.journal._replace(copies=copies))
    return with_session(world, modem, Session())


def slots(world: World, modem: int) -> Slots:
    """What can be read in a modem now."""
    card = world.places[modem]
    return world.cards[card] if card != NONE else ()


def steps(sc: Scenario, world: World) -> Iterator[Step]:
    """What each session can do next."""
    for modem, session in enumerate(world.sessions):
        if session.sim == NONE:
            if world.places[modem] != NONE and world.disk == "well" and not _queued(world):
                yield _appears(world, modem)
        elif session.at in (At.IDLE, At.CHECKED, At.READ, At.RECORD):
            yield from _reading(sc, world, modem, session)
        else:
            yield from _freeing(sc, world, modem, session)
        if session.sim != NONE and session.at is At.IDLE:
            yield from _begin_free(sc, world, modem, session)


def _queued(world: World) -> bool:
    """Whether a reading waits for its commit: what is asked for later is committed later."""
    return any(session.at is At.RECORD for session in world.sessions)


def _appears(world: World, modem: int) -> Step:
    sim = world.places[modem]
    begun = with_session(ledger.write_failures(world), modem, Session(sim=sim))
    return Step("a SIM is identified", (modem, sim), begun)


def _proved(sc: Scenario, world: World, modem: int, unless: Mistake | None = None) -> bool:
    """Whether a check finds the SIM in that is believed to be."""
    session = world.sessions[modem]
    if session.hint and not sc.makes(Mistake.HINT_UNHEARD):
        return False
    skipped = unless is not None and sc.makes(unless)
    return skipped or world.places[modem] == session.sim


def _called(sc: Scenario, step: str, without: Mistake) -> str:
    """The name of a *step* that a mistake leaves out."""
    return f"leaves out: {step}" if sc.makes(without) else step


def _doubt(world: World, modem: int) -> Step:
    return Step("the SIM is in doubt", (modem,), over(world, modem))


# ---- reading ------------------------------------------------------------------------------------


def _reading(sc: Scenario, world: World, modem: int, session: Session) -> Iterator[Step]:
    match session.at:
        case At.IDLE if _has_news(sc, world, modem, session):
            if not _proved(sc, world, modem, Mistake.NO_CHECK_BEFORE_READ):
                yield _doubt(world, modem)
            else:
                skips = sc.makes(Mistake.NO_CHECK_BEFORE_READ)
                checked = session._replace(at=At.CHECKED, moved=session.moved and skips)
                what = _called(sc, "checks the SIM", Mistake.NO_CHECK_BEFORE_READ)
                yield Step(what, (modem,), with_session(world, modem, checked))
        case At.CHECKED:
            if world.places[modem] == NONE:
                yield _doubt(world, modem)
            else:
                yield _reads(world, modem, session)
        case At.READ:
            if not _proved(sc, world, modem, Mistake.NO_CHECK_AFTER_READ):
                yield _doubt(world, modem)
            else:
                proved = session._replace(at=At.RECORD, moved=False)
                what = _called(sc, "checks the SIM again", Mistake.NO_CHECK_AFTER_READ)
                yield Step(what, (modem,), with_session(world, modem, proved))
        case At.RECORD if world.disk == "well":
            yield _records(sc, world, modem, session)


def _has_news(sc: Scenario, world: World, modem: int, session: Session) -> bool:
    """Reading what is known already changes nothing; so only what tells something is followed."""
    if not session.listed or session.announced or world.places[modem] != session.sim:
        return True
    if session.hint:
        return True
    known = {
        (copy.slot, copy.sms)
        for copy in world.journal.copies
        if copy.on_sim and copy.place == modem
    }
    there = {(slot, sms) for slot, sms in enumerate(slots(world, modem)) if sms != NONE}
    return known != there


def _reads(world: World, modem: int, session: Session) -> Step:
    """Announced messages first, which is no whole listing; else everything."""
    arrivals = session.announced and session.listed
    found = tuple((slot, sms) for slot, sms in enumerate(slots(world, modem)) if sms != NONE)
    read = session._replace(
        at=At.READ,
        read=found,
        complete=not arrivals,
        announced=session.announced and not session.listed,
    )
    what = "reads what was announced" if arrivals else "lists the store"
    return Step(what, (modem,), with_session(world, modem, read))


def _records(sc: Scenario, world: World, modem: int, session: Session) -> Step:
    moves: list[Move] = []
    after = ledger.record(sc, ledger.write_failures(world), modem, moves)
    session = session._replace(
        at=At.IDLE, read=(), complete=False, listed=session.listed or session.complete
    )
    what = (
        "a whole reading is committed"
        if world.sessions[modem].complete
        else "an arrival is committed"
    )
    return Step(what, (modem,), with_session(after, modem, session), tuple(moves))


# ---- freeing ------------------------------------------------------------------------------------


def _begin_free(sc: Scenario, world: World, modem: int, session: Session) -> Iterator[Step]:
    if not session.listed or session.announced or world.disk == "dead":
        return
    for at, copy in enumerate(world.journal.copies):
        if copy.on_sim and copy.place == modem and _may_go(sc, world, copy.row):
            if not _proved(sc, world, modem, Mistake.NO_CHECK_BEFORE_DELETE):
                yield _doubt(world, modem)
                return
            begun = session._replace(at=At.FREE, copy=at, slot=copy.slot, line=False, moved=False)
            what = _called(sc, "checks the SIM before a delete", Mistake.NO_CHECK_BEFORE_DELETE)
            yield Step(what, (modem, at), with_session(world, modem, begun))


def _may_go(sc: Scenario, world: World, row: int) -> bool:
    if sc.makes(Mistake.DELETES_BEFORE_COMMIT) and world.tasks[row].stage is Stage.KNOWN_OK:
        return True
    return world.journal.rows[row].state in DONE or sc.makes(Mistake.DELETES_JOURNALLED)


def _freeing(sc: Scenario, world: World, modem: int, session: Session) -> Iterator[Step]:
    lies = slots(world, modem)
    there = lies[session.slot] if lies else NONE
    idle = session._replace(at=At.IDLE, copy=NONE, slot=NONE, victim=NONE, empty=False, line=False)
    match session.at:
        case At.FREE:
            if not lies:
                yield _doubt(world, modem)
            else:
                yield _rereads(sc, world, modem, session, idle, there)
        case At.GAP:
            if session.line and not sc.makes(Mistake.LINE_UNHEARD):
                yield Step("the delete is called off", (modem,), with_session(world, modem, idle))
            else:
                yield from _deletes(sc, world, modem, session, there)
        case At.DELETED:
            empty = there == NONE or sc.makes(Mistake.NO_LOOK_AFTER)
            looked = session._replace(at=At.LEFT, empty=empty)
            what = _called(sc, "looks at the slot again", Mistake.NO_LOOK_AFTER)
            yield Step(what, (modem,), with_session(world, modem, looked))
        case At.LEFT:
            yield _checks_after(sc, world, modem, session, idle)
        case At.FREED if world.disk != "dead":
            yield _commits_freed(world, modem, session, idle)


def _rereads(
    sc: Scenario, world: World, modem: int, session: Session, idle: Session, there: int
) -> Step:
    copy = world.journal.copies[session.copy]
    meant = sc.messages[copy.sms].bytes
    gap = session._replace(at=At.GAP)
    if there == NONE and not sc.makes(Mistake.NO_REREAD):
        if session.copy in session.sent:
            gap = session._replace(at=At.FREED)
            return Step(
                "finds the slot empty by its own delete", (modem,), with_session(world, modem, gap)
            )
        return Step("finds the slot empty", (modem,), with_session(world, modem, idle))
    same = there != NONE and sc.messages[there].bytes == meant
    if not same and not sc.makes(Mistake.NO_REREAD):
        return Step("finds another message", (modem,), with_session(world, modem, idle))
    what = _called(sc, "reads the slot again", Mistake.NO_REREAD)
    return Step(what, (modem,), with_session(world, modem, gap))


def _deletes(
    sc: Scenario, world: World, modem: int, session: Session, there: int
) -> Iterator[Step]:
    sent = tuple(sorted({*session.sent, session.copy}))
    after = session._replace(at=At.DELETED, sent=sent, victim=there)
    if world.faults and Fault.DUD in sc.kinds:
        dud = with_session(world, modem, after)._replace(faults=world.faults - 1)
        yield Step("the delete does nothing", (modem,), dud, mends=False)
    card = world.places[modem]
    if card == NONE:
        yield Step("the delete finds no card", (modem,), with_session(world, modem, after))
        return
    lies = world.cards[card]
    left = (*lies[: session.slot], NONE, *lies[session.slot + 1 :])
    deleted = with_session(world, modem, after)._replace(
        cards=(*world.cards[:card], left, *world.cards[card + 1 :]),
        broken=_promised(sc, world, session.copy, there),
    )
    yield Step("the slot is deleted", (modem, session.slot), deleted)


def _promised(sc: Scenario, world: World, copy: int, there: int) -> str:
    """What was promised of a delete (I2), judged by what the slot really held."""
    if there == NONE:
        return ""
    meant = world.journal.copies[copy]
    row, truth = world.journal.rows[meant.row], world.truth[meant.row]
    lay = sc.messages[there]
    if (lay.sim, lay.bytes) != (truth.sim, sc.messages[meant.sms].bytes):
        return "I2: another message is deleted than the one that was meant"
    if row.state not in DONE:
        return "I2: deleted before its 200 was committed"
    return ""


def _checks_after(sc: Scenario, world: World, modem: int, session: Session, idle: Session) -> Step:
    if not _proved(sc, world, modem, Mistake.NO_CHECK_AFTER_DELETE):
        return _doubt(world, modem)
    if not session.empty:
        return Step("the delete did not take", (modem,), with_session(world, modem, idle))
    freed = with_session(world, modem, session._replace(at=At.FREED, moved=False))
    if session.victim != NONE and world.cards[session.sim][session.slot] == session.victim:
        freed = freed._replace(broken="I2: counted as deleted, and it still lies there")
    what = _called(sc, "checks the SIM after a delete", Mistake.NO_CHECK_AFTER_DELETE)
    return Step(what, (modem,), freed)


def _commits_freed(world: World, modem: int, session: Session, idle: Session) -> Step:
    at = session.copy
    world = ledger.write_failures(world) if world.disk == "well" else world
    copy = world.journal.copies[at]
    # No appearance knows its slot any more, as if it had ended.
    world = with_copy(world, at, copy._replace(on_sim=False, freed=True, place=NONE, slot=NONE))
    sent = tuple(each for each in session.sent if each != at)
    return Step(
        "a free is committed", (modem, at), with_session(world, modem, idle._replace(sent=sent))
    )


def silent_change_allowed(sc: Scenario, world: World, modem: int) -> bool:
    """Whether a card may be changed in *modem* now without a word (`Assumption`)."""
    session = world.sessions[modem]
    if session.at is At.GAP and sc.assumes(Assumption.GAP):
        return False
    if session.at is At.FREE and sc.assumes(Assumption.CHECK):
        return False
    return not (session.moved and sc.assumes(Assumption.ONCE))
