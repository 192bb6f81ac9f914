"""A modem that answers in order but hangs, babbles, sticks at prompts and answers late, at random:
whatever a channel returns is the reply to the command that was run."""

import asyncio
import re

import pytest
from tests.at.scripted import MARKERS, ScriptedModem, talk

from gsmbridge.at.command import Command
from gsmbridge.errors import CommandTimeout

OK = b"\r\nOK\r\n"
URCS = [b'+CMTI: "SM",3\r\n', b"^RSSI: 20\r\n", b"RING\r\n", b"+CMT: ,4\r\n0001020304\r\n"]


def stored(slot: int) -> bytes:
    return b"00" + b"%02X" % slot * 8


class TroubledModem:
    """Takes one command after the other, each at its own time."""

    def __init__(self, modem: ScriptedModem) -> None:
        self.modem = modem
        self.rng = modem.world.rng
        self.free_at = 0.0
        modem._answer = self.hear
        self.make_trouble()

    def hear(self, text: str) -> None:
        world = self.modem.world
        self.free_at = max(self.free_at, world.now) + self.rng.uniform(0.001, 0.05)
        self.modem.say(self.reply_to(text), self.free_at - world.now)

    def reply_to(self, text: str) -> bytes:
        read = re.fullmatch(r"AT\+CMGR=(\d+)", text)
        if read and int(read[1]) % 7 == 0:
            return OK
        if not read:
            return MARKERS.get(text, OK)
        urc = self.rng.choice([*URCS, b"", b"", b""])
        return b"\r\n+CMGR: 0,,8\r\n" + urc + stored(int(read[1])) + b"\r\n" + OK

    def make_trouble(self) -> None:
        world, rng = self.modem.world, self.rng
        match rng.randrange(4):
            case 0:
                self.free_at = max(self.free_at, world.now) + rng.uniform(0.5, 15)
            case 1:
                self.modem.deliver = rng.choice([ScriptedModem.whole, ScriptedModem.delayed])
            case 2:
                self.modem.say(rng.choice([b"\r\n> ", rng.randbytes(20), *URCS]))
            case 3:
                self.modem.say(b"\r\n" + rng.choice([OK, b"+CMS ERROR: 321\r\n"]), 0.5)
        world.call_later(rng.uniform(0.5, 10), self.make_trouble)


@pytest.mark.parametrize("seed", range(8))
def test_no_slot_ever_reads_as_another(seed):
    async def dialogue(channel, modem, urcs):
        troubled = TroubledModem(modem)
        rng = troubled.rng
        counts = {"read": 0, "timed out": 0}
        while modem.world.now < 1400:
            slot = rng.randrange(100)
            try:
                if rng.random() < 0.5:
                    await channel.run("AT+CMGF=0")
                reply = await channel.run(Command(f"AT+CMGR={slot}", (b"+CMGR:",), pdu=True))
            except CommandTimeout:
                counts["timed out"] += 1
                continue
            if slot % 7 and reply.ok and reply.lines:
                assert reply.lines == (b"+CMGR: 0,,8", stored(slot))
                counts["read"] += 1
            elif slot % 7 == 0:
                assert reply.lines == ()
            await asyncio.sleep(rng.random())
        delivered = [urc for urc in urcs if urc.line.startswith(b"+CMT:")]
        assert {urc.pdu for urc in delivered} == {b"0001020304"}
        return counts

    counts = talk({}, dialogue, seed=seed, timeout=2.0)
    assert counts["read"] > 100
    assert counts["timed out"] > 5
