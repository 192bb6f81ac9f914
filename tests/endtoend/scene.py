"""A scene: the real daemon process between a farm on ptys and the stand-in partner."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import yaml

from gsmbridge.farm import farm as building
from gsmbridge.farm import pushes, stage
from gsmbridge.farm.encode import smsc_part
from gsmbridge.farm.farm import Farm
from gsmbridge.farm.faults import Fault, Faults
from gsmbridge.farm.partner import Exchange, Partner
from gsmbridge.farm.partner_script import Reply, Request, Script
from gsmbridge.farm.personalities import GENERIC, HUAWEI, Personality
from gsmbridge.farm.ptys import PtyFarm
from gsmbridge.farm.sim import Label
from gsmbridge.farm.stage import KEY, Daemon
from gsmbridge.farm.truth import Event, Truth
from gsmbridge.farm.verdict import Verdict, judge
from gsmbridge.farm.world import LoopScheduler

PATIENCE = 30.0
"""Seconds for what takes well under one, unless the machine is very busy."""
OK = Reply(body="OK")
QUICK = replace(GENERIC, deaf=0.1, ready=0.5, boot=((0.05, "RDY"),))
"""Starts faster than any modem does."""
QUICK_HUAWEI = replace(HUAWEI, deaf=0.1, ready=0.5, boot=((0.05, "^BOOT:20952548,0,0,0,72"),))
P = ParamSpec("P")
UNWANTED = (KEY, "Traceback", "fault of the program", "internal error", "please report")
"""What no daemon may print, whatever happens to it."""


@dataclass
class Scene:
    """One farm, one partner, one folder; daemons come and go."""

    folder: Path
    farm: Farm
    partner: Partner
    ptys: PtyFarm
    faults: Faults
    sections: dict[str, Any]
    lines: list[str] = field(default_factory=list)
    """What every daemon here printed so far."""
    starts: int = 0
    kills: list[float] = field(default_factory=list)
    """When daemons were killed, and when they were gone, by the loop's clock."""
    daemon: Daemon | None = None
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def config(self) -> Path:
        return self.folder / "config.yaml"

    @property
    def journal(self) -> Path:
        return self.folder / "state" / "journal.db"

    def configure(self, **sections: dict[str, Any]) -> None:
        """Write the config, with keys of *sections* changed for good."""
        for name, keys in sections.items():
            self.sections.setdefault(name, {}).update(keys)
        stage.write_config(self.folder, self.farm, self.partner, **self.sections)

    def rewrite(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Change the config that is there, by hand as it were."""
        document = yaml.safe_load(self.config.read_text(encoding="utf-8"))
        change(document)
        self.config.write_text(yaml.safe_dump(document), encoding="utf-8")

    # The daemon

    async def start(self, *, ready: bool = True) -> None:
        """Start the daemon; wait until it has every modem, if *ready*."""
        before = self.said(" is ready")
        self.daemon = Daemon(self.config, self.lines.append)
        self.starts += 1
        await self.daemon.start()
        if ready:
            count = before + len(self.farm.modems)
            await self.until(lambda: self.dead or self.said(" is ready") >= count, "modems ready")
            assert not self.dead, "\n".join(self.lines[-40:])

    @property
    def pid(self) -> int:
        assert self.daemon is not None and self.daemon.process is not None
        return self.daemon.process.pid

    @property
    def dead(self) -> bool:
        assert self.daemon is not None and self.daemon.process is not None
        return self.daemon.process.returncode is not None

    async def stop(self) -> int:
        """SIGTERM; the exit status."""
        assert self.daemon is not None
        return await self.daemon.end()

    async def kill(self) -> None:
        """SIGKILL, at once; returns when the process is gone and its ports are free."""
        self.strike()
        await self.reap()

    def strike(self) -> None:
        """SIGKILL, now, from wherever this is called."""
        assert self.daemon is not None
        self.kills.append(asyncio.get_running_loop().time())
        self.daemon.tell(signal.SIGKILL)

    async def reap(self) -> None:
        """Wait for the end of a killed daemon. What it had sent may be read only after its death:
        for the verdict, the kill is over when all of that has come."""
        assert self.daemon is not None
        assert await self.daemon.end(signal.SIGKILL) == -signal.SIGKILL
        await asyncio.sleep(0.01)
        self.kills.append(asyncio.get_running_loop().time())
        self.ptys.release()

    def reload(self) -> None:
        """SIGHUP."""
        self.signal(signal.SIGHUP)

    def signal(self, number: signal.Signals) -> None:
        assert self.daemon is not None
        self.daemon.tell(number)

    def background(self, work: Coroutine[Any, Any, None]) -> None:
        """Have *work* done beside the scenario; it ends with the scene."""
        self.tasks.append(asyncio.create_task(work))

    # What is seen

    async def until(
        self, condition: Callable[[], bool], what: str, seconds: float = PATIENCE
    ) -> None:
        """Wait until *condition* holds; an AssertionError with the latest lines if it does not."""
        if not await stage.until(condition, seconds):
            raise AssertionError(f"not within {seconds} s: {what}\n" + "\n".join(self.lines[-40:]))

    def said(self, text: str) -> int:
        """How many lines hold *text*."""
        return sum(text in line for line in self.lines)

    async def hears(self, text: str, times: int = 1) -> None:
        await self.until(lambda: self.said(text) >= times, f"{times} x {text!r}")

    def events(self, kind: str) -> list[Event]:
        """The farm's own record."""
        return [event for event in self.farm.truth.events if event.kind == kind]

    def pushes(self, text: str | None = None) -> list[Exchange]:
        """The requests that came; only those with *text*, if given."""
        return [e for e in self.partner.exchanges if text is None or e.request.text == text]

    def on_sims(self) -> set[int]:
        """The messages of which a part lies on a SIM."""
        labels = [label for sim in self.farm.sims for label in sim.sms.labels]
        return {label.message for label in labels if label is not None}

    async def pushed(self, count: int, seconds: float = PATIENCE) -> None:
        """Wait for that many requests, all answered."""
        await self.until(
            lambda: len(self.pushes()) >= count and all(e.ended is not None for e in self.pushes()),
            f"{count} requests",
            seconds,
        )

    async def quiet(self, kept: int = 0, seconds: float = PATIENCE) -> None:
        """Wait until nothing is under way: all but *kept* slots are free again."""
        farm = self.farm
        await self.until(
            lambda: not farm.network.waiting() and farm.still_stored() == kept,
            f"all but {kept} slots free",
            seconds,
        )

    def send(self, modem: int, text: str, sender: str = "Farm") -> int:
        """A message to the number of the SIM that modem number *modem* was built with."""
        return self.farm.network.send(self.farm.sims[modem].msisdn, text, sender)

    def put(self, modem: int, text: str, sender: str = "Farm", *, age: float = 0.0) -> None:
        """A message that lies on that modem's SIM already, stamped *age* seconds ago."""
        model = self.farm.modems[modem]
        assert model.sim is not None
        network = self.farm.network
        message, parts = network.record(
            model.sim.msisdn, network.compose(text, sender, age=age), sender, text
        )
        for number, part in enumerate(parts, 1):
            at = model.sim.sms.free()
            assert at is not None
            pdu = smsc_part(model.personality.smsc) + part.tpdu
            model.write("SM", at, pdu, Label(message, number))

    def strike_fault(self, modem: int, kind: str, **details: Any) -> None:
        """A fault of `farm.faults`, now (or `on` a command)."""
        self.faults.strike(Fault(0.0, modem, kind, details))

    async def restart_partner(self) -> None:
        """Listen again, at the same address."""
        await self.partner.start(int(self.partner.url.split(":")[2].split("/")[0]))

    def answers_after(self, act: Callable[[], None]) -> Script:
        """A script that does *act* before its first answer; all are 200."""

        def script(request: Request) -> Reply:
            self.partner.script = lambda _: OK
            act()
            return OK

        return script

    def verdict(self, terminal: Callable[[Exchange], bool] | None = None) -> Verdict:
        """On everything up to now, by the farm's record and the server's. *terminal*: was a
        request answered so that there must be no other? 400 and 403 do, if not given."""
        interval = float(self.sections["onlinesim"]["retry_interval"])
        seen = pushes.of_exchanges(self.partner.exchanges, terminal or _says_never)
        return judge(self.farm.truth.events, seen, interval=interval, kills=self.kills)

    # Commands

    async def command(self, *words: str) -> tuple[int, str, str]:
        """Run `gsmbridge WORDS --config …`; exit status, stdout, stderr."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "gsmbridge",
            words[0],
            "--config",
            str(self.config),
            *words[1:],
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, error = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode(), error.decode()

    async def asked(self, *words: str) -> Any:
        """The document that a command prints with --json; it must succeed."""
        status, out, error = await self.command(*words, "--json")
        assert status == 0, error
        return json.loads(out)

    async def states(self) -> dict[int, str]:
        """The state of each message, by smsId."""
        document = await self.asked("messages")
        return {row["sms_id"]: row["state"] for row in document["messages"]}


def played(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """A test whose body is a coroutine."""

    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


@asynccontextmanager
async def playing(
    folder: Path,
    count: int = 2,
    *,
    script: Script | None = None,
    families: Sequence[Personality] = (QUICK,),
    capacity: int = 20,
    seed: int = 1,
    own_numbers: bool = False,
    **sections: dict[str, Any],
) -> AsyncIterator[Scene]:
    """A scene of *count* modems, with no daemon yet; *sections* go into the config. At its end no
    daemon is left, and nothing that any printed holds the key or a traceback."""
    loop = asyncio.get_running_loop()
    world = LoopScheduler(loop)
    rng = random.Random(seed)
    farm = building.build(
        world,
        count,
        rng=rng,
        truth=Truth(loop.time),
        wall=time.time,
        families=families,
        capacity=capacity,
        own_numbers=own_numbers,
    )
    partner = Partner(script)
    await partner.start()
    async with stage.on_ptys(folder, farm) as ptys:
        faults = Faults(world, farm, ptys, rng)
        scene = Scene(folder, farm, partner, ptys, faults, sections)
        scene.configure(onlinesim={"retry_interval": 1, **sections.get("onlinesim", {})})
        try:
            yield scene
        finally:
            for task in scene.tasks:
                task.cancel()
            if scene.daemon is not None and scene.daemon.process is not None:
                await scene.daemon.end(signal.SIGKILL)
            await partner.close()
    for unwanted in UNWANTED:
        assert not scene.said(unwanted), "\n".join(scene.lines)


def answering(*replies: Reply) -> Script:
    """The attempts of each message get these answers in turn; the last one repeats."""

    def script(request: Request) -> Reply:
        return replies[min(request.attempt, len(replies)) - 1]

    return script


def _says_never(exchange: Exchange) -> bool:
    return exchange.status in (400, 403)
