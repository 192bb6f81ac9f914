"""Which machine this is: a journal that comes to another one may be a copy, as of an SD card."""

from __future__ import annotations

import hashlib
from pathlib import Path

SOURCES = ("sys/firmware/devicetree/base/serial-number", "etc/machine-id")
"""The board's serial number (Raspberry Pi and others), which no copy of a card carries along, and
machine-id(5), which a new installation makes anew."""


def identity(root: Path = Path("/")) -> str:
    """A digest that tells this machine from others; empty where nothing tells. machine-id(5) asks
    not to be stored as it is."""
    known = b"".join(_read(root / source) for source in SOURCES)
    return hashlib.sha256(b"gsmbridge" + known).hexdigest() if known else ""


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes().strip(b"\0\n ")
    except OSError:  # another kind of machine, or hidden from the service
        return b""
