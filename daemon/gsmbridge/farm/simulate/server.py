"""How the simulated partner behaves: mostly well, now and then badly, for a moment or for hours."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from gsmbridge.farm.partner_script import JSON, NAMED, Reply, Request
from gsmbridge.farm.partner_world import Line, SimulatedPartner
from gsmbridge.farm.virtual import World

TERMINAL = ("no_operation", "no_op", "bad_service")
SOME = (
    *TERMINAL, "ignored", "service_ban", "wrong_key", "redirect", "created", "no_content",
    "echo_page", "error_in_200", "chunked", "until_close", "early_hints", "slow", "half_body",
    "half_status", "silent", "closed", "reset", "garbage",
)  # fmt: skip
"""Answers that come by themselves; of `partner_script.NAMED`."""

OK = NAMED["ok"]
FAILED = Reply(500, '{"response": "INTERNAL"}', JSON)

Mood = Callable[[random.Random], Reply]


def _well(rng: random.Random) -> Reply:
    if rng.random() < 0.93:
        return Reply(body="OK", delay=rng.uniform(0.0, 0.4))
    return NAMED[rng.choice(SOME)]


def _failing(rng: random.Random) -> Reply:
    return FAILED if rng.random() < 0.9 else OK


def _busy(rng: random.Random) -> Reply:
    wait = str(rng.choice((1, 15, 60, 500)))
    return Reply(rng.choice((429, 503)), "busy", {"Retry-After": wait})


def _hanging(rng: random.Random) -> Reply:
    return NAMED["silent"] if rng.random() < 0.9 else NAMED["slow"]


def _losing(rng: random.Random) -> Reply:
    """It takes the message; the reply gets lost, at any point of its way."""
    return Reply(body="OK", cut=rng.randrange(20), then=rng.choice(("close", "reset", "hang")))


@dataclass(frozen=True, slots=True)
class Weather:
    """A period of a certain kind."""

    mood: Mood
    line: Line
    longest: float
    """Seconds."""


WEATHERS = {
    "failing": Weather(_failing, Line.UP, 900.0),
    "busy": Weather(_busy, Line.UP, 900.0),
    "hanging": Weather(_hanging, Line.UP, 1800.0),
    "losing": Weather(_losing, Line.UP, 120.0),
    "refusing": Weather(_well, Line.REFUSING, 4 * 3600.0),
    "dead": Weather(_well, Line.DEAD, 2 * 3600.0),
}


class Server:
    """The script of a `SimulatedPartner`, by chance and by weather."""

    def __init__(self, world: World, partner: SimulatedPartner, rng: random.Random) -> None:
        self._world = world
        self._partner = partner
        self._rng = rng
        self._mood: Mood = _well
        self._period = 0
        self.answers: dict[int, Reply] = {}
        """By the request's number."""
        self.dead: list[tuple[float, float]] = []
        """When the line was dead: replies on their way then never arrived."""
        partner.script = self.answer

    def answer(self, request: Request) -> Reply:
        reply = self._mood(self._rng)
        self.answers[request.number] = reply
        return reply

    def turn(self, name: str) -> float:
        """The weather changes, for a while; how many seconds."""
        weather = WEATHERS[name]
        seconds = weather.longest * self._rng.random() ** 3 + 1.0
        self._period += 1
        self._set(weather.mood, weather.line)
        period = self._period
        self._world.call_later(seconds, lambda: self.clear() if period == self._period else None)
        return seconds

    def clear(self) -> None:
        """Fine weather again."""
        self._set(_well, Line.UP)

    def settle(self) -> None:
        """From now on everything is accepted."""
        self.stay(OK)

    def stay(self, reply: Reply, line: Line = Line.UP) -> None:
        """From now on the same answer to everything."""
        self._period += 1
        self._set(lambda rng: reply, line)

    def _set(self, mood: Mood, line: Line) -> None:
        now = self._world.now
        if self._partner.line is Line.DEAD:
            self.dead[-1] = (self.dead[-1][0], now)
        if line is Line.DEAD:
            self.dead.append((now, float("inf")))
        self._mood, self._partner.line = mood, line


TERMINAL_REPLIES = tuple(NAMED[name] for name in TERMINAL)
"""Answers after which a message must never be pushed again."""
