"""Where the daemon is killed: every boundary at which something is known and not yet written down,
or written down and not yet done.

A point is reached in the daemon's own process (`aimed.py`), or seen by the farm or the server
(`strikes.py`). Its name says what had happened, and what had not.
"""

from __future__ import annotations

from dataclasses import dataclass

WRITES = {
    "received": "a message, or a part of one",
    "frozen": "that an attempt may begin",
    "delivered": "a 200",
    "refused": "a terminal error",
    "failed": "a failed attempt",
    "freed": "that a slot is free",
    "sim": "which SIM is in",
    "erased": "that texts are not needed any more",
    "pruned": "that rows are not needed any more",
    "retried": "the operator's retry",
    "discarded": "the operator's discard",
    "clean": "the orderly end",
}
"""Kinds of transactions, as `statements.py` tells them apart."""
PLACES = ("at its statement", "before its commit", "in its commit", "after its commit")

NEEDS = {
    "refused": "refuse",
    "failed": "fail",
    "pruned": "age",
    "retried": "retry",
    "discarded": "discard",
    "clean": "stop",
}


@dataclass(frozen=True, slots=True)
class Point:
    """One boundary."""

    name: str
    needs: str = ""
    """What the campaign does so that it is reached; the load alone, where empty."""
    outside: bool = False
    """Seen by the farm or the server, not by the daemon's process."""


def _journal() -> list[Point]:
    return [Point(f"{kind}: {place}", NEEDS.get(kind, "")) for kind in WRITES for place in PLACES]


INSIDE = (
    Point("ids: block written, not in place"),
    Point("ids: block in place, message not committed"),
    Point("log: before it is emptied"),
    Point("log: while it is emptied"),
    Point("log: after it was emptied"),
    Point("log: in a commit that moves it into the journal", "checkpoint"),
    Point("migration: before the copy", "upgrade"),
    Point("migration: in the copy", "upgrade"),
    Point("migration: amid its statements", "upgrade"),
    Point("migration: before its commit", "upgrade"),
    Point("migration: in its commit", "upgrade"),
    Point("migration: after its commit", "upgrade"),
    Point("serial: amid a read's command"),
    Point("serial: amid a read's answer"),
    Point("serial: amid a listing"),
    Point("serial: a SIM was asked who it is"),
    Point("delete: slot read again, delete not asked"),
    Point("delete: amid its command"),
    Point("delete: asked"),
    Point("delete: answered, answer not read"),
    Point("delete: done, slot not looked at"),
    Point("delete: slot looked at, freed not written"),
    Point("request: not begun"),
    Point("request: under way"),
    Point("answer: 200 read, not written"),
    Point("answer: 200 written, body not read", "hold"),
    Point("answer: body read"),
    Point("answer: no 200, body not read", "fail"),
    Point("answer: no 200, not noted", "fail"),
    Point("start: nothing is open"),
    Point("start: journal open, no modem"),
    Point("start: set-up, store chosen"),
    Point("start: set-up, indications asked"),
    Point("start: a modem is ready"),
    Point("reload: config read, old one in use", "reload"),
    Point("reload: done", "reload"),
    Point("stop: asked", "stop"),
    Point("stop: told, journal still open", "stop"),
    Point("stop: amid it", "stop"),
)

OUTSIDE = tuple(
    Point(name, outside=True)
    for name in (
        "server: has a request, not answered",
        "server: status line out, no more",
        "server: head out, no body",
        "server: answered",
        "farm: a message was stored",
        "farm: amid a message's parts",
        "farm: a delete came, not done",
        "farm: a delete was done, not answered",
        "farm: a delete was done, the slot taken again",
        "farm: a read was done, the slot taken by another",
        "farm: a SIM was pulled",
        "farm: another SIM was put in",
        "farm: a port came back under another name",
        "at random: while it starts",
        "at random: at work",
    )
)

POINTS: tuple[Point, ...] = (*_journal(), *INSIDE, *OUTSIDE)
BY_NAME = {point.name: point for point in POINTS}
