"""What the forwarding loop asks of the journal, and nothing more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gsmbridge.message import State


@dataclass(frozen=True, slots=True)
class Failure:
    """An attempt that ended without a verdict."""

    sms_id: int
    attempts: int
    """Attempts so far, this one included."""
    due: float
    """Monotonic time of the earliest next attempt."""
    status: int | None
    """HTTP status, where an answer came."""
    error: str
    """Error token or kind of failure, one word; never text of the answer's body."""


class Outbox(Protocol):
    """The journal as the forwarding loop sees it."""

    def writable(self) -> bool:
        """False while commits fail: no request may begin then."""

    async def freeze(self, sms_ids: Sequence[int]) -> None:
        """Commit that attempts of these may begin: their content is frozen from here on."""

    async def settle(
        self, sms_id: int, state: State, attempts: int, status: int, error: str
    ) -> None:
        """Commit a verdict: DELIVERED or REFUSED. Returns once committed, however long it takes."""

    def failed(self, failure: Failure) -> None:
        """Note a failed attempt; written within a second, in a batch (no promise rests on it)."""
