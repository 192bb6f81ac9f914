"""Ports: whether there are any, whether the service may open them, who else holds them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from gsmbridge.doctor.access import READ, WRITE, User, described, group_name, obstacle
from gsmbridge.doctor.finding import Finding, fail, ok


def present(ports: Sequence[str], globs: Sequence[str]) -> Iterator[Finding]:
    """*ports*: paths that match *globs*."""
    if ports:
        yield ok("ports", f"{len(ports)} match modems.ports")
    else:
        todo = "is the hub plugged in and powered? ls /dev/ttyUSB* /dev/ttyACM*; then modems.ports"
        yield fail("ports", f"no port matches {', '.join(globs)}", todo)


def access(ports: Sequence[str], user: User) -> Iterator[Finding]:
    """Ports that the service can't open; those for the same reason are one line."""
    blocked: dict[tuple[str, str], list[str]] = {}
    for port in ports:
        try:
            by = obstacle(user, Path(port), READ | WRITE)
            if by is not None:
                status = by.stat()
                todo = _let_in(user, by, status)
                blocked.setdefault((described(status), todo), []).append(port)
        except OSError as error:
            todo = "plug it in anew"
            blocked.setdefault((error.strerror or str(error), todo), []).append(port)
    for (why, todo), names in blocked.items():
        what = f"{_several(names)}: user {user.name} can't open it ({why})"
        yield fail("ports", what, todo)


def _let_in(user: User, blocked: Path, status: os.stat_result) -> str:
    group = group_name(status)
    if status.st_mode >> 3 & (READ | WRITE) == READ | WRITE and group != "root":
        return f"adduser {user.name} {group}; systemctl restart gsmbridge"
    return f"a udev rule that gives {blocked} GROUP=dialout, MODE=0660"


def holders(held: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    """*held*: ports that programs other than gsmbridge hold, with their names."""
    by_program: dict[str, list[str]] = {}
    for port, programs in held.items():
        for program in programs:
            by_program.setdefault(program, []).append(port)
    for program, names in by_program.items():
        what = f"{_several(names)}: held by {program}"
        yield fail("ports", what, "end it, and keep it from starting again")


def _several(names: Sequence[str]) -> str:
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{names[0]}{more}"
