"""What a store gives of a reply of which a part was lost."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.at.scripted import ScriptedModem, talk

from gsmbridge.at.channel import Channel
from gsmbridge.at.command import Urc
from gsmbridge.dialects.families import BASE
from gsmbridge.farm import encode
from gsmbridge.farm.sim import make_sim
from gsmbridge.modem.identity import SimIdentity
from gsmbridge.modem.store import Store

SIM = SimIdentity(make_sim(1).iccid, make_sim(1).imsi, "AT+CCID")
TPDU = encode.deliver("Bank", "code 1", datetime(2026, 1, 1, tzinfo=UTC))
PDU = (encode.smsc_part() + TPDU).hex().upper()
ONE = f"+CMGL: 1,0,,{len(TPDU)}\r\n{PDU}\r\n"


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
        rows = await Store(channel, BASE, SIM, "SM").list_unread()
        return [row.slot for row in rows]

    script = {
        "AT+CCID": f"\r\n+CCID: {SIM.iccid}\r\n\r\nOK\r\n".encode(),
        "AT+CMGL=0": f"\r\n{ONE}{rest}\r\nOK\r\n".encode(),
    }
    assert talk(script, dialogue) == ([1] if believed else [])
