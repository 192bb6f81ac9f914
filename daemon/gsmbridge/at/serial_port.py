"""Real serial ports: opened and configured by pyserial, read and written by the event loop."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import glob
import os
import stat
import termios
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

import serial

from gsmbridge.at.holders import Holders
from gsmbridge.at.port import PortName
from gsmbridge.at.sysfs import whereabouts
from gsmbridge.at.threads import in_thread
from gsmbridge.errors import PortLost

BLOCK = 16384
"""Bytes per read: more than a kernel's tty buffer holds."""

_HINTS = {
    errno.EACCES: "add user gsmbridge to group dialout and restart the service",
    errno.EPERM: "add user gsmbridge to group dialout and restart the service",
    errno.EMFILE: "raise LimitNOFILE",
}
_HELD = (errno.EBUSY, errno.EWOULDBLOCK)
_HELD_HINT = (
    "another program holds it (ModemManager, brltty, a second gsmbridge?); `sudo fuser -v {path}` "
    "names it"
)
_REASONS = {
    errno.EACCES: "permission denied",
    errno.EBUSY: "in use",
    errno.EWOULDBLOCK: "in use",
    errno.ENOENT: "no such port",
    errno.ENODEV: "unplugged",
    errno.ENXIO: "unplugged",
    errno.EIO: "unplugged",
}


class SerialPorts:
    """The ports of this host that match *globs* and not *exclude*."""

    def __init__(
        self, globs: Sequence[str], exclude: Sequence[str] = (), sysfs: Path = Path("/sys")
    ) -> None:
        self._globs = tuple(globs)
        self._exclude = tuple(exclude)
        self._sysfs = sysfs
        self._known: dict[tuple[str, int, int, int], PortName | None] = {}
        self._busy: set[str] = set()  # devices that a thread is opening or closing
        self._holders = Holders()

    def present(self) -> Sequence[PortName]:
        """In the order of the globs, then by name; symlinks to one device count once. Cheap
        enough to be asked every second: a path is looked into only when its device changed."""
        known: dict[tuple[str, int, int, int], PortName | None] = {}
        devices: dict[str, PortName] = {}
        for path in self._matching():
            try:
                status = os.stat(path)  # noqa: PTH116
            except OSError:  # gone since it was listed, or a dangling symlink
                continue
            if not stat.S_ISCHR(status.st_mode):
                continue
            key = (path, status.st_dev, status.st_ino, status.st_rdev)
            known[key] = self._known[key] if key in self._known else self._look_into(path)
            name = known[key]
            if name is not None:
                devices.setdefault(name.device, name)
        self._known = known
        return tuple(devices.values())

    async def open(self, name: PortName, baudrate: int) -> SerialPort:
        """Open exclusively, 8N1, raw. It may block for half a minute, in a thread of its own; an
        opening given up meanwhile closes what it got. PortLost with a plain reason."""
        if name.device in self._busy:
            raise PortLost(f"{name.path}: still being opened or closed")
        self._busy.add(name.device)

        def release() -> None:
            self._busy.discard(name.device)

        try:
            descriptor = await in_thread(lambda: self._open(name, baudrate), _close, release)
        except OSError as error:
            reason, hint = _explain(error)
            raise PortLost(f"{name.path}: {reason}", hint) from error
        except ValueError as error:  # pyserial: a speed that the driver does not know
            raise PortLost(f"{name.path}: {error}", "check modems.baudrate") from error
        return SerialPort(name, descriptor, self._busy)

    def _open(self, name: PortName, baudrate: int) -> int:
        """Blocking. PortLost where another program has the port: which one, if that is seen."""
        if os.path.realpath(name.path) != name.device:
            raise OSError(errno.ENOENT, "the path leads to another device now")
        try:
            return _open(name.path, baudrate)
        except OSError as error:
            if error.errno not in _HELD:
                raise
            held_by = ", ".join(self._holders.of(name.device))
            if held_by:
                hint = "stop it, or keep it from this port"
                raise PortLost(f"{name.path}: in use by {held_by}", hint) from error
            hint = _HELD_HINT.format(path=name.path)
            raise PortLost(f"{name.path}: in use", hint) from error

    def _matching(self) -> Iterator[str]:
        for pattern in self._globs:
            yield from sorted(glob.glob(pattern))  # noqa: PTH207

    def _look_into(self, path: str) -> PortName | None:
        device = os.path.realpath(path)
        if any(fnmatch(path, pattern) or fnmatch(device, pattern) for pattern in self._exclude):
            return None
        at = whereabouts(self._sysfs, device)
        return PortName(path, device, at.usb, at.interface, at.protocol, at.vendor, at.place)


class SerialPort:
    """An open port: a descriptor on the event loop."""

    def __init__(self, name: PortName, descriptor: int, busy: set[str]) -> None:
        self._name = name
        self._descriptor = descriptor
        self._busy = busy
        self._loop = asyncio.get_running_loop()
        self._pending = bytearray()
        self._on_bytes: Callable[[bytes], None] | None = None
        self._on_lost: Callable[[str], None] | None = None
        self._state = "open"

    def start(self, on_bytes: Callable[[bytes], None], on_lost: Callable[[str], None]) -> None:
        self._on_bytes, self._on_lost = on_bytes, on_lost
        self._loop.add_reader(self._descriptor, self._read)

    def write(self, data: bytes) -> None:
        if self._state != "open":
            return
        was_idle = not self._pending
        self._pending += data
        if was_idle:
            self._send()
            if self._pending and self._state == "open":
                self._loop.add_writer(self._descriptor, self._send_rest)

    async def close(self) -> None:
        if self._state == "closed":
            return
        self._stop()
        self._state = "closed"
        device = self._name.device
        self._busy.add(device)
        descriptor = self._descriptor
        await in_thread(
            lambda: _close(descriptor), lambda _: None, lambda: self._busy.discard(device)
        )

    def _read(self) -> None:
        assert self._on_bytes is not None
        try:
            data = os.read(self._descriptor, BLOCK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._lose(_explain(error)[0])
            return
        if data:
            self._on_bytes(data)
        else:
            self._lose("hung up")

    def _send(self) -> None:
        try:
            sent = os.write(self._descriptor, self._pending)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._lose(_explain(error)[0])
            return
        del self._pending[:sent]

    def _send_rest(self) -> None:
        self._send()
        if not self._pending:
            self._loop.remove_writer(self._descriptor)

    def _lose(self, reason: str) -> None:
        if self._state != "open":
            return
        self._stop()
        if self._on_lost is not None:
            self._on_lost(f"{self._name.path}: {reason}")

    def _stop(self) -> None:
        if self._state == "open":
            self._state = "lost"
            self._loop.remove_reader(self._descriptor)
            self._loop.remove_writer(self._descriptor)


def _open(path: str, baudrate: int) -> int:
    """Blocking: a non-blocking descriptor, locked (flock and TIOCEXCL). OSError, ValueError."""
    try:
        port = serial.Serial(path, baudrate, exclusive=True, timeout=0)
        try:
            descriptor = os.dup(port.fileno())  # of five that pyserial opens, one is needed
        finally:
            port.close()
    except termios.error as error:
        raise OSError(*error.args) from error
    try:
        fcntl.ioctl(descriptor, termios.TIOCEXCL)
        settings = termios.tcgetattr(descriptor)
        settings[2] &= ~termios.HUPCL  # no drop of DTR at close: with &D2 it resets a modem
        settings[6][termios.VMIN] = 1  # a read without data must not look like a hang-up
        termios.tcsetattr(descriptor, termios.TCSANOW, settings)
    except (OSError, termios.error) as error:
        _close(descriptor)
        raise OSError(*error.args) from error
    return descriptor


def _close(descriptor: int) -> None:
    """Blocking: undo both locks, drop what was not sent, close. Never raises."""
    for undo in (
        lambda: termios.tcflush(descriptor, termios.TCIOFLUSH),
        lambda: fcntl.ioctl(descriptor, termios.TIOCNXCL),
        lambda: fcntl.flock(descriptor, fcntl.LOCK_UN),
        lambda: os.close(descriptor),
    ):
        try:
            undo()
        except (OSError, termios.error):  # the device is gone: nothing is left to undo
            continue


def _explain(error: OSError) -> tuple[str, str]:
    code = error.errno or 0
    reason = _REASONS.get(code) or (os.strerror(code).lower() if code else str(error))
    return reason, _HINTS.get(code, "")
