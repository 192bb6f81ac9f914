"""What became of each message, told from outside: by what the farm and the server noted.

No program is asked, and no `smsId` looked at: texts of one farm differ, so each tells its message.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

from scenes import Play


@dataclass(slots=True)
class Life:
    """One message. Times are CLOCK_MONOTONIC."""

    text: str
    to: str
    stored: float = inf
    """When it was first on its SIM."""
    copies: int = 0
    """That lie on a SIM now."""
    deleted: float = inf
    """When it was first deleted from its SIM."""
    came: list[float] = field(default_factory=list)
    """When each request with it began."""
    answered: float = inf
    """When the first of them was answered by 200."""
    phones: list[str] = field(default_factory=list)
    """The number that each request named."""

    @property
    def lost(self) -> bool:
        """It was on a SIM, is on none, and never came."""
        return self.stored < inf and not self.copies and not self.came

    @property
    def deleted_early(self) -> bool:
        """It was deleted before the server had answered."""
        return self.deleted < self.answered

    @property
    def delay(self) -> float:
        """Seconds from the SIM to the server."""
        return self.came[0] - self.stored


def lives(stage: Play) -> list[Life]:
    """All messages so far, in the order in which they were sent."""
    by_number: dict[int, Life] = {}
    for event in stage.farm.events():
        match event["kind"]:
            case "sent":
                by_number[event["message"]] = Life(event["text"], event["to"])
            case "stored":
                life = by_number[event["message"]]
                life.copies += 1
                life.stored = min(life.stored, event["at"])
            case "deleted":
                life = by_number[event["message"]]
                life.copies -= 1
                life.deleted = min(life.deleted, event["at"])
    by_text = {life.text: life for life in by_number.values()}
    for request in stage.sink.requests():
        life = by_text[request["text"]]
        life.came.append(request["at"])
        life.answered = min(life.answered, request["answered"])
        life.phones.append(request["phone"])
    return list(by_number.values())


def losses(messages: list[Life]) -> dict[str, float]:
    """How many were lost, came twice, were deleted before they were safe."""
    return {
        "lost": sum(life.lost for life in messages),
        "twice": sum(len(life.came) > 1 for life in messages),
        "early": sum(life.deleted_early for life in messages),
    }
