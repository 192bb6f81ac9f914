"""What is played, and what is measured while it is: each scene gives figures by name."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from processes import Farm, Program, Sink, daemon, floor, wait_until

Figures = dict[str, float]
Start = Callable[[Path, Farm, Sink], Program]
PATIENCE = 120.0
"""Seconds until a scene is given up."""
LOST_AFTER = 10.0
"""Seconds without a request after which no more is expected."""
FLOOR_MODEMS = 200
"""The library reads by select(), and dies at the 205th modem."""


@dataclass(frozen=True, slots=True)
class Play:
    """Farm and server, and the program between them."""

    folder: Path
    farm: Farm
    sink: Sink
    start: Start

    def run(self) -> Program:
        return self.start(self.folder, self.farm, self.sink)

    def delays(self) -> list[float]:
        """Milliseconds from +CMTI to the request, of each message that came."""
        stored, came = self.farm.stored(), self.sink.came()
        return [(at - stored[text]) * 1e3 for text, at in came.items() if text in stored]


@contextmanager
def play(name: str, modems: int, capacity: int = 20) -> Iterator[Play]:
    """A stage for the program *name*: `gsmbridge` or `floor`."""
    with set_up(daemon if name == "gsmbridge" else floor, modems, capacity) as stage:
        yield stage


@contextmanager
def set_up(start: Start, modems: int, capacity: int = 20) -> Iterator[Play]:
    """A farm, a server that isn't there yet, and a program that *start* begins."""
    with tempfile.TemporaryDirectory(prefix="gsmbridge-bench-") as path:
        folder = Path(path)
        sink = Sink(folder)
        farm = Farm(folder, modems, capacity)
        try:
            yield Play(folder, farm, sink, start)
        finally:
            sink.close()
            farm.close()


@contextmanager
def running(stage: Play, ready: int) -> Iterator[Program]:
    """The program, with *ready* modems."""
    program = stage.run()
    try:
        wait_until(lambda: program.ready() >= ready, PATIENCE)
        yield program
    finally:
        program.close()


def live(
    name: str, modems: int, messages: int, rate: float, idle: float, quiet: float = 3.0
) -> Figures:
    """Start, idle time, then messages that arrive one by one."""
    count = min(modems, FLOOR_MODEMS) if name == "floor" else modems
    with play(name, count) as stage:
        stage.sink.start()
        with running(stage, count) as program:
            figures = {"ready": time.monotonic() - program.began}
            time.sleep(quiet)
            cpu = program.cpu()
            time.sleep(idle)
            figures["idle"] = (program.cpu() - cpu) / idle * 100
            figures["pss"] = program.pss()
            cpu = program.cpu()
            stage.farm.order("burst", messages=messages, rate=rate)
            wait_until(lambda: stage.sink.count() >= messages and stage.farm.empty(), PATIENCE)
            figures["cpu"] = (program.cpu() - cpu) / messages * 1e3
            figures["pss_after"] = program.pss()
            delays = stage.delays()
            figures["median"] = median(delays)
            figures["p99"] = quantiles(delays, n=100)[98]
            figures["max"] = max(delays)
            return figures


def stored(name: str, modems: int = 64, each: int = 20) -> Figures:
    """SIMs that are full of messages when the program starts for the first time."""
    with play(name, modems, each + 5) as stage:
        stage.farm.order("burst", messages=modems * each)
        wait_until(lambda: len(stage.farm.stored()) == modems * each, PATIENCE)
        stage.sink.start()
        program = stage.run()
        try:
            at = wait_until(lambda: stage.sink.count() >= modems * each, PATIENCE)
            last = max(stage.sink.came().values())
            figures = {"all": min(at, last) - program.began, "cpu": program.cpu()}
            wait_until(stage.farm.empty, PATIENCE)
            figures["empty"] = time.monotonic() - program.began
            figures["cpu_empty"] = program.cpu()
            return figures
        finally:
            program.close()


def sustained(name: str, modems: int = 64, messages: int = 4000) -> Figures:
    """All at once for each SIM, as fast as its slots are freed."""
    with play(name, modems) as stage:
        stage.sink.start()
        with running(stage, modems) as program:
            cpu, began = program.cpu(), time.monotonic()
            stage.farm.order("burst", messages=messages)
            wait_until(lambda: over(stage, messages), PATIENCE)
            came = stage.sink.came().values()
            cpu = program.cpu() - cpu
            return {
                "rate": len(came) / (max(came) - began),
                "cpu": cpu / len(came) * 1e3,
                "lost": messages - len(came),
            }


def over(stage: Play, messages: int) -> bool:
    """All have come and were deleted, or nothing has come for a while: the floor loses some."""
    came = stage.sink.came()
    if len(came) >= messages and stage.farm.empty():
        return True
    return bool(came) and time.monotonic() - max(came.values()) > LOST_AFTER


def outage(name: str, modems: int = 64, messages: int = 10000) -> Figures:
    """The server is away while messages arrive, then back, while more arrive."""
    with play(name, modems, messages // modems + 50) as stage, running(stage, modems) as program:
        cpu, began = program.cpu(), time.monotonic()
        stage.farm.order("burst", messages=messages, rate=300.0)
        journalled = wait_until(lambda: received(stage) >= messages, PATIENCE)
        figures = {
            "journal_rate": messages / (journalled - began),
            "journal_cpu": (program.cpu() - cpu) / messages * 1e3,
        }
        cpu = program.cpu()
        stage.sink.start()
        back = wait_until(lambda: stage.sink.count() > 20, PATIENCE)
        fresh = 200
        stage.farm.order("burst", messages=fresh, rate=20.0)
        wait_until(lambda: stage.sink.count() >= messages + fresh, PATIENCE)
        times = stage.sink.came()
        texts = sorted(stage.farm.stored().items(), key=lambda item: item[1])
        backlog = [times[text] for text, _ in texts[:messages]]
        figures["rate"] = messages / (max(backlog) - min(backlog))
        figures["new"] = max(times[text] - at for text, at in texts[messages:])
        wait_until(stage.farm.empty, PATIENCE)
        figures["empty"] = time.monotonic() - back
        figures["cpu"] = (program.cpu() - cpu) / (messages + fresh) * 1e3
        return figures


def received(stage: Play) -> int:
    """How many messages the daemon says it has journalled."""
    text = (stage.folder / "output").read_text(errors="replace")
    return text.count("received ")


def commands(name: str) -> Figures:
    """Commands of the command line, beside a daemon with 64 modems."""
    with play(name, 64) as stage:
        stage.sink.start()
        with running(stage, 64):
            time.sleep(1)
            config = ["--config", str(stage.folder / "config.yaml")]
            return {
                "help": typical_time("--help"),
                "status": typical_time("status", *config),
            }


def typical_time(*arguments: str) -> float:
    """Seconds that `gsmbridge` with these arguments takes."""
    times = []
    for _ in range(7):
        began = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "gsmbridge", *arguments], check=True, stdout=subprocess.DEVNULL
        )
        times.append(time.monotonic() - began)
    return median(times)
