"""A dispatcher in simulated time, between a partner and a journal that do as they are told."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from gsmbridge.errors import PartnerError
from gsmbridge.events import Kind
from gsmbridge.farm.virtual import SimulatedClock, World, run
from gsmbridge.forwarding.dispatcher import Dispatcher
from gsmbridge.forwarding.outbox import Failure
from gsmbridge.forwarding.push import ForwardingSettings
from gsmbridge.message import Outgoing, State
from gsmbridge.onlinesim.answer import Answer


def message(sms_id: int, phone: str = "79000000001", **fields: Any) -> Outgoing:
    fields.setdefault("order", 1_800_000_000.0 + sms_id)
    return Outgoing(sms_id, phone, "Sender", "code 1234", **fields)


@dataclass(frozen=True)
class Says:
    """What the partner does with one request: nothing for *delay* seconds, then this."""

    status: int = 200
    token: str | None = None
    retry_after: int | None = None
    delay: float = 0.1
    body_delay: float = 0.0
    silent: str = ""
    """Kind of PartnerError instead of an answer."""
    bug: Exception | None = None


@dataclass
class Request:
    message: Outgoing
    began: float
    ended: float | None = None
    """When the attempt was over for the daemon, cancelled or not."""
    cancelled: bool = False


class AttemptOf:
    def __init__(self, request: Request, says: Says, world: World) -> None:
        self.status = says.status
        self._request, self._says, self._world = request, says, world

    async def finish(self) -> Answer:
        try:
            await asyncio.sleep(self._says.body_delay)
        except asyncio.CancelledError:
            self._request.cancelled = True
            raise
        finally:
            self._request.ended = self._world.now
        return Answer(self._says.status, self._says.token, self._says.retry_after)


@dataclass
class Partner:
    world: World
    script: Callable[[Request], Says] = lambda request: Says()
    requests: list[Request] = field(default_factory=list)
    most_at_once: int = 0
    most_of_a_number: int = 0

    async def push(self, message: Outgoing) -> AttemptOf:
        request = Request(message, self.world.now)
        self._check_and_count(request)
        says = self.script(request)
        try:
            await asyncio.sleep(says.delay)
            if says.bug:
                raise says.bug
            if says.silent:
                raise PartnerError(says.silent, f"partner: {says.silent}")
        except asyncio.CancelledError:
            request.cancelled = True
            request.ended = self.world.now
            raise
        except Exception:
            request.ended = self.world.now
            raise
        return AttemptOf(request, says, self.world)

    def of(self, sms_id: int) -> list[Request]:
        return [request for request in self.requests if request.message.sms_id == sms_id]

    def _check_and_count(self, request: Request) -> None:
        under_way = [other for other in self.requests[-2000:] if other.ended is None]
        sms_ids = [other.message.sms_id for other in under_way]
        assert request.message.sms_id not in sms_ids, "attempts of one message overlap"
        self.requests.append(request)
        under_way.append(request)
        numbers = Counter(other.message.phone for other in under_way)
        self.most_at_once = max(self.most_at_once, len(under_way))
        self.most_of_a_number = max(self.most_of_a_number, max(numbers.values()))


@dataclass
class Journal:
    """An outbox that commits *pace* after it was asked, or when it can again."""

    world: World
    is_writable: bool = True
    pace: float = 0.005
    """Seconds that a commit takes."""
    settled: dict[int, tuple[State, float]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    frozen: list[list[int]] = field(default_factory=list)
    bug: Exception | None = None
    """What the next verdict runs into."""

    def writable(self) -> bool:
        return self.is_writable

    async def freeze(self, sms_ids: Sequence[int]) -> None:
        await self._commit()
        self.frozen.append(list(sms_ids))

    async def settle(
        self, sms_id: int, state: State, attempts: int, status: int, error: str, ms: int
    ) -> None:
        await self._commit()
        if self.bug is not None:
            bug, self.bug = self.bug, None
            raise bug
        assert sms_id not in self.settled
        self.settled[sms_id] = (state, self.world.now)

    def failed(self, failure: Failure) -> None:
        self.failures.append(failure)

    async def _commit(self) -> None:
        await asyncio.sleep(self.pace)
        while not self.is_writable:  # noqa: ASYNC110  # the disk is looked at, it doesn't tell
            await asyncio.sleep(0.1)


@dataclass
class Told:
    """Keeps events, as lines too: every template must have its fields."""

    world: World
    events: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def emit(self, kind: Kind, /, **fields: object) -> None:
        self.events.append((kind.name, fields))
        self.lines.append(kind.template.format_map(fields))

    def count(self, name: str) -> int:
        return sum(told == name for told, _ in self.events)


class Rig:
    """All of it, from time 0."""

    def __init__(
        self, script: Callable[[Request], Says] = lambda _: Says(), **settings: Any
    ) -> None:
        self.world = World(start=0.0)
        self.partner = Partner(self.world, script)
        self.journal = Journal(self.world)
        self.told = Told(self.world)
        self.clock = SimulatedClock(self.world)
        self.dispatcher = Dispatcher(
            self.journal,
            self.partner.push,
            ForwardingSettings(**settings),
            self.clock,
            self.told,
        )

    def play(self, story: Coroutine[Any, Any, None], close: bool = True) -> None:
        """Run the dispatcher while *story* goes on, then close it."""

        async def main() -> None:
            running = asyncio.get_running_loop().create_task(self.dispatcher.run())
            await story
            if close:
                await self.dispatcher.close()
                await running

        run(self.world, main())

    def add(self, *messages: Outgoing) -> None:
        for each in messages:
            self.dispatcher.add(each)

    def push_for(self, seconds: float, *messages: Outgoing) -> None:
        """Add *messages* at once and let time pass."""

        async def story() -> None:
            self.add(*messages)
            await asyncio.sleep(seconds)

        self.play(story())

    def begins(self, sms_id: int) -> list[float]:
        return [round(request.began, 3) for request in self.partner.of(sms_id)]
