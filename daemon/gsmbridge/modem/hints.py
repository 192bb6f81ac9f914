"""What unsolicited lines ask for: kept until the session has time for it. No I/O."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from gsmbridge.at.command import Urc
from gsmbridge.at.pdu_lines import has_text
from gsmbridge.dialects.dialect import Dialect
from gsmbridge.dialects.families import BASE
from gsmbridge.modem import replies

MOST_DIRECT = 200
"""Messages that came past the store, held while the journal cannot be written."""
MOST_ARRIVALS = 300
"""More announcements than a store has slots: the listing they cause finds all."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message was announced. A hint where to look, never an address to trust."""

    memory: str
    slot: int | None


@dataclass(frozen=True, slots=True)
class Direct:
    """A message that came without being stored (+CMT): the only copy."""

    pdu: str
    appearance: str
    """The appearance it came in; empty before a SIM was proved."""


class Hints:
    """The lines of one modem, sorted by what they ask for. Sets *wake* for each that matters."""

    def __init__(self, wake: asyncio.Event) -> None:
        self.dialect: Dialect = BASE
        self.appearance = ""
        self.arrivals: deque[Arrival] = deque()
        self.direct: deque[Direct] = deque()
        self.direct_lost = 0
        """Messages that came past the store and found no room: later ones than those held."""
        self.look = False
        """Something came that only a listing can find."""
        self.announced = False
        """A message was announced on this port, if only once."""
        self.full = False
        self.restarted = ""
        """The line that told that the modem restarted."""
        self.text_mode = False
        """A message was handed over as a text: until the settings are made anew, what stands behind
        such a header is what its sender wrote."""
        self.sim = ""
        """The line that may mean another SIM."""
        self.sim_out = False
        """A SIM was taken out, or not found in, so that the modem's copy of its store may be
        another's."""
        self._wake = wake

    def unsettled(self) -> str:
        """Why this appearance of the modem is over; empty while it lasts."""
        if self.restarted:
            return f"the modem restarted ({self.restarted})"
        if self.text_mode:
            return "the modem forgot PDU mode"
        return f"the modem reported {self.sim}" if self.sim else ""

    def begin(self) -> None:
        """A SIM is about to be identified: what was said before is about to be asked."""
        self.restarted = self.sim = self.appearance = ""
        self.full = self.look = self.text_mode = False

    def forget_arrivals(self) -> None:
        """Another SIM is in: what was announced lies on the one before."""
        self.arrivals.clear()

    def take(self, urc: Urc) -> None:
        """Sort one unsolicited line in."""
        line = urc.line.upper().replace(b" ", b"")
        if line.startswith(b"+CMTI:"):
            self._arrival(urc.line)
        elif line.startswith(b"+CMT:"):
            self._direct(urc)
        elif line.startswith(self.dialect.boot):
            self.restarted = replies.text(urc.line)
        elif line.startswith(self.dialect.full):
            self.full = self.look = True
        elif line.startswith(self.dialect.sim_hints):
            self.sim = replies.text(urc.line)
            self.sim_out = self.sim_out or line.startswith(self.dialect.sim_out)
        else:
            return
        self._wake.set()

    def _arrival(self, line: bytes) -> None:
        self.announced = True
        memory, slot = replies.hinted_slot(line)
        arrival = Arrival(memory, slot)
        if arrival in self.arrivals:
            return
        if len(self.arrivals) < MOST_ARRIVALS:
            self.arrivals.append(arrival)
        else:
            self.look = True

    def _direct(self, urc: Urc) -> None:
        found = replies.listing((b"+CMGR: 0", urc.pdu or b""), slot=0)
        pdu = found.rows[0].pdu if found.rows else ""
        self.text_mode = self.text_mode or has_text(urc.line)
        if not pdu or self.text_mode:
            # No PDU, whatever its sender made it look like, but the only copy: it is held as what
            # cannot be read.
            self.look = True
            pdu = b"\n".join((urc.line, urc.pdu or b"")).hex().upper()
        if len(self.direct) < MOST_DIRECT:
            self.direct.append(Direct(pdu, self.appearance))
        else:
            self.direct_lost += 1
