"""Messages that come past the store (+CMT): each is the only copy."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.modem.farm_bench import Bench, Plug

from gsmbridge.at.command import Urc
from gsmbridge.farm import encode
from gsmbridge.farm.personalities import GENERIC
from gsmbridge.farm.sim import make_sim
from gsmbridge.farm.virtual import SimulatedClock
from gsmbridge.modem.hints import MOST_DIRECT, Hints
from gsmbridge.modem.identity import ModemIdentity, SimIdentity
from gsmbridge.modem.session import Session
from gsmbridge.modem.status import IdleWait
from gsmbridge.sms.pdu import Unreadable, decode


class Content:
    """An owner to whom all is right."""

    unwatched = 0.0
    unseen = False

    def identified(self, modem: ModemIdentity, sim: SimIdentity) -> None: ...
    def ready(self, sim: int) -> None: ...
    def unannounced(self) -> None: ...
    def registered(self, registration: str) -> None: ...
    def heard(self) -> None: ...


def test_a_message_past_the_store_is_acknowledged_only_once_it_is_committed() -> None:
    bench = Bench()
    modem = bench.modem(replace(GENERIC, direct_class0=True))
    name = bench.names.pop()

    async def scenario() -> None:
        plug = Plug(bench, name, modem)
        modem.emit = plug.arrive
        session = Session(
            plug,
            name,
            bench.settings,
            bench.intake,
            bench.told,
            SimulatedClock(bench.world),
            Content(),
            IdleWait(),
        )
        serving = asyncio.create_task(session.run())
        await asyncio.sleep(5)
        assert session.modem is not None
        session.hints.dialect = replace(session.modem.dialect, acknowledge=True)
        bench.intake.gate = asyncio.Event()
        identity = bench.deliver(modem, "flash", message_class=0)
        await asyncio.sleep(5)
        assert "AT+CNMA" not in bench.sent(modem)
        bench.intake.gate.set()
        await asyncio.sleep(1)
        assert identity in bench.intake.identities(arrived=True)
        assert bench.sent(modem).count("AT+CNMA") == 1
        serving.cancel()
        await asyncio.wait([serving])
        await session.channel.close()

    bench.run(scenario)


@pytest.mark.parametrize("changed", [False, True])
def test_a_message_past_the_store_that_comes_before_a_sim_is_proved_is_nobodys(
    changed: bool,
) -> None:
    bench = Bench()
    modem = bench.modem(replace(GENERIC, direct_class0=True))
    came: list[str] = []

    def arrive(command: str) -> None:
        if command.startswith("AT+CNUM"):
            modem.dialogue.after.remove(arrive)
            came.append(bench.deliver(modem, "flash", message_class=0))

    async def scenario() -> None:
        if changed:
            await asyncio.sleep(10)
            modem.insert(make_sim(77))
        modem.dialogue.after.append(arrive)
        await asyncio.sleep(20)
        (identity,) = came
        owners = bench.intake.owner(identity)
        held = {key for key, sim in bench.intake.sims.items() if sim in owners}
        assert held and all(key.startswith("unproved") for key in held)

    bench.run(scenario)


def test_of_too_many_past_the_store_the_first_are_held_and_the_others_counted() -> None:
    hints = Hints(asyncio.Event())
    pdus = [f"07911111{number:08X}" for number in range(MOST_DIRECT + 3)]
    for pdu in pdus:
        hints.take(Urc(b"+CMT: ,20", pdu.encode()))
    assert [direct.pdu for direct in hints.direct] == pdus[:MOST_DIRECT]
    assert hints.direct_lost == 3


@pytest.mark.parametrize("unplugged", [True, False])
def test_a_message_past_the_store_outlives_its_modem(unplugged: bool) -> None:
    """Its port is lost, or the modem falls silent, before the session has time for it."""
    bench = Bench()
    modem = bench.modem(replace(GENERIC, direct_class0=True))

    async def scenario() -> None:
        await asyncio.sleep(5)
        modem.trouble.hang = True
        await asyncio.sleep(28)  # a poll waits for its answer
        identity = bench.deliver(modem, "flash", message_class=0)
        if unplugged:
            bench.detach(bench.names[0])
        await asyncio.sleep(60)
        owners = bench.intake.owner(identity)
        held = {key for key, sim in bench.intake.sims.items() if sim in owners}
        assert held and all(key.startswith("unproved") for key in held)

    bench.run(scenario)


TPDU = encode.deliver("Bank", "code 1", datetime(2026, 1, 1, tzinfo=UTC))
A_PDU = (encode.smsc_part() + TPDU).hex().upper().encode()


@pytest.mark.parametrize("text", [b"flash code 4711", A_PDU, b"", None])
def test_a_text_past_the_store_is_held_as_what_cannot_be_read(text: bytes | None) -> None:
    """The modem fell back to text mode: no PDU, but the only copy."""
    hints = Hints(asyncio.Event())
    hints.take(Urc(b'+CMT: "+79001112233",,"26/11/29,22:50:00+12"', text))
    (direct,) = hints.direct
    assert hints.look
    assert isinstance(decode(direct.pdu), Unreadable)
    assert (text or b"+CMT") in bytes.fromhex(direct.pdu)
    assert hints.unsettled() == "the modem forgot PDU mode"


def test_what_follows_a_text_past_the_store_is_of_its_sender_until_pdu_mode_is_back() -> None:
    """The next lines of that text, perhaps."""
    hints = Hints(asyncio.Event())
    hints.take(Urc(b'+CMT: "+79001112233",,"26/11/29,22:50:00+12"', b"one"))
    hints.take(Urc(b"+CMT: ,19", A_PDU))
    hints.begin()
    hints.take(Urc(b"+CMT: ,19", A_PDU))
    forged, true = list(hints.direct)[1:]
    assert isinstance(decode(forged.pdu), Unreadable)
    assert not isinstance(decode(true.pdu), Unreadable)
