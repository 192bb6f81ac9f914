"""What a store gives of a reply that is damaged, or of another store."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

import pytest
from tests.at.scripted import ScriptedModem, talk

from gsmbridge.at.channel import Channel
from gsmbridge.at.command import Urc
from gsmbridge.dialects.families import BASE
from gsmbridge.farm import encode
from gsmbridge.farm.sim import make_sim
from gsmbridge.modem.identity import SimIdentity, Unsettled
from gsmbridge.modem.store import Store
from gsmbridge.sms.pdu import Deliver, decode

SIM = SimIdentity(make_sim(1).iccid, make_sim(1).imsi, "AT+CCID")
TPDU = encode.deliver("Bank", "code 1", datetime(2026, 1, 1, tzinfo=UTC))
PDU = (encode.smsc_part() + TPDU).hex().upper()
CCID = f"\r\n+CCID: {SIM.iccid}\r\n\r\nOK\r\n".encode()
ONE = f"+CMGL: 1,0,,{len(TPDU)}\r\n{PDU}\r\n"


def used_of(memory: str) -> bytes:
    return f'\r\n+CPMS: "{memory}",1,20,"SM",1,20,"SM",1,20\r\n\r\nOK\r\n'.encode()


@pytest.mark.parametrize(
    "rest, believed",
    [
        ("", True),
        ("+CMGL: 2,0,,24\r\n", False),
        (f"+CMGL: \r\n{PDU}\r\n", False),
    ],
    ids=["whole", "a PDU is lost", "an index is lost"],
)
def test_of_a_damaged_listing_of_the_unread_nothing_is_taken(rest: str, believed: bool) -> None:
    """Which PDU belongs to which header is not known there."""

    async def dialogue(channel: Channel, modem: ScriptedModem, urcs: list[Urc]) -> list[int]:
        rows = await Store(channel, BASE, SIM, "SM", "SM").list_unread()
        return [row.slot for row in rows]

    script = {
        "AT+CCID": CCID,
        "AT+CPMS?": used_of("SM"),
        "AT+CMGL=0": f"\r\n{ONE}{rest}\r\nOK\r\n".encode(),
    }
    assert talk(script, dialogue) == ([1] if believed else [])


def test_a_listing_after_which_another_store_is_read_is_no_listing_of_this_one() -> None:
    async def dialogue(channel: Channel, modem: ScriptedModem, urcs: list[Urc]) -> None:
        with pytest.raises(Unsettled, match="reads ME instead of SM"):
            await Store(channel, BASE, SIM, "SM", "SM").list_all(never)

    async def never() -> bool:
        return False

    script = {
        "AT+CCID": CCID,
        "AT+CPMS?": [used_of("SM"), used_of("ME")],
        "AT+CMGL=4": f"\r\n{ONE}\r\nOK\r\n".encode(),
    }
    talk(script, dialogue)


def test_what_another_store_holds_is_not_taken_for_what_was_announced() -> None:
    """The modem went back to its own memory, where a message for an earlier SIM lies."""

    async def dialogue(channel: Channel, modem: ScriptedModem, urcs: list[Urc]) -> None:
        store = Store(channel, BASE, SIM, "SM", "SM")
        with pytest.raises(Unsettled, match="reads ME instead of SM"):
            await store.list_unread()
        with pytest.raises(Unsettled, match="reads ME instead of SM"):
            await store.read_slot(1)

    script = {
        "AT+CCID": CCID,
        "AT+CPMS?": used_of("ME"),
        "AT+CMGL=0": f"\r\n{ONE}\r\nOK\r\n".encode(),
        "AT+CMGR=1": f"\r\n+CMGR: 0,,{len(TPDU)}\r\n{PDU}\r\n\r\nOK\r\n".encode(),
    }
    talk(script, dialogue)


def used(slots: int, total: int) -> bytes:
    return f'\r\n+CPMS: "SM",{slots},{total}\r\n\r\nOK\r\n'.encode()


def reading(slot: int) -> tuple[str, bytes]:
    """AT+CMGR, where the message lies there."""
    return f"AT+CMGR={slot}", f"\r\n+CMGR: 0,,{len(TPDU)}\r\n{PDU}\r\n\r\nOK\r\n".encode()


def slot_by_slot(usage: bytes, *messages: int, slots: range) -> dict[str, bytes]:
    """A modem that refuses the listing and has *messages* in these of its *slots*."""
    empty = {f"AT+CMGR={slot}": b"\r\n+CMS ERROR: 321\r\n" for slot in slots}
    return {
        "AT+CCID": CCID,
        "AT+CPMS?": usage,
        "AT+CMGL=4": b"\r\n+CMS ERROR: 303\r\n",
        **empty,
        **dict(reading(slot) for slot in messages),
    }


def whole_pass(script: dict[str, bytes], read_before: int | None = None) -> tuple[list[int], bool]:
    """Which slots a pass showed, and whether it was a whole one. Something else was read before
    it came to slot *read_before*."""
    slots = count()

    async def between() -> bool:
        return next(slots) == read_before

    async def dialogue(
        channel: Channel, modem: ScriptedModem, urcs: list[Urc]
    ) -> tuple[list[int], bool]:
        found = await Store(channel, BASE, SIM, "SM", "SM").list_all(between)
        return [row.slot for row in found.rows], found.whole

    return talk(script, dialogue)


def test_a_pass_slot_by_slot_is_whole_where_every_slot_tells_what_it_holds() -> None:
    script = slot_by_slot(used(2, 3), 1, 3, slots=range(4))
    assert whole_pass(script) == ([1, 3], True)


def test_a_pass_slot_by_slot_is_no_whole_one_where_nobody_tells_how_many_slots_there_are() -> None:
    script = slot_by_slot(b"\r\n+CMS ERROR: 500\r\n", 0, slots=range(1))
    assert whole_pass(script) == ([0], False)


@pytest.mark.parametrize("slot", range(4))
def test_a_pass_in_which_something_was_read_between_two_slots_is_no_whole_one(slot: int) -> None:
    """It may lie in a slot that the pass had seen empty."""
    script = slot_by_slot(used(2, 3), 1, 3, slots=range(4))
    assert whole_pass(script, read_before=slot) == ([1, 3], False)


def test_a_pdu_that_lost_octets_is_read_again_though_it_can_be_decoded() -> None:
    """What is left is a message with the right text from a sender that never was."""
    whole = "00" + TPDU.hex().upper()
    cut = whole[:4] + whole[10:]
    assert isinstance(decode(whole), Deliver) and isinstance(decode(cut), Deliver)

    async def dialogue(channel: Channel, modem: ScriptedModem, urcs: list[Urc]) -> list[str]:
        async def nothing() -> bool:
            return False

        found = await Store(channel, BASE, SIM, "SM", "SM").list_all(nothing)
        return [row.pdu for row in found.rows]

    script = {
        "AT+CCID": CCID,
        "AT+CPMS?": used(1, 20),
        "AT+CMGL=4": [
            f"\r\n+CMGL: 1,0,,{len(TPDU)}\r\n{pdu}\r\n\r\nOK\r\n".encode() for pdu in (cut, whole)
        ],
    }
    assert talk(script, dialogue) == [whole]
