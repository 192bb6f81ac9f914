"""Known holes in the libraries of requirements/: `make audit`.

pip-audit asks PyPI, and OSV about what PyPI can't tell. Exit status 0: no hole is known; 1: there
is one; 3: it could not be found out about every library, which is no all-clear.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

LOCK = Path(__file__).parents[1] / "requirements" / "constraints.txt"
SERVICES = ("pypi", "osv")
PATIENCE = 15
"""Seconds for one question."""
FOUND, UNKNOWN = 1, 3


@dataclass(slots=True)
class Findings:
    """What is known by now."""

    asked: set[str] = field(default_factory=set)
    """Pins, `name==version`, that a service knew about."""
    holes: list[str] = field(default_factory=list)
    """A line for each."""


def take(findings: Findings, answer: str) -> None:
    """Add what pip-audit printed; nothing where it failed and printed nothing."""
    if not answer.strip():
        return
    for each in json.loads(answer)["dependencies"]:
        if "skip_reason" in each:
            continue
        pin = f"{each['name']}=={each['version']}"
        findings.asked.add(pin)
        for hole in each["vulns"]:
            mended = ", ".join(hole["fix_versions"]) or "nothing yet"
            findings.holes.append(f"{pin}: {hole['id']}, mended in {mended}")


def verdict(findings: Findings, pins: Iterable[str]) -> tuple[int, list[str]]:
    """Exit status and lines."""
    unknown = [pin for pin in pins if _canonical(pin) not in map(_canonical, findings.asked)]
    lines = sorted(findings.holes)
    if unknown:
        which = ", ".join(unknown) if findings.asked else "all"
        lines.append(f"not checked, {' and '.join(SERVICES)} did not tell: {which}")
    lines.append(
        f"{len(findings.asked)} libraries checked, {len(findings.holes)} holes known,"
        f" {len(unknown)} libraries not checked"
    )
    return (FOUND if findings.holes else UNKNOWN if unknown else 0), lines


def _canonical(pin: str) -> str:
    return pin.lower().replace("_", "-").replace(".", "-")


def _ask(service: str, pins: Iterable[str]) -> str:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as wanted:
        wanted.write("".join(f"{pin}\n" for pin in pins))
        wanted.flush()
        command = [sys.executable, "-m", "pip_audit", "--format", "json", "--no-deps"]
        command += ["--disable-pip", "--progress-spinner", "off", "--timeout", str(PATIENCE)]
        command += ["--vulnerability-service", service, "--requirement", wanted.name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout


def main() -> int:
    pins = [line for line in LOCK.read_text("utf-8").split("\n") if "==" in line]
    findings = Findings()
    for service in SERVICES:
        known = {_canonical(pin) for pin in findings.asked}
        left = [pin for pin in pins if _canonical(pin) not in known]
        if left:
            take(findings, _ask(service, left))
    status, lines = verdict(findings, pins)
    print("\n".join(lines))
    return status


if __name__ == "__main__":
    sys.exit(main())
