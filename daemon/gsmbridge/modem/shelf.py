"""One store as this appearance knows it: what lies in which slot, and what is new."""

from __future__ import annotations

from collections.abc import Sequence

from gsmbridge.modem.replies import Row, Usage
from gsmbridge.modem.store import Contents, Store
from gsmbridge.sms.identity import tpdu_identity


class Shelf:
    """The bookkeeping beside a `Store`; slot numbers mean nothing beyond its appearance."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.listed = False
        """It was read as a whole before: what is new from now on has arrived."""
        self.total: int | None = None
        self._occupied: dict[int, str] = {}
        """Identity of what lies in each used slot; empty for what is no received message."""
        self._uncounted = 0
        """By how much the modem's count differs from the rows of a listing."""

    @property
    def memory(self) -> str:
        return self.store.memory

    @property
    def used(self) -> int:
        """What the modem should count as used, if nothing came or went."""
        return len(self._occupied) + self._uncounted

    def unknown(self, rows: Sequence[Row]) -> list[Row]:
        """Those received messages among *rows* that this shelf has not shown before."""
        known = set(self._occupied.values())
        return [
            row for row in rows if row.received and row.pdu and tpdu_identity(row.pdu) not in known
        ]

    def put(self, rows: Sequence[Row]) -> None:
        """These slots hold this now."""
        for row in rows:
            message = row.received and row.pdu
            self._occupied[row.slot] = tpdu_identity(row.pdu) if message else ""

    def take(self, slot: int) -> None:
        """The slot was deleted."""
        self._occupied.pop(slot, None)

    def replace(self, contents: Contents) -> None:
        """A pass found this."""
        if contents.whole:
            self._occupied = {}
            self.listed = True
        self.put(contents.rows)
        self._uncounted = 0
        if contents.usage is not None:
            self.count(contents.usage)
            self._uncounted = contents.usage.used - len(self._occupied)

    def count(self, usage: Usage) -> None:
        """The modem told how much room there is."""
        self.total = usage.total
