"""The demo's texts: what people get, and each another."""

from __future__ import annotations

from datetime import UTC, datetime

from gsmbridge.farm import encode
from gsmbridge.farm.specimens import SPECIMENS, specimen
from gsmbridge.sms.pdu import Deliver, decode

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def parts(number: int) -> list[Deliver]:
    sender, text = specimen(number)
    sent = encode.message(sender, text, NOW, reference=1)
    decoded = [decode((encode.smsc_part() + part.tpdu).hex().upper()) for part in sent]
    found = [part for part in decoded if isinstance(part, Deliver)]
    assert len(found) == len(sent) and {part.sender for part in found} == {sender}
    return found


def test_no_two_texts_of_a_demo_are_equal() -> None:
    assert len({specimen(number)[1] for number in range(20_000)}) == 20_000


def test_each_can_be_sent_and_the_first_twelve_are_of_one_part_and_of_several() -> None:
    assert all(parts(number) for number in range(len(SPECIMENS)))
    assert {1, 2, 3} <= {len(parts(number)) for number in range(12)}
