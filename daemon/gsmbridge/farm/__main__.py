"""A farm as a process of its own, for crash tests, benches and anybody's curiosity.

    python -m gsmbridge.farm --dir /tmp/farm --modems 8 --messages 100 --rate 5 --truth truth.jsonl

prints one JSON line when the ports are there, then sends. It takes orders as JSON lines on
standard input, answers each by one line, and ends with standard input:

    {"do": "send", "to": "79080000003", "text": "hello", "sender": "Me"}
    {"do": "burst", "messages": 100, "rate": 50}         {"do": "state"}         {"do": "release"}
    {"do": "fault", "kind": "hang", "modem": 3, "with": {"seconds": 30}}
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

from gsmbridge.farm import farm as building
from gsmbridge.farm.faults import Fault, Faults
from gsmbridge.farm.personalities import FAMILIES, by_name
from gsmbridge.farm.ptys import PtyFarm
from gsmbridge.farm.truth import Truth
from gsmbridge.farm.world import LoopScheduler


class Orders:
    """What the farm does when told."""

    def __init__(self, farm: building.Farm, ptys: PtyFarm, rng: random.Random, parts: int) -> None:
        self._farm = farm
        self._ptys = ptys
        self._rng = rng
        self._parts = parts
        self._faults = Faults(LoopScheduler(asyncio.get_running_loop()), farm, ptys, rng)
        self._sent = 0
        self._due = 0

    def carry_out(self, order: dict[str, Any]) -> dict[str, Any]:
        """The answer to one order; KeyError, ValueError or TypeError where it makes no sense."""
        match order["do"]:
            case "send":
                sender = order.get("sender", "Farm")
                return {"message": self._farm.network.send(order["to"], order["text"], sender)}
            case "burst":
                self.burst(order["messages"], order.get("rate", 0.0))
            case "state":
                return self.state()
            case "release":
                self._ptys.release()
            case "fault":
                fault = Fault(0.0, order["modem"], order["kind"], order.get("with", {}))
                self._faults.strike(fault)
            case unknown:
                raise ValueError(f"no such order: {unknown}")
        return {}

    def state(self) -> dict[str, Any]:
        return {
            "sent": self._sent,
            "due": self._due,
            "waiting": self._farm.network.waiting(),
            "stored": self._farm.still_stored(),
            "numbers": [[sim.msisdn, sim.iccid] for sim in self._farm.sims],
        }

    def burst(self, messages: int, rate: float) -> None:
        """Send *messages* to SIMs in turn, *rate* a second; all at once for 0."""
        loop = asyncio.get_running_loop()
        self._due += messages
        for number in range(messages):
            loop.call_later(number / rate if rate else 0.0, self._send)

    def _send(self) -> None:
        sim = self._farm.sims[self._sent % len(self._farm.sims)]
        self._sent += 1
        sender, text = building.sample(self._rng, self._sent, self._parts)
        self._farm.network.send(sim.msisdn, text, sender)


async def lines_of_stdin() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


def say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


async def main(args: argparse.Namespace) -> None:
    loop = asyncio.get_running_loop()
    rng = random.Random(args.seed)
    farm = building.build(
        LoopScheduler(loop),
        args.modems,
        rng=rng,
        truth=Truth(loop.time, args.truth),
        wall=time.time,
        families=[by_name(name) for name in args.families.split(",")],
        capacity=args.capacity,
        pace=args.pace,
        own_numbers=args.own_numbers,
    )
    ptys = PtyFarm(args.dir, farm.modems)
    ptys.start()
    orders = Orders(farm, ptys, rng, args.parts)
    say({"ready": len(farm.modems), "pid": os.getpid(), **orders.state()})
    orders.burst(args.messages, args.rate)
    commands = await lines_of_stdin()
    while line := await commands.readline():
        try:
            say({"ok": True, **orders.carry_out(json.loads(line))})
        except (KeyError, ValueError, TypeError, IndexError) as error:
            say({"ok": False, "error": repr(error)})
    ptys.close()
    farm.truth.close()


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gsmbridge.farm",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = ",".join(family.name for family in FAMILIES)
    parser.add_argument("--dir", type=Path, required=True, help="where the ports appear")
    parser.add_argument("--modems", type=int, default=4)
    parser.add_argument("--families", default="generic", help=f"in turn, of {names}")
    parser.add_argument("--messages", type=int, default=0, help="to send at once")
    parser.add_argument("--rate", type=float, default=0.0, help="messages a second; 0: all at once")
    parser.add_argument("--parts", type=int, default=1, help="of a message, at most, roughly")
    parser.add_argument("--capacity", type=int, default=20, help="records of a SIM")
    parser.add_argument("--pace", type=float, default=0.0, help="seconds between two on one SIM")
    parser.add_argument("--own-numbers", action="store_true", help="the SIMs know their numbers")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--truth", type=Path, help="file for the record of what happened")
    return parser


if __name__ == "__main__":
    asyncio.run(main(arguments().parse_args()))
