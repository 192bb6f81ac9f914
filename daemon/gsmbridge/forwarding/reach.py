"""Whether the partner can be reached, learnt from how attempts end. Pure.

One message that the server chokes on, or one number's messages, say nothing about the server;
silence for several in a row does. Then one attempt at a time probes; the first answer ends that,
and the number of attempts at once grows again from one, doubling with every round of answers, so
that a server that has just come up is not run over.
"""

from __future__ import annotations

SILENT_MESSAGES = 3
"""Different messages in a row without an HTTP answer that make an outage ..."""
SILENT_NUMBERS = 2
"""... if they belong to at least this many numbers."""


class Reach:
    """Times are monotonic seconds."""

    def __init__(self, probe_interval: float, max_in_flight: int) -> None:
        self.probe_interval = probe_interval
        self.max_in_flight = max_in_flight
        self.unreachable_since: float | None = None
        self.window: int | None = None
        """Attempts at once while it opens again; None: no limit from here."""
        self._last_answer = float("-inf")
        self._silent: dict[int, str] = {}
        self._silent_numbers: dict[str, None] = {}
        self._probe: int | None = None
        self._next_probe = 0.0
        self._in_window: set[int] = set()

    def room(self, now: float) -> bool:
        """Whether one more attempt may begin, as far as the server's state goes."""
        if self.unreachable_since is not None:
            return self._probe is None and now >= self._next_probe
        return self.window is None or len(self._in_window) < self.window

    def next_probe(self) -> float | None:
        """When the next probe may begin; None while there is one, or no outage."""
        if self.unreachable_since is None or self._probe is not None:
            return None
        return self._next_probe

    def begun(self, sms_id: int, now: float) -> None:
        """An attempt of this message begins."""
        if self.unreachable_since is not None:
            self._probe = sms_id
            self._next_probe = now + self.probe_interval
        elif self.window is not None:
            self._in_window.add(sms_id)

    def ended(self, sms_id: int) -> None:
        """The attempt of this message is over, however it went."""
        self._in_window.discard(sms_id)
        if self._probe == sms_id:
            self._probe = None

    def answered(self, now: float) -> bool:
        """An HTTP status came, whichever. True: this ends an outage."""
        self._last_answer = now
        self._silent.clear()
        self._silent_numbers.clear()
        if self.unreachable_since is not None:
            self.unreachable_since = self._probe = None
            # attempts still hanging from before the outage don't count: they may hang for long
            self._in_window.clear()
            self.window = 1
            return True
        if self.window is not None:
            self.window += 1
            if self.window >= self.max_in_flight:
                self.window = None
                self._in_window.clear()
        return False

    def silent(self, sms_id: int, phone: str, began: float, now: float) -> bool:
        """An attempt that began at *began* got no HTTP answer. True: this begins an outage."""
        if self.unreachable_since is not None or began < self._last_answer:
            return False
        self._silent[sms_id] = phone
        self._silent_numbers[phone] = None
        if len(self._silent) < SILENT_MESSAGES or len(self._silent_numbers) < SILENT_NUMBERS:
            return False
        self.unreachable_since = now
        self.window = None
        self._in_window.clear()
        self._next_probe = now + self.probe_interval
        return True
