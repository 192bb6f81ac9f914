"""The real daemon between a farm on ptys and the stand-in partner, in one folder: where the demo,
the crash tests and the benches play."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import yaml

import gsmbridge
from gsmbridge.farm.farm import Farm
from gsmbridge.farm.partner import Partner
from gsmbridge.farm.ptys import PtyFarm

KEY = "demo-key-0123456789"


class Daemon:
    """`gsmbridge run` as a process of its own."""

    def __init__(
        self,
        config: Path,
        on_line: Callable[[str], None] = lambda line: None,
        program: Sequence[str] = ("-m", "gsmbridge", "run"),
    ) -> None:
        """*on_line* gets every line that the daemon prints. *program*: what Python is told to run,
        `--config` follows."""
        self._config = config
        self._program = program
        self._on_line = on_line
        self._reading: asyncio.Task[None] | None = None
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it; returns as soon as the process exists."""
        environ = {k: v for k, v in os.environ.items() if k not in DAEMON_VARIABLES}
        # This very program, also where it is in no folder that Python looks in by itself.
        environ["PYTHONPATH"] = str(Path(gsmbridge.__file__).parents[1])
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            *self._program,
            "--config",
            str(self._config),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=environ,
        )
        self._reading = asyncio.create_task(self._read())

    async def __aenter__(self) -> Daemon:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Whatever happened, no daemon stays behind whose folder and modems are gone."""
        assert self.process is not None and self._reading is not None
        self.tell(signal.SIGTERM)
        with suppress(BrokenPipeError):  # nobody reads what we print: the one inside was told
            await self._reading
        await self.process.wait()

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal, if it still lives. Not by way of subprocess, which would look for its
        exit status first and take it away from asyncio."""
        assert self.process is not None
        if self.process.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, number)

    @property
    def is_silent(self) -> bool:
        """No line of it will come any more: it has ended, or *on_line* failed."""
        return self._reading is not None and self._reading.done()

    async def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send it a signal and wait for its end; its exit status."""
        assert self.process is not None and self._reading is not None
        self.tell(how)
        await self._reading
        return await self.process.wait()

    async def _read(self) -> None:
        assert self.process is not None and self.process.stdout is not None
        async for line in self.process.stdout:
            self._on_line(line.decode("utf-8", "replace").rstrip("\n"))


DAEMON_VARIABLES = (
    "GSMBRIDGE_ONLINESIM_KEY",
    "CREDENTIALS_DIRECTORY",
    "RUNTIME_DIRECTORY",
    "STATE_DIRECTORY",
    "JOURNAL_STREAM",
)
"""Of the environment: a daemon on a stage must not find the host's own settings."""


def write_config(folder: Path, farm: Farm, partner: Partner, **sections: dict[str, object]) -> Path:
    """The config of a daemon for *farm* and *partner*; *sections* change keys of it."""
    config: dict[str, object] = {
        "onlinesim": {"url": partner.url, "key": KEY},
        "modems": {"ports": [str(folder / "ports" / "*")]},
        "numbers": [{"phone": sim.msisdn, "iccid": sim.iccid} for sim in farm.sims],
        "journal": {"path": str(folder / "state" / "journal.db")},
    }
    for name, keys in sections.items():
        section = config.setdefault(name, {})
        assert isinstance(section, dict)
        section.update(keys)
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    path.chmod(0o600)
    return path


@asynccontextmanager
async def on_ptys(folder: Path, farm: Farm) -> AsyncIterator[PtyFarm]:
    """The farm's modems on ptys under `folder/ports`."""
    ptys = PtyFarm(folder / "ports", farm.modems)
    ptys.start()
    try:
        yield ptys
    finally:
        ptys.close()


async def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until *condition* holds; False if it still does not after *seconds*."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not condition():
        if loop.time() >= end:
            return False
        await asyncio.sleep(0.02)
    return True
