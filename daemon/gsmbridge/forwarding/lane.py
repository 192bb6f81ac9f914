"""Messages of one kind that could be attempted now, each number's in a queue of its own. Pure."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable

_Item = tuple[float, int, int]
"""Key, sequence number, message."""


class Lane:
    """Smallest key first, first come first served among equals; a number that may begin nothing
    more steps aside without holding up the others. Each operation is O(log n), amortised.

    What is taken out of the middle of a heap stays there, dead, until it comes to its front.
    """

    def __init__(self) -> None:
        self._live: dict[int, tuple[int, str]] = {}
        """Sequence and phone number of each message."""
        self._queues: dict[str, list[_Item]] = {}
        """Per number; a live message in front."""
        self._heads: list[tuple[float, int, str]] = []
        """Key, sequence and number of the first in each queue, except of those set aside."""
        self._aside: dict[str, None] = {}
        self._sequence = itertools.count()

    def __len__(self) -> int:
        return len(self._live)

    def __contains__(self, sms_id: int) -> bool:
        return sms_id in self._live

    def push(self, key: float, phone: str, sms_id: int) -> None:
        """Add a message that isn't in the lane."""
        item = (key, next(self._sequence), sms_id)
        self._live[sms_id] = (item[1], phone)
        queue = self._queues.setdefault(phone, [])
        heapq.heappush(queue, item)
        if queue[0] is item:
            self._show_head(phone)

    def discard(self, sms_id: int) -> None:
        """Take a message out, if it is in."""
        if sms_id not in self._live:
            return
        sequence, phone = self._live.pop(sms_id)
        if self._queues[phone][0][1] == sequence:
            self._drop_head(phone)

    def take(self, has_room: Callable[[str], bool]) -> int | None:
        """Take out the first message whose number has room; None if there is none."""
        while self._heads:
            _, sequence, phone = heapq.heappop(self._heads)
            queue = self._queues.get(phone)
            if not queue or queue[0][1] != sequence:
                continue  # an entry of a head that is gone or was overtaken
            if not has_room(phone):
                self._aside[phone] = None
                continue
            sms_id = queue[0][2]
            del self._live[sms_id]
            self._drop_head(phone)
            return sms_id
        return None

    def call_back(self, phone: str) -> None:
        """The number may have room again."""
        if phone in self._aside:
            del self._aside[phone]
            self._show_head(phone)

    def call_back_all(self) -> None:
        """Every number may have room again."""
        for phone in list(self._aside):
            self.call_back(phone)

    def _drop_head(self, phone: str) -> None:
        """The message in front of this number's queue is dead: bring the next live one there."""
        queue = self._queues[phone]
        while queue and not self._is_live(queue[0]):
            heapq.heappop(queue)
        if queue:
            self._show_head(phone)
        else:
            del self._queues[phone]

    def _is_live(self, item: _Item) -> bool:
        sequence, _ = self._live.get(item[2], (None, ""))
        return sequence == item[1]

    def _show_head(self, phone: str) -> None:
        queue = self._queues.get(phone)
        if queue and phone not in self._aside:
            heapq.heappush(self._heads, (queue[0][0], queue[0][1], phone))
