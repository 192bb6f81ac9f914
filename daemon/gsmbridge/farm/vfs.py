"""A SQLite VFS that tells what is done to files: the default one, with what writes, syncs and
deletes replaced by functions that tell of it and call the original.

It becomes the default of the very library that `sqlite3` is linked with, so the code that opens a
database needs no hook. It can't be taken back.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p, cast
from typing import Any, Protocol

from gsmbridge.farm.platter import Event, FolderSynced, Resized, Synced, Written


class Watch(Protocol):
    """One folder, and who is told of it."""

    def create(self, name: str) -> None:
        """A file is made, unless it is there already."""

    def remove(self, name: str) -> None:
        """A file is removed, if it is there."""

    def take(self, name: str) -> None:
        """From here on SQLite tells what is done to a file."""

    def tell(self, event: Event) -> None:
        """Something is done to a file of SQLite's."""


class Unavailable(Exception):
    """This Python's SQLite cannot be watched; the message says why."""


# Structures and numbers as in sqlite3.h, which promises that they only grow at the end.

_OK = 0
_OPEN_CREATE = 4


_METHODS = ("xClose", "xRead", "xWrite", "xTruncate", "xSync", "xFileSize", "xLock", "xUnlock",
            "xCheckReservedLock", "xFileControl", "xSectorSize", "xDeviceCharacteristics",
            "xShmMap", "xShmLock", "xShmBarrier", "xShmUnmap", "xFetch", "xUnfetch")  # fmt: skip
_CALLS = ("xOpen", "xDelete", "xAccess", "xFullPathname", "xDlOpen", "xDlError", "xDlSym",
          "xDlClose", "xRandomness", "xSleep", "xCurrentTime", "xGetLastError",
          "xCurrentTimeInt64", "xSetSystemCall", "xGetSystemCall", "xNextSystemCall")  # fmt: skip


class _Methods(Structure):
    """sqlite3_io_methods."""

    _fields_ = (("iVersion", c_int), *((name, c_void_p) for name in _METHODS))


class _File(Structure):
    """sqlite3_file."""

    _fields_ = (("pMethods", c_void_p),)


class _Vfs(Structure):
    """sqlite3_vfs."""

    _fields_ = (
        ("iVersion", c_int),
        ("szOsFile", c_int),
        ("mxPathname", c_int),
        ("pNext", c_void_p),
        ("zName", c_char_p),
        ("pAppData", c_void_p),
        *((name, c_void_p) for name in _CALLS),
    )


# Names go through as addresses: SQLite keeps them, and parameters stand behind their ends.
_Open = CFUNCTYPE(c_int, c_void_p, c_void_p, POINTER(_File), c_int, c_void_p)
_Delete = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int)
_SetCall = CFUNCTYPE(c_int, c_void_p, c_char_p, c_void_p)
_GetCall = CFUNCTYPE(c_void_p, c_void_p, c_char_p)
_OpenFolder = CFUNCTYPE(c_int, c_void_p, c_void_p)
_Close = CFUNCTYPE(c_int, c_void_p)
_Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_Truncate = CFUNCTYPE(c_int, c_void_p, c_int64)
_Sync = CFUNCTYPE(c_int, c_void_p, c_int)


class Shim:
    """The VFS. Lives as long as the process."""

    def __init__(self, find: Callable[[str], tuple[Watch, str] | None]) -> None:
        """*find*: who watches the file at a path, and its name there. Unavailable."""
        library = _library()
        look_up, register = library.sqlite3_vfs_find, library.sqlite3_vfs_register
        look_up.restype, look_up.argtypes = c_void_p, (c_char_p,)
        register.restype, register.argtypes = c_int, (c_void_p, c_int)
        self._default = look_up(None)
        original = cast(self._default, POINTER(_Vfs)).contents
        if original.iVersion < 3:
            raise Unavailable("its SQLite is older than 3.7.6")
        self._find = find
        self._open_files: dict[int, tuple[Watch, str]] = {}
        self._tables: dict[int, _Methods] = {}
        self._kept: list[object] = []
        self._call_open = _Open(original.xOpen)
        self._call_delete = _Delete(original.xDelete)
        self._vfs = _Vfs.from_buffer_copy(original)
        self._vfs.zName = b"gsmbridge-recorder"
        self._vfs.xOpen = self._keep(_Open(self._open))
        self._vfs.xDelete = self._keep(_Delete(self._delete))
        # How SQLite opens a folder in order to sync it, and for nothing else.
        get = _GetCall(original.xGetSystemCall)(self._default, b"openDirectory")
        self._call_open_folder = _OpenFolder(get)
        told = self._keep(_OpenFolder(self._open_folder))
        _SetCall(original.xSetSystemCall)(self._default, b"openDirectory", told)
        if register(ctypes.addressof(self._vfs), 1) != _OK:
            raise Unavailable("its SQLite takes no other VFS")

    def _keep(self, callback: Any) -> int | None:
        """The address of a callback, which must never be collected."""
        self._kept.append(callback)
        return cast(callback, c_void_p).value

    def _open(self, vfs: int, name: int | None, file: Any, flags: int, out: int) -> Any:
        found = self._find(_path(name)) if name else None
        if found and flags & _OPEN_CREATE:
            found[0].create(found[1])
        # The original must see its own, whose data it keeps by address.
        result = self._call_open(self._default, name, file, flags, out)
        methods = file.contents.pMethods
        if found and result == _OK and methods is not None:
            found[0].take(found[1])
            address = ctypes.addressof(file.contents)
            self._open_files[address] = found
            table = self._tables.get(methods)
            if table is None:  # two threads may come here at once: the first one's is for both
                table = self._tables.setdefault(methods, self._table(methods))
            file.contents.pMethods = ctypes.addressof(table)
        return result

    def _delete(self, vfs: int, name: int, sync: int) -> Any:
        if found := self._find(_path(name)):
            found[0].remove(found[1])
        return self._call_delete(self._default, name, sync)

    def _open_folder(self, name: int, out: int) -> Any:
        if found := self._find(_path(name)):
            found[0].tell(FolderSynced())
        return self._call_open_folder(name, out)

    def _table(self, methods: int) -> _Methods:
        """The methods of a kind of file, with those that change it told of."""
        original = cast(methods, POINTER(_Methods)).contents
        table = _Methods()
        # A table of an older version is shorter.
        size = ctypes.sizeof(_Methods) if original.iVersion >= 3 else _Methods.xFetch.offset
        ctypes.memmove(ctypes.addressof(table), methods, size)
        table.iVersion = min(original.iVersion, 3)
        files = self._open_files
        close, write = _Close(table.xClose), _Write(table.xWrite)
        truncate, sync = _Truncate(table.xTruncate), _Sync(table.xSync)

        def told_close(file: int) -> Any:
            del files[file]
            return close(file)

        def told_write(file: int, data: int, size: int, offset: int) -> Any:
            watch, name = files[file]
            watch.tell(Written(name, offset, ctypes.string_at(data, size)))
            return write(file, data, size, offset)

        def told_truncate(file: int, size: int) -> Any:
            watch, name = files[file]
            watch.tell(Resized(name, size))
            return truncate(file, size)

        def told_sync(file: int, flags: int) -> Any:
            watch, name = files[file]
            result = sync(file, flags)
            if result == _OK:
                watch.tell(Synced(name))
            return result

        table.xClose = self._keep(_Close(told_close))
        table.xWrite = self._keep(_Write(told_write))
        table.xTruncate = self._keep(_Truncate(told_truncate))
        table.xSync = self._keep(_Sync(told_sync))
        return table


def _path(address: int) -> str:
    return os.fsdecode(ctypes.string_at(address))


def _library() -> ctypes.CDLL:
    """The SQLite that the standard library's module is linked with."""
    import _sqlite3

    file = getattr(_sqlite3, "__file__", None)
    try:
        library = ctypes.CDLL(file)
        library.sqlite3_vfs_find, library.sqlite3_vfs_register  # noqa: B018  # looked up
    except (OSError, AttributeError) as error:
        raise Unavailable(f"its SQLite shows no functions: {error}") from error
    return library
