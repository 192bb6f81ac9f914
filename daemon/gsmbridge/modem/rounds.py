"""The ports of one place, in turn, until one of them answers and announces messages. No I/O."""

from __future__ import annotations

from collections.abc import Sequence

from gsmbridge.at.port import PortName
from gsmbridge.dialects.dialect import Dialect
from gsmbridge.dialects.families import of_vendor
from gsmbridge.modem import choice

HEARD_AT_ONCE = 2
"""Visits without an answer after which a UART is tried at other speeds too."""


class Rounds:
    """What visits to the ports of one place have taught."""

    def __init__(self, names: Sequence[PortName], rate: int) -> None:
        self.names = tuple(names)
        """The ports found there; kept up to date by the fleet."""
        self.rate = rate
        """The speed at which the modem answered last, or the configured one."""
        self.tries = 0
        """Visits in a row without an answer."""
        self._unanswered: set[str] = set()
        """Devices of `names` that did not answer in this round."""
        self._unannounced: set[str] = set()
        """Devices out of which no message was ever announced."""

    @property
    def usb(self) -> str | None:
        """The USB device that the ports hang on."""
        return self.names[0].usb if self.names else None

    @property
    def likely(self) -> Dialect:
        """What the USB vendor makes likely."""
        return of_vendor(self.names[0].vendor if self.names else None)

    def choose(self, dialect: Dialect) -> PortName | None:
        """The family's own port first; others in turn while they stay silent."""
        if not self.names:
            return None
        names = choice.in_order(self.names, dialect)
        avoided = self._unanswered | self._unannounced
        fresh = [name for name in names if name.device not in avoided]
        return fresh[0] if fresh else names[self.tries % len(names)]

    def speed(self, name: PortName, configured: int, reopened: bool) -> int:
        """Bits per second for the next visit. *reopened*: nothing stronger is to be tried."""
        if name.usb is None and reopened and self.tries >= HEARD_AT_ONCE:
            return choice.rate(configured, self.tries - HEARD_AT_ONCE + 1)
        return self.rate

    def better(self, current: PortName, dialect: Dialect) -> PortName | None:
        """A port to change to from one that answers; None where there is none."""
        tried = self._unanswered | self._unannounced
        return choice.better(self.names, current, dialect, tried)

    def not_opened(self) -> None:
        """A port could not be had, or was lost."""
        self.tries += 1

    def no_answer(self, name: PortName) -> None:
        """The modem said nothing on this port."""
        self.tries += 1
        self._unanswered.add(name.device)
        if self._unanswered >= {each.device for each in self.names}:
            self._unanswered.clear()  # another round, from the best one on

    def answered(self, name: PortName) -> None:
        """The modem was identified on this port."""
        self.tries = 0
        self._unanswered.discard(name.device)

    def unannounced(self, name: PortName) -> None:
        """Messages come that this port does not announce."""
        self._unannounced.add(name.device)

    def begin_anew(self) -> None:
        """A modem that worked was lost: what returns may be another, in another state."""
        self.tries = 0
        self._unanswered.clear()
        self._unannounced.clear()
