"""The host: programs that take ports, kernel, limits, service, clock. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from gsmbridge import RELEASED
from gsmbridge.doctor.finding import Finding, fail, ok, warn

THIEVES = {
    "ModemManager": "systemctl disable --now ModemManager, or install the udev rules in systemd/",
    "brltty": "apt remove brltty, or install the udev rules in systemd/",
}
"""Programs that open every port they see, and what to do about them."""

USB_TROUBLE = (
    (re.compile(r"error -71\b|device descriptor read.* error -\d+"), "transfers fail (error -71)"),
    (re.compile(r"error -110\b"), "devices do not answer (error -110)"),
    (re.compile(r"disabled by hub \(EMI\?\)"), "a hub switched a port off (EMI?)"),
    (re.compile(r"over-current|overcurrent", re.IGNORECASE), "a port draws too much current"),
    (re.compile(r"unable to enumerate USB device"), "a device could not be enumerated"),
    (re.compile(r"Not enough (bandwidth|host controller resources)"), "a controller is full"),
    (re.compile(r"[Uu]nder-?voltage"), "the supply is too weak (under-voltage)"),
)
"""Lines of the kernel log that tell of bad power, cables or hubs (drivers/usb/core/hub.c)."""
OFTEN = 3
"""Such lines, from which on it is no chance."""

EACH_MODEM = 4
"""Descriptors that a modem takes at most."""
BESIDE_MODEMS = 200
"""Descriptors for everything else."""

CLOCK_WARN, CLOCK_FAIL = 30.0, 3600.0
"""Seconds off."""


def programs(running: Sequence[str], holding: Sequence[str], rules: bool) -> Iterator[Finding]:
    """*running*: names of processes; *holding*: of those that hold one of our ports; *rules*: our
    udev rules are installed."""
    found = [name for name in THIEVES if name in running]
    for name in found:
        if name not in holding and not rules:
            what = f"{name} runs: it probes modems that appear, and takes their ports"
            yield warn("programs", what, THIEVES[name])
    if not found:
        yield ok("programs", "neither ModemManager nor brltty runs")
    elif rules:
        yield ok("programs", f"{', '.join(found)}: kept away by udev rules")


def kernel(log: Sequence[str] | None) -> Iterator[Finding]:
    """*log*: lines of the kernel's log of this boot; None where it can't be read."""
    if log is None:
        yield ok("usb", "the kernel's log can't be read by this user: not looked at (try sudo)")
        return
    healthy = True
    for pattern, what in USB_TROUBLE:
        lines = [line for line in log if pattern.search(line)]
        if lines:
            healthy = False
            todo = "powered hub, other cable, other port; the last: " + lines[-1].strip()[:120]
            check = fail if len(lines) >= OFTEN else warn
            yield check("usb", f"kernel: {what}, {len(lines)} times since boot", todo)
    if healthy:
        yield ok("usb", "nothing in the kernel's log tells of bad power or cables")


def descriptors(limit: int, modems: int) -> Finding:
    """*limit*: of open files, as the service has it."""
    wanted = modems * EACH_MODEM + BESIDE_MODEMS
    if limit < wanted:
        what = f"the service may open {limit} files; {modems} modems want {wanted}"
        return fail("files", what, f"LimitNOFILE={max(8192, wanted)} in the unit")
    return ok("files", f"the service may open {limit} files")


def unit(shown: Mapping[str, str] | None, running: bool) -> Iterator[Finding]:
    """*shown*: what `systemctl show` says; None without systemd. *running*: a daemon answers."""
    name = (shown or {}).get("Id", "").removesuffix(".service") or "gsmbridge"
    if shown is not None and shown.get("LoadState") == "loaded":
        if shown.get("ActiveState") == "failed":
            why = f"{shown.get('Result', '?')}, status {shown.get('ExecMainStatus', '?')}"
            yield fail("service", f"it failed ({why})", f"journalctl -u {name} -n 50")
        if shown.get("UnitFileState") not in ("enabled", "enabled-runtime", "static"):
            what = "it does not start with the host"
            yield warn("service", what, f"systemctl enable {name}")
    elif shown is not None:
        file = "gsmbridge@.service" if "@" in name else "gsmbridge.service"
        todo = f"cp systemd/{file} /etc/systemd/system/; systemctl enable --now {name}"
        yield warn("service", f"the unit {file} is not installed", todo)
    if running:
        yield ok("service", "the daemon runs and answers")
    else:
        yield warn("service", "the daemon does not run", f"systemctl start {name}")


def clock(wall: float, date: str | None) -> Finding:
    """*wall*: our Unix time; *date*: the server's Date header at the same moment."""
    told = "timedatectl set-ntp true; timedatectl"
    if wall < RELEASED:
        day = datetime.fromtimestamp(max(0.0, wall), UTC).date()
        return fail("clock", f"it says {day}, before this program was made", told)
    try:
        theirs = parsedate_to_datetime(date or "").timestamp()
    except (ValueError, OverflowError):
        return ok("clock", "plausible; the server tells no time to compare it with")
    off = abs(wall - theirs)
    if off >= CLOCK_WARN:
        way = "ahead of" if wall > theirs else "behind"
        check = fail if off >= CLOCK_FAIL else warn
        return check("clock", f"it is {off:.0f} s {way} the server's", told)
    return ok("clock", f"within {off:.0f} s of the server's")
