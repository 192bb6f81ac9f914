"""The processes of a measurement, each by itself: farm, server, and the measured program."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from gsmbridge.farm.stage import DAEMON_VARIABLES, KEY

FLOOR = Path(__file__).with_name("floor.py")
SINK = Path(__file__).with_name("sink.py")
TICKS = os.sysconf("SC_CLK_TCK")


def wait_until(condition: Callable[[], bool], seconds: float) -> float:
    """CLOCK_MONOTONIC when *condition* held first. TimeoutError after *seconds*."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= end:
            raise TimeoutError(f"not within {seconds:.0f} s")
        time.sleep(0.01)
    return time.monotonic()


class Tail:
    """A growing file, read as far as its last whole line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = 0
        self.lines: list[str] = []

    def read(self) -> list[str]:
        if self._path.exists():
            with self._path.open("rb") as file:
                file.seek(self._at)
                whole, newline, _ = file.read().rpartition(b"\n")
            self._at += len(whole) + len(newline)
            self.lines += whole.decode("utf-8", "replace").split("\n") if whole else []
        return self.lines


class Farm:
    """Simulated modems on ptys. What they did is in `truth`."""

    def __init__(self, folder: Path, modems: int, capacity: int) -> None:
        self.folder = folder / "ports"
        self._truth = Tail(folder / "truth.jsonl")
        command = [sys.executable, "-m", "gsmbridge.farm", "--dir", str(self.folder)]
        command += ["--truth", str(folder / "truth.jsonl")]
        command += ["--modems", str(modems), "--capacity", str(capacity)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.numbers: list[tuple[str, str]] = [tuple(each) for each in self._answer()["numbers"]]
        self.ports = [str(self.folder / f"modem{number}") for number in range(modems)]

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def order(self, do: str, **fields: object) -> dict[str, Any]:
        assert self._process.stdin is not None
        print(json.dumps({"do": do, **fields}), file=self._process.stdin, flush=True)
        return self._answer()

    def empty(self) -> bool:
        """All messages were sent, and deleted again."""
        state = self.order("state")
        return not (state["due"] - state["sent"] or state["waiting"] or state["stored"])

    def events(self) -> list[dict[str, Any]]:
        """What happened so far (gsmbridge.farm.truth)."""
        return [json.loads(line) for line in self._truth.read()]

    def stored(self) -> dict[str, float]:
        """When each text was stored on its SIM. The +CMTI follows at once."""
        events = self.events()
        texts = {event["message"]: event["text"] for event in events if event["kind"] == "sent"}
        return {texts[e["message"]]: e["at"] for e in events if e["kind"] == "stored"}

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


class Sink:
    """The server. `start` and `stop` at will: it keeps its port and its record."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "requests.jsonl"
        self._record = Tail(self._path)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}/v1/PUSH_SMS_RENT"
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [sys.executable, str(SINK), str(self._path), str(self._port)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self._process.stdout.readline()

    def count(self) -> int:
        return len(self._record.read())

    def requests(self) -> list[dict[str, Any]]:
        """All that came (bench/sink.py)."""
        return [json.loads(line) for line in self._record.read()]

    def came(self) -> dict[str, float]:
        """When the first request with each text began."""
        times: dict[str, float] = {}
        for request in self.requests():
            times.setdefault(request["text"], request["at"])
        return times

    def close(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()


class Program:
    """What is measured, from its start on: one process or several, and all that they start.

    They share a process group, by which they are found. Their output tells how many modems are
    ready. *clean* removes what they leave behind when they are killed, given their ids.
    """

    def __init__(
        self,
        commands: Sequence[Sequence[str]],
        output: Path,
        mark: str,
        clean: Callable[[Collection[int]], None] = lambda ended: None,
    ) -> None:
        environ = {k: v for k, v in os.environ.items() if k not in DAEMON_VARIABLES}
        self._output = Tail(output)
        self._mark = mark
        self._clean = clean
        self.began = time.monotonic()
        self._started: list[subprocess.Popen[bytes]] = []
        self._group = 0
        self._closed = False
        with output.open("w") as file:
            for command in commands:
                process = subprocess.Popen(
                    command, stdout=file, stderr=file, env=environ, process_group=self._group
                )
                self._started.append(process)
                self._group = self._group or process.pid

    def ready(self) -> int:
        """How many modems are. SystemExit where the program has ended."""
        lines = self._output.read()
        if all(process.poll() is not None for process in self._started):
            raise SystemExit("\n".join(["it ended early:", *lines[-20:]]))
        return sum(self._mark in line for line in lines)

    def cpu(self) -> float:
        """Seconds of processor time so far, with that of children that have ended."""
        ticks = (sum(map(int, fields[11:15])) for fields in self._members().values())
        return sum(ticks) / TICKS

    def pss(self) -> float:
        """Resident memory in MB, shared pages in proportion."""
        kib = 0
        for pid in self._members():
            with suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
                rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
                kib += next(
                    int(line.split()[1]) for line in rollup.split("\n") if line[:4] == "Pss:"
                )
        return kib * 1024 / 1e6

    def processes(self) -> int:
        return len(self._members())

    def descriptors(self) -> int:
        """Open files, ports and sockets."""
        return self._entries("fd")

    def threads(self) -> int:
        return self._entries("task")

    def _entries(self, kind: str) -> int:
        return sum(sum(1 for _ in Path(f"/proc/{pid}/{kind}").iterdir()) for pid in self._members())

    def _members(self) -> dict[str, list[str]]:
        """The group's processes: what proc(5) says in `stat`, from the state on, by id."""
        members = {}
        for path in Path("/proc").glob("[0-9]*/stat"):
            with suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
                fields = path.read_text().rpartition(") ")[2].split()
                if int(fields[2]) == self._group and fields[0] != "Z":
                    members[path.parent.name] = fields
        return members

    def close(self, *, kill: bool = False) -> None:
        """End all of it, by force what takes longer than ten seconds. Once: later its group's id
        may be that of strangers."""
        if self._closed:
            return
        self._closed = True
        if not kill:
            for process in self._started:
                process.terminate()
            with suppress(TimeoutError):
                wait_until(lambda: not self._members(), 10.0)
        with suppress(ProcessLookupError):  # nothing is left
            os.killpg(self._group, signal.SIGKILL)
        for process in self._started:
            process.wait()
        wait_until(lambda: not self._members(), 10.0)
        self._clean([process.pid for process in self._started])


def daemon(folder: Path, farm: Farm, sink: Sink) -> Program:
    """`gsmbridge run` with the defaults of its config."""
    config = {
        "onlinesim": {"url": sink.url, "key": KEY},
        "modems": {"ports": [str(farm.folder / "*")]},
        "numbers": [{"phone": phone, "iccid": iccid} for phone, iccid in farm.numbers],
        "journal": {"path": str(folder / "state" / "journal.db")},
    }
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(config))
    path.chmod(0o600)
    command = [sys.executable, "-m", "gsmbridge", "run", "--config", str(path)]
    return Program([command], folder / "output", " is ready")


def floor(folder: Path, farm: Farm, sink: Sink) -> Program:
    """The plain script."""
    command = [sys.executable, str(FLOOR), sink.url, *farm.ports]
    return Program([command], folder / "output", "ready")
