"""What a push costs: this program's HTTP client beside requests, in one run on one machine.

    python bench/http_clients.py [--requests 2000]

The server is the stand-in of the farm, in a process of its own. CPU is that of the client's
process alone. "200 known" is the time until the status line of a server that stalls behind it is
known: until then a delivery can't be committed. "drip" is how long one attempt with a time-out of
one second lasts against a server that sends a byte every 0.1 s (at most 5 s are watched).
"""

from __future__ import annotations

import argparse
import asyncio
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import requests

from gsmbridge.errors import PartnerError
from gsmbridge.message import Outgoing
from gsmbridge.onlinesim.client import Client, ClientSettings
from gsmbridge.onlinesim.request import request_body

HEADERS = {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json"}
STALL = '- answer: {body: OK, pause_after: "Scripted\\r\\n", pause: 2.0}\n'
DRIP = "- answer: {body: OK, drip: 0.1}\n"


@dataclass(frozen=True, slots=True)
class Run:
    """Some requests by one client. Seconds."""

    cpu: float
    """Per request."""
    wall: float
    """Of all together."""
    latencies: list[float]
    """From the call to the known status."""


def body(number: int) -> bytes:
    text = f"Your verification code is {number:06}"
    return request_body(Outgoing(number, "79088081050", "Instagram", text, 0.0), "k" * 32)


@contextmanager
def server(script: str) -> Iterator[str]:
    """A stand-in in its own process; its URL."""
    command = [sys.executable, "-m", "gsmbridge.farm.partner", "--script", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


def with_requests(url: str, count: int, parallel: int) -> Run:
    """As a plain program would do it: a session and a pool of threads."""
    sessions = threading.local()

    def one(number: int) -> float:
        if not hasattr(sessions, "session"):
            sessions.session = requests.Session()
            sessions.session.trust_env = False
        began = time.perf_counter()
        answer = sessions.session.post(
            url, data=body(number), headers=HEADERS, timeout=(5, 30), allow_redirects=False
        )
        assert answer.status_code == 200
        return time.perf_counter() - began

    with ThreadPoolExecutor(parallel) as pool:
        list(pool.map(one, range(1, parallel + 1)))  # connections made, modules loaded
        cpu, wall = time.process_time(), time.perf_counter()
        latencies = list(pool.map(one, range(1, count + 1)))
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        return Run(cpu / len(latencies), wall, latencies)


def with_client(url: str, count: int, parallel: int) -> Run:
    async def main() -> Run:
        client = Client(ClientSettings(url))
        latencies: list[float] = []

        async def several(numbers: range) -> None:
            for number in numbers:
                began = time.perf_counter()
                attempt = await client.push(body(number))
                assert attempt.status == 200
                latencies.append(time.perf_counter() - began)
                await attempt.finish()

        starts = range(1, parallel + 1)
        await asyncio.gather(*(several(range(start, start + 1)) for start in starts))
        latencies.clear()
        cpu, wall = time.process_time(), time.perf_counter()
        await asyncio.gather(*(several(range(start, count + 1, parallel)) for start in starts))
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        await client.close()
        return Run(cpu / len(latencies), wall, latencies)

    return asyncio.run(main())


def until_status_requests(url: str) -> float:
    began = time.perf_counter()
    requests.post(url, data=body(1), headers=HEADERS, timeout=(5, 30), stream=True)
    return time.perf_counter() - began


def until_status_client(url: str) -> float:
    async def main() -> float:
        began = time.perf_counter()
        attempt = await Client(ClientSettings(url)).push(body(1))
        assert attempt.status == 200
        return time.perf_counter() - began

    return asyncio.run(main())


def drip_requests(url: str) -> float:
    """In a thread that is left behind when it takes too long."""
    began = time.perf_counter()
    call = threading.Thread(
        target=lambda: requests.post(url, data=body(1), headers=HEADERS, timeout=1), daemon=True
    )
    call.start()
    call.join(5)
    return time.perf_counter() - began


def drip_client(url: str) -> float:
    async def main() -> float:
        began = time.perf_counter()
        try:
            await Client(ClientSettings(url, timeout=1)).push(body(1))
        except PartnerError as error:
            assert error.kind == "timeout"
        return time.perf_counter() - began

    return asyncio.run(main())


def row(name: str, parallel: int, run: Run) -> str:
    p99 = quantiles(run.latencies, n=100)[98]
    rate = len(run.latencies) / run.wall
    figures = f"{run.cpu * 1e6:8.0f} us {median(run.latencies) * 1e3:8.2f} ms {p99 * 1e3:8.2f} ms"
    return f"{name:<10} {parallel:>8} {figures} {rate:8.0f}/s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=2000)
    count = parser.parse_args().requests
    clients = [("requests", with_requests), ("gsmbridge", with_client)]
    print(f"Python {platform.python_version()}, requests {requests.__version__}, {count} pushes")
    print(
        f"{'client':<10} {'parallel':>8} {'CPU each':>11} {'median':>11} {'p99':>11} {'rate':>10}"
    )
    with server("ok") as url:
        for parallel in (1, 16):
            for name, client in clients:
                print(row(name, parallel, client(url, count, parallel)), flush=True)
    with TemporaryDirectory() as folder:
        for name, text in (("stall", STALL), ("drip", DRIP)):
            (Path(folder) / name).write_text(text)
        with server(f"{folder}/stall") as url:
            times = until_status_requests(url), until_status_client(url)
            print("200 known: requests {:.3f} s, gsmbridge {:.3f} s".format(*times))
        with server(f"{folder}/drip") as url:
            times = drip_requests(url), drip_client(url)
            print("drip, time-out 1 s: requests {:.1f} s, gsmbridge {:.1f} s".format(*times))


if __name__ == "__main__":
    main()
