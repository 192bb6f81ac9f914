"""Replies as real modems print them, to the letter."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsmbridge.modem import replies
from gsmbridge.modem.replies import Usage

PDU = "0791448720003023240DD0E474D81C0EBB010000111011315214000BE474D81C0EBB5DE3771B"
TPDU_LENGTH = len(PDU) // 2 - 8


@pytest.mark.parametrize(
    "header",
    [
        b"+CMGL: 3,1,,%d",
        b"+CMGL:3,1,,%d",
        b'+CMGL: 3,1,"",%d',
        b'+CMGL: 3,1,"+79088081050",%d',
        b"+CMGL: 3, 1,%d",
        b"+CMGL: 3,1,%d",
        b"+cmgl : 3,1,,%d",
    ],
)
def test_listing_headers_of_every_shape(header: bytes) -> None:
    found = replies.listing((header % TPDU_LENGTH, PDU.lower().encode()))
    assert not found.damage
    (row,) = found.rows
    assert (row.slot, row.pdu, row.received, row.short) == (3, PDU, True, False)


def test_listing_header_without_a_length() -> None:
    (row,) = replies.listing((b"+CMGL: 1, 0,", PDU.encode())).rows
    assert (row.slot, row.pdu, row.short) == (1, PDU, False)


@pytest.mark.parametrize(
    "header", [b"0,,25", b"0,25", b'0,"",25', b'0,"+79088081050",25', b",,25", b"25"]
)
def test_read_headers_of_every_shape(header: bytes) -> None:
    (row,) = replies.listing((b"+CMGR: " + header, PDU.encode()), slot=0).rows
    assert (row.slot, row.pdu, row.received) == (0, PDU, True)


@pytest.mark.parametrize("lines", [(), (b"+CMGR: 0,,0",), (b"+CMGR: 0,,0", b"00")])
def test_an_empty_slot_has_no_message(lines: tuple[bytes, ...]) -> None:
    assert not [row for row in replies.listing(lines, slot=4).rows if row.pdu]


def test_rows_that_were_not_received_are_told() -> None:
    lines = (b"+CMGL: 17,3,35", PDU.encode(), b"+CMGL: 18,2,,35", PDU.encode())
    assert [row.received for row in replies.listing(lines).rows] == [False, False]


@pytest.mark.parametrize("dummy", [b"00", b"00FFFFFFFFFF", b"00" + b"FF" * 175])
def test_a_dummy_is_a_used_slot_without_a_message(dummy: bytes) -> None:
    (row,) = replies.listing((b"+CMGL: 2,1,,30", dummy)).rows
    assert (row.slot, row.pdu) == (2, "")


def test_a_comma_behind_the_pdu_is_dropped() -> None:
    (row,) = replies.listing((b"+CMGL: 2,1,,30", PDU.encode() + b",0")).rows
    assert row.pdu == PDU


def test_a_pdu_shorter_than_its_header_says_is_marked() -> None:
    (row,) = replies.listing((b"+CMGL: 2,1,,160", PDU.encode())).rows
    assert row.short


@pytest.mark.parametrize(
    "lines",
    [
        (b"+CMGL: 1,1,,25", b"07914487z000"),
        (b"+CMGL: 1,1,,25", b"07914"),
        (b"+CMGL: 1,1,,25",),
        (PDU.encode(),),
        (b"+CMGL: 1,1,,25", PDU.encode(), PDU.encode()),
        (b"+CMGL: x,1,,25", PDU.encode()),
    ],
)
def test_damage_is_told(lines: tuple[bytes, ...]) -> None:
    assert replies.listing(lines).damage


def test_text_mode_is_told() -> None:
    lines = (b'+CMGL: 1,"REC READ","+79088081050",,"24/01/01,00:00:00+12"', b"Hello")
    assert replies.listing(lines).text_mode
    assert replies.listing((b'+CMGR: "REC READ","+79088081050"', b"Hello"), 1).text_mode


def test_a_name_in_the_phone_book_is_no_text_mode() -> None:
    assert not replies.listing((b'+CMGL: 1,1,"REC Bank",25', PDU.encode())).text_mode
    assert not replies.listing((b'+CMGR: 1,"REC Bank",25', PDU.encode()), 1).text_mode


@settings(max_examples=200)
@given(
    st.lists(st.binary(max_size=40) | st.just(b"+CMGL: 1,1,,25") | st.just(b"+CMGR: 0"), max_size=6)
)
def test_no_lines_make_a_parser_raise(lines: list[bytes]) -> None:
    replies.listing(lines)
    replies.listing(lines, slot=1)
    replies.own_numbers(lines, b"OK")
    for line in lines:
        replies.usage(line)
        replies.hinted_slot(line)
        replies.signal(line)
        replies.registration(line)
        replies.operator(line)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b'"SM",3,20,"SM",3,20,"SM",3,20', Usage("SM", 3, 20)),
        (b"3,20,3,20,3,20", Usage("", 3, 20)),
        (b"3,20", Usage("", 3, 20)),
        (b'"SM", 0,0', Usage("SM", 0, 0)),
        (b'"ME",12,255,"MT",12,275', Usage("ME", 12, 255)),
        (b"", None),
        (None, None),
        (b'"SM"', None),
    ],
)
def test_usage_in_every_shape(value: bytes | None, expected: Usage | None) -> None:
    assert replies.usage(value) == expected


@pytest.mark.parametrize(
    ("lines", "final", "expected"),
    [
        ((b'+CNUM: "n","+79088081050",145',), b"OK", ("79088081050",)),
        ((b'+CNUM: ,"79088081050",145',), b"OK", ("79088081050",)),
        ((b'+CNUM: "","89088081050",161',), b"OK", ()),
        ((b'+CNUM: "",,145', b'+CNUM: "","",145', b"+CNUM: ,,145"), b"OK", ()),
        ((b"+CNUM: Own,+79088081050,145",), b"OK", ("79088081050",)),
        ((b'+CNUM : "a","+79088081050",145',), b"OK", ("79088081050",)),
        ((b'ERROR+CNUM: "","+393331234567",145',), b"ERROR", ("393331234567",)),
        ((), b'+CME ERROR: 25+CNUM: "","+393331234567",145', ("393331234567",)),
        ((b'+CNUM: "\xe9t\xe9","+33612345678",145',), b"OK", ("33612345678",)),
        ((b'+CNUM: "1","+79088081050",145', b'+CNUM: "2","+79088081051",145'), b"OK",
         ("79088081050", "79088081051")),
        ((b'+CNUM: "","+1234567",145',), b"OK", ()),
        ((b'+CNUM: "","002B0037",145',), b"OK", ()),
    ],
)  # fmt: skip
def test_own_numbers(lines: tuple[bytes, ...], final: bytes, expected: tuple[str, ...]) -> None:
    assert replies.own_numbers(lines, final) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'+CMTI: "SM",1', ("SM", 1)),
        (b'+CMTI: "SM", 10', ("SM", 10)),
        (b'+CMTI:"MT",0', ("MT", 0)),
        (b'+CMTI: "SM",-1', ("SM", None)),
        (b"+CMTI: ,-1", ("", None)),
        (b"+CMTI:", ("", None)),
    ],
)
def test_announcements(line: bytes, expected: tuple[str, int | None]) -> None:
    assert replies.hinted_slot(line) == expected


def test_status_of_the_network() -> None:
    assert replies.registration(b"0,5") == "roaming"
    assert replies.registration(b'2,1,"00A1","C0DE"') == "home"
    assert replies.registration(None) == ""
    assert replies.signal(b"31,99") == -51
    assert replies.signal(b"99,99") is None
    assert replies.operator(b'0,0,"Farm, Inc.",7') == "Farm, Inc."
    assert replies.operator(b"0") == ""
