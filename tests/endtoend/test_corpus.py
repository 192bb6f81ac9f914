"""Hundreds of PDUs of every kind, from SIMs through the daemon to the server."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from gsmbridge.farm.personalities import HUAWEI, QUECTEL, SIEMENS, SIM7600
from tests.endtoend.scene import QUICK, Scene, played, playing
from tests.sms import encode

SEED = 20261124
EACH = 80
"""Of each kind."""
FAMILIES = (QUICK, HUAWEI, SIM7600, QUECTEL, SIEMENS)
MODEMS = 10
CAPACITY = 80


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as it was made: its PDUs, and what must arrive."""

    sender: str
    text: str
    pdus: tuple[str, ...]


def senders(rng: random.Random) -> tuple[str, bytes]:
    """How it reads, and its TP-OA."""
    digits = "".join(rng.choices("0123456789", k=rng.randint(3, 15)))
    kind = rng.randrange(4)
    if kind == 0:
        return "+" + digits, encode.number(digits, 0x91)
    if kind == 1:
        return digits, encode.number(digits, 0x81)
    if kind == 2:
        odd = digits + "*#"
        return odd, encode.number(odd, 0x81)
    name = "".join(rng.choices(printable(0, 0), k=rng.randint(1, 11)))
    while len(encode.septets(name)) > 11:
        name = name[:-1]
    return name, encode.name(name)


def printable(locking: int, single: int) -> str:
    """What both tables can say, without control characters."""
    return "".join(c for c in encode.characters(locking, single) if c >= " " or c in "\r\n")


def gsm7(rng: random.Random, number: int) -> Sent:
    sender, oa = senders(rng)
    locking = rng.choice([0, 0, *encode.LOCKING_LANGUAGES])
    single = rng.choice([0, 0, *encode.SINGLE_LANGUAGES])
    text = f"{number} " if not locking else ""
    text += "".join(rng.choices(printable(locking, single), k=rng.randint(1, 60)))
    return Sent(sender, text, (encode.gsm7(text, locking, single, sender=oa),))


def ucs2(rng: random.Random, number: int) -> Sent:
    sender, oa = senders(rng)
    text = f"{number} " + "".join(rng.choices("Код 日本語 العربية 😀𝄞\ufeff", k=rng.randint(1, 30)))
    return Sent(sender, text, (encode.ucs2(text, sender=oa),))


def octets(rng: random.Random, number: int) -> Sent:
    """8-bit data: as text where it is printable, else as hex."""
    sender, oa = senders(rng)
    if rng.random() < 0.5:
        data = f"{number} octets".encode()
        return Sent(sender, data.decode(), (encode.deliver(data, sender=oa),))
    data = bytes((0, 255)) + number.to_bytes(2, "big") + rng.randbytes(rng.randrange(60))
    return Sent(sender, "hex:" + data.hex().upper(), (encode.deliver(data, sender=oa),))


def parts(rng: random.Random, number: int) -> Sent:
    """Two to four parts, 8-bit and 16-bit references, stored in any order."""
    sender, oa = senders(rng)
    total = rng.randint(2, 4)
    concat = rng.choice((encode.concat, encode.concat16))
    wide = rng.random() < 0.5
    alphabet = "Длинное 😀 " if wide else printable(0, 0)
    reference = number % 256
    pieces = ["".join(rng.choices(alphabet, k=rng.randint(1, 25))) for _ in range(total)]
    pieces[0] = f"{number} " + pieces[0]
    write = encode.ucs2 if wide else encode.gsm7
    pdus = [
        write(piece, header=concat(total, index, reference), sender=oa)
        for index, piece in enumerate(pieces, 1)
    ]
    rng.shuffle(pdus)
    return Sent(sender, "".join(pieces), tuple(pdus))


def lay(scene: Scene, modem: int, pdu: str) -> bool:
    """Put a PDU on that modem's SIM; False where it is full."""
    model = scene.farm.modems[modem]
    assert model.sim is not None
    at = model.sim.sms.free()
    if at is not None:
        model.write("SM", at, bytes.fromhex(pdu), None)
    return at is not None


@played
async def test_every_kind_of_message_arrives_as_it_was_sent(tmp_path: Path) -> None:
    rng = random.Random(SEED)
    made = [
        make(rng, number * 4 + kind)
        for number in range(EACH)
        for kind, make in enumerate((gsm7, ucs2, octets, parts))
    ]
    async with playing(
        tmp_path,
        MODEMS,
        families=FAMILIES,
        capacity=CAPACITY,
        messages={"max_stored_age": None},
        onlinesim={"max_in_flight": 64},
    ) as scene:
        for number, sent in enumerate(made):
            assert all(lay(scene, number % MODEMS, pdu) for pdu in sent.pdus)
        await scene.start()
        await scene.quiet()
        phones = [sim.msisdn for sim in scene.farm.sims]
        expected = sorted(
            (phones[number % MODEMS], sent.sender, sent.text) for number, sent in enumerate(made)
        )
        came = sorted(
            (push.request.phone, push.request.phone_from, push.request.text)
            for push in scene.pushes()
        )
        assert len(came) == len(expected)
        for got, wanted in zip(came, expected, strict=True):
            assert got == wanted
