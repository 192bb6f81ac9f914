"""The encoder against octets worked out by hand, and from the specification's own examples."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsmbridge.farm import encode

WHEN = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)


def test_hellohello_is_packed_as_in_every_textbook() -> None:
    values = encode.septets("hellohello")
    assert values is not None
    assert encode.pack(values).hex().upper() == "E8329BFD4697D9EC37"


def test_an_extension_character_takes_two_septets() -> None:
    assert encode.septets("€[") == [0x1B, 0x65, 0x1B, 0x3C]
    assert encode.septets("ж") is None
    assert encode.septets("\x1b") is None


@pytest.mark.parametrize(
    ("sender", "octets"),
    [
        ("+491710760000", "0C91947101670000"),
        ("7000", "04810700"),
        ("12345", "05812143F5"),
        ("WhatsApp", "0ED05774983E0FC2E1"),
        ("Bank", "07D0C2B07B0D"),
    ],
)
def test_addresses(sender: str, octets: str) -> None:
    assert encode.address(sender).hex().upper() == octets


def test_a_sender_of_twelve_letters_cannot_be_said() -> None:
    with pytest.raises(ValueError, match="alphanumeric"):
        encode.address("TwelveLetter")


@pytest.mark.parametrize(
    ("hours", "octets"), [(0, "72105180000000"), (3, "72105180000021"), (-5, "7210518000000A")]
)
def test_time_stamps_carry_quarters_of_an_hour_and_a_sign(hours: int, octets: str) -> None:
    when = WHEN.replace(tzinfo=timezone(timedelta(hours=hours)))
    assert encode.time_stamp(when).hex().upper() == octets


def test_a_whole_deliver() -> None:
    tpdu = encode.deliver("+491710760000", "hellohello", WHEN)
    fields = ("04", "0C91947101670000", "00", "00", "72105180000000", "0A", "E8329BFD4697D9EC37")
    assert tpdu.hex().upper() == "".join(fields)


def test_text_behind_a_header_begins_on_a_septet() -> None:
    header = encode.Concat(0xAB, 2, 1).header()
    length, data = encode.user_data("A", "gsm7", header)
    assert header.hex().upper() == "050003AB0201"
    assert (length, data.hex().upper()) == (8, "050003AB020182")  # 41h after one fill bit


def test_a_wide_reference() -> None:
    assert encode.Concat(0xABCD, 3, 2, wide=True).header().hex().upper() == "060804ABCD0302"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ж" * 70, 1),
        ("ж" * 71, 2),
        ("ж" * 134, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_long_texts_take_as_many_parts_as_the_specification_says(text: str, parts: int) -> None:
    found = encode.message("Bank", text, WHEN, reference=7)
    assert len(found) == parts
    assert "".join(part.text for part in found) == text


@settings(max_examples=100)
@given(st.text(encode.GSM7.replace("\x1b", "") + "€{}ж😀", max_size=400), st.booleans())
def test_every_tpdu_ends_where_its_own_fields_say(text: str, wide: bool) -> None:
    for part in encode.message("+4917", text, WHEN, reference=1, wide=wide):
        assert len(part.tpdu) <= 163
        assert encode.stated_length(part.tpdu + b"\xff" * 9) == len(part.tpdu)


def test_a_submit_becomes_the_deliver_that_arrives() -> None:
    submit = bytes.fromhex("1100" + "0B919780000010F2" + "0000AA" + "0AE8329BFD4697D9EC37")
    to, deliver = encode.forward(submit, "+79080000001", WHEN)
    assert to == "79080000012"
    assert deliver == encode.deliver("+79080000001", "hellohello", WHEN)
