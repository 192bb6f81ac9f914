"""Files beside the journal: whose they are, and that they are there after a power cut."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def adopt(path: Path) -> None:
    """Give a file that root made beside the journal to the directory's owner: the service's user
    must be able to write it later."""
    if os.geteuid() != 0:
        return
    owner = path.parent.stat()
    with suppress(OSError):  # a file system without owners
        os.chown(path, owner.st_uid, owner.st_gid)


def real(path: str | Path) -> Path:
    """Where a journal's file is: what lies beside it lies there, whatever link led to it."""
    return Path(os.path.realpath(path))


def prepare(path: Path) -> None:
    """Make a journal's file, with a mode that keeps others out."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o640)
    os.close(fd)
    adopt(path)


def sync_directory(path: Path) -> None:
    """Make renames in a directory durable."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
