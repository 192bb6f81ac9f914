"""A campaign of power cuts: the real daemon under load is killed, most often while it writes; of
what it had not synced a part is lost; modems lose power too, and it starts on what the disk kept.

    python -m tests.crash.powercut --cuts 500 --seed 7
"""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any

from gsmbridge.farm import pushes, recorder, stage
from gsmbridge.farm.partner import Exchange
from gsmbridge.farm.platter import Image, Platter, read, restore
from gsmbridge.farm.stage import Daemon
from gsmbridge.farm.verdict import Verdict, Violation, judge
from gsmbridge.journal.salvage import TABLES
from tests.crash.campaign import RATE, RETRY_INTERVAL, TOLERANCE, scene_of
from tests.crash.disklog import Died, Returned, records
from tests.crash.tally import telling, untold
from tests.crash.weather import TERMINAL, Server, Weather
from tests.endtoend.scene import UNWANTED, Scene
from tests.journal.power import scratch

STARTS, WORKS = 60, 1500
"""Events in which a start is done, and in which some messages are."""
LONGEST = 4.0
"""Seconds that a daemon lives at most."""
SETTLE = 120.0
SALVAGED = "corrupt"
"""In what a daemon prints: the journal was not what it should be."""

Rows = dict[str, list[tuple[Any, ...]]]


@dataclass
class Tally:
    """What came of it."""

    seed: int
    cuts: Counter[str] = field(default_factory=Counter)
    verdict: Verdict | None = None
    violations: list[Violation] = field(default_factory=list)

    def __str__(self) -> str:
        rows = [f"{name:34}{number:8}" for name, number in sorted(self.cuts.items())]
        found = [f"{each.kind}: {each.what}" for each in self.violations]
        return "\n".join([f"seed {self.seed}", *rows, str(self.verdict), *found])


class Campaign:
    """One scene, from the first cut to the verdict."""

    def __init__(
        self, scene: Scene, server: Server, seed: int, place: Path, options: tuple[str, ...]
    ) -> None:
        """*options* of the daemon's process (`recorded.py`)."""
        self.tally = Tally(seed)
        self._scene = scene
        self._server = server
        self._rng = random.Random(seed)
        self._weather = Weather(scene, random.Random(self._rng.random()), RATE)
        self._log = scene.folder / "disk.log"
        self._place = place
        """Where what a cut left is looked at."""
        self._options = options
        self._delivered: dict[int, float] = {}
        """By smsId, since when that is known for good."""

    async def play(self, cuts: int, tell: Callable[[int], None]) -> None:
        """Cut the power so often, let all come to rest, and judge; *tell* how often so far."""
        await self._scene.start()  # modems that keep messages to themselves are told otherwise
        await self._scene.kill()
        self._weather.begin()
        for number in range(cuts):
            await self._life()
            tell(number + 1)
        await self._weather.end()
        await self._settle()
        self._judge()

    async def _life(self) -> None:
        rng, scene = self._rng, self._scene
        state = scene.journal.parent
        base = read(state)
        self._log.unlink(missing_ok=True)
        after = rng.choice((0, rng.randint(1, STARTS), rng.randint(1, WORKS)))
        words = ["-m", "tests.crash.recorded", "--log", str(self._log), *self._options]
        words += ["--die-after", str(after)]
        lines = len(scene.lines)
        scene.daemon = Daemon(scene.config, scene.lines.append, words)
        await scene.daemon.start()
        assert scene.daemon.process is not None
        try:
            async with asyncio.timeout(LONGEST if after else rng.uniform(0.8, 2.5)):
                await scene.daemon.process.wait()
        except TimeoutError:
            scene.strike()
        await self._bury(lines)
        if self._log.exists():
            restore(state, self._cut(base, read(state)))
        for modem in range(len(scene.farm.modems)):
            scene.strike_fault(modem, "reboot")

    async def _bury(self, before: int) -> None:
        """Wait for its end. What it had sent is read only after that."""
        scene = self._scene
        assert scene.daemon is not None
        status = await scene.daemon.end(signal.SIGKILL)
        lines = scene.lines[before:]
        if status != -signal.SIGKILL:
            self._blame("said", f"ended by itself, {status}: " + "\n".join(lines[-60:]))
        await asyncio.sleep(0.01)
        scene.kills.append(asyncio.get_running_loop().time())
        scene.ptys.release()
        self._hear(lines)

    def _hear(self, lines: list[str]) -> None:
        self.tally.cuts["cuts"] += 1
        self.tally.cuts["cuts before it had started"] += not any(" started: " in e for e in lines)
        words = (*UNWANTED, SALVAGED)
        self._blame("said", *(line for line in lines if any(word in line for word in words)))

    def _blame(self, kind: str, *what: str) -> None:
        self.tally.violations += [Violation(kind, 0.0, each) for each in what]

    def _cut(self, base: Image, seen: Image) -> Image:
        """What is left of *base* and of what was done to it since; a process would see *seen*."""
        platter, known = Platter(base), base
        for record in records(self._log):
            match record:
                case Returned():
                    known = platter.now()
                case Died(at):
                    self._scene.kills.append(at)
                case _:
                    platter.do(record)
        self._note_delivered(known)
        if self._rows(seen) not in (self._rows(known), self._rows(platter.now())):
            self._blame("unseen", "the folder holds what was not recorded")
        left = platter.after_cut(self._rng)
        lost = platter.unsynced()
        self.tally.cuts["cuts with unsynced writes"] += lost > 0
        self.tally.cuts["unsynced writes"] += lost
        found = self._rows(left)
        if left != platter.now():
            self.tally.cuts["cuts that lost or tore something"] += 1
        if found != self._rows(known) and found != self._rows(platter.now()):
            self._blame("forgotten", "the journal is neither as before its last commit nor after")
        highest = max((row[0] for row in self._rows(known).get("messages", ())), default=0)
        mark = left.get("journal.db.ids", b"0")
        if highest and not (mark.strip().isdigit() and int(mark) > highest):
            self._blame("mark", f"id {highest} is not below the mark {mark!r}")
        return left

    def _note_delivered(self, known: Image) -> None:
        """From its death on the daemon must not push what it had committed as delivered."""
        restore(self._place, known)
        path = self._place / "journal.db"
        with closing(sqlite3.connect(path)) as db, suppress(sqlite3.OperationalError):
            # No such table: it died before it had made its journal.
            for (sms_id,) in db.execute("SELECT sms_id FROM messages WHERE state = 'delivered'"):
                self._delivered.setdefault(sms_id, self._scene.kills[-1])

    def _rows(self, image: Image) -> Rows:
        """All that a journal says."""
        restore(self._place, image)
        with closing(sqlite3.connect(self._place / "journal.db")) as db:
            there = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
            found = {
                table: db.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
                for table in TABLES
                if table in there
            }
        return {table: rows for table, rows in found.items() if rows}

    async def _settle(self) -> None:
        """A server that always answers, a daemon that nobody kills, until nothing moves."""
        self._server.well = True
        await self._scene.start()
        if not await stage.until(self._at_rest, SETTLE):
            self._blame("stuck", "\n".join(self._scene.lines[-40:]))
        assert await self._scene.stop() == 0

    def _at_rest(self) -> bool:
        """Nothing is on its way, and what lies on SIMs was refused for good."""
        texts = {e.fields["message"]: e.fields["text"] for e in self._scene.events("sent")}
        lying = self._scene.on_sims()
        moving = self._scene.farm.network.waiting()
        return not moving and all(TERMINAL in texts[number] for number in lying)

    def _judge(self) -> None:
        scene = self._scene
        seen = pushes.of_exchanges(scene.partner.exchanges, _is_terminal)
        events = scene.farm.truth.events
        verdict = judge(
            events, seen, interval=RETRY_INTERVAL, kills=scene.kills, tolerance=TOLERANCE
        )
        self.tally.verdict = verdict
        # How long a 200 takes to be committed says nothing here: each sync takes its time, and the
        # machine may be busy. What had been committed does.
        self.tally.violations += [each for each in verdict.violations if each.kind != "repeated"]
        for exchange in scene.partner.exchanges:
            if exchange.first_byte > self._delivered.get(exchange.request.sms_id, inf):
                self._blame("repeated", f"smsId {exchange.request.sms_id}")
        if verdict.waiting > verdict.overwritten:
            self._blame("stuck", f"{verdict.waiting} messages came nowhere")


def _is_terminal(exchange: Exchange) -> bool:
    return TERMINAL in exchange.request.text and exchange.status == 400


async def campaign(
    folder: Path, cuts: int, seed: int, *options: str, tell: Callable[[int], None] = untold
) -> Tally:
    """Play one to its end; *options* of the daemon's process; *tell* hears after each cut how many
    there were. recorder.Unavailable."""
    recorder.install()
    server = Server(seed)
    with scratch() as place:
        async with scene_of(folder, server, seed) as scene:
            played = Campaign(scene, server, seed, place, options)
            await played.play(cuts, tell)
            return played.tally


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash.powercut", description=__doc__)
    parser.add_argument("--cuts", type=int, default=100)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--synchronous", default="", help="of the journal, to see it break")
    options = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    weak = ("--synchronous", options.synchronous) if options.synchronous else ()
    with scratch() as folder:
        tell = telling(seed, options.cuts)
        tally = asyncio.run(campaign(folder, options.cuts, seed, *weak, tell=tell))
    print(tally)
    return 1 if tally.violations else 0


if __name__ == "__main__":
    sys.exit(main())
