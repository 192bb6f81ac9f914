"""Whether the daemon does its work, for whoever asks `/healthz`."""

from __future__ import annotations

import asyncio

from gsmbridge.service.bridge import Bridge

PATIENCE = 3.0
"""Seconds in which every loop must go round once it was poked; that over the ports takes 1 s."""
LOOPS = ("journal", "forwarding", "modems")
"""As `Bridge.beats` counts them."""


async def trouble(bridge: Bridge) -> str | None:
    """Why the daemon does not do its work, in one line; None where it does. A partner that can't
    be reached or a modem that hangs is no trouble of the daemon's own."""
    if bridge.journal.trouble is not None:
        return f"journal can't be written: {bridge.journal.trouble}"
    if not bridge.started:
        return "starting"
    before = bridge.beats()
    bridge.poke()
    try:
        async with asyncio.timeout(PATIENCE):
            while _stuck(bridge, before):  # noqa: ASYNC110 - three counters are simpler than events
                await asyncio.sleep(0.05)
    except TimeoutError:
        return f"stuck: {', '.join(_stuck(bridge, before))}"
    return None


def _stuck(bridge: Bridge, before: tuple[int, ...]) -> list[str]:
    beats = zip(LOOPS, bridge.beats(), before, strict=True)
    return [name for name, now, then in beats if now == then]
