"""Hours of bad days in real time: does anything grow?

    python bench/soak.py --minutes 60 --csv soak.csv --plot soak.svg

The real daemon with modems on ptys, messages that keep flowing, faults at random. Every 5 s,
in a short run more often, memory, descriptors, threads, journal and latency are noted; at the end
stands what has grown since the warm-up, and a verdict (exit status 1 if it is bad). See
docs/performance.md.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from statistics import linear_regression, median, quantiles
from typing import Any

from plot import plot
from processes import Program, Tail, wait_until
from scenes import Play, play, running

EVERY = 5.0
"""Seconds between two samples, in a run that is long enough for `SAMPLES` of them."""
SAMPLES = 40
"""About so many are taken in a shorter one."""
TELLING = 600.0
"""Seconds of samples from which growth an hour is told."""
SHORTEST = 10.0
"""Seconds that a run must last."""
UNHURRIED = 120.0
"""Seconds from which on a run has time for faults of full length; in a shorter one they are
shorter."""
FAULT_EVERY = 1.0
"""Seconds between two faults, on average over all modems."""
OUTAGE_EVERY, OUTAGE = 150.0, 15.0
"""Seconds between two outages of the server, on average, and how long one lasts."""
FIRST_OUTAGE = 20.0
"""Seconds until the first one, within the warm-up: what waits then needs the most memory."""
SETTLING = 300.0
"""Seconds for the last faults to end and the last message to arrive."""
FAULTS: dict[str, dict[str, Any]] = {
    "hang": {"seconds": 20.0, "chatter": True},
    "prompt": {},
    "noise": {"octets": 200},
    "storm": {"seconds": 20.0},
    "pieces": {"seconds": 20.0},
    "lumps": {"seconds": 20.0},
    "slow": {"seconds": 20.0, "delay": 2.0},
    "echo": {},
    "reboot": {},
    "unplug": {"seconds": 5.0, "rename": True},
    "remove_sim": {"seconds": 10.0},
    "delete": {"how": "lie", "seconds": 20.0},
    "announce": {"how": "never", "seconds": 40.0},
}
"""Of `farm.faults.KINDS`: those after which every message still can arrive."""


@dataclass(frozen=True, slots=True)
class Sample:
    """How things stood."""

    seconds: float
    """Since the modems were ready."""
    pss_mb: float
    descriptors: int
    threads: int
    journal_mb: float
    """With its write-ahead log."""
    delivered: int
    waiting: int
    """Sent, and not at the server yet."""
    median_ms: float
    """From stored to the request's first byte, of what came since the last sample; 0: nothing."""
    p99_ms: float


@dataclass(frozen=True, slots=True)
class Limit:
    """What counts as growth: more than this between the second quarter and the last."""

    figure: str
    unit: str
    most: float


LIMITS = (
    Limit("pss_mb", "MB", 2.0),
    Limit("descriptors", "", 16.0),
    Limit("threads", "", 8.0),
)


class Watch:
    """Looks at the daemon from outside."""

    def __init__(self, stage: Play, program: Program) -> None:
        self._program = program
        self._journal = stage.folder / "state"
        self._truth = Tail(stage.folder / "truth.jsonl")
        self._requests = Tail(stage.folder / "requests.jsonl")
        self._seen_truth = self._seen_requests = 0
        self._began = time.monotonic()
        self._texts: dict[int, str] = {}
        self._stored: dict[str, float] = {}
        self.requests = 0
        self.arrived: set[str] = set()
        self.faults = 0

    @property
    def sent(self) -> int:
        return len(self._texts)

    def sample(self) -> Sample:
        delays = list(self._delays())
        return Sample(
            round(time.monotonic() - self._began, 1),
            round(self._program.pss(), 2),
            self._program.descriptors(),
            self._program.threads(),
            round(sum(file.stat().st_size for file in self._journal.glob("journal.db*")) / 1e6, 3),
            len(self.arrived),
            self.sent - len(self.arrived),
            round(median(delays), 1) if delays else 0.0,
            round(quantiles(delays, n=100)[98], 1) if len(delays) > 1 else 0.0,
        )

    def _delays(self) -> Iterator[float]:
        """Milliseconds, of each message that came first since the last call."""
        self._listen()
        lines = self._requests.read()
        new, self._seen_requests = lines[self._seen_requests :], len(lines)
        self.requests += len(new)
        for request in map(json.loads, new):
            if request["text"] not in self.arrived:
                self.arrived.add(request["text"])
                if request["text"] in self._stored:
                    yield (request["at"] - self._stored[request["text"]]) * 1e3

    def _listen(self) -> None:
        lines = self._truth.read()
        new, self._seen_truth = lines[self._seen_truth :], len(lines)
        for event in map(json.loads, new):
            match event["kind"]:
                case "sent":
                    self._texts[event["message"]] = event["text"]
                case "stored":
                    self._stored.setdefault(self._texts[event["message"]], event["at"])
                case "fault":
                    self.faults += 1


class Troubles:
    """Draws faults, and now and then stops the server for a moment."""

    def __init__(self, stage: Play, modems: int, rng: random.Random, pace: float) -> None:
        """*pace*: what the length of each fault is multiplied by."""
        self._stage = stage
        self._modems = modems
        self._rng = rng
        self._faults = {
            kind: {**details, "seconds": details["seconds"] * pace}
            if "seconds" in details
            else details
            for kind, details in FAULTS.items()
        }
        self._outage = OUTAGE * pace
        now = time.monotonic()
        self._fault_at, self._outage_at = now, now + FIRST_OUTAGE * pace
        self._back_at: float | None = None

    def step(self) -> None:
        now, rng = time.monotonic(), self._rng
        while now >= self._fault_at:
            kind = rng.choice(list(self._faults))
            modem = rng.randrange(self._modems)
            self._stage.farm.order("fault", kind=kind, modem=modem, **{"with": self._faults[kind]})
            self._fault_at += rng.expovariate(1 / FAULT_EVERY)
        if self._back_at is None and now >= self._outage_at:
            self._stage.sink.close()
            self._back_at = now + self._outage
        elif self._back_at is not None and now >= self._back_at:
            self.end()
            self._outage_at = now + rng.expovariate(1 / OUTAGE_EVERY)

    def end(self) -> None:
        """The server is there again."""
        if self._back_at is not None:
            self._stage.sink.start()
            self._back_at = None


def soak(options: argparse.Namespace) -> bool:
    """Play it; whether nothing grew and every message came."""
    samples: list[Sample] = []
    with play("gsmbridge", options.modems) as stage:
        stage.sink.start()
        with running(stage, options.modems) as program:
            watch = Watch(stage, program)
            seconds = options.minutes * 60
            pace = min(1.0, seconds / UNHURRIED)
            troubles = Troubles(stage, options.modems, random.Random(options.seed), pace)
            stage.farm.order("burst", messages=int(options.rate * seconds), rate=options.rate)
            every = min(EVERY, seconds / SAMPLES)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                pause = time.monotonic() + every
                while time.monotonic() < pause:
                    troubles.step()
                    time.sleep(0.1)
                samples.append(watch.sample())
                write(options.csv, samples)
                if len(samples) % 12 == 0:
                    print(json.dumps(asdict(samples[-1])), flush=True)
            troubles.end()
            came = _settled(stage, watch)
    return report(samples, watch, came)


def _settled(stage: Play, watch: Watch) -> bool:
    """Whether every message came in the end, and left its SIM."""

    def quiet() -> bool:
        watch.sample()
        return stage.farm.empty() and watch.sent == len(watch.arrived)

    try:
        wait_until(quiet, SETTLING)
    except TimeoutError:
        return False
    return True


def write(path: Path, samples: list[Sample]) -> None:
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, [field.name for field in fields(Sample)])
        table.writeheader()
        table.writerows(asdict(sample) for sample in samples)


def report(samples: list[Sample], watch: Watch, came: bool) -> bool:
    """Print growth and verdict; True: all is well."""
    quarter = len(samples) // 4
    second, last = samples[quarter : 2 * quarter], samples[-quarter:]
    warm = samples[quarter:]
    fine = came
    print("| figure | second quarter | last quarter | an hour | verdict |\n|---|---|---|---|---|")
    for limit in LIMITS:
        before, after = _middle(second, limit.figure), _middle(last, limit.figure)
        steady = after - before <= limit.most
        fine = fine and steady
        print(
            f"| {limit.figure} | {before:g} | {after:g} | {_hourly(warm, limit)}"
            f" | {'steady' if steady else 'GROWS'} |"
        )
    each = (last[-1].journal_mb - second[0].journal_mb) * 1e6
    each /= max(1, last[-1].delivered - second[0].delivered)
    journal = f"{second[-1].journal_mb:g} | {last[-1].journal_mb:g}"
    print(f"| journal_mb | {journal} | | {each:.0f} B a message |")
    for figure in ("median_ms", "p99_ms"):
        print(f"| {figure} | {_middle(second, figure):g} | {_middle(last, figure):g} | | |")
    print(
        f"{watch.sent} messages, {watch.faults} faults, {watch.requests} requests;"
        f" {'every message came and left its SIM' if came else 'NOT EVERY MESSAGE CAME'}"
    )
    return fine


def _middle(samples: list[Sample], figure: str) -> float:
    return median(getattr(sample, figure) for sample in samples)


def _hourly(samples: list[Sample], limit: Limit) -> str:
    """The slope of the line through *samples*; nothing where they tell nothing of an hour."""
    times = [sample.seconds for sample in samples]
    if times[-1] - times[0] < TELLING:
        return "-"
    values = [getattr(sample, limit.figure) for sample in samples]
    return f"{linear_regression(times, values).slope * 3600:+.1f} {limit.unit}".rstrip()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--modems", type=int, default=64)
    parser.add_argument("--rate", type=float, default=8.0, help="messages a second over all modems")
    parser.add_argument("--seed", type=int, default=1)
    default = Path(tempfile.gettempdir()) / "gsmbridge-soak.csv"
    parser.add_argument("--csv", type=Path, default=default, help=f"{default} by default")
    parser.add_argument("--plot", type=Path, help="an SVG file; wants matplotlib")
    options = parser.parse_args()
    if options.minutes * 60 < SHORTEST:
        parser.error(f"under {SHORTEST:g} s nothing can be told")
    fine = soak(options)
    if options.plot is not None:
        plot(options.csv, options.plot)
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main()
