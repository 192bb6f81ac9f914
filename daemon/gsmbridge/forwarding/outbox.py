"""What the forwarding loop asks of the journal, and nothing more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gsmbridge.message import Failure, State


class Outbox(Protocol):
    """The journal as the forwarding loop sees it."""

    def writable(self) -> bool:
        """False while commits fail: no request may begin then."""

    async def freeze(self, sms_ids: Sequence[int]) -> None:
        """Commit that attempts of these may begin: their content is frozen from here on."""

    async def settle(
        self, sms_id: int, state: State, attempts: int, status: int, error: str, ms: int
    ) -> None:
        """Commit a verdict: DELIVERED or REFUSED, on an attempt that took *ms* milliseconds.
        Returns once committed, however long it takes."""

    def failed(self, failure: Failure) -> None:
        """Note a failed attempt; written within a second, in a batch (no promise rests on it)."""


__all__ = ["Failure", "Outbox"]
