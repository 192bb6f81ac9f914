"""Messages that wait, and the daemon's own alarms. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gsmbridge.doctor.finding import Finding, fail, ok, warn

Document = dict[str, Any]

HELD = {
    "unassigned": "give its SIM a number and reload, or retry or discard it",
    "stale": "gsmbridge retry SMSID sends it, gsmbridge discard SMSID doesn't",
    "unreadable": "gsmbridge messages --state unreadable --text; then discard it",
}
OLD = 300.0
"""Seconds that no message should have to wait."""


def waiting(status: Document) -> Iterator[Finding]:
    """What waits for a person, and what has waited for long."""
    queue = status.get("queue") or {}
    for state, todo in HELD.items():
        if queue.get(state):
            yield warn("messages", f"{queue[state]} {state}: waits for a person", todo)
    oldest = status.get("oldest_pending_s")
    if oldest is not None and oldest > OLD:
        what = f"{queue.get('pending', 0)} wait to be pushed, the oldest for {oldest:.0f} s"
        yield warn("messages", what, "gsmbridge status; gsmbridge messages --state pending")
    elif not any(queue.get(state) for state in HELD):
        yield ok("messages", "none waits for a person")


def alarms(status: Document) -> Iterator[Finding]:
    """The daemon's alarms that no other check here can know."""
    for alarm in status.get("standing") or []:
        if alarm["kind"].startswith("partner_") or alarm["kind"] == "journal_unwritable":
            yield fail("alarm", str(alarm["what"]), f"docs/operations.md, {alarm['kind']}")
