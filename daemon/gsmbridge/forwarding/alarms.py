"""Which alarms about key, account or URL stand: each begins and ends once. Pure."""

from __future__ import annotations

from gsmbridge.onlinesim.answer import Alarm

QUIET_FOR = 60.0
"""Seconds without an alarming answer after which any good one ends the alarm."""


class Alarms:
    """A good answer for another message doesn't end an alarm while some still get the alarming
    one (it may concern one number only): a good one for a message that was alarmed does."""

    def __init__(self) -> None:
        self._standing: dict[Alarm, float] = {}
        """Time of the latest alarming answer (monotonic seconds)."""
        self._alarmed: dict[int, Alarm] = {}
        """The alarm that a message's latest answer raised."""

    def standing(self) -> tuple[Alarm, ...]:
        return tuple(self._standing)

    def bad(self, sms_id: int, alarm: Alarm, now: float) -> bool:
        """An alarming answer came. True: the alarm begins with it."""
        self._alarmed[sms_id] = alarm
        begins = alarm not in self._standing
        self._standing[alarm] = now
        return begins

    def good(self, sms_id: int, now: float) -> tuple[Alarm, ...]:
        """An answer came that only a valid key gets. The alarms that end with it."""
        cured = self._alarmed.pop(sms_id, None)
        ended = tuple(
            alarm
            for alarm, latest in self._standing.items()
            if alarm is cured or now - latest >= QUIET_FOR
        )
        for alarm in ended:
            del self._standing[alarm]
        return ended

    def forget(self, sms_id: int) -> None:
        """This message is not pushed any more."""
        self._alarmed.pop(sms_id, None)
