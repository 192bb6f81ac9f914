"""Answers that take no message and name no error, one after another: a wrong URL, a broken server.

One message that the server chokes on is not that: others are taken in between. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

MESSAGES = 3
"""Different messages in a row that got such an answer make a streak."""


@dataclass(frozen=True, slots=True)
class Streak:
    """What was answered since the last message that was taken, or refused by name."""

    seconds: float
    messages: int
    statuses: tuple[int, ...]
    """The HTTP statuses, ascending."""


class Fruitless:
    """Times are monotonic seconds."""

    def __init__(self) -> None:
        self._since = 0.0
        self._messages: dict[int, int] = {}
        """The status that each got last."""

    def answered(self, sms_id: int, status: int, now: float) -> None:
        """A message got a status that is not 200, and no known error."""
        if not self._messages:
            self._since = now
        self._messages[sms_id] = status

    def over(self) -> None:
        """An answer came that only the partner's push address gives."""
        self._messages.clear()

    def forget(self, sms_id: int) -> None:
        """This message is not pushed any more."""
        self._messages.pop(sms_id, None)

    def streak(self, now: float) -> Streak | None:
        """The streak that there is; None while it concerns too few messages."""
        if len(self._messages) < MESSAGES:
            return None
        statuses = tuple(sorted(set(self._messages.values())))
        return Streak(now - self._since, len(self._messages), statuses)
