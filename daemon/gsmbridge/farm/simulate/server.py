"""How the simulated partner behaves: mostly well, now and then badly, for a moment or for hours."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from gsmbridge.farm.partner_script import JSON, NAMED, Reply, Request
from gsmbridge.farm.partner_world import Line, SimulatedPartner
from gsmbridge.farm.virtual import World

OK = NAMED["ok"]
FAILED = Reply(500, '{"response": "INTERNAL"}', JSON)
ANSWERS = NAMED | {
    "failed": FAILED,
    "late": Reply(body="OK", delay=45.0),
    "not_found": Reply(404, "not found"),
    "no_access": Reply(403, '{"response": "API_ACCESS_IP"}', JSON),
}
TERMINAL = ("no_operation", "no_op", "bad_service")
SOME = (
    *TERMINAL, "ignored", "service_ban", "wrong_key", "redirect", "created", "no_content",
    "echo_page", "error_in_200", "chunked", "until_close", "early_hints", "slow", "half_body",
    "half_status", "silent", "closed", "reset", "garbage", "failed", "late", "not_found",
    "no_access", "unavailable", "too_many", "drip", "stalled_head", "huge", "endless",
)  # fmt: skip
"""Answers that come by themselves; of `ANSWERS`."""

Mood = Callable[[random.Random, Request], Reply]


def _well(rng: random.Random, request: Request) -> Reply:
    if rng.random() < 0.93:
        return Reply(body="OK", delay=rng.uniform(0.0, 0.4))
    return ANSWERS[rng.choice(SOME)]


def _mostly(name: str, otherwise: str = "ok") -> Mood:
    return lambda rng, request: ANSWERS[name if rng.random() < 0.9 else otherwise]


def _busy(rng: random.Random, request: Request) -> Reply:
    wait = str(rng.choice((1, 15, 60, 500)))
    return Reply(rng.choice((429, 503)), "busy", {"Retry-After": wait})


def _losing(rng: random.Random, request: Request) -> Reply:
    """It takes the message; the reply gets lost, at any point of its way."""
    return Reply(body="OK", cut=rng.randrange(20), then=rng.choice(("close", "reset", "hang")))


def _choking(rng: random.Random, request: Request) -> Reply:
    """On some messages, whenever they come; the others are taken."""
    return ANSWERS["silent"] if request.sms_id % 5 == 0 else OK


@dataclass(frozen=True, slots=True)
class Weather:
    """A period of a certain kind."""

    mood: Mood = _well
    line: Line = Line.UP
    longest: float = 900.0
    """Seconds."""
    keep_alive: float = inf


WEATHERS = {
    "failing": Weather(_mostly("failed")),
    "busy": Weather(_busy),
    "hanging": Weather(_mostly("silent", "slow"), longest=1800.0),
    "late": Weather(_mostly("late")),
    "losing": Weather(_losing, longest=120.0),
    "wrong_key": Weather(_mostly("wrong_key")),
    "no_access": Weather(_mostly("no_access", "not_found")),
    "elsewhere": Weather(_mostly("redirect", "garbage")),
    "choking": Weather(_choking, longest=3600.0),
    "closing": Weather(keep_alive=2.0, longest=3600.0),
    "refusing": Weather(line=Line.REFUSING, longest=4 * 3600.0),
    "no_name": Weather(line=Line.NO_NAME, longest=1800.0),
    "tls": Weather(line=Line.TLS, longest=1800.0),
    "dead": Weather(line=Line.DEAD, longest=2 * 3600.0),
}


class Server:
    """The script of a `SimulatedPartner`, by chance and by weather."""

    def __init__(
        self, world: World, partner: SimulatedPartner, rng: random.Random, drawn: Counter[str]
    ) -> None:
        """*drawn*: where it counts what it does."""
        self._world = world
        self._partner = partner
        self._rng = rng
        self._drawn = drawn
        self._mood: Mood = _well
        self._period = 0
        self.answers: dict[int, Reply] = {}
        """By the request's number."""
        self.dead: list[tuple[float, float]] = []
        """When the line was dead: replies on their way then never arrived."""
        partner.script = self.answer

    def answer(self, request: Request) -> Reply:
        reply = self._mood(self._rng, request)
        self.answers[request.number] = reply
        if (name := _NAMES.get(id(reply))) is not None and name != "ok":
            self._drawn[f"answer {name}"] += 1
        return reply

    def turn(self, name: str) -> float:
        """The weather changes, for a while; how many seconds."""
        weather = WEATHERS[name]
        seconds = weather.longest * self._rng.random() ** 3 + 1.0
        self._drawn[f"server {name}"] += 1
        self._period += 1
        self._set(weather)
        period = self._period
        self._world.call_later(seconds, lambda: self.clear() if period == self._period else None)
        return seconds

    def clear(self) -> None:
        """Fine weather again."""
        self._set(Weather())

    def settle(self) -> None:
        """From now on everything is accepted."""
        self.stay(OK)

    def stay(self, reply: Reply, line: Line = Line.UP) -> None:
        """From now on the same answer to everything."""
        self._period += 1
        self._set(Weather(lambda rng, request: reply, line))

    def _set(self, weather: Weather) -> None:
        now = self._world.now
        if self._partner.line is Line.DEAD:
            self.dead[-1] = (self.dead[-1][0], now)
        if weather.line is Line.DEAD:
            self.dead.append((now, inf))
        self._mood, self._partner.line = weather.mood, weather.line
        self._partner.keep_alive = weather.keep_alive


TERMINAL_REPLIES = tuple(ANSWERS[name] for name in TERMINAL)
"""Answers after which a message must never be pushed again."""
_NAMES = {id(reply): name for name, reply in ANSWERS.items()}
