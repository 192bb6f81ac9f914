"""What happened to one message, for people."""

from __future__ import annotations

from typing import Any

Step = dict[str, Any]

TOLD = {
    "read": "read",
    "again": "there once more",
    "aside": "set aside as {state}: {error}",
    "failed": "attempt {number} failed",
    "freed": "deleted from its SIM",
    "gone": "not on its SIM any more, though not deleted by this program",
    "whole": "complete, to be pushed",
    "no number": "held: {error}",
    "old": "held as stale: {error}",
    "resolved": "its SIM has a number now, to be pushed",
    "number changed": "held: {error}",
    "answered 200": "attempt {number} delivered it",
    "terminal error": "attempt {number} was refused for good: {error}",
    "retry": "put back in the queue by the operator",
    "discard": "discarded by the operator",
}
"""By `journal.steps` and `journal.life.Cause`."""


NOW = {
    "collecting": "waits for parts: {have} of {total} are there; they go out with gaps when"
    " messages.multipart_timeout is over",
    "pending": "not delivered yet: it is pushed again and again; gsmbridge status shows alarms",
    "delivered": "delivered; it is never pushed again",
    "refused": "not delivered: the partner refused it for good ({error});"
    " gsmbridge retry {sms_id} tries once more",
    "unassigned": "not pushed: {reason}; give its SIM a number and reload,"
    " or gsmbridge retry {sms_id}, or discard {sms_id}",
    "stale": "not pushed: {reason}; gsmbridge retry {sms_id} pushes it, discard {sms_id} does not",
    "unreadable": "not pushed: {reason}; see it with --text, then gsmbridge discard {sms_id}",
    "skipped": "nothing for a client: {reason}",
    "discarded": "the operator has let go of it; it is not pushed",
}
"""What each state means for whoever asks why a message has not come, and what to do."""


def now(message: dict[str, Any]) -> str:
    """How the message stands, in one line."""
    from gsmbridge.cli.table import cell

    facts = {**message, **(message.get("parts") or {})}
    shown = {name: cell(value) for name, value in facts.items()}
    return "now: " + NOW[message["state"]].format_map(shown)


def lines(message: dict[str, Any]) -> list[str]:
    """One line a step; where failed attempts are not kept, how many those are."""
    told: list[str] = []
    last_failed = 0
    for step in message.get("steps") or []:
        if step["kind"] == "failed":
            number = int(step.get("number") or 0)
            if last_failed and number > last_failed + 1:
                told.append(f"{'':21}… {number - last_failed - 1} more failed attempts …")
            last_failed = number
        told.append(_line(step, message))
    return told or ["its history is not known"]


def _line(step: Step, message: dict[str, Any]) -> str:
    from gsmbridge.cli.table import cell, full_moment

    shown = {name: cell(value) for name, value in step.items()}
    kind = str(step["kind"])
    text = TOLD.get(kind, shown["kind"]).format_map(shown)
    if kind in ("read", "freed", "gone") and (message.get("parts") or {}).get("total", 1) > 1:
        text = f"part {shown['number']} {text}"
    return f"{full_moment(step.get('at'))}  {text}{_facts(step, shown)}"


def _facts(step: Step, shown: dict[str, str]) -> str:
    """Place, status and time, as far as they apply."""
    facts = []
    if step.get("slot") is not None:
        facts.append(f"{shown['store']} slot {shown['slot']}")
    elif step["kind"] == "read":
        facts.append("delivered past the store")
    if step.get("status") is not None:
        facts.append(f"HTTP {shown['status']}")
    if step["kind"] == "failed" and step.get("error") not in (None, "http"):
        facts.append(shown["error"])
    if step.get("ms") is not None:
        facts.append(f"{shown['ms']} ms")
    place = f" [{shown['modem']}]" if step.get("modem") else ""
    return (f" ({', '.join(facts)})" if facts else "") + place
