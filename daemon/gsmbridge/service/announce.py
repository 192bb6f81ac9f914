"""Tells somebody of alarms: what changed since the last time that telling worked.

Each way of telling keeps by itself what it told last, and tells the difference to what stands now:
nothing that stands goes untold, however often telling failed; what came and went meanwhile is in
the log alone.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from gsmbridge import __version__
from gsmbridge.config.checks import is_loopback
from gsmbridge.errors import GsmbridgeError, PartnerError
from gsmbridge.events import Events
from gsmbridge.onlinesim.client import Client, ClientSettings
from gsmbridge.service import events
from gsmbridge.service.alarms import Alarm, Key

ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ")
"""What a command gets of the daemon's environment, in which the API key may be."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told at once."""

    host: str
    at: float
    """Unix time."""
    began: tuple[Alarm, ...]
    ended: tuple[Alarm, ...]
    standing: tuple[Alarm, ...]

    @property
    def subject(self) -> str:
        """One line, such as "gsmbridge farm1: SIM store full, and 2 more"."""
        first = [f"ended: {alarm.what}" for alarm in self.ended]
        first = [alarm.what for alarm in self.began] + first
        more = f", and {len(first) - 1} more" if len(first) > 1 else ""
        return f"gsmbridge {self.host}: {first[0]}{more}"

    def document(self) -> bytes:
        """As JSON, in ASCII (its shape: docs/operations.md)."""
        lists = {"began": self.began, "ended": self.ended, "standing": self.standing}
        document = {
            "host": self.host,
            "version": __version__,
            "at": self.at,
            "subject": self.subject,
            **{name: [_shown(alarm) for alarm in alarms] for name, alarms in lists.items()},
        }
        return json.dumps(document).encode("ascii")

    def variables(self) -> dict[str, str]:
        """For a command that doesn't read its stdin."""
        return {
            "GSMBRIDGE_HOST": self.host,
            "GSMBRIDGE_SUBJECT": self.subject.replace("\0", ""),
            "GSMBRIDGE_BEGAN": str(len(self.began)),
            "GSMBRIDGE_ENDED": str(len(self.ended)),
            "GSMBRIDGE_STANDING": str(len(self.standing)),
            "GSMBRIDGE_KINDS": " ".join(dict.fromkeys(a.kind for a in (*self.began, *self.ended))),
        }


def _shown(alarm: Alarm) -> dict[str, object]:
    return {
        "kind": alarm.kind,
        "subject": alarm.subject,
        "what": alarm.what,
        "since": alarm.since,
    }


Send = Callable[[Notice], Awaitable[None]]
"""Tell it. GsmbridgeError: it could not be told, and why."""


class Announcer:
    """One way of telling. Never blocks: what it does, it does in a task of its own."""

    def __init__(self, way: str, log: Events, host: str) -> None:
        """*way* names it in the log: `command` or `url`."""
        self._way = way
        self._log = log
        self._host = host
        self._told: dict[Key, Alarm] = {}
        self._telling: asyncio.Task[None] | None = None
        self._not_before = 0.0
        self._failing = False

    def see(
        self, standing: Sequence[Alarm], send: Send, interval: float, mono: float, wall: float
    ) -> None:
        """Tell what changed, if anything did and *interval* seconds have passed since the last."""
        if self._telling is not None or mono < self._not_before:
            return
        now = {alarm.key: alarm for alarm in standing}
        began = tuple(alarm for key, alarm in now.items() if key not in self._told)
        ended = tuple(alarm for key, alarm in self._told.items() if key not in now)
        if not began and not ended:
            return
        self._not_before = mono + interval
        notice = Notice(self._host, wall, began, ended, tuple(standing))
        self._telling = asyncio.create_task(self._tell(notice, send))

    async def close(self) -> None:
        """End what is under way."""
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.wait((self._telling,))

    async def _tell(self, notice: Notice, send: Send) -> None:
        try:
            await send(notice)
        except GsmbridgeError as error:
            if not self._failing:
                self._log.emit(events.ALARM_UNTOLD, way=self._way, reason=error.message)
            self._failing = True
        else:
            if self._failing:
                self._log.emit(events.ALARM_TOLD_AGAIN, way=self._way)
            self._failing = False
            self._told = {alarm.key: alarm for alarm in notice.standing}
        finally:
            self._telling = None


def by_command(words: Sequence[str], timeout: float, environ: Mapping[str, str]) -> Send:
    """Run a program, without a shell: facts in its environment, JSON on its stdin."""

    async def send(notice: Notice) -> None:
        kept = {name: environ[name] for name in ENVIRONMENT if name in environ}
        try:
            process = await asyncio.create_subprocess_exec(
                *words,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env=kept | notice.variables(),
                start_new_session=True,
            )
        except OSError as error:
            raise GsmbridgeError(f"can't be started: {error.strerror}") from None
        try:
            async with asyncio.timeout(timeout):
                await process.communicate(notice.document())
        except TimeoutError:
            raise GsmbridgeError(f"did not end within {timeout:g} s") from None
        finally:
            with suppress(ProcessLookupError):  # its whole group, what it left behind too
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        if process.returncode != 0:
            raise GsmbridgeError(f"ended with status {process.returncode}")

    return send


def by_url(url: str, timeout: float, proxy: str | None) -> Send:
    """POST the JSON document. Neither the URL, which may hold a secret, nor the answer is told."""

    async def send(notice: Notice) -> None:
        way = None if is_loopback(url) else proxy
        settings = ClientSettings(
            url, connect_timeout=timeout, timeout=timeout, proxy=way, allow_http=True
        )
        client = await asyncio.to_thread(Client, settings)  # it reads all certificates: that takes
        try:
            attempt = await client.push(notice.document())
            answer = await attempt.finish()
        except PartnerError as error:
            raise GsmbridgeError(f"no answer ({error.kind})") from None
        finally:
            await client.close()
        if not 200 <= answer.status < 300:
            raise GsmbridgeError(f"answered HTTP {answer.status}")

    return send
