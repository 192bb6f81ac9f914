"""What a disk may hold after a power cut.

A folder's files in two states: what is there for certain, because it was synced, and what was done
since. At a cut any part of the latter may have reached the disk, in any order: sectors of writes,
truncations, entries of the directory. Of the writes under way one sector may be garbage.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

SECTOR = 512
"""Octets that a disk writes as a whole."""
LUCK = (0.0, 0.2, 0.5, 0.8, 1.0, 1.0)
"""Shares of what was not synced that may have arrived."""


@dataclass(frozen=True, slots=True)
class Created:
    """A file is new."""

    name: str


@dataclass(frozen=True, slots=True)
class Renamed:
    """A file has another name; one that had it before is gone."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Removed:
    """A name is gone."""

    name: str


@dataclass(frozen=True, slots=True)
class Written:
    """Octets were written to a file."""

    name: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Resized:
    """A file was cut off, or grew by zeros."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Synced:
    """What a file holds is on the disk."""

    name: str


@dataclass(frozen=True, slots=True)
class FolderSynced:
    """The names of the folder are on the disk."""


Event = Created | Renamed | Removed | Written | Resized | Synced | FolderSynced
"""What is done to a folder of files, named without the folder."""
Image = Mapping[str, bytes]
"""Files by name."""


class _File:
    """What a file holds, whatever its name is."""

    __slots__ = ("pending", "synced")

    def __init__(self, synced: bytes = b"") -> None:
        self.synced = bytearray(synced)
        self.pending: list[Written | Resized] = []

    def sync(self) -> None:
        for change in self.pending:
            _do(self.synced, change)
        self.pending.clear()

    def now(self) -> bytes:
        """As a process sees it."""
        content = bytearray(self.synced)
        for change in self.pending:
            _do(content, change)
        return bytes(content)

    def found(self, rng: random.Random) -> bytes:
        """As it may be found after a cut."""
        content = bytearray(self.synced)
        luck = rng.choice(LUCK)
        for change in self.pending:
            if isinstance(change, Resized):
                if rng.random() < luck:
                    _do(content, change)
                continue
            for piece in _sectors(change):
                if rng.random() < luck:
                    _do(content, piece)
        written = [change for change in self.pending if isinstance(change, Written) and change.data]
        if written and rng.random() < 0.5:
            # The last ones are under way: a sector of theirs is neither old nor new.
            torn = rng.choice(list(_sectors(rng.choice(written[-4:]))))
            _do(content, Written("", torn.offset, rng.randbytes(len(torn.data))))
        if written and rng.random() < 0.5:
            # Its length arrived, what is in it did not.
            end = max(change.offset + len(change.data) for change in written)
            content.extend(bytes(max(0, end - len(content))))
        return bytes(content)


def _do(content: bytearray, change: Written | Resized) -> None:
    if isinstance(change, Resized):
        del content[change.size :]
        content.extend(bytes(change.size - len(content)))
    else:
        content.extend(bytes(max(0, change.offset - len(content))))
        content[change.offset : change.offset + len(change.data)] = change.data


def _sectors(written: Written) -> Iterator[Written]:
    start, end = written.offset, written.offset + len(written.data)
    while start < end:
        until = min(end, (start // SECTOR + 1) * SECTOR)
        yield Written("", start, written.data[start - written.offset : until - written.offset])
        start = until


@dataclass(frozen=True, slots=True)
class _Entry:
    """A change of the directory: a name goes, a name leads to a file, or both at once."""

    gone: str = ""
    name: str = ""
    file: _File | None = None

    def do(self, names: dict[str, _File]) -> None:
        names.pop(self.gone, None)
        if self.file is not None:
            names[self.name] = self.file


class Platter:
    """The disk under one folder."""

    def __init__(self, image: Image) -> None:
        """*image* is there for certain."""
        self._names = {name: _File(content) for name, content in sorted(image.items())}
        self._synced = dict(self._names)
        self._entries: list[_Entry] = []

    def do(self, event: Event) -> None:
        """Take note of *event*. What is done to a file without a name concerns no later boot."""
        match event:
            case Written(name) | Resized(name):
                if name in self._names:
                    self._names[name].pending.append(event)
            case Synced(name):
                if name in self._names:
                    self._names[name].sync()
            case Created(name):
                self._enter(_Entry(name=name, file=_File()))
            case Renamed(old, new):
                if old in self._names:
                    self._enter(_Entry(old, new, self._names[old]))
            case Removed(name):
                self._enter(_Entry(name))
            case FolderSynced():
                self._synced = dict(self._names)
                self._entries.clear()

    def _enter(self, entry: _Entry) -> None:
        entry.do(self._names)
        self._entries.append(entry)

    def unsynced(self) -> int:
        """How many writes, truncations and entries a cut may undo now."""
        files = {id(file): file for file in (*self._names.values(), *self._synced.values())}
        return len(self._entries) + sum(len(file.pending) for file in files.values())

    def now(self) -> Image:
        """The folder as a process sees it: what is left by kill -9."""
        return {name: file.now() for name, file in sorted(self._names.items())}

    def after_cut(self, rng: random.Random) -> Image:
        """The folder as it may be found after a power cut at this moment."""
        names = dict(self._synced)
        luck = rng.choice(LUCK)
        for entry in self._entries:
            if rng.random() < luck:
                entry.do(names)
        return {name: file.found(rng) for name, file in sorted(names.items())}


def read(folder: Path) -> Image:
    """A folder's files, but for what is no file and what SQLite makes anew at every start."""
    return {
        path.name: content(path)
        for path in sorted(folder.iterdir())
        if path.is_file() and not path.name.endswith("-shm")
    }


def content(path: Path) -> bytes:
    """What a file holds; nothing where that is room for later (the reserve)."""
    with path.open("rb") as file:
        head = file.read(SECTOR)
        return head + file.read() if any(head) else b""


def restore(folder: Path, image: Image) -> None:
    """Make *image* all that there is in *folder*."""
    for path in sorted(folder.iterdir()):
        if path.is_file():
            path.unlink()
    for name, content in image.items():
        path = folder / name
        path.touch(mode=0o640)
        path.write_bytes(content)
