"""What systemd is told, and when it is told nothing."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from gsmbridge.farm.virtual import SimulatedClock, World, run
from gsmbridge.service.bridge import Bridge
from gsmbridge.service.notify import Notifier, Watch


class Systemd:
    """The other end of NOTIFY_SOCKET."""

    def __init__(self, folder: Path, watchdog: float | None = None) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(folder / "notify"))
        self._socket.setblocking(False)
        self.environ = {"NOTIFY_SOCKET": str(folder / "notify")}
        if watchdog is not None:
            self.environ["WATCHDOG_USEC"] = str(int(watchdog * 1e6))

    def told(self) -> list[str]:
        lines: list[str] = []
        while True:
            try:
                lines += self._socket.recv(4096).decode().split("\n")
            except BlockingIOError:
                return lines


class Loops:
    """A bridge whose loops go round when poked, but for the stuck ones."""

    def __init__(self, stuck: Callable[[], bool] = lambda: False) -> None:
        self._stuck = stuck
        self._forwarding, self._others = 0, 0
        self.started = True
        self.fleet = SimpleNamespace(tried=True, statuses=list)
        self.journal = SimpleNamespace(trouble=None)
        self.dispatcher = SimpleNamespace(
            stats=lambda: SimpleNamespace(waiting=1, in_flight=1, oldest=None, unreachable_for=None)
        )

    def poke(self) -> None:
        self._others += 1
        self._forwarding += not self._stuck()

    def beats(self) -> tuple[int, ...]:
        return self._others, self._forwarding


def watch(world: World, bridge: Any, systemd: Systemd) -> Watch:
    return Watch(cast(Bridge, bridge), Notifier(systemd.environ), SimulatedClock(world))


async def for_seconds(work: Any, seconds: float) -> None:
    task = asyncio.create_task(work)
    await asyncio.sleep(seconds)
    task.cancel()


def test_signs_of_life_come_well_within_the_watchdogs_time(tmp_path: Path) -> None:
    systemd, world = Systemd(tmp_path, watchdog=60), World()
    run(world, for_seconds(watch(world, Loops(), systemd).keep_alive(), 160))
    assert 7 <= systemd.told().count("WATCHDOG=1") <= 9


def test_signs_of_life_end_while_one_loop_is_stuck_and_come_again(tmp_path: Path) -> None:
    systemd, world = Systemd(tmp_path, watchdog=60), World()
    begin = world.now
    loops = Loops(stuck=lambda: 100 <= world.now - begin < 400)
    steady = watch(world, loops, systemd)
    run(world, for_seconds(steady.keep_alive(), 399))
    before = systemd.told().count("WATCHDOG=1")
    run(world, for_seconds(steady.keep_alive(), 100))
    assert 4 <= before <= 6
    assert systemd.told().count("WATCHDOG=1") >= 4


def test_ready_comes_once_every_port_was_tried_with_a_status(tmp_path: Path) -> None:
    systemd, world = Systemd(tmp_path), World()
    loops = Loops()
    loops.fleet.tried = False
    world.call_later(3.0, lambda: setattr(loops.fleet, "tried", True))

    async def story() -> None:
        await watch(world, loops, systemd).ready()

    begin = world.now
    run(world, story())
    assert 3.0 <= world.now - begin < 4.0
    assert systemd.told() == ["READY=1", "STATUS=0 of 0 modems up, 2 messages waiting"]


def test_a_journal_that_cannot_be_opened_is_no_reason_not_to_be_ready(tmp_path: Path) -> None:
    systemd, world = Systemd(tmp_path, watchdog=60), World()
    loops = Loops()
    loops.started = loops.fleet.tried = False
    begin = world.now
    world.call_later(30.0, lambda: setattr(loops.journal, "trouble", "disk full"))
    attending = watch(world, loops, systemd)
    run(world, for_seconds(attending.attend(), 29))
    assert systemd.told() == []
    run(world, for_seconds(attending.attend(), 120))
    ready, status, *signs = systemd.told()
    assert (ready, world.now - begin < 160) == ("READY=1", True)
    assert status.endswith("journal can't be written")
    assert signs.count("WATCHDOG=1") >= 4


def test_without_systemd_nothing_is_told_and_nothing_fails() -> None:
    notifier = Notifier({})
    assert not notifier.active
    notifier.tell("READY=1")


def test_a_socket_that_is_gone_does_no_harm(tmp_path: Path) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")})
    notifier.tell("READY=1")
