"""The page in a real browser: nothing is blocked or missing, and it fits a phone."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gsmbridge.service.web import page
from gsmbridge.service.web.http import HttpServer, Request, Response
from gsmbridge.service.web.site import ASSETS
from tests.web.sight import sight, troubled
from tests.web.test_http import free_port

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

LOOK = """({
  width: innerWidth,
  needs: document.documentElement.scrollWidth,
  band: getComputedStyle(document.querySelector('header')).backgroundColor,
  headline: document.querySelector('h1').innerText,
  cut: [...document.querySelectorAll('td, li, p, strong')]
    .filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0
      && getComputedStyle(e).display !== 'inline').map(e => e.innerText),
})"""


class Browser:
    """Chromium without a window, by its DevTools protocol over a pair of pipes."""

    def __init__(self, to: int, back: int) -> None:
        self._to = to
        self._back = back
        self._number = 0
        self._session: str | None = None
        self._bytes = b""
        self.complaints: list[str] = []

    def ask(self, method: str, **params: Any) -> Any:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            pass
        return answer["result"]

    def open(self, url: str, width: int) -> Any:
        """What the page looks like, at that width."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        size = {"width": width, "height": 900, "deviceScaleFactor": 1}
        self.ask("Emulation.setDeviceMetricsOverride", mobile=width < 600, **size)
        for domain in ("Page", "Log", "Runtime"):
            self.ask(f"{domain}.enable")
        self.ask("Page.navigate", url=url)
        while self._next().get("method") != "Page.loadEventFired":
            pass
        found = self.ask("Runtime.evaluate", expression=LOOK, returnByValue=True)
        self._session = None
        return found["result"]["value"]

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._bytes:
            read = os.read(self._back, 65536)
            assert read, "the browser ended"
            self._bytes += read
        line, _, self._bytes = self._bytes.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        if message.get("method") == "Log.entryAdded":
            self.complaints.append(message["params"]["entry"]["text"])
        return message


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    there, to = os.pipe()
    back, here = os.pipe()
    command = (
        f'exec "$0" --headless=new --no-sandbox --disable-gpu --no-first-run'
        f' --user-data-dir="$1" --remote-debugging-pipe 3<&{there} 4>&{here}'
    )
    process = subprocess.Popen(
        ["bash", "-c", command, CHROMIUM, str(folder)],
        pass_fds=(there, here),
        stderr=subprocess.DEVNULL,
    )
    os.close(there)
    os.close(here)
    try:
        yield Browser(to, back)
    finally:
        process.kill()
        process.wait()
        os.close(to)
        os.close(back)


def look(folder: Path, shown: page.Sight, *widths: int) -> tuple[list[Any], list[str]]:
    """What a browser sees of the page at each width, and what it complains of."""

    async def answer(request: Request) -> Response:
        if request.path == "/":
            return Response(page.render(shown), "text/html; charset=utf-8")
        return ASSETS[request.path]

    async def play() -> tuple[list[Any], list[str]]:
        port = free_port()
        serving = asyncio.create_task(HttpServer(answer).serve("127.0.0.1", port))
        try:
            with browser(folder) as opened:
                url = f"http://127.0.0.1:{port}/"
                seen = [await asyncio.to_thread(opened.open, url, width) for width in widths]
                return seen, opened.complaints
        finally:
            serving.cancel()
            await asyncio.wait([serving])

    return asyncio.run(play())


def test_a_page_full_of_trouble_fits_a_desktop_and_a_phone(tmp_path: Path) -> None:
    seen, complaints = look(tmp_path, troubled(), 1280, 375, 320)
    assert complaints == []
    for each in seen:
        assert each["needs"] <= each["width"], each
        assert each["cut"] == []
        assert each["headline"] == "Trouble: the partner can't be reached"
        assert each["band"] == "rgb(194, 31, 43)"  # the style sheet was let in


def test_a_calm_page_is_green(tmp_path: Path) -> None:
    (each,), complaints = look(tmp_path, sight(), 375)
    assert complaints == []
    assert each["band"] == "rgb(26, 127, 55)"
