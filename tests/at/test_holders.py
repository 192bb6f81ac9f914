"""Who has a port open."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from gsmbridge.at.holders import LOOK_AGAIN, Holders


class Proc:
    """A made-up /proc."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "locks").write_text("")
        (root / "self").mkdir()

    def process(self, pid: int, name: str, *targets: str) -> None:
        folder = self.root / str(pid) / "fd"
        folder.mkdir(parents=True)
        (folder.parent / "comm").write_text(name + "\n")
        for number, target in enumerate(targets):
            (folder / str(number)).symlink_to(target)


def test_every_program_that_has_the_device_open_is_named(tmp_path: Path) -> None:
    proc = Proc(tmp_path)
    proc.process(712, "ModemManager", "/dev/null", "/dev/ttyUSB3", "/dev/ttyUSB3")
    proc.process(90, "brltty", "/dev/ttyUSB3", "socket:[77]")
    proc.process(1, "init", "/dev/ttyUSB4")
    proc.process(os.getpid(), "gsmbridge", "/dev/ttyUSB3")
    assert Holders(tmp_path).of("/dev/ttyUSB3") == ["brltty (pid 90)", "ModemManager (pid 712)"]
    assert Holders(tmp_path).of("/dev/ttyUSB5") == []


def test_the_processes_are_looked_at_once_in_a_while(tmp_path: Path) -> None:
    proc = Proc(tmp_path)
    now = [0.0]
    holders = Holders(tmp_path, lambda: now[0])
    assert holders.of("/dev/ttyUSB3") == []
    proc.process(712, "ModemManager", "/dev/ttyUSB3")
    assert holders.of("/dev/ttyUSB3") == []
    now[0] += LOOK_AGAIN
    assert holders.of("/dev/ttyUSB3") == ["ModemManager (pid 712)"]


def test_the_owner_of_a_lock_is_seen_without_rights(tmp_path: Path) -> None:
    device = tmp_path / "device"
    device.touch()
    (tmp_path / "proc").mkdir()
    proc = Proc(tmp_path / "proc")
    proc.process(815, "minicom")
    at = device.stat()
    file = f"{os.major(at.st_dev):02x}:{os.minor(at.st_dev):02x}:{at.st_ino}"
    (proc.root / "locks").write_text(
        f"1: POSIX  ADVISORY  WRITE 1 {file} 0 EOF\n2: FLOCK  ADVISORY  WRITE 815 {file} 0 EOF\n"
    )
    assert Holders(proc.root).of(str(device)) == ["minicom (pid 815)"]


def test_a_real_process_is_found(tmp_path: Path) -> None:
    master, slave = os.openpty()
    path = os.ttyname(slave)
    other = subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=[slave],
    )
    try:
        assert other.stdout is not None
        other.stdout.readline()
        (found,) = Holders().of(path)
        assert found.endswith(f"(pid {other.pid})")
    finally:
        other.communicate(b"\n")
        os.close(slave)
        os.close(master)
