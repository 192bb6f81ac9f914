"""What this process does to the files of a folder, told as it happens.

Two things write there, and each is watched where it asks the kernel:

- SQLite, by a VFS (`vfs.py`).
- Python, by an audit hook (opening, renaming, removing) and a function around `os.fsync`. What was
  written in between is seen when the file is synced or renamed.

Neither can be taken back, so only processes that exist for a test install it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gsmbridge.farm.platter import (
    Created,
    Event,
    FolderSynced,
    Removed,
    Renamed,
    Resized,
    Synced,
    Written,
    content,
)
from gsmbridge.farm.vfs import Shim, Unavailable

__all__ = ["Sink", "Unavailable", "install", "watching"]

Sink = Callable[[Event], None]


# ---- what is watched --------------------------------------------------------------------------


class _Watch:
    """One folder."""

    def __init__(self, folder: Path, sink: Sink) -> None:
        self.folder = folder
        self.tell = sink
        self.names = {path.name for path in folder.iterdir()}
        self.known: dict[str, bytes] = {}
        """What Python's own files held when they were looked at last."""
        self.of_sqlite: set[str] = set()

    def create(self, name: str) -> None:
        if name not in self.names:
            self.names.add(name)
            self.known[name] = b""
            self.tell(Created(name))

    def look(self, name: str) -> None:
        """Tell what was written to a file of Python's since it was last looked at."""
        path = self.folder / name
        if name in self.of_sqlite or not path.is_file():
            return
        found = content(path)
        if self.known.get(name) != found:
            self.known[name] = found
            self.tell(Resized(name, 0))
            self.tell(Written(name, 0, found))

    def take(self, name: str) -> None:
        """From here on SQLite tells what is done to a file."""
        self.of_sqlite.add(name)

    def rename(self, old: str, new: str) -> None:
        if old not in self.names:
            return
        self.look(old)
        self.names = self.names - {old} | {new}
        if old in self.known:
            self.known[new] = self.known.pop(old)
        self.of_sqlite -= {old, new}
        self.tell(Renamed(old, new))

    def remove(self, name: str) -> None:
        if name in self.names:
            self.names.remove(name)
            self.known.pop(name, None)
            self.of_sqlite.discard(name)
            self.tell(Removed(name))


_watched: dict[str, _Watch] = {}
"""By folder."""


@contextmanager
def watching(folder: Path, sink: Sink) -> Iterator[None]:
    """Have *sink* told what is done to the files in *folder*, each after it was asked for and
    syncs after they are done. Unavailable where that can't be seen."""
    install()
    names = dict.fromkeys((str(folder.absolute()), str(folder.resolve())))
    watch = _Watch(folder, sink)
    _watched.update(dict.fromkeys(names, watch))
    try:
        yield
    finally:
        for name in names:
            del _watched[name]


def _find(path: Any) -> tuple[_Watch, str] | None:
    """The watch that a path falls under, and its name there."""
    if not isinstance(path, str | os.PathLike):
        return None  # a descriptor, or bytes: nothing in the journal's folder is opened by those
    folder, name = os.path.split(path)
    watch = _watched.get(os.fspath(folder))
    return (watch, str(name)) if watch is not None and not name.endswith("-shm") else None


# ---- Python's own files -----------------------------------------------------------------------


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watched:
        return
    if event == "open":
        path, _, flags = arguments
        if flags & os.O_CREAT and (found := _find(path)):
            found[0].create(found[1])
    elif event == "os.rename":
        old, new = _find(arguments[0]), _find(arguments[1])
        if old and new:
            old[0].rename(old[1], new[1])
    elif event == "os.remove" and (found := _find(arguments[0])):
        found[0].remove(found[1])


_fsync = os.fsync


def _told_fsync(file: Any) -> None:
    path = Path(f"/proc/self/fd/{file if isinstance(file, int) else file.fileno()}").readlink()
    found = _find(path)
    if found:
        found[0].look(found[1])
    _fsync(file)
    if found:
        found[0].tell(Synced(found[1]))
    elif str(path) in _watched:
        _watched[str(path)].tell(FolderSynced())


_shim: Shim | None = None


def install() -> None:
    """See to it that this process can be watched. Unavailable where it can't."""
    global _shim
    if _shim is None:
        _shim = Shim(_find)
        os.fsync = _told_fsync  # type: ignore[assignment]  # its parameter has no name there
        sys.addaudithook(_audit)
