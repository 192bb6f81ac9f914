"""An attempt as the dispatcher sees it, and what it is told by the configuration."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from gsmbridge.message import Outgoing
from gsmbridge.onlinesim.answer import TERMINAL_ERRORS, Answer


class Attempt(Protocol):
    """A push whose HTTP status is known; the rest of the answer may still be on its way."""

    @property
    def status(self) -> int: ...

    async def finish(self) -> Answer:
        """Read the rest. Never raises for what the server does."""


Push = Callable[[Outgoing], Awaitable[Attempt]]
"""Send a message once; returns when the status line is there. PartnerError: no HTTP answer."""


@dataclass(frozen=True, slots=True)
class ForwardingSettings:
    """Of the configuration's `onlinesim`."""

    retry_interval: float = 10.0
    """Seconds, > 0."""
    max_in_flight: int = 16
    terminal_errors: tuple[str, ...] = TERMINAL_ERRORS
