"""Kills from outside: when the farm or the server sees the daemon at a certain moment."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace

from gsmbridge.farm.faults import once_on
from gsmbridge.farm.partner_script import Reply, Request
from tests.crash.weather import Server
from tests.endtoend.scene import OK, Scene

MOMENT = 0.02
"""Seconds in which what was seen is still under way."""

Strike = Callable[[str], None]
"""Kills the daemon; told at which point."""


class Strikes:
    """Lies in wait for one point at a time."""

    def __init__(self, scene: Scene, server: Server, rng: random.Random, strike: Strike) -> None:
        self._scene = scene
        self._server = server
        self._rng = rng
        self._strike = strike

    def lie_in_wait(self, point: str) -> None:
        """Kill the daemon at *point*, once. It must be running; `give_up` ends it."""
        side, _, moment = point.partition(": ")
        if side == "server":
            self._server.next = lambda request: self._at_server(point, moment, request)
        elif moment == "while it starts":
            self._later(point, 0.02, 0.35)
        elif moment == "at work":
            self._later(point, 0.4, 1.4)
        else:
            self._at_farm(point, moment)

    def give_up(self) -> None:
        """Nothing waits any more."""
        self._server.next = None
        for modem in self._scene.farm.modems:
            modem.dialogue.before.clear()
            modem.dialogue.after.clear()

    def _later(self, point: str, least: float, most: float) -> None:
        asyncio.get_running_loop().call_later(
            self._rng.uniform(least, most), lambda: self._strike(point)
        )

    def _at_server(self, point: str, moment: str, request: Request) -> Reply:
        if moment == "has a request, not answered":
            self._strike(point)
            return OK
        self._later(point, 0.0, MOMENT)
        if moment == "status line out, no more":
            return replace(OK, pause_after="Scripted\r\n", pause=60.0)
        if moment == "head out, no body":
            return replace(OK, pause_after="\r\n\r\n", pause=60.0)
        return OK

    def _at_farm(self, point: str, moment: str) -> None:
        if moment.startswith("a delete came"):
            self._once("AT+CMGD", lambda modem: self._strike(point), before=True)
        elif moment.endswith("not answered"):
            self._once("AT+CMGD", lambda modem: self._strike(point))
        elif moment.endswith("the slot taken again"):
            self._once("AT+CMGD", lambda modem: self._strike_and(point, modem, "arrive"))
        elif moment.endswith("taken by another"):
            self._once("AT+CMGR", lambda modem: self._strike_and(point, modem, "overwrite"))
        else:
            self._at_event(point, moment)

    def _once(self, command: str, act: Callable[[int], None], *, before: bool = False) -> None:
        for number, modem in enumerate(self._scene.farm.modems):
            once_on(modem, command, lambda number=number: act(number), before=before)  # type: ignore[misc]

    def _strike_and(self, point: str, modem: int, what: str) -> None:
        """A message comes just then: into the lowest free slot, or over the lowest used one."""
        if not self._scene.dead:
            self._strike(point)
            text = f"just then [{self._rng.randrange(10**9)}]"
            self._scene.strike_fault(modem, what, text=text)

    def _at_event(self, point: str, moment: str) -> None:
        """When the farm notes it: right then, or a moment later."""
        kind = {
            "a message was stored": "stored",
            "amid a message's parts": "stored",
            "a SIM was pulled": "removed",
            "another SIM was put in": "inserted",
            "a port came back under another name": "plugged",
        }[moment]
        loop = asyncio.get_running_loop()
        truth = self._scene.farm.truth
        seen = len(truth.events)

        def look() -> None:
            nonlocal seen
            if self._scene.dead:
                return
            fresh, seen = truth.events[seen:], len(truth.events)
            hits = [event for event in fresh if event.kind == kind]
            if moment == "amid a message's parts":
                hits = [event for event in hits if event.fields["part"] == 2]
            if hits:
                self._later(point, 0.0, MOMENT)
            else:
                loop.call_later(0.005, look)

        look()
