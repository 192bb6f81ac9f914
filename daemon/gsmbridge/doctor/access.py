"""Who may open what: the service's user against the modes of files. Pure but for stat(2)."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

READ, WRITE, SEARCH = 4, 2, 1


@dataclass(frozen=True, slots=True)
class User:
    """As which the service runs."""

    name: str
    uid: int
    gids: frozenset[int]

    def may(self, status: os.stat_result, want: int) -> bool:
        """Whether it has all of *want* (READ | WRITE | SEARCH) by the file's mode. Access lists
        beyond the mode are not seen."""
        if self.uid == 0:
            return True
        if status.st_uid == self.uid:
            have = status.st_mode >> 6
        elif status.st_gid in self.gids:
            have = status.st_mode >> 3
        else:
            have = status.st_mode
        return have & want == want


def obstacle(user: User, path: Path, want: int) -> Path | None:
    """The file or folder that keeps *user* from *path*, None if nothing does. OSError where it
    can't be looked at."""
    path = path.resolve()
    for folder in reversed(path.parents):
        if not user.may(folder.stat(), SEARCH):
            return folder
    return None if user.may(path.stat(), want) else path


def described(status: os.stat_result) -> str:
    """Such as `root:dialout 0660`, by numbers where a name is not known."""
    return f"{_user(status.st_uid)}:{_group(status.st_gid)} {stat.S_IMODE(status.st_mode):04o}"


def _user(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group(gid: int) -> str:
    import grp

    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def group_name(status: os.stat_result) -> str:
    return _group(status.st_gid)
