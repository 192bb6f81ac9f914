"""What a store gives of a reply that is damaged, or of another store."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.at.scripted import ScriptedModem, talk

from gsmbridge.at.channel import Channel
from gsmbridge.at.command import Urc
from gsmbridge.dialects.families import BASE
from gsmbridge.farm import encode
from gsmbridge.farm.sim import make_sim
from gsmbridge.modem.identity import SimIdentity, Unsettled
from gsmbridge.modem.store import Store

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
