"""Looks at the journal after each death, and says what it must not say.

A death leaves exactly what was committed; so a push after a committed 200 is one after a known
200, however shortly after. The files are copied and looked at there: the next daemon finds them as
the dead one left them.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from gsmbridge.farm.partner import Exchange
from gsmbridge.farm.truth import Event
from gsmbridge.farm.verdict import Violation
from gsmbridge.journal.life import MOVES
from gsmbridge.message import State

ENDED = (State.DELIVERED.value, State.DISCARDED.value)


def _later() -> dict[str, set[str]]:
    """The states that each state can become, by any number of moves."""
    after: dict[str, set[str]] = {state.value: {state.value} for state in State}
    for _ in State:
        for (old, _), new in MOVES.items():
            for known in after.values():
                if old.value in known:
                    known.add(new.value)
    return after


LATER = _later()


@dataclass(slots=True)
class Witness:
    """What was seen of one journal so far."""

    journal: Path
    scratch: Path
    states: dict[int, str] = field(default_factory=dict)
    """By smsId, pruned ones too: as last seen."""
    ended: dict[int, float] = field(default_factory=dict)
    """When a message was first seen delivered or discarded, or refused since the last retry."""
    ids: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    """smsIds under which a phone was sent a text."""
    sent: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Phone and text by the farm's number of the message."""
    violations: list[Violation] = field(default_factory=list)
    _events: int = 0
    _exchanges: int = 0

    def look(self, now: float, events: list[Event], exchanges: list[Exchange]) -> None:
        """The daemon died before *now*; what the farm and the server saw so far."""
        rows, reserved = self._read()
        fresh, self._exchanges = exchanges[self._exchanges :], len(exchanges)
        for exchange in fresh:
            self._pushed(exchange, rows)
        for event in events[self._events :]:
            self._happened(event, rows)
        self._events = len(events)
        for sms_id, (state, _) in rows.items():
            self._moved(now, sms_id, state)
        if rows and max(rows) >= reserved:
            self._blame("id_reused", now, f"smsId {max(rows)} is not below the mark {reserved}")

    def relent(self, sms_id: int) -> None:
        """A refused message is to be pushed once more."""
        self.ended.pop(sms_id, None)

    def in_state(self, state: State) -> list[int]:
        """The smsIds that were in *state* when last seen."""
        return [sms_id for sms_id, each in self.states.items() if each == state]

    def _read(self) -> tuple[dict[int, tuple[str, bool]], int]:
        """State of each message and whether it is frozen; the mark below which ids are used."""
        if not self.journal.exists():
            return {}, 0
        copy = self.scratch / "seen.db"
        for suffix in ("", "-wal"):
            source = self.journal.with_name(self.journal.name + suffix)
            if source.exists():
                shutil.copyfile(source, copy.with_name(copy.name + suffix))
            else:
                copy.with_name(copy.name + suffix).unlink(missing_ok=True)
        copy.with_name(copy.name + "-shm").unlink(missing_ok=True)
        mark = self.journal.with_name(self.journal.name + ".ids")
        reserved = int(mark.read_text()) if mark.exists() else 0
        with closing(sqlite3.connect(copy)) as db:
            if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'messages'").fetchone() is None:
                return {}, reserved
            rows = db.execute("SELECT sms_id, state, frozen FROM messages")
            return {sms_id: (state, bool(frozen)) for sms_id, state, frozen in rows}, reserved

    def _pushed(self, exchange: Exchange, rows: dict[int, tuple[str, bool]]) -> None:
        request = exchange.request
        self.ids.setdefault((request.phone, request.text), set()).add(request.sms_id)
        what = f"smsId {request.sms_id} for {request.phone}"
        ended = self.ended.get(request.sms_id)
        if ended is not None and exchange.first_byte > ended:
            state = self.states[request.sms_id]
            kind = "repeated" if state == State.DELIVERED else "retried_refused"
            self._blame(kind, exchange.first_byte, f"{what}: it was {state} when a daemon died")
        row = rows.get(request.sms_id)
        if row is None and request.sms_id not in self.states:
            self._blame("changed", exchange.first_byte, f"{what}: the journal does not know it")
        if row is not None and not row[1]:
            self._blame("changed", exchange.first_byte, f"{what}: pushed and not frozen")

    def _happened(self, event: Event, rows: dict[int, tuple[str, bool]]) -> None:
        fields = event.fields
        if event.kind == "sent":
            self.sent[fields["message"]] = (fields["to"], fields["text"])
        elif event.kind == "deleted" and fields["message"] in self.sent:
            pushed = self.ids.get(self.sent[fields["message"]], set())
            states = {rows[i][0] if i in rows else self.states.get(i, "unknown") for i in pushed}
            if pushed and not states & set(ENDED):
                what = f"message {fields['message']}: deleted while {', '.join(sorted(states))}"
                self._blame("deleted_early", event.at, what)

    def _moved(self, now: float, sms_id: int, state: str) -> None:
        before = self.states.get(sms_id, state)
        if state not in LATER[before]:
            self._blame("changed", now, f"smsId {sms_id}: {before} became {state}")
        self.states[sms_id] = state
        if state in (*ENDED, State.REFUSED):
            self.ended.setdefault(sms_id, now)

    def _blame(self, kind: str, at: float, what: str) -> None:
        self.violations.append(Violation(kind, at, what))
