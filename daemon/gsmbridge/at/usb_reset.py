"""Resets a USB device as if it had been unplugged (Linux, USBDEVFS_RESET)."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
from pathlib import Path

from gsmbridge.at.threads import in_thread
from gsmbridge.errors import ModemError

USBDEVFS_RESET = 0x5514
"""linux/usbdevice_fs.h: _IO('U', 20)."""
PATIENCE = 30.0
"""Seconds for the device to come back; the kernel itself gives up sooner."""


class UsbReset:
    """Resets devices by their sysfs path, each in a thread: it takes seconds."""

    def __init__(self, nodes: Path = Path("/dev/bus/usb")) -> None:
        self._nodes = nodes

    async def __call__(self, usb: str) -> None:
        """ModemError where it cannot be done, with what to do about it."""
        try:
            async with asyncio.timeout(PATIENCE):
                node = self.node(usb)
                await in_thread(lambda: _reset(node), lambda _: None, lambda: None)
        except TimeoutError:
            raise ModemError(f"{usb}: no end of the reset in {PATIENCE:.0f} s") from None
        except OSError as error:
            raise ModemError(f"{error.filename or usb}: {error.strerror}", _hint(error)) from error

    def node(self, usb: str) -> Path:
        """Its device node, by bus and number (sysfs-bus-usb). OSError where it is gone."""
        bus, number = (int((Path(usb) / name).read_text()) for name in ("busnum", "devnum"))
        return self._nodes / f"{bus:03d}" / f"{number:03d}"


def _reset(node: Path) -> None:
    descriptor = os.open(node, os.O_WRONLY | os.O_CLOEXEC)
    try:
        fcntl.ioctl(descriptor, USBDEVFS_RESET)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(node)) from error
    finally:
        os.close(descriptor)


def _hint(error: OSError) -> str:
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "install systemd/99-gsmbridge-usb-reset.rules (docs/recovery.md)"
    return ""
