"""Modems on ptys: up to 512 in one process, each behind a symlink that real software can open."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import resource
import struct
import termios
import tty
from collections.abc import Sequence
from pathlib import Path

from gsmbridge.farm.modem import ExtraPort, ModemModel

UNREAD = 64 * 1024
"""Octets kept for a host that doesn't read; what comes on top is lost."""
BLOCK = 4096
LOOK_FOR_DEAD_CLIENTS = 0.25
"""Seconds."""
TIOCGEXCL = 0x80045440
"""linux/tty.h by way of asm-generic/ioctls.h; Python's termios does not name it."""


class Pty:
    """One port: the modem's end is the master. The slave stays open here too, so that the master
    lives on between two clients, and TIOCEXCL can be taken back."""

    def __init__(self, port: ModemModel | ExtraPort, loop: asyncio.AbstractEventLoop) -> None:
        self.modem = port.modem if isinstance(port, ExtraPort) else port
        self._port = port
        self._loop = loop
        self._pending = bytearray()
        self._orphaned = False
        self.master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self.master, False)
        self.device = os.ttyname(self._slave)
        self.inode = os.fstat(self._slave).st_ino
        loop.add_reader(self.master, self._read)
        port.emit = self._write

    def close(self) -> None:
        """Unplugged: a client that has the port open sees a hang-up."""
        self._port.emit = lambda _: None
        self._loop.remove_reader(self.master)
        self._loop.remove_writer(self.master)
        os.close(self.master)
        os.close(self._slave)

    def release(self) -> None:
        """Undo TIOCEXCL: a client that was killed could not, and the next is refused by it."""
        fcntl.ioctl(self._slave, termios.TIOCNXCL)

    def release_if_orphaned(self, locked: frozenset[int]) -> None:
        """Release what is exclusive, but flocked by nobody, twice in a row: its client died."""
        answer = fcntl.ioctl(self._slave, TIOCGEXCL, struct.pack("i", 0))
        orphaned = struct.unpack("i", answer)[0] != 0 and self.inode not in locked
        if orphaned and self._orphaned:
            self.release()
        self._orphaned = orphaned

    def _read(self) -> None:
        try:
            data = os.read(self.master, BLOCK)
        except BlockingIOError:
            return
        self._port.receive(data)

    def _write(self, data: bytes) -> None:
        if self._pending:
            self._pending += data[: UNREAD - len(self._pending)]
            return
        sent = self._try(data)
        if sent < len(data):
            self._pending += data[sent : sent + UNREAD]
            self._loop.add_writer(self.master, self._flush)

    def _flush(self) -> None:
        del self._pending[: self._try(self._pending)]
        if not self._pending:
            self._loop.remove_writer(self.master)

    def _try(self, data: bytes | bytearray) -> int:
        try:
            return os.write(self.master, data)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EIO):
                raise
            return 0


class PtyFarm:
    """*modems* on ptys; `directory/modem0` and so on lead to them, `modem0-1` and so on to their
    extra ports. Needs a running loop."""

    def __init__(self, directory: Path, modems: Sequence[ModemModel]) -> None:
        self.directory = directory
        self.modems = tuple(modems)
        self._loop = asyncio.get_running_loop()
        self._ptys: dict[str, Pty] = {}
        self._watch = self._loop.call_later(LOOK_FOR_DEAD_CLIENTS, self._look)

    def start(self) -> None:
        """Open a port for each modem. OSError where there are not enough ptys or descriptors."""
        allow_descriptors()
        self.directory.mkdir(parents=True, exist_ok=True)
        for number, modem in enumerate(self.modems):
            self._open(modem, f"modem{number}")
            modem.start()

    def close(self) -> None:
        """Take every port and link away."""
        self._watch.cancel()
        for modem in self.modems:
            self._shut(modem)

    def name_of(self, modem: ModemModel) -> str | None:
        return next((name for name, pty in self._ptys.items() if pty.modem is modem), None)

    def path_of(self, modem: ModemModel) -> Path | None:
        name = self.name_of(modem)
        return self.directory / name if name else None

    def plug(self, modem: ModemModel, name: str) -> None:
        """Power up *modem* under *name*, on a fresh pty."""
        if name in self._ptys:
            raise ValueError(f"{name} is taken")
        self._open(modem, name)
        modem.truth.note("plugged", modem=modem.name, port=name)
        modem.power_on()

    def unplug(self, modem: ModemModel) -> None:
        """Cut its power, close its pty, take its link away."""
        if name := self.name_of(modem):
            modem.power_off()
            self._shut(modem)
            modem.truth.note("unplugged", modem=modem.name, port=name)

    def release(self) -> None:
        """Undo TIOCEXCL on every port, for a client known to be dead."""
        for pty in self._ptys.values():
            pty.release()

    def _open(self, modem: ModemModel, name: str) -> None:
        self._link(modem, name)
        for number, port in enumerate(modem.extra_ports, 1):
            self._link(port, f"{name}-{number}")

    def _link(self, port: ModemModel | ExtraPort, name: str) -> None:
        pty = Pty(port, self._loop)
        self._ptys[name] = pty
        fresh = self.directory / f".{name}.new"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(pty.device)
        fresh.replace(self.directory / name)

    def _shut(self, modem: ModemModel) -> None:
        while name := self.name_of(modem):
            (self.directory / name).unlink(missing_ok=True)
            self._ptys.pop(name).close()

    def _look(self) -> None:
        locked = locked_inodes()
        for pty in self._ptys.values():
            pty.release_if_orphaned(locked)
        self._watch = self._loop.call_later(LOOK_FOR_DEAD_CLIENTS, self._look)


def locked_inodes(table: Path = Path("/proc/locks")) -> frozenset[int]:
    """Inodes that somebody holds a flock on (proc(5)); of any file system: close enough."""
    try:
        lines = table.read_text().splitlines()
    except OSError:  # no /proc: every port counts as orphaned
        return frozenset()
    return frozenset(int(line.split()[5].rsplit(":", 1)[1]) for line in lines if "->" not in line)


def allow_descriptors() -> None:
    """Two descriptors a modem: raise the soft limit to the hard one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
