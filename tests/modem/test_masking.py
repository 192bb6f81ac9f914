"""What a report hides, and what it keeps."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsmbridge.modem.masking import Masks

ICCID = "8970101234567894321"
SWAPPED = "980701214365874923F1"


@pytest.mark.parametrize(
    "line",
    [
        "351234567890123",
        '+CGSN: "351234567890123"',
        "35-123456-789012-3",
        "250011234567890",
        f"+CCID: {ICCID}F",
        "+QCCID: 898604B2012290748345",
        f"^ICCID: {SWAPPED}",
        '+CRSM: 144,0,"98942000008036496082"',
        '+CNUM: "Own Name","+79088081050",145',
        'ERROR+CNUM: "","+39088081050",145',
        "+CME ERROR: 25+CNUM: Mobile,79088081050,129",
        '+CUSD: 0,"Your number is 79088081050",15',
        '+CUSD: 0,"00560061007300680020006E006F006D00650072",72',
        '+CMT: "+79088081050",,"26/11/24,13:00:00+12"',
        '+CMGL: 1,"REC READ","Telegram",,"26/11/24,13:00:00+12"',
        '+CLIP: "12345",129',
        "0791448720003023240DD0E474D81C0EBB010000111011315214000BE474D81C0EBB5DE3771B",
    ],
)
def test_nothing_that_names_somebody_is_left(line: str) -> None:
    masked = Masks().line(line)
    for secret in (
        *(
            "234567890123",
            "123456-789012",
            "11234567890",
            "1012345678",
            "0121436587",
            "4B2012290748",
        ),
        *("9420000080", "Own Name", "Mobile", "79088081050", "39088081050", "Your number"),
        *("0056006100", "Telegram", "12345", "E474D81C"),
    ):
        if secret in line:
            assert secret not in masked


@pytest.mark.parametrize(
    "line",
    [
        "AT+CMGR=3",
        "EC25EFAR06A01M4G",
        "Revision:1418B05SIM800L24",
        "641b09gg.Q2403A 1320676 061804 14:38",
        '+CPMS: "SM",3,20,"SM",3,20,"SM",3,20',
        '+COPS: 0,0,"Beeline",2',
        "^BOOT:20952548,0,0,0,72",
        "+CNMI: (0,1,2),(0-3),(0,2,3),(0-2),(0,1)",
        "+CMS ERROR: 321",
        "+CREG: 0,1",
    ],
)
def test_what_shows_how_a_modem_speaks_stays(line: str) -> None:
    assert Masks().line(line) == line


def test_one_value_has_one_mask_and_another_value_another() -> None:
    masks = Masks()
    one, again, other = map(masks.line, ("351234567890123", "351234567890123", "351234567890124"))
    assert one == again != other


def test_an_iccid_keeps_its_form_and_is_the_same_in_every_spelling() -> None:
    masks = Masks()
    plain = masks.line(f"+CCID: {ICCID}").removeprefix("+CCID: ")
    padded = masks.line(f"+CCID: {ICCID}F").removeprefix("+CCID: ")
    swapped = masks.line(f"^ICCID: {SWAPPED}").removeprefix("^ICCID: ")
    assert plain.startswith("89") and len(plain) == len(ICCID)
    assert padded == plain + "F"
    assert swapped.startswith("98") and swapped[-2] == "F"
    again = "".join(swapped[at : at + 2][::-1] for at in range(0, 20, 2))
    assert again[:18] == plain[:18]


def test_the_text_of_a_message_in_text_mode_is_hidden() -> None:
    masks = Masks()
    masks.line('+CMT: "+79088081050",,"26/11/24,13:00:00+12"')
    assert "secret" not in masks.line("the secret code is 4711")
    assert masks.line("OK") == "OK"


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_masking_never_fails_and_keeps_no_long_number(line: str) -> None:
    masks = Masks()
    masks.line(line)
    number = "7908" + "8081050"
    assert number not in masks.line(f"{line} {number}")
