"""What one store is taken to hold, pass after pass."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.at.scripted import ScriptedModem, talk

from gsmbridge.at.channel import Channel
from gsmbridge.at.command import Urc
from gsmbridge.dialects.families import BASE
from gsmbridge.farm import encode
from gsmbridge.modem.identity import SimIdentity
from gsmbridge.modem.replies import Row, Usage
from gsmbridge.modem.shelf import Shelf
from gsmbridge.modem.store import Contents, Store


def row(slot: int, text: str) -> Row:
    tpdu = encode.deliver("Bank", text, datetime(2026, 1, 1, tzinfo=UTC))
    return Row(slot, (encode.smsc_part() + tpdu).hex().upper())


ONE, TWO = row(1, "code 1"), row(2, "code 2")


def after(*passes: Contents) -> Shelf:
    """A shelf that these passes found to hold ONE at first."""

    async def dialogue(channel: Channel, modem: ScriptedModem, urcs: list[Urc]) -> Shelf:
        sim = SimIdentity("89701012345678901231", None, "AT+CCID")
        return Shelf(Store(channel, BASE, sim, "SM", "SM"))

    shelf = talk({}, dialogue)
    shelf.put([ONE])
    for contents in passes:
        shelf.replace(contents)
    return shelf


def test_after_a_whole_pass_a_store_holds_what_that_showed_and_what_is_new_has_arrived() -> None:
    shelf = after(Contents((TWO,), Usage("SM", 1, 20), whole=True))
    assert shelf.listed
    assert shelf.unknown([ONE, TWO]) == [ONE]
    assert shelf.used == 1


def test_a_pass_that_left_slots_out_takes_nothing_off_and_makes_nothing_an_arrival() -> None:
    shelf = after(Contents((TWO,), Usage("SM", 2, 20), whole=False))
    assert not shelf.listed
    assert shelf.unknown([ONE, TWO]) == []
    assert shelf.used == 2


def test_a_store_that_was_read_as_a_whole_once_is_so_after_a_pass_that_left_slots_out() -> None:
    usage = Usage("SM", 1, 20)
    shelf = after(Contents((ONE,), usage, whole=True), Contents((), usage, whole=False))
    assert shelf.listed
    assert shelf.unknown([ONE]) == []
