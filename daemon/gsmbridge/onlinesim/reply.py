"""An HTTP/1.1 reply as its bytes come in: h11 with an early look at the status. No I/O.

h11 tells of a response when all of its head is there. The status line alone already says whether
a message is delivered, and a server may stall right behind it.
"""

from __future__ import annotations

import re

import h11

from gsmbridge.errors import PartnerError
from gsmbridge.onlinesim.answer import MAX_BODY

STATUS_LINE = re.compile(rb"HTTP/1\.[0-9] ([1-9][0-9]{2})(?: [^\r\n]*)?\r?\n")
MAX_STATUS_LINE = 8 * 1024
MAX_EVENTS = 1024
"""Interim responses and pieces of a body. Each costs as much time however short it is: without a
bound, one read full of them would hold everything else up for most of a second."""


class Reply:
    """The reply to the one request that was sent through *http*."""

    def __init__(self, http: h11.Connection) -> None:
        self._http = http
        self.status: int | None = None
        """Of the final response (not 1xx), as soon as its status line is whole."""
        self.headers: list[tuple[bytes, bytes]] | None = None
        """Once all of the head is there."""
        self.ended = False
        """Nothing more is to be read: it is whole, too long, or broken."""
        self._body: bytearray = bytearray()
        self._whole = False
        self._events = 0

    @property
    def body(self) -> bytes | None:
        """The body; None unless it came to its proper end within `MAX_BODY`."""
        return bytes(self._body) if self._whole else None

    @property
    def reusable(self) -> bool:
        """The connection may carry another request."""
        return (
            self._whole
            and self._http.our_state is h11.DONE
            and self._http.their_state is h11.DONE
            and self._http.trailing_data == (b"", False)
        )

    @property
    def tunnel(self) -> bool:
        """A CONNECT was granted, and nothing unasked came behind the reply's head."""
        return self._http.their_state is h11.SWITCHED_PROTOCOL and not self._http.trailing_data[0]

    def feed(self, data: bytes) -> None:
        """Take bytes as they came; b"" is the end of the connection.

        PartnerError where no status can be known any more: `closed` or `malformed`.
        """
        try:
            self._http.receive_data(data)
            while not self.ended and self._step():
                pass
        except h11.RemoteProtocolError:
            # h11 quotes what it got, and that may be the SMS: its message stays here.
            self.ended = True
            if self.status is None:
                raise _no_status(closed=not data) from None

    def _step(self) -> bool:
        """Handle one event. False where more bytes are needed."""
        if self.status is None:
            self._look_ahead()
        event = self._http.next_event()
        self._events += event is not h11.NEED_DATA
        if self._events > MAX_EVENTS:
            self.ended = True
        elif isinstance(event, h11.Response):
            self.headers = list(event.headers)
        elif isinstance(event, h11.Data):
            self._body += event.data
            self.ended = len(self._body) > MAX_BODY
        elif isinstance(event, h11.EndOfMessage):
            self._whole = self.ended = True
        elif event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
            self.ended = True
        if self.ended and self.status is None:
            raise _no_status(closed=self._events <= MAX_EVENTS)
        return event is not h11.NEED_DATA

    def _look_ahead(self) -> None:
        """Know the status before h11 does."""
        waiting, _ = self._http.trailing_data
        line_end = waiting.find(b"\n")
        if line_end < 0 and len(waiting) <= MAX_STATUS_LINE:
            return
        line = STATUS_LINE.match(waiting)
        if line is None:
            raise _no_status(closed=False)
        if (status := int(line[1])) >= 200:
            self.status = status


def _no_status(closed: bool) -> PartnerError:
    if closed:
        return PartnerError("closed", "connection closed before an answer came")
    return PartnerError("malformed", "what came back is not HTTP/1.1")
