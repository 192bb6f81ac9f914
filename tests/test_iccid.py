"""ICCIDs as modems print them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsmbridge import iccid


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("98680036904030021872", "89860063090403208127"),  # Huawei, nibble-swapped
        ("89860063090403208127", "89860063090403208127"),
        ("898604B2012290748345", "898604B2012290748345"),  # Quectel, a hex letter inside
        ("8986011234567890123F", "8986011234567890123"),
        ("986810103254769810F3", "8986010123456789013"),
        ('"89490200001234567890"', "89490200001234567890"),
        ('"8914800000123456260",""', "8914800000123456260"),
        (" 8970101234567890123 ", "8970101234567890123"),
        ("897010123456789012", "897010123456789012"),
        ("89701O1234567890123", None),
        ("8970101", None),
        ("ERROR", None),
        ("", None),
        ("897010123456789012345", None),
    ],
)
def test_every_form_a_modem_prints_becomes_one(raw: str, expected: str | None) -> None:
    assert iccid.canonical(raw) == expected


def test_ef_iccid_is_always_swapped() -> None:
    assert iccid.from_ef_iccid("98942000008036496082") == "89490200000863940628"
    assert iccid.from_ef_iccid("89000000000000000000") == "98000000000000000000"
    assert iccid.from_ef_iccid("98FF") is None
    assert iccid.from_ef_iccid("zz942000008036496082") is None


def test_check_digit_is_told_right_from_wrong() -> None:
    right = [digit for digit in "0123456789" if iccid.luhn_ok("8949020000123456789" + digit)]
    assert len(right) == 1
    assert iccid.luhn_ok("79927398713")
    assert not iccid.luhn_ok("79927398714")
    assert not iccid.luhn_ok("898604B2012290748345")


def test_a_shorter_one_matches_only_where_it_is_the_beginning_of_exactly_one() -> None:
    short, one, two = "897010123456789012", "8970101234567890123", "8970101234567890124"
    assert iccid.match(short, [one]) == one
    assert iccid.match(one, [short]) == short
    assert iccid.match(short, [one, two]) is None
    assert iccid.match(one, [two, one]) == one
    assert iccid.match(one, [two]) is None
    assert iccid.match(one, []) is None


@settings(max_examples=100)
@given(st.text(max_size=30))
def test_any_text_gives_a_canonical_form_or_none(raw: str) -> None:
    found = iccid.canonical(raw)
    assert found is None or (18 <= len(found) <= 20 and iccid.canonical(found) == found)
    iccid.from_ef_iccid(raw)
    iccid.luhn_ok(raw)


@settings(max_examples=100)
@given(st.from_regex(r"89[0-9]{16,18}", fullmatch=True))
def test_straight_and_swapped_agree(number: str) -> None:
    padded = number.ljust(20, "F")
    swapped = "".join(padded[at + 1] + padded[at] for at in range(0, 20, 2))
    assert iccid.canonical(swapped) == iccid.from_ef_iccid(swapped) == number
    assert iccid.canonical(number) == iccid.canonical(padded) == number
