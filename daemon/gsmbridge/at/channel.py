"""One modem's command channel: one command at a time, unsolicited lines aside."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count

from gsmbridge.at.command import Command, Prefixes, Reply, Urc
from gsmbridge.at.exchange import Exchange, Send
from gsmbridge.at.port import Port
from gsmbridge.at.urcs import CHATTER, DEFAULT_URCS
from gsmbridge.errors import CommandTimeout, PortLost

GRACE = 0.5
"""Seconds of silence after which a reply that lacks only its final result is whole."""

QUIET = 0.1
"""Seconds without a late reply after which none is expected any more: 100 bytes at 9600 baud."""

QUIET_OWED = 1.0
"""The same where a command that timed out was never answered: it may still be."""

DOUBT = 30.0
"""Seconds for which, in that case, a reply is believed only if no other one follows it."""

DOUBT_QUIET = 0.3
"""Seconds to wait for that other one before the marker, which a modem may answer first."""

STEPS = (1.0, 1.0, 2.0, 3.0, 5.0)
"""Seconds to wait for the answer to each AT of a resynchronisation, the last one repeated. The
first AT after idle time may be ignored, so the second comes soon."""

ESCAPE = b"\x1b"
"""Leaves the prompt `> ` without sending a message (27.005, 3.5.1)."""

MARKERS = (
    Command("AT+CMEE?", (b"+CMEE:",), required=True, timeout=5.0),
    Command("AT+CMGF?", (b"+CMGF:",), required=True, timeout=5.0),
)
"""Harmless questions whose answer cannot be taken for another one's. The first needs no SIM."""


class Channel:
    """Runs commands on a port. URCs are handed to *on_urc* as they come, also in mid-reply;
    *on_lost* hears at once that the port is gone, command or not."""

    def __init__(
        self,
        port: Port,
        *,
        timeout: float = 10.0,
        on_urc: Callable[[Urc], None],
        on_lost: Callable[[], None] = lambda: None,
        urcs: tuple[bytes, ...] = DEFAULT_URCS,
        finals: tuple[bytes, ...] = (),
    ) -> None:
        self._port = port
        self._timeout = timeout
        self._on_urc = on_urc
        self._tell_lost = on_lost
        self._listeners: list[Callable[[Urc], None]] = []
        self._exchange = Exchange(urcs, finals)
        self._concern = Prefixes(urcs)
        self._chatter = Prefixes(CHATTER)
        self._pace = 0.0
        self._turn = asyncio.Lock()
        self._answer: asyncio.Future[Reply | None] | None = None  # of None: not in time
        self._limit: asyncio.TimerHandle | None = None
        self._until = 0.0  # loop time at which the pending command ends, unless its reply flows
        self._latest = 0.0  # loop time at which the pending command ends in any case
        self._patience = timeout
        self._doubt_until = 0.0  # loop time
        self._knocks = 0
        """Plain ATs of a resynchronisation that were not answered: what a mute modem drops. Their
        OK could come late only before that of a later AT, so they are no reason for doubt."""
        self._marker: Command | None = None  # one that this modem answers
        self._lost: str | None = None
        self._loop = asyncio.get_running_loop()
        self.last_byte = self._loop.time()
        """Loop time of the last byte of any kind: no sign of life, some modems babble on."""
        self.last_reply = self.last_byte
        """Loop time of the last final result."""
        self.urc_seen = 0
        """URCs about messages, the SIM or a restart so far, and late replies: while this stands
        still, what was read is as it was read."""
        self.needs_resync = False
        """Commands and replies may be out of step; `run` sees to it."""
        port.start(self._on_bytes, self._on_lost)

    @property
    def noise(self) -> int:
        """Lines so far that meant nothing."""
        return self._exchange.noise

    @property
    def strays(self) -> int:
        """Late replies so far: if this grew, the replies since then may be another command's."""
        return self._exchange.strays

    def learn(
        self,
        urcs: tuple[bytes, ...] = (),
        finals: tuple[bytes, ...] = (),
        pace: float | None = None,
    ) -> None:
        """Take over what a family adds: URCs, final results, seconds between a result and the
        next command."""
        self._exchange.learn(urcs, finals)
        self._concern.add(urcs)
        if pace is not None:
            self._pace = pace

    def listen(self, listener: Callable[[Urc], None]) -> Callable[[], None]:
        """Have *listener* hear every URC too, until the function returned here is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def run(self, command: Command | str) -> Reply:
        """Run one command, first come first served. An error result is a reply like any other.

        CommandTimeout: no final result in time, or one that may be another command's; nothing is
        known of the effect. PortLost.
        """
        if isinstance(command, str):
            command = Command(command)
        async with self._turn:
            if self.needs_resync:
                await self._regain(self._timeout)
            reply = await self._perform(command)
            if self._loop.time() < self._doubt_until:
                await self._confirm(command)
            return reply

    async def resync(self, patience: float) -> None:
        """Bring commands and replies in step: afterwards no late reply is outstanding, as far as
        that can be known. CommandTimeout after *patience* seconds; PortLost."""
        async with self._turn:
            await self._regain(patience)

    def check(self) -> None:
        """PortLost where the port is gone."""
        if self._lost is not None:
            raise PortLost(self._lost)

    async def close(self) -> None:
        """Give the port back; a pending command gets PortLost. Never raises."""
        self._on_lost("closed")
        await self._port.close()

    # One command

    async def _perform(self, command: Command) -> Reply:
        rest = self.last_reply + self._pace - self._loop.time()
        if self._pace and rest > 0:
            await asyncio.sleep(rest)
        self.check()
        self._patience = command.timeout or self._timeout
        total = command.total or self._patience
        now = self._loop.time()
        self._latest = now + total
        self._answer = self._loop.create_future()
        self._end_at(now + min(self._patience, total))
        try:
            self._port.write(self._exchange.begin(command))
            reply = await self._answer or self._give_up()
            if reply is not None:
                return reply
            seconds = self._loop.time() - now
            raise CommandTimeout(f"{command.shown}: no final result in {seconds:.0f} s")
        finally:
            self._answer = None
            if self._limit is not None:
                self._limit.cancel()
                self._limit = None
            self._give_up()  # cancelled: its reply is still to come

    def _give_up(self) -> Reply | None:
        owed = self._exchange.owed
        reply = self._exchange.abandon()
        if self._exchange.owed > owed:
            self.needs_resync = True
        return reply

    def _on_bytes(self, data: bytes) -> None:
        self.last_byte = self._loop.time()
        progress, strays = self._exchange.progress, self._exchange.strays
        for event in self._exchange.receive(data):
            if isinstance(event, Urc):
                self._hand_on(event)
            elif isinstance(event, Send):
                self._port.write(event.data)
            else:
                self._answered(event)
        if self._exchange.strays != strays:
            self.needs_resync = True
            self.urc_seen += 1
        if self._exchange.progress != progress:
            self._extend()

    def _hand_on(self, urc: Urc) -> None:
        if self._concern.match(urc.line) and not self._chatter.match(urc.line):
            self.urc_seen += 1
        self._on_urc(urc)
        for listener in tuple(self._listeners):
            listener(urc)

    def _answered(self, reply: Reply) -> None:
        self.last_reply = self._loop.time()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(reply)

    def _extend(self) -> None:
        """The reply flows: wait on, within the total."""
        if self._answer is None or self._answer.done():
            return
        patience = GRACE if self._exchange.provisional else self._patience
        self._end_at(min(self._loop.time() + patience, self._latest))

    def _end_at(self, until: float) -> None:
        """Time out at *until*. A timer that rings earlier is left to: then it is set anew, once,
        not at each of the bytes that flow."""
        self._until = until
        if self._limit is None or until < self._limit.when():
            if self._limit is not None:
                self._limit.cancel()
            self._limit = self._loop.call_at(until, self._ring)

    def _ring(self) -> None:
        if self._limit is None or self._answer is None or self._answer.done():
            return
        rang, self._limit = self._limit.when(), None
        if rang < self._until:
            self._end_at(self._until)
        else:
            self._answer.set_result(None)

    def _on_lost(self, reason: str) -> None:
        if self._lost is None:
            self._lost = reason
            self._tell_lost()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(PortLost(self._lost))

    # Resynchronisation

    async def _regain(self, patience: float) -> None:
        """ESC and AT until one is answered and no more answers come, then a marker: what the
        modem still had to say came before the marker's own line."""
        self._knocks = 0
        try:
            async with asyncio.timeout(patience):
                while not await self._in_step():
                    continue
        except TimeoutError as error:
            self.needs_resync = True
            raise CommandTimeout(f"no answer to AT in {patience:g} s") from error
        if self._exchange.owed > self._knocks:
            self._doubt_until = self._loop.time() + DOUBT
        self._exchange.settle()
        self.needs_resync = False

    async def _confirm(self, command: Command) -> None:
        """See that no second reply comes before a marker's: then the first was a late one."""
        strays = self._exchange.strays
        await asyncio.sleep(DOUBT_QUIET)
        confirmed = self._marker is None or (await self._perform(self._marker)).ok
        if not confirmed or self._exchange.strays != strays:
            self.needs_resync = True
            self._doubt_until = 0.0
            raise CommandTimeout(f"{command.shown}: answered out of step")

    async def _in_step(self) -> bool:
        """One round. False: the marker was not answered."""
        strays = self._exchange.strays
        await self._knock()
        await self._quiet(QUIET)
        try:
            await self._mark()
        except CommandTimeout:
            return False
        if self._exchange.owed:
            await self._quiet(QUIET_OWED)
        elif self._exchange.strays != strays:
            await self._quiet(QUIET)
        return True

    async def _knock(self) -> None:
        """ESC and AT until the modem answers. Every other AT goes without ESC, in case it spoils
        the line for a modem that is not at a prompt."""
        for attempt in count():
            if attempt % 2 == 0:
                self._write(ESCAPE)
            try:
                await self._perform(Command("AT", timeout=STEPS[min(attempt, len(STEPS) - 1)]))
                return
            except CommandTimeout:
                self._knocks += 1

    async def _mark(self) -> None:
        """Ask something unmistakable. A modem that refuses every marker is in step after quiet."""
        for marker in MARKERS:
            if (await self._perform(marker)).ok:
                self._marker = marker
                return
            await self._quiet(QUIET)

    async def _quiet(self, seconds: float) -> None:
        """Until no late reply has come for *seconds*. URCs may flow."""
        while True:
            strays = self._exchange.strays
            await asyncio.sleep(seconds)
            if self._exchange.strays == strays:
                return

    def _write(self, data: bytes) -> None:
        self.check()
        self._port.write(data)
