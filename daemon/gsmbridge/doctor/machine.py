"""The facts of the machine that checks go by. Everything it touches can be replaced."""

from __future__ import annotations

import os
import pwd
import resource
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from grp import getgrnam
from pathlib import Path

from gsmbridge.at.holders import Holders
from gsmbridge.doctor.access import User
from gsmbridge.service import unit

SHOWN = (
    "Id,LoadState,ActiveState,UnitFileState,Result,ExecMainStatus,User,SupplementaryGroups,"
    "LimitNOFILE"
)
COMMAND_TIMEOUT = 20.0

Unit = Mapping[str, str]


def output(words: Sequence[str]) -> str | None:
    """What a program prints; None where there is none, or it fails."""
    try:
        done = subprocess.run(  # nosec B603 # noqa: S603 - doctor's own commands, no shell
            words,
            capture_output=True,
            timeout=COMMAND_TIMEOUT,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


@dataclass(frozen=True, slots=True)
class Machine:
    """This host, unless told otherwise."""

    proc: Path = Path("/proc")
    udev: tuple[Path, ...] = (Path("/etc/udev/rules.d"), Path("/usr/lib/udev/rules.d"))
    output: Callable[[Sequence[str]], str | None] = output
    wall: Callable[[], float] = time.time

    def unit(self, service: str) -> Unit | None:
        """What systemd says of the service; None without systemd."""
        told = self.output(["systemctl", "show", service, "--property", SHOWN])
        if told is None:
            return None
        pairs = (line.partition("=") for line in told.splitlines())
        return {name: value for name, _, value in pairs}

    def credential(self, service: str) -> Path | None:
        """The file that the service is given the key from; None: it is given none."""
        return unit.credential(self.output(["systemctl", "cat", service]) or "")

    def kernel(self) -> list[str] | None:
        """The kernel's log of this boot; None where this user may not read it."""
        for words in (["journalctl", "--dmesg", "--boot", "--quiet", "--no-pager"], ["dmesg"]):
            told = self.output(words)
            if told:
                return told.splitlines()
        return None

    def running(self) -> list[str]:
        """Names of processes."""
        names = []
        for file in sorted(self.proc.glob("[0-9]*/comm")):
            try:
                names.append(file.read_text().strip())
            except OSError:  # it has ended
                continue
        return names

    def rules(self) -> bool:
        """Our udev rules against ModemManager and brltty are installed."""
        return any(list(folder.glob("*-gsmbridge.rules")) for folder in self.udev)

    def holders(self, devices: Mapping[str, str], but: int | None) -> dict[str, list[str]]:
        """Programs but the process *but* that hold ports. *devices*: the device of each path."""
        look = Holders(self.proc)
        found = {
            path: [name for name in look.of(device) if not name.endswith(f"(pid {but})")]
            for path, device in devices.items()
        }
        return {path: names for path, names in found.items() if names}

    def user(self, unit: Unit | None, pid: int | None) -> User | None:
        """As whom the service runs: the running process's, else by the unit; without a unit the
        one who asks. None: the unit's user does not exist."""
        if pid is not None and (facts := self._status(pid)):
            uid = int(facts["Uid"].split()[1])
            gids = {int(facts["Gid"].split()[1]), *map(int, facts["Groups"].split())}
            return User(_name(uid), uid, frozenset(gids))
        if unit is None or unit.get("LoadState") != "loaded":
            return User(
                _name(os.geteuid()), os.geteuid(), frozenset((os.getegid(), *os.getgroups()))
            )
        name = unit.get("User") or "root"
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            return None
        gids = set(os.getgrouplist(name, entry.pw_gid))
        for group in unit.get("SupplementaryGroups", "").split():
            try:
                gids.add(getgrnam(group).gr_gid)
            except KeyError:  # systemd refuses to start then: told by the unit's state
                continue
        return User(name, entry.pw_uid, frozenset(gids))

    def descriptors(self, unit: Unit | None, pid: int | None) -> int:
        """How many files the service may open."""
        if pid is not None:
            try:
                for line in (self.proc / str(pid) / "limits").read_text().splitlines():
                    if line.startswith("Max open files"):
                        return int(line.split()[3])
            except (OSError, ValueError):
                pass  # not ours to see, or unlimited: by the unit then
        limit = (unit or {}).get("LimitNOFILE", "")
        return int(limit) if limit.isdecimal() else resource.getrlimit(resource.RLIMIT_NOFILE)[1]

    def _status(self, pid: int) -> dict[str, str]:
        try:
            lines = (self.proc / str(pid) / "status").read_text().splitlines()
        except OSError:
            return {}
        pairs = (line.partition(":") for line in lines)
        return {name: value.strip() for name, _, value in pairs}


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
