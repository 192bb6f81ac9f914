"""One message that the farm sent, with all that is known of it from outside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

from gsmbridge.farm.pushes import Push

GAP = "[…]"
"""What stands for missing parts in a push."""
MOST_GAPPED_PARTS = 10


@dataclass(slots=True)
class Message:
    """A message, as the farm sent it."""

    number: int
    to: str
    sender: str
    text: str
    parts: tuple[str, ...]
    arrived: set[int] = field(default_factory=set)
    """Parts that a modem had at some time."""
    copies: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    """How often each part lies in a store now."""
    replaced: set[int] = field(default_factory=set)
    direct: set[int] = field(default_factory=set)
    deletions: list[tuple[int, float]] = field(default_factory=list)
    pushes: dict[int, list[tuple[Push, frozenset[int]]]] = field(default_factory=dict)
    """By smsId; with the parts that each covers."""

    @property
    def all_parts(self) -> frozenset[int]:
        return frozenset(range(1, len(self.parts) + 1))

    def covered(self, by: float | None = None) -> set[int]:
        """Parts in pushes that got a 200 (until *by*)."""
        return {
            part
            for pushes in self.pushes.values()
            for push, parts in pushes
            if push.status == 200 and (by is None or push.over <= by)
            for part in parts
        }

    def refused(self) -> set[int]:
        """Parts in pushes that got a terminal error."""
        pairs = [pair for pushes in self.pushes.values() for pair in pushes]
        return {part for push, parts in pairs if push.terminal for part in parts}

    def said_with_gaps(self, text: str) -> frozenset[int] | None:
        """The parts that *text* consists of, if it is this message with gaps."""
        if GAP not in text or len(self.parts) > MOST_GAPPED_PARTS:
            return None
        for size in range(1, len(self.parts)):
            for chosen in combinations(sorted(self.all_parts), size):
                if self._with_gaps(chosen) == text:
                    return frozenset(chosen)
        return None

    def _with_gaps(self, chosen: Sequence[int]) -> str:
        pieces: list[str] = []
        for number, part in enumerate(self.parts, 1):
            if number in chosen:
                pieces.append(part)
            elif not pieces or pieces[-1] is not GAP:
                pieces.append(GAP)
        return "".join(pieces)
