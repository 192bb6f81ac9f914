"""A campaign of kills: the real daemon under load, killed at every boundary there is, again and
again, and started at once.

The load flows to modems of several families, the server fails in all its ways and now and then
isn't there at all, hands move SIMs and ports. In the end everything is left in peace, and the
verdict is drawn from the farm's record, the server's, and the journals that the dead left.
"""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
from collections import Counter, deque
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, closing
from dataclasses import replace
from pathlib import Path

from gsmbridge.config.load import load
from gsmbridge.errors import GsmbridgeError
from gsmbridge.farm import pushes, stage
from gsmbridge.farm.partner import Exchange
from gsmbridge.farm.partner_script import NAMED, Reply
from gsmbridge.farm.personalities import (
    GENERIC,
    HUAWEI,
    QUECTEL,
    SIEMENS,
    SIM800,
    SIM7600,
    Personality,
)
from gsmbridge.farm.stage import Daemon
from gsmbridge.farm.verdict import Verdict, Violation, judge
from gsmbridge.journal.database import VERSION
from gsmbridge.message import State
from gsmbridge.service.ask import ask
from tests.crash.points import POINTS, Point
from tests.crash.stalls import Stalls
from tests.crash.strikes import Strikes
from tests.crash.tally import Tally, timeline, untold
from tests.crash.weather import NARROW, TERMINAL, Server, Weather
from tests.crash.witness import Witness
from tests.endtoend.scene import OK, UNWANTED, Scene, playing

RATE = 14.0
"""Messages a second, over all modems, while the daemon keeps up."""
RETRY_INTERVAL = 1.0
WINDOW = 30.0
"""Seconds until what has come of a message is pushed, some of whose parts another overwrote."""
TOLERANCE = 0.25
"""Seconds of an interval that a busy machine may cost."""
STARTS = 20.0
"""Seconds that a start may take."""
PATIENCE = 3.0
"""Seconds from then on in which a point must be reached; else the kill is one at random."""
SETTLE = 120.0
LONG_AGO = 40 * 86400
FAILURES = (Reply(500, "oops"), NAMED["ignored"], NAMED["echo_page"], NAMED["unavailable"])
TIMED = ("repeated", "early", "overlapping")
BODY_HELD = replace(OK, pause_after="\r\n\r\n", pause=60.0)
LEFT = 4
"""Slots that are free on the narrow SIM."""


def quick(family: Personality) -> Personality:
    """The same, but it starts faster than any modem does."""
    return replace(family, deaf=0.1, ready=0.5, boot=tuple((0.05, text) for _, text in family.boot))


FAMILIES = tuple(
    quick(family) for family in (GENERIC, HUAWEI, SIM7600, QUECTEL, SIEMENS, SIM800, GENERIC)
)


class Campaign:
    """One scene, played from the first kill to the verdict."""

    def __init__(self, scene: Scene, server: Server, seed: int) -> None:
        rng = random.Random(seed)
        self.tally = Tally(seed)
        self._scene = scene
        self._server = server
        self._rng = rng
        self._weather = Weather(scene, random.Random(rng.random()), RATE)
        self._strikes = Strikes(scene, server, random.Random(rng.random()), self._strike)
        self._witness = Witness(scene.journal, scene.folder)
        self._report = scene.folder / "struck"
        self._lines: deque[str] = deque(maxlen=200)
        self._unwanted: list[Violation] = []
        self._deck: list[Point] = []
        self._again: list[Point] = []
        self._stalls = Stalls()
        self._kills: list[tuple[float, str]] = []
        self._ordered: dict[int, float] = {}
        """When the operator wanted a message discarded, by smsId."""
        self._retried: set[int] = set()
        self._struck: str | None = None
        self._up = False
        self._upgraded = False
        """The last one that lived knew steps to a later schema."""

    async def play(self, kills: int, tell: Callable[[int], None]) -> None:
        """Kill so often, let all come to rest, and judge; *tell* how many there were so far."""
        # Some modems keep messages in their own memory until they are told otherwise; of those
        # that lie there, nobody knows whose they are.
        await self._scene.start()
        await self._scene.kill()
        self._scene.strike_fault(NARROW, "fill", leave=LEFT)
        self._weather.begin()
        watching = asyncio.create_task(self._stalls.watch())
        while self.tally.kills < kills:
            await self._life(self._next())
            tell(self.tally.kills)
        await self._weather.end()
        self._prepare(Point("the end"))
        await self._settle()
        watching.cancel()
        self._judge()

    def _next(self) -> Point:
        """Every point once, in an order of chance, then all again; what was missed twice."""
        if not self._deck:
            self._deck, self._again = [*POINTS, *self._again], []
            self._rng.shuffle(self._deck)
        return self._deck.pop()

    # ---- one life -----------------------------------------------------------------------------

    async def _life(self, point: Point) -> None:
        self._prepare(point)
        self._upgraded = point.needs == "upgrade"
        self._struck = None
        self._report.unlink(missing_ok=True)
        await self._start(point)
        if point.outside:
            self._strikes.lie_in_wait(point.name)
        provoking = asyncio.create_task(self._provoke(point))
        await self._until_up()
        if not await stage.until(lambda: self._scene.dead, PATIENCE):
            self._strike("at random")
        self._strikes.give_up()
        provoking.cancel()
        await asyncio.gather(provoking, return_exceptions=True)
        await self._bury(point)

    async def _start(self, point: Point) -> None:
        words = ["-m", "tests.crash.aimed", "--point", point.name, "--report", str(self._report)]
        words += ["--nth", str(self._rng.choice((1, 1, 1, 2, 3)) if not point.needs else 1)]
        words += ["--after", str(self._rng.choice((1e-5, 5e-5, 2e-4, 1e-3, 3e-3)))]
        self._scene.daemon = Daemon(self._scene.config, self._heard, words)
        self._up = False
        await self._scene.daemon.start()

    async def _until_up(self) -> None:
        """Until it has begun to work, or is dead."""
        await stage.until(lambda: self._up or self._scene.dead, STARTS)

    def _heard(self, line: str) -> None:
        self._lines.append(line)
        self._up = self._up or " started: " in line
        if any(word in line for word in UNWANTED):
            self._unwanted.append(Violation("said", 0.0, line))

    def _strike(self, point: str) -> None:
        if self._struck is None and not self._scene.dead:
            self._struck = point
            self._scene.strike()

    async def _bury(self, point: Point) -> None:
        """Wait for the end, and look at what the dead one left."""
        assert self._scene.daemon is not None
        status = await self._scene.daemon.end()
        await asyncio.sleep(0.01)  # what it had sent is read only after its death
        now = asyncio.get_running_loop().time()
        told = self._report.read_text() if self._report.exists() else ""
        at, struck = now, self._struck or "by itself"
        if told:
            when, struck = told.splitlines()[0].split(" ", 1)
            at = float(when)
        elif self._struck is None and point.needs != "stop":
            self._unwanted.append(Violation("said", now, f"ended with {status} by itself"))
        self._scene.kills += [at, now]
        self._kills.append((at, struck))
        if struck == point.name:
            self.tally.struck[struck] += 1
        else:
            self.tally.missed[point.name] += 1
            self._again.append(point)
        self._scene.ptys.release()
        self._witness.look(now, self._scene.farm.truth.events, self._scene.partner.exchanges)

    # ---- what a point needs ---------------------------------------------------------------------

    def _prepare(self, point: Point) -> None:
        """Before its start: age what is finished, or take the schema back that a step led to. Else
        the journal is left as the dead one left it."""
        if not self._upgraded and point.needs != "age":
            return
        with closing(sqlite3.connect(self._scene.journal)) as db:
            if db.execute("PRAGMA user_version").fetchone()[0] > VERSION:
                db.execute(f"PRAGMA user_version = {VERSION}")
            if point.needs == "age":
                age(db)
                db.commit()

    async def _provoke(self, point: Point) -> None:
        """While it lives: what the load alone does not bring about."""
        match point.needs:
            case "fail":
                self._server.next = lambda _: self._rng.choice(FAILURES)
            case "hold":
                self._server.next = lambda _: BODY_HELD
            case "refuse":
                self._weather.message_to_refuse()
            case "retry" | "discard" as order:
                await self._order(order)
            case "reload":
                await self._until_up()
                await asyncio.sleep(self._rng.uniform(0.0, 0.8))
                self._scene.rewrite(self._change)
                self._scene.reload()
            case "stop":
                await self._until_up()
                await asyncio.sleep(self._rng.uniform(0.0, 0.8))
                assert self._scene.daemon is not None
                self._scene.daemon.tell(signal.SIGTERM)

    async def _order(self, order: str) -> None:
        """The operator's word on a message that was refused; there is always one soon."""
        self._weather.message_to_refuse()
        await stage.until(lambda: bool(self._refused()), PATIENCE)
        sms_id = self._rng.choice(self._refused())
        await asyncio.sleep(0.4)
        if order == "discard":
            self._ordered.setdefault(sms_id, asyncio.get_running_loop().time())
        else:
            self._retried.add(sms_id)
            self._server.relented.add(sms_id)
            self._witness.relent(sms_id)
        config = load(str(self._scene.config), {})
        while True:
            try:
                await asyncio.to_thread(ask, config, {"command": order, "ids": [sms_id]})
                await asyncio.sleep(0.2)
            except GsmbridgeError:
                await asyncio.sleep(0.05)  # it died of it, or is not there yet

    def _refused(self) -> list[int]:
        found = self._witness.in_state(State.REFUSED)
        return [sms_id for sms_id in found if sms_id not in self._ordered]

    def _change(self, document: dict[str, dict[str, object]]) -> None:
        document["modems"]["poll_interval"] = self._rng.randint(20, 40)

    # ---- the end ------------------------------------------------------------------------------

    async def _settle(self) -> None:
        """A server that always answers, a daemon that nobody kills, until nothing moves."""
        self._server.well = True
        # A modem that has nothing may take its time.
        await self._scene.start(ready=False)
        await self._scene.hears(" started: ", 2)
        if not await stage.until(self._at_rest, SETTLE):
            self._unwanted.append(Violation("stuck", 0.0, self._how_it_stands()))
        assert await self._scene.stop() == 0
        now = asyncio.get_running_loop().time()
        self._witness.look(now, self._scene.farm.truth.events, self._scene.partner.exchanges)

    def _at_rest(self) -> bool:
        """Nothing is on its way, and what lies on SIMs was refused for good."""
        if self._scene.farm.network.waiting():
            return False
        sent = self._witness.sent
        for event in self._scene.events("sent")[len(sent) :]:
            sent[event.fields["message"]] = (event.fields["to"], event.fields["text"])
        return all(TERMINAL in sent[number][1] for number in self._scene.on_sims())

    def _how_it_stands(self) -> str:
        scene = self._scene
        places = [(modem.name, modem.sim and modem.sim.iccid) for modem in scene.farm.modems]
        ports = [scene.ptys.name_of(modem) for modem in scene.farm.modems]
        said = [line for line in scene.lines if "deleted " not in line and "pushed " not in line]
        last = "\n".join(said[-60:])
        return f"not at rest in {SETTLE} s: {places} at {ports}, {scene.on_sims()}\n{last}"

    def _judge(self) -> None:
        scene = self._scene
        seen = pushes.of_exchanges(scene.partner.exchanges, self._terminal)
        events = scene.farm.truth.events
        verdict = judge(
            events, seen, interval=RETRY_INTERVAL, kills=scene.kills, tolerance=TOLERANCE
        )
        found = [each for each in verdict.violations if not self._by_order(each)]
        found = self._in_time(found)
        found += self._witness.violations + self._unwanted + self._left(verdict)
        self.tally.judged(verdict, found)
        self.tally.discarded = len(self._witness.in_state(State.DISCARDED))
        self.tally.happened = self._happened()
        self.tally.timelines = [
            timeline(each, events, scene.partner.exchanges, self._kills, scene.journal)
            for each in found[:20]
        ]

    def _in_time(self, found: list[Violation]) -> list[Violation]:
        """All but those that rest on times while this machine did not keep up: a daemon that got no
        processor commits late, a server that got none sees requests late. Whether a committed 200
        was known is judged by the journal all the same."""
        kept = [v for v in found if v.kind not in TIMED or not self._stalls.near(v.at)]
        self.tally.not_judged = len(found) - len(kept)
        return kept

    def _terminal(self, exchange: Exchange) -> bool:
        """Whether there must be no other request: there may be, once the operator wants it."""
        retried = exchange.request.sms_id in self._retried
        return TERMINAL in exchange.request.text and exchange.status == 400 and not retried

    def _by_order(self, violation: Violation) -> bool:
        """Whether a message is gone unpushed because the operator wanted it discarded."""
        if violation.kind not in ("lost", "deleted_early"):
            return False
        said = self._witness.sent[int(violation.what.split()[1])]
        orders = [self._ordered[i] for i in self._witness.ids.get(said, ()) if i in self._ordered]
        return any(at < violation.at for at in orders)

    def _left(self, verdict: Verdict) -> list[Violation]:
        """What came to no end, though everything was in order at last: what lies on a SIM must be
        known as refused, what is nowhere was discarded or overwritten by the network."""
        witness = self._witness
        found = []
        for message in sorted(self._scene.on_sims()):
            ids = witness.ids.get(witness.sent[message], set())
            if State.REFUSED not in {witness.states.get(sms_id) for sms_id in ids}:
                found.append(Violation("stuck", 0.0, f"message {message} lies on a SIM, unrefused"))
        if verdict.waiting > len(witness.in_state(State.DISCARDED)) + verdict.overwritten:
            found.append(Violation("stuck", 0.0, f"{verdict.waiting} messages came nowhere"))
        return found

    def _happened(self) -> Counter[str]:
        events = self._scene.farm.truth.events
        return Counter(
            each.fields["fault"] if each.kind == "fault" else each.kind
            for each in events
            if each.kind in ("fault", "removed", "plugged", "overwritten", "deleted", "stored")
        )


def scene_of(folder: Path, server: Server, seed: int) -> AbstractAsyncContextManager[Scene]:
    """Where a campaign is played."""
    return playing(
        folder,
        len(FAMILIES),
        families=FAMILIES,
        script=server,
        capacity=40,
        seed=seed,
        onlinesim={"retry_interval": RETRY_INTERVAL, "timeout": 2, "connect_timeout": 1},
        messages={"multipart_timeout": WINDOW, "keep_text": 0},
    )


def age(db: sqlite3.Connection) -> None:
    """As if all that is in the journal had happened long ago, by a clock that never leapt. What may
    still be pushed keeps its stamp: that is part of what must not change."""
    db.execute("UPDATE messages SET settled_at = settled_at - ?", (LONG_AGO,))
    db.execute(
        "UPDATE messages SET scts = scts - ? WHERE state IN (?, ?)",
        (LONG_AGO, State.DELIVERED, State.DISCARDED),
    )
    db.execute("UPDATE copies SET freed_at = freed_at - ?", (LONG_AGO,))
    for (value,) in db.execute("SELECT value FROM meta WHERE key = 'steady'").fetchall():
        *read, begun = value.split()
        aged = " ".join([*read, str(float(begun) - LONG_AGO)])
        db.execute("UPDATE meta SET value = ? WHERE key = 'steady'", (aged,))


async def campaign(
    folder: Path, kills: int, seed: int, tell: Callable[[int], None] = untold
) -> Tally:
    """Play one to its end; *tell* hears after each kill how many there were."""
    server = Server(seed)
    async with scene_of(folder, server, seed) as scene:
        played = Campaign(scene, server, seed)
        await played.play(kills, tell)
        return played.tally
