"""Config, key and journal: who may read and write them, room, and whether the journal opens."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

from gsmbridge.config.keysource import is_missing
from gsmbridge.config.schema import DEFAULT_JOURNAL, Config
from gsmbridge.doctor.access import READ, SEARCH, WRITE, User, described, obstacle
from gsmbridge.doctor.finding import Finding, fail, ok, warn
from gsmbridge.errors import ConfigError, JournalError
from gsmbridge.journal import database
from gsmbridge.journal.database import is_corrupt
from gsmbridge.service.unit import why_unseen

ROOM_FAIL, ROOM_WARN = 16 << 20, 256 << 20
"""Bytes that must be free, and should be."""
FEW_INODES = 100
SALVAGE = "restart the service: it sets the file aside and saves what can be saved"


def config(file: Path, loaded: Config, user: User) -> Iterator[Finding]:
    """The config's own mode, and that of the key's file."""
    yield from _readable("config", file, user)
    text = file.read_text("utf-8", "replace")
    key = loaded.onlinesim.key.reveal()
    secret = (key and key in text) or any(row.pin for row in loaded.numbers)
    if secret and file.stat().st_mode & stat.S_IROTH:
        yield _open_to_all("config", file, "has secrets in it and")
    if loaded.onlinesim.key_file is not None:
        key_file = Path(loaded.onlinesim.key_file)
        if key_file.is_file():
            yield from _readable("key", key_file, user)
            if key_file.stat().st_mode & stat.S_IROTH:
                yield _open_to_all("key", key_file, "")
    yield ok("config", f"{file}: valid, {len(loaded.numbers)} numbers")


def credential(source: Path, given: Path) -> Iterator[Finding]:
    """The *source* of the unit's credential, and what the running service was *given* of it."""
    if why_unseen(source) is not None:
        return
    if source.stat().st_mode & stat.S_IROTH:
        yield _open_to_all("key", source, "")
    if why_unseen(given) is None and given.read_bytes() != source.read_bytes():
        what = f"the service still has the key that was in {source} when it started"
        yield warn("key", what, "restart it: messages wait on the SIMs meanwhile")


def no_key(error: ConfigError, source: Path | None) -> Iterator[Finding]:
    """The config can't be used for its key. *source*: of the unit's credential, None without."""
    if source is None or not is_missing(error):
        yield from mistakes("key", error.mistakes)
    elif (why := why_unseen(source)) in ("is empty", "is not there"):
        what = f"the config has none, and {source} {why}"
        yield fail("key", what, f"put it there, root's and 0600: nano {source}")
    elif why is not None:
        what = f"the config has none; whether {source} has it can't be seen by this user"
        yield warn("key", what, "use sudo")


def mistakes(check: str, found: tuple[str, ...]) -> Iterator[Finding]:
    """What keeps the config from being used, one by one."""
    for mistake in found:
        what, _, todo = mistake.partition("; ")
        yield fail(check, what, todo or "correct it")


def _readable(check: str, file: Path, user: User) -> Iterator[Finding]:
    blocked = obstacle(user, file, READ)
    if blocked is not None:
        yield fail(
            check,
            f"{file}: user {user.name} can't read it ({blocked}: {described(blocked.stat())})",
            f"chgrp gsmbridge {blocked}; chmod g+r{'x' if blocked != file else ''} {blocked}",
        )


def _open_to_all(check: str, file: Path, why: str) -> Finding:
    what = f"{file}: {why} everybody can read it ({described(file.stat())})"
    return fail(check, " ".join(what.split()), f"chmod o= {file}")


def journal_of_farm(farm: str, loaded: Config) -> Iterator[Finding]:
    """Of one farm of several, whose unit can write its own journal alone."""
    if farm and loaded.journal.path == DEFAULT_JOURNAL:
        what = f"{DEFAULT_JOURNAL}: that of gsmbridge.service, and farm {farm} needs its own"
        yield fail("journal", what, f"journal: {{path: /var/lib/gsmbridge-{farm}/journal.db}}")


def journal_access(path: Path, user: User) -> Iterator[Finding]:
    """The journal's folder and files."""
    folder = path.parent
    if not folder.is_dir():
        todo = "the service makes /var/lib/gsmbridge itself; for another place make the folder"
        yield warn("journal", f"there is no folder {folder}", f"{todo}, owned by {user.name}")
        return
    blocked = obstacle(user, folder, READ | WRITE | SEARCH)
    if blocked is not None:
        what = f"user {user.name} can't write there ({blocked}: {described(blocked.stat())})"
        yield fail("journal", f"{folder}: {what}", f"chown {user.name} {blocked}")
    if folder.stat().st_mode & stat.S_IRWXO:
        what = f"{folder}: others may look into it ({described(folder.stat())})"
        yield warn("journal", what, f"chmod o= {folder}")
    for file in sorted(folder.glob(path.name + "*")):
        status = file.stat()
        if not user.may(status, READ | WRITE) and ".corrupt-" not in file.name:
            what = f"{file}: user {user.name} can't write it ({described(status)})"
            yield fail("journal", what, f"chown {user.name} {file}")
        if status.st_mode & stat.S_IROTH:
            yield _open_to_all("journal", file, "")


def room(path: Path) -> Iterator[Finding]:
    """Space and files left where the journal is, or will be."""
    folder = next(each for each in path.absolute().parents if each.is_dir())
    files = os.statvfs(folder)
    few = bool(files.f_files) and files.f_favail < FEW_INODES
    yield judge_room(folder, shutil.disk_usage(folder).free, few)


def judge_room(folder: Path, free: int, few: bool) -> Finding:
    """*free* bytes; *few*: hardly a further file can be made."""
    todo = f"make room on the file system of {folder}: df -h {folder}"
    if free < ROOM_FAIL:
        return fail("space", f"{folder}: {free >> 20} MiB left; the journal needs room", todo)
    if few:
        return fail("space", f"{folder}: no more files can be made (df -i)", todo)
    if free < ROOM_WARN:
        return warn("space", f"{folder}: only {free >> 20} MiB left", todo)
    return ok("space", f"{folder}: {free >> 20} MiB left")


def journal_opens(path: Path, loaded: Config, running: bool) -> Iterator[Finding]:
    """Whether the journal can be used, without writing to it. *running*: the daemon answers."""
    if not path.exists():
        yield ok("journal", f"{path}: not there yet, the first start makes it")
        return
    holder = None if running else held_by(path.with_name(path.name + ".lock"))
    if holder is not None:
        what = f"{path}: in use by process {holder}, which does not answer"
        yield fail("journal", what, f"see what it is: ps -p {holder}; restart the service")
    try:
        check, index, count = database.read(path, _look)
    except JournalError as error:
        broken = isinstance(error.__cause__, sqlite3.Error) and is_corrupt(error.__cause__)
        yield fail(
            "journal", error.message, SALVAGE if broken else error.hint or "who may read it?"
        )
        return
    if check != "ok":
        yield fail("journal", f"{path}: corrupt ({check})", SALVAGE)
    elif (index, count) not in ((None, None), _place(loaded)):
        what = f"{path}: made with host_index {index} and host_count {count}"
        yield fail("journal", what, "set them back in the config, or begin a new journal")
    else:
        yield ok("journal", f"{path}: whole")


def _place(loaded: Config) -> tuple[str, str]:
    return str(loaded.onlinesim.host_index), str(loaded.onlinesim.host_count)


def _look(db: sqlite3.Connection) -> tuple[str, str | None, str | None]:
    """What SQLite's check says, and the place among hosts."""
    check = str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
    if check != "ok":
        return check, None, None
    meta = {row["key"]: row["value"] for row in db.execute("SELECT key, value FROM meta")}
    return check, meta.get("host_index"), meta.get("host_count")


def held_by(lock: Path) -> str | None:
    """The pid in a lock file that somebody holds; None where nobody does."""
    try:
        fd = os.open(lock, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # none there, or not ours to see: nothing can be said
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.pread(fd, 32, 0).decode("ascii", "replace").strip() or "unknown"
    finally:
        os.close(fd)
    return None
