"""`gsmbridge demo`: the main job with nothing attached, each message shown going through."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import tempfile
import time
from pathlib import Path

from gsmbridge.farm import farm as building
from gsmbridge.farm import stage
from gsmbridge.farm.farm import Farm
from gsmbridge.farm.partner import Exchange, Partner
from gsmbridge.farm.partner_script import NAMED, Reply, Request
from gsmbridge.farm.personalities import FAMILIES
from gsmbridge.farm.specimens import specimen
from gsmbridge.farm.truth import Truth
from gsmbridge.farm.world import LoopScheduler

READY = 30.0
"""Seconds for the daemon to have every modem."""
PATIENCE = 60.0
"""Seconds for messages to arrive and leave their SIMs once the last was sent."""
PAUSE = 0.15
"""Seconds between two messages."""
SHOWN = 60
"""Characters of a text that are shown."""


def run(modems: int, messages: int) -> int:
    """Play it; 0 only if every message arrived exactly once, unchanged, and left its SIM."""
    with tempfile.TemporaryDirectory(prefix="gsmbridge-demo-") as folder:
        return asyncio.run(_play(Path(folder), modems, messages))


async def _play(folder: Path, modems: int, messages: int) -> int:
    loop = asyncio.get_running_loop()
    farm = building.build(
        LoopScheduler(loop),
        modems,
        rng=random.Random(2026),
        truth=Truth(loop.time),
        wall=time.time,
        families=FAMILIES,
    )
    partner = Partner(_serve)
    await partner.start()
    config = stage.write_config(folder, farm, partner)
    lines: list[str] = []

    def show(line: str) -> None:
        lines.append(line)
        print(f"  daemon  | {line}", flush=True)

    def done() -> bool:
        arrived = len(partner.exchanges) >= messages
        return arrived and not farm.network.waiting() and not farm.still_stored()

    daemon = stage.Daemon(config, show)
    print(f"{modems} simulated modems on ptys, the partner's stand-in at {partner.url}", flush=True)
    async with stage.on_ptys(folder, farm), daemon:
        await stage.until(lambda: daemon.is_silent or _ready(lines) >= modems, READY)
        if _ready(lines) < modems:
            print("not every modem became ready", flush=True)
        began = loop.time()
        for number in range(1, messages + 1):
            sim = farm.sims[number % modems]
            sender, text = specimen(number - 1)
            farm.network.send(sim.msisdn, text, sender)
            print(f"  network | {sender} to {sim.msisdn}: {_short(text)}", flush=True)
            await asyncio.sleep(PAUSE)
        await stage.until(lambda: daemon.is_silent or done(), PATIENCE)
        gone = done()
        took = loop.time() - began
        status = await daemon.end()
    await partner.close()
    return _report(farm, partner.exchanges, gone, took, status)


def _ready(lines: list[str]) -> int:
    """How often a modem became ready."""
    return sum(" is ready" in line for line in lines)


def _serve(request: Request) -> Reply:
    """Take every push, and show what came."""
    text = _short(request.text)
    print(f"  server  | {request.sms_id} for {request.phone}: {text}", flush=True)
    return NAMED["ok"]


def _short(text: str) -> str:
    """A text as it fits into a line."""
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _hash(messages: list[tuple[str, str, str]]) -> str:
    """The beginning of a SHA-256 over all of them."""
    return hashlib.sha256(json.dumps(messages).encode()).hexdigest()[:12]


def _report(farm: Farm, pushes: list[Exchange], gone: bool, took: float, status: int) -> int:
    """What was sent against what arrived."""
    sent = sorted(
        (event.fields["to"], event.fields["sender"], event.fields["text"])
        for event in farm.truth.events
        if event.kind == "sent"
    )
    came = sorted(
        (push.request.phone, push.request.phone_from, push.request.text) for push in pushes
    )
    print(
        f"\nfingerprint of all numbers, senders and texts: sent {_hash(sent)}, came {_hash(came)}"
    )
    whole = sent == came and len({push.request.sms_id for push in pushes}) == len(pushes)
    print(
        f"sent {len(sent)}, pushed {len(came)}, left on SIMs {farm.still_stored()},"
        f" daemon's exit status {status}, {took:.1f} s"
    )
    if whole and gone and status == 0:
        print("every message arrived exactly once, under its number, and left its SIM")
        return 0
    print("NOT every message arrived exactly once and left its SIM")
    return 1
