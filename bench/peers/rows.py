"""What each program is put through. Every row gives figures by name; none asks the program.

A modem counts as ready when the message that lay on its SIM at the start has come to the server:
the same for all.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from math import nan
from statistics import median, quantiles

from peers.judge import Life, lives, losses
from peers.programs import Peer
from processes import Program, wait_until
from scenes import Figures, Play, set_up

PATIENCE = 180.0
"""Seconds until a row is given up."""
QUIET = 20.0
"""Seconds without news after which no more is expected."""
IDLE = 30.0
"""Seconds of watching a program that has nothing to do."""
REBOOT = 5.0
"""Seconds in which a modem that was plugged in is ready for sure."""


@contextmanager
def ready(peer: Peer, modems: int) -> Iterator[tuple[Play, Program]]:
    """The program, with modems all of which have forwarded their first message."""
    with set_up(peer.start, modems) as stage:
        stage.farm.order("burst", messages=modems)
        wait_until(lambda: len(stage.farm.stored()) == modems, PATIENCE)
        stage.sink.start()
        program = stage.run()
        try:
            wait_until(lambda: stage.sink.count() >= modems and stage.farm.empty(), PATIENCE)
            yield stage, program
        finally:
            program.close(kill=True)


def settle(stage: Play, seconds: float = PATIENCE) -> list[Life]:
    """What became of all messages, once all have come, or nothing has happened for a while."""
    count, since, end = -1, 0.0, time.monotonic() + seconds
    while time.monotonic() < end:
        now = stage.sink.count() + len(stage.farm.events())
        if now != count:
            count, since = now, time.monotonic()
        if time.monotonic() - since > QUIET:
            break
        if stage.farm.empty() and all(life.came for life in lives(stage)):
            break
        time.sleep(0.2)
    return lives(stage)


def arrivals(messages: list[Life], began: float) -> Figures:
    """Seconds from *began* to the last first arrival (nan: there was none), and how many failed."""
    times = [life.came[0] for life in messages if life.came]
    return {"all": max(times, default=nan) - began, "missing": len(messages) - len(times)}


def idle(peer: Peer, modems: int) -> Figures:
    """Memory and processor time with nothing to do."""
    with ready(peer, modems) as (_, program):
        figures: Figures = {"ready": time.monotonic() - program.began}
        time.sleep(5.0)
        cpu = program.cpu()
        time.sleep(IDLE)
        figures["idle"] = (program.cpu() - cpu) / IDLE * 100
        figures["pss"] = program.pss()
        figures["processes"] = program.processes()
        return figures


def live(peer: Peer, modems: int, messages: int, rate: float = 20.0) -> Figures:
    """Messages that arrive one by one, at any modem."""
    with ready(peer, modems) as (stage, program):
        time.sleep(3.0)
        cpu = program.cpu()
        stage.farm.order("burst", messages=messages, rate=rate)
        time.sleep(messages / rate)
        fresh = settle(stage)[modems:]
        delays = [life.delay * 1e3 for life in fresh if life.came]
        return {
            "median": median(delays),
            "p99": quantiles(delays, n=100)[98],
            "cpu": (program.cpu() - cpu) / messages * 1e3,
            **losses(fresh),
        }


def stored(peer: Peer, modems: int, each: int = 20) -> Figures:
    """SIMs that are full when the program starts."""
    with set_up(peer.start, modems, each + 5) as stage:
        stage.farm.order("burst", messages=modems * each)
        wait_until(lambda: len(stage.farm.stored()) == modems * each, PATIENCE)
        stage.sink.start()
        program = stage.run()
        try:
            return arrivals(settle(stage), program.began)
        finally:
            program.close(kill=True)


def burst(peer: Peer, modems: int, each: int = 10) -> Figures:
    """Many messages for each SIM in one moment, while the program runs."""
    with ready(peer, modems) as (stage, _):
        time.sleep(3.0)
        began = time.monotonic()
        stage.farm.order("burst", messages=modems * each)
        return arrivals(settle(stage)[modems:], began)


def kills(peer: Peer, modems: int, times: int, seed: int = 1) -> Figures:
    """`kill -9` of all processes, again and again, while messages arrive."""
    rng = random.Random(seed)
    with ready(peer, modems) as (stage, program):
        for _ in range(times):
            stage.farm.order("burst", messages=70, rate=20.0)
            before, limit = stage.sink.count(), time.monotonic() + 20.0
            while stage.sink.count() == before and time.monotonic() < limit:
                time.sleep(0.01)
            time.sleep(rng.uniform(0.0, 3.5))
            program.close(kill=True)
            stage.farm.order("release")
            program = stage.run()
        try:
            all_of_them = settle(stage)
        finally:
            program.close(kill=True)
        held = sum(life.copies > 0 and not life.came for life in all_of_them)
        return {"messages": len(all_of_them), "held": held, **losses(all_of_them)}


def outage(peer: Peer, modems: int = 8, messages: int = 64, seconds: float = 30.0) -> Figures:
    """The server is away for half a minute, in which messages arrive."""
    with ready(peer, modems) as (stage, _):
        stage.sink.close()
        stage.farm.order("burst", messages=messages, rate=messages / (seconds - 5.0))
        time.sleep(seconds)
        stage.sink.start()
        fresh = settle(stage)[modems:]
        return {"messages": len(fresh), "never": sum(not life.came for life in fresh)}


def swap(peer: Peer, each: int = 10) -> Figures:
    """Two ports have changed names while the program was down, as after a reboot of the host."""
    with ready(peer, 2) as (stage, program):
        who = dict(zip(stage.farm.ports, (phone for phone, _ in stage.farm.numbers), strict=True))
        program.close()
        stage.farm.order("fault", kind="swap_ports", modem=0, **{"with": {"other": 1}})
        time.sleep(REBOOT)
        program = stage.run()
        try:
            time.sleep(REBOOT)
            stage.farm.order("burst", messages=2 * each, rate=5.0)
            time.sleep(2 * each / 5.0)
            fresh = settle(stage)[2:]
        finally:
            program.close(kill=True)
        named = [(who.get(phone, phone), life.to) for life in fresh for phone in life.phones]
        return {"messages": len(named), "wrong": sum(said != to for said, to in named)}


def unplug(peer: Peer, modems: int = 4, seconds: float = 3.0, patience: float = 60.0) -> Figures:
    """All modems are unplugged for a moment; nobody does anything else."""
    with ready(peer, modems) as (stage, _):
        for modem in range(modems):
            stage.farm.order("fault", kind="unplug", modem=modem, **{"with": {"seconds": seconds}})
        time.sleep(seconds + REBOOT)
        stage.farm.order("burst", messages=modems)
        with suppress(TimeoutError):
            wait_until(stage.farm.empty, patience)
        return {"modems": modems, "again": sum(bool(x.came) for x in lives(stage)[modems:])}
