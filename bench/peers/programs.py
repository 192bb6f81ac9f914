"""The programs that are compared: how each is set up and started on the farm's ports.

The settings are those under which each does its best at this job; docs/performance.md says why.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Collection
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import gsmbridge
from processes import Farm, Program, Sink, daemon, floor
from scenes import FLOOR_MODEMS, Start

HERE = Path(__file__).parent
SEMAPHORES = Path("/tmp")  # noqa: S108 - smsd's, not ours
SMSD_MODEMS = 64
"""Modems of one smsd, compiled in."""

GAMMU = """\
[gammu]
device = {port}
connection = at115200
[smsd]
service = null
phoneid = {phone}
runonreceive = {handler} {url}
loopsleep = 1
commtimeout = 1
receivefrequency = 1
statusfrequency = 0
checksecurity = 0
checkbattery = 0
checksignal = 0
checknetwork = 0
send = 0
"""

SMSD = """\
devices = {devices}
logfile = {folder}/log
loglevel = 4
infofile = {folder}/info
pidfile = {folder}/pid
outgoing = {folder}/outgoing
checked = {folder}/checked
incoming = {folder}/incoming
eventhandler = {handler} {url}
executable_check = no
delaytime = 1
delaytime_mainprocess = 10
errorsleeptime = 1
blocktime = 10
incoming_utf8 = yes
decode_unicode_text = yes
[default]
incoming = high
baudrate = 115200
rtscts = no
report = no
check_network = 2
check_memory_method = 1
device_open_retries = -1
device_open_errorsleeptime = 1
"""


@dataclass(frozen=True, slots=True)
class Peer:
    """One of the programs."""

    name: str
    start: Start
    version: Callable[[], str | None]
    """None where it is not installed."""
    most_modems: int = 512


def start_gammu(folder: Path, farm: Farm, sink: Sink) -> Program:
    """One gammu-smsd for each modem: it serves no more."""
    commands = []
    for (phone, _), port in zip(farm.numbers, farm.ports, strict=True):
        path = folder / f"gammu-{phone}"
        handler = HERE / "forward_gammu.py"
        path.write_text(GAMMU.format(port=port, phone=phone, handler=handler, url=sink.url))
        commands.append(["gammu-smsd", "--config", str(path)])
    there = _shared_memory()

    def clean(ended: Collection[int]) -> None:
        for segment, maker in _shared_memory().items():
            if segment not in there and maker in ended:
                subprocess.run(["ipcrm", "--shmem-id", segment], check=True)

    return Program(commands, folder / "output", "never says so", clean)


def _shared_memory() -> dict[str, int]:
    """The segments of System V shared memory, and which process made each."""
    lines = Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
    return {fields[1]: int(fields[4]) for fields in map(str.split, lines)}


def start_smstools(folder: Path, farm: Farm, sink: Sink) -> Program:
    """One smsd for each 64 modems; it starts a process for each."""
    named = [(phone, port) for (phone, _), port in zip(farm.numbers, farm.ports, strict=True)]
    commands = []
    for first in range(0, len(named), SMSD_MODEMS):
        some = named[first : first + SMSD_MODEMS]
        spool = folder / f"smsd-{first}"
        for name in ("outgoing", "checked", "incoming"):
            (spool / name).mkdir(parents=True, exist_ok=True)
        config = SMSD.format(
            devices=", ".join(phone for phone, _ in some),
            folder=spool,
            handler=HERE / "forward_smstools.py",
            url=sink.url,
        )
        config += "".join(f"[{phone}]\ndevice = {port}\n" for phone, port in some)
        (spool / "conf").write_text(config)
        commands.append(["smsd", "-t", "-c", str(spool / "conf")])
    return Program(commands, folder / "output", "never says so", remove_semaphores)


def remove_semaphores(ended: Collection[int]) -> None:
    """Of killed smsd: each names its own by its id, in a folder that is compiled in."""
    for pid in ended:
        (SEMAPHORES / f"mm_smsd_{pid}.sem").unlink(missing_ok=True)


def _says(*command: str) -> str | None:
    """The version that a command says it has."""
    if shutil.which(command[0]) is None:
        return None
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"\d+\.\d+(\.\d+)?", said.stdout + said.stderr)
    return found[0] if found else "?"


def _distribution(name: str) -> str | None:
    """A library, with its version."""
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return None


PEERS = (
    Peer("gsmbridge", daemon, lambda: gsmbridge.__version__),
    Peer(
        "floor",
        floor,
        lambda: _distribution("python-gsmmodem-new"),
        FLOOR_MODEMS,
    ),
    Peer("gammu-smsd", start_gammu, lambda: _says("gammu-smsd", "--version")),
    Peer("smstools3", start_smstools, lambda: _says("smsd", "-V")),
)
