"""`gsmbridge doctor`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from gsmbridge.cli.command import Command, environ, print_json

if TYPE_CHECKING:
    from gsmbridge.doctor.finding import Finding


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document (docs/json.md)")


def _run(args: Namespace) -> int:
    from gsmbridge.doctor.examine import examine
    from gsmbridge.doctor.finding import Level, worst
    from gsmbridge.doctor.machine import Machine

    findings = []
    for finding in examine(args.config, environ(args), Machine()):
        findings.append(finding)
        if not args.json:
            print(line(finding), flush=True)
    if args.json:
        print_json(document(findings))
    return 1 if worst(findings) is Level.FAIL else 0


def line(finding: Finding) -> str:
    """A finding for people."""
    from gsmbridge.cli.table import cell

    told = f"{finding.level.name.lower():<4}  {finding.check:<8}  {cell(finding.what)}"
    return f"{told}\n{'':16}→ {cell(finding.todo)}" if finding.todo else told


def document(findings: list[Finding]) -> dict[str, Any]:
    """All findings as one document (docs/json.md)."""
    from gsmbridge.doctor.finding import worst

    return {
        "worst": worst(findings).name.lower(),
        "findings": [
            {
                "check": finding.check,
                "level": finding.level.name.lower(),
                "what": finding.what,
                "todo": finding.todo or None,
            }
            for finding in findings
        ],
    }


COMMAND = Command(
    name="doctor",
    help="look for what breaks farms",
    description="Look for what breaks farms: permissions, programs that take ports, no room for\n"
    "the journal, a clock that is off, TLS, modems, SIMs, numbers, messages that\n"
    "wait for you. A line each, ok, warn or fail, and what to do. Nothing is pushed;\n"
    "while the daemon runs, no port is opened. As root it sees more: the kernel's\n"
    "log, and who holds a port.",
    examples=("sudo gsmbridge doctor", "gsmbridge doctor --json | jq '.findings[].what'"),
    statuses=((0, "nothing failed"), (1, "something did, a wrong config too")),
    run=_run,
    arguments=_arguments,
)
