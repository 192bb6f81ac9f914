"""The forwarding loop: attempts in flight, and what follows from how they end.

A message is in one place at a time: waiting in the `Schedule`, in flight (one task each), or
settling: its verdict is known and being committed, however long that takes. From there it never
goes back, so that nothing is pushed after a known 200 (I3).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from gsmbridge.clock import SHORTEST_WAIT, Clock
from gsmbridge.errors import JournalError, PartnerError
from gsmbridge.events import Events, Kind
from gsmbridge.forwarding import events as kinds
from gsmbridge.forwarding.alarms import Alarms
from gsmbridge.forwarding.freezer import Freezer
from gsmbridge.forwarding.fruitless import Fruitless
from gsmbridge.forwarding.outbox import Failure, Outbox
from gsmbridge.forwarding.push import ForwardingSettings, Push
from gsmbridge.forwarding.schedule import Schedule
from gsmbridge.forwarding.settler import Settler
from gsmbridge.forwarding.stats import Stats, Tally
from gsmbridge.message import Outgoing, State
from gsmbridge.onlinesim.answer import Delivered, Refused, Retry, Verdict, decide, unanswered

JOURNAL_CHECK = 0.5
"""Seconds between looks at whether the journal can be written again."""
IGNORED = frozenset({"IGNORED", "SERVICE_BAN"})
"""Errors that will probably be answered again and again."""


@dataclass(slots=True)
class _Flight:
    """An attempt under way."""

    message: Outgoing
    began: float | None = None
    """Monotonic time at which the request was begun; None: it wasn't yet."""
    delivered: bool = False
    leaves: bool = False
    """Withdrawn meanwhile: if it fails it is not attempted again."""
    task: asyncio.Task[None] = field(init=False)


class Dispatcher:
    """Pushes what is added, each message until an answer ends it.

    `add`, `withdraw`, `reload` and `stats` are for the event loop's thread.
    """

    def __init__(
        self,
        outbox: Outbox,
        push: Push,
        settings: ForwardingSettings,
        clock: Clock,
        events: Events,
    ) -> None:
        self._outbox = outbox
        self._push = push
        self._settings = settings
        self._clock = clock
        self._events = events
        self._schedule = Schedule(settings.retry_interval, settings.max_in_flight)
        self._freezer = Freezer(outbox)
        self._alarms = Alarms()
        self._fruitless = Fruitless()
        self._tally = Tally()
        self._flights: dict[int, _Flight] = {}
        self._wake = asyncio.Event()
        self._settling = Settler(outbox, self._fault, self._wake.set)
        self._paused = False
        self._closing = False
        self.beats = 0
        """How often `run` went round."""

    def add(self, message: Outgoing) -> None:
        """Have *message* pushed. Adding again what waits schedules it anew; what is in flight or
        settling stays as it is."""
        flight = self._flights.get(message.sms_id)
        if flight is not None:
            flight.leaves = False
            if flight.began is None:  # its number may have changed before anything was sent
                flight.message = message
        elif not self._settling.holds(message):
            self._schedule.add(message, self._clock.monotonic())
            self._freezer.note(message)
            self._wake.set()

    def withdraw(self, sms_id: int) -> bool:
        """Have a message not pushed any more. False: an attempt is under way, which ends first
        (and may deliver it), or its verdict is being committed."""
        self._freezer.forget(sms_id)
        self._alarms.forget(sms_id)
        self._fruitless.forget(sms_id)
        self._schedule.remove(sms_id)
        flight = self._flights.get(sms_id)
        if flight is not None:
            flight.leaves = True
        return flight is None and sms_id not in self._settling

    def reload(self, settings: ForwardingSettings, push: Push) -> None:
        """Go on with other settings and another client; attempts in flight end as they began."""
        self._settings = settings
        self._push = push
        self._schedule.configure(settings.retry_interval, settings.max_in_flight)
        self._wake.set()

    async def run(self) -> None:
        """Push until `close` is called."""
        while not self._closing:
            self.beats += 1
            self._wake.clear()
            pause: float | None = JOURNAL_CHECK
            if self._can_write():
                self._begin_attempts()
                if not self._settling.full:  # else what is due begins with the next commit
                    pause = self._pause()
            await self._sleep(pause)

    def poke(self) -> None:
        """Have `run` go round once."""
        self._wake.set()

    async def close(self, grace: float = 8.0) -> None:
        """Begin nothing more; drop attempts that are not over after *grace* seconds, their
        messages stay due. Verdicts get one more second to be committed."""
        self._closing = True
        self._wake.set()
        attempts = [flight.task for flight in self._flights.values()]
        if attempts:
            await asyncio.wait(attempts, timeout=grace)
        for task in attempts:
            task.cancel()
        await asyncio.gather(*attempts, return_exceptions=True)
        for sms_id in await self._settling.close(1.0):
            self._events.emit(kinds.UNCOMMITTED, sms_id=sms_id)

    def stats(self) -> Stats:
        """How things stand now."""
        since, now = self._schedule.reach.unreachable_since, self._clock.monotonic()
        tally = self._tally
        return Stats(
            waiting=self._schedule.waiting,
            in_flight=len(self._flights),
            settling=len(self._settling),
            oldest=self._schedule.oldest(),
            unreachable_for=None if since is None else now - since,
            paused=self._paused,
            alarms=self._alarms.standing(),
            last_success=tally.last_success,
            last_error=tally.last_error,
            attempts=tally.attempts,
            delivered=tally.delivered,
            refused=tally.refused,
            failed=tally.failed,
            faults=tally.faults,
            errors=tuple(sorted(tally.errors.items())),
            fruitless=self._fruitless.streak(now),
        )

    def _unsent(self) -> int:
        """Messages that wait for a verdict, those in flight included."""
        return self._schedule.waiting + self._schedule.in_flight

    def _can_write(self) -> bool:
        """Whether attempts may begin: their outcome has to be committed."""
        if self._outbox.writable() == self._paused:
            self._paused = not self._paused
            kind = kinds.PAUSED if self._paused else kinds.RESUMED
            self._events.emit(kind, waiting=self._unsent())
        return not self._paused

    def _begin_attempts(self) -> None:
        now = self._clock.monotonic()
        while not self._settling.full and (message := self._schedule.begin(now)) is not None:
            flight = _Flight(message)
            self._flights[message.sms_id] = flight
            flight.task = asyncio.get_running_loop().create_task(self._attempt(flight))

    def _pause(self) -> float | None:
        """Seconds until something may begin by itself; None: not before something happens."""
        now = self._clock.monotonic()
        wake_at = self._schedule.wake_at(now)
        return None if wake_at is None else max(wake_at - now, SHORTEST_WAIT)

    async def _sleep(self, pause: float | None) -> None:
        try:
            async with asyncio.timeout(pause):
                await self._wake.wait()
        except TimeoutError:
            pass  # something is due

    async def _attempt(self, flight: _Flight) -> None:
        """One attempt, from its place in the schedule to giving that back."""
        interval = self._settings.retry_interval
        verdict: Verdict = Retry(interval, "dropped")  # what holds if it is cancelled
        reason = ""
        try:
            await self._freezer.freeze(flight.message.sms_id)
            if not flight.leaves:
                verdict = await self._push_once(flight)
        except PartnerError as error:
            verdict = unanswered(error, interval)
            reason = error.message
        except JournalError:
            flight.began = None  # it could not be frozen, so nothing was sent
        except Exception as error:  # whatever it is, the message must not be lost by it
            self._fault(flight.message.sms_id, "attempt", error)
            verdict = Retry(interval, "internal")
        finally:
            self._end_attempt(flight, verdict, reason)

    async def _push_once(self, flight: _Flight) -> Verdict:
        flight.began = self._clock.monotonic()
        self._tally.attempts += 1
        attempt = await self._push(flight.message)
        self._answered()
        if attempt.status == 200:
            self._delivered(flight)
        answer = await attempt.finish()
        return decide(answer, self._settings.terminal_errors, self._settings.retry_interval)

    def _end_attempt(self, flight: _Flight, verdict: Verdict, reason: str) -> None:
        """Give the place back and act on *verdict*; *reason* is why there was no answer."""
        message = flight.message
        del self._flights[message.sms_id]
        self._schedule.end(message.sms_id)
        self._wake.set()
        if flight.delivered:
            if isinstance(verdict, Delivered) and verdict.token is not None:
                self._tally.errors[verdict.token] += 1
                self._emit(kinds.DELIVERED_WITH_ERROR, flight, error=verdict.token)
        elif flight.began is None:
            if not flight.leaves:
                now = self._clock.monotonic()
                self._schedule.add(replace(message, due=now + JOURNAL_CHECK), now)
                self._freezer.note(message)
        elif isinstance(verdict, Refused):
            self._refused(flight, verdict)
        elif isinstance(verdict, Retry):
            self._failed(flight, verdict, reason)
            if reason:
                self._silent(message, flight.began, reason)

    def _answered(self) -> None:
        """An HTTP status came: the partner can be reached."""
        now = self._clock.monotonic()
        since = self._schedule.reach.unreachable_since
        if self._schedule.reach.answered(now):
            down = now - since if since is not None else 0.0
            self._events.emit(kinds.REACHABLE, seconds=down, waiting=self._unsent())
        self._wake.set()

    def _silent(self, message: Outgoing, began: float, reason: str) -> None:
        """No HTTP status came."""
        now = self._clock.monotonic()
        if self._schedule.reach.silent(message.sms_id, message.phone, began, now):
            self._events.emit(kinds.UNREACHABLE, reason=reason, waiting=self._unsent())

    def _delivered(self, flight: _Flight) -> None:
        """Status 200: commit it at once, before the rest of the answer."""
        flight.delivered = True
        self._tally.delivered += 1
        self._tally.last_success = self._clock.wall()
        self._emit(kinds.DELIVERED, flight, http_status=200)
        self._good_answer(flight.message)
        self._settling.begin(flight.message, State.DELIVERED, 200, "", self._took(flight))

    def _refused(self, flight: _Flight, verdict: Refused) -> None:
        message = flight.message
        self._tally.refused += 1
        self._tally.error(self._clock.wall(), message.sms_id, verdict.status, verdict.token)
        self._emit(kinds.REFUSED, flight, http_status=verdict.status, error=verdict.token)
        self._good_answer(message)
        ms = self._took(flight)
        self._settling.begin(message, State.REFUSED, verdict.status, verdict.token, ms)

    def _failed(self, flight: _Flight, verdict: Retry, reason: str) -> None:
        """The same again later, counted from now: the attempt has just ended (I5)."""
        message, now = flight.message, self._clock.monotonic()
        attempts, due = message.attempts + 1, now + verdict.after
        self._tally.failed += 1
        self._tally.error(self._clock.wall(), message.sms_id, verdict.status, verdict.error)
        status, error = verdict.status, verdict.error
        ms = self._took(flight)
        failure = Failure(message.sms_id, attempts, due, status, error, ms, verdict.after)
        self._outbox.failed(failure)
        self._emit(
            kinds.FAILED,
            flight,
            http_status=verdict.status,
            error=verdict.error,
            reason=reason or _in_words(verdict),
            next_s=verdict.after,
        )
        self._judge(message, verdict, now)
        if not flight.leaves:
            again = replace(message, attempts=attempts, due=due, fresh=False, frozen=True)
            self._schedule.add(again, now, ignored=verdict.error in IGNORED)

    def _judge(self, message: Outgoing, verdict: Retry, now: float) -> None:
        """What the answer says of key, account and URL."""
        if verdict.alarm is not None:
            if self._alarms.bad(message.sms_id, verdict.alarm, now):
                self._events.emit(
                    kinds.ALARM,
                    alarm=str(verdict.alarm),
                    sms_id=message.sms_id,
                    http_status=verdict.status,
                    error=verdict.error,
                    reason=_in_words(verdict),
                    hint=kinds.ALARM_HINTS[verdict.alarm],
                )
        elif verdict.error in IGNORED:
            self._good_answer(message)
        elif verdict.status is not None:
            self._fruitless.answered(message.sms_id, verdict.status, now)

    def _good_answer(self, message: Outgoing) -> None:
        """An answer that only a valid key gets."""
        self._fruitless.over()
        for alarm in self._alarms.good(message.sms_id, self._clock.monotonic()):
            self._events.emit(kinds.ALARM_ENDED, alarm=str(alarm), waiting=self._unsent())

    def _took(self, flight: _Flight) -> int:
        """Milliseconds since its request was begun."""
        now = self._clock.monotonic()
        return round((now - (now if flight.began is None else flight.began)) * 1000)

    def _fault(self, sms_id: int, where: str, error: Exception) -> None:
        # only the type: the error's text may quote what it stumbled over
        self._tally.faults += 1
        self._events.emit(kinds.FAULT, sms_id=sms_id, where=where, error=type(error).__name__)

    def _emit(self, kind: Kind, flight: _Flight, **fields: object) -> None:
        message = flight.message
        self._events.emit(
            kind,
            sms_id=message.sms_id,
            phone=message.phone,
            phone_from=message.phone_from,
            attempt=message.attempts + 1,
            ms=self._took(flight),
            **fields,
        )


def _in_words(verdict: Retry) -> str:
    if verdict.status is None:
        return verdict.error
    token = "" if verdict.error == "http" else f" {verdict.error}"
    return f"HTTP {verdict.status}{token}"
