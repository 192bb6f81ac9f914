"""The farm on real ptys, and as a process."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import random
import subprocess
import sys
import termios
import tty
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from gsmbridge.farm.farm import build
from gsmbridge.farm.plugs import swap_names
from gsmbridge.farm.ptys import PtyFarm, locked_inodes
from gsmbridge.farm.truth import Truth, read
from gsmbridge.farm.world import LoopScheduler

PATIENCE = 10.0
EXCLUSIVE = 0x80045440  # TIOCGEXCL


def on_ptys(directory: Path, scenario: Callable[[PtyFarm], Awaitable[None]]) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        farm = build(
            LoopScheduler(loop),
            2,
            rng=random.Random(1),
            truth=Truth(loop.time),
            wall=lambda: 1_800_000_000.0,
        )
        ptys = PtyFarm(directory, farm.modems)
        ptys.start()
        try:
            await scenario(ptys)
        finally:
            ptys.close()

    asyncio.run(main())


def open_port(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    tty.setraw(descriptor)
    return descriptor


async def ask(descriptor: int, command: bytes, end: bytes = b"OK\r\n") -> bytes:
    os.write(descriptor, command + b"\r")
    return await hear(descriptor, end)


async def hear(descriptor: int, end: bytes) -> bytes:
    heard = b""
    async with asyncio.timeout(PATIENCE):
        while not heard.endswith(end):
            try:
                heard += os.read(descriptor, 4096)
            except BlockingIOError:
                await asyncio.sleep(0.001)
    return heard


def test_each_modem_answers_behind_its_link(tmp_path: Path) -> None:
    async def scenario(ptys: PtyFarm) -> None:
        for number, modem in enumerate(ptys.modems):
            port = open_port(tmp_path / f"modem{number}")
            assert await ask(port, b"AT+CGSN") == (
                b"AT+CGSN\r\r\n" + modem.imei.encode() + b"\r\n\r\nOK\r\n"
            )
            os.close(port)

    on_ptys(tmp_path, scenario)
    assert list(tmp_path.iterdir()) == []


def test_a_modem_may_have_more_than_one_port(tmp_path: Path) -> None:
    async def scenario(ptys: PtyFarm) -> None:
        ptys.unplug(ptys.modems[0])
        ptys.modems[0].add_port()
        ptys.plug(ptys.modems[0], "modem0")
        assert (tmp_path / "modem0-1").exists()
        assert ptys.name_of(ptys.modems[0]) == "modem0"
        ptys.unplug(ptys.modems[0])
        assert not (tmp_path / "modem0-1").is_symlink()

    on_ptys(tmp_path, scenario)


def test_an_open_port_hangs_up_when_its_modem_is_unplugged(tmp_path: Path) -> None:
    async def scenario(ptys: PtyFarm) -> None:
        port = open_port(tmp_path / "modem0")
        ptys.unplug(ptys.modems[0])
        assert not (tmp_path / "modem0").is_symlink()
        try:
            gone = os.read(port, 10) == b""
        except OSError:
            gone = True
        assert gone
        os.close(port)
        ptys.plug(ptys.modems[0], "modem7")
        assert (tmp_path / "modem7").exists()
        with pytest.raises(ValueError, match="taken"):
            ptys.plug(ptys.modems[0], "modem1")

    on_ptys(tmp_path, scenario)


def test_two_modems_come_back_under_each_others_name(tmp_path: Path) -> None:
    async def scenario(ptys: PtyFarm) -> None:
        swap_names(ptys, *ptys.modems)
        await asyncio.sleep(0)
        assert ptys.path_of(ptys.modems[0]) == tmp_path / "modem1"
        assert ptys.path_of(ptys.modems[1]) == tmp_path / "modem0"

    on_ptys(tmp_path, scenario)


def is_exclusive(port: int) -> bool:
    return fcntl.ioctl(port, EXCLUSIVE, b"\0\0\0\0") != b"\0\0\0\0"


def test_a_dead_clients_exclusive_lock_is_undone_a_live_ones_is_not(tmp_path: Path) -> None:
    async def scenario(ptys: PtyFarm) -> None:
        live, dead = (open_port(tmp_path / f"modem{number}") for number in (0, 1))
        fcntl.flock(live, fcntl.LOCK_EX)
        for port in (live, dead):
            fcntl.ioctl(port, termios.TIOCEXCL)
        async with asyncio.timeout(PATIENCE):
            while is_exclusive(dead):  # noqa: ASYNC110 - the kernel tells nobody
                await asyncio.sleep(0.01)
        assert is_exclusive(live)
        for port in (live, dead):
            os.close(port)

    on_ptys(tmp_path, scenario)


def test_locks_are_read_from_the_kernels_table(tmp_path: Path) -> None:
    table = tmp_path / "locks"
    table.write_text(
        "1: FLOCK  ADVISORY  WRITE 99 00:1c:7 0 EOF\n"
        "1: -> FLOCK  ADVISORY  WRITE 98 00:1c:8 0 EOF\n"
    )
    assert locked_inodes(table) == {7}
    assert locked_inodes(tmp_path / "none") == frozenset()


def test_a_farm_of_its_own_process_takes_orders_and_keeps_a_record(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gsmbridge.farm", "--dir", str(tmp_path / "ports")]
    command += ["--modems", "2", "--messages", "3", "--truth", str(tmp_path / "truth.jsonl")]
    orders = [
        {"do": "send", "to": "79080000001", "text": "hello", "sender": "Me"},
        {"do": "fault", "kind": "noise", "modem": 1},
        {"do": "nonsense"},
        {"do": "state"},
    ]
    told = "".join(json.dumps(order) + "\n" for order in orders)
    result = subprocess.run(
        command, input=told, capture_output=True, text=True, timeout=60, check=True
    )
    ready, sent, fault, nonsense, state = map(json.loads, result.stdout.splitlines())
    assert ready["ready"] == 2
    assert ready["numbers"][1] == ["79080000001", "8970101000000000012"]
    assert (sent["ok"], fault["ok"], nonsense["ok"], state["ok"]) == (True, True, False, True)
    with (tmp_path / "truth.jsonl").open() as file:
        events = read(file)
    assert "hello" in [event.fields.get("text") for event in events]
    assert "fault" in [event.kind for event in events]


def test_a_line_of_the_record_that_is_not_whole_yet_is_left_out() -> None:
    lines = ['{"at": 1.0, "kind": "sent", "message": 1}\n', '{"at": 2.0, "ki']
    assert [event.kind for event in read(lines)] == ["sent"]
