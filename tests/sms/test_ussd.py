"""Answers to USSD requests as modems print them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsmbridge.sms.ussd import Answer, decode, packed, parse

LINES = [
    # Text as it is
    (b'+CUSD: 0,"Your number is 79081234567",15', 0, "Your number is 79081234567"),
    (b'+CUSD: 0,"USSD error",15', 0, "USSD error"),
    (b'+CUSD: 2,"Na Vashomu rahunku 8.05 grn.", 0', 2, "Na Vashomu rahunku 8.05 grn."),
    (b'+CUSD: 0,"Your account balance is 49.10 USD",64', 0, "Your account balance is 49.10 USD"),
    (b'+CUSD: 0,"Balance: OK"', 0, "Balance: OK"),
    (b'+CUSD: 0,"a "b" c",-12', 0, 'a "b" c'),
    (b'+CUSD:0,"H', 0, "H"),
    (b"+CUSD: 2,Na rahunku 12 grn", 2, "Na rahunku 12 grn"),
    (b'+cusd: 1,"1. Number\n2. Balance",15', 1, "1. Number\n2. Balance"),
    (b'+CUSD: 0,"9031234567",15', 0, "9031234567"),
    ('+CUSD: 0,"Ваш номер 79031234567",15'.encode(), 0, "Ваш номер 79031234567"),
    (b'+CUSD: 0,"betr\xe4gt 5",15', 0, "beträgt 5"),
    # UCS2, also where the scheme says otherwise
    (
        b'+CUSD: 2,"041204300448002004310430043B0430043D0441003A00200032002E0032003200200'
        b'44004430431002E",72',
        2,
        "Ваш баланс: 2.22 руб.",
    ),
    (b'+CUSD: 2,"003600310031002e0032003000200440002e", 17', 2, "611.20 р."),
    (b'+CUSD: 2,"00480061007600690020006B0065007200650074",15', 2, "Havi keret"),
    (b'+CUSD: 0,"0412000A0031",15', 0, "В\n1"),
    (b'+CUSD: 0,"60A8768453F77801",72', 0, "您的号码"),
    # Packed septets, and octets
    (b'+CUSD: 0,"EBB79B1E0685E9ECF4BADE9E03", 0', 0, "konta atlikums"),
    (b'+CUSD: 0,"42616C616E63653A20352E3030",68', 0, "Balance: 5.00"),
    # Nothing to read
    (b"+CUSD: 4", 4, ""),
    (b'+CUSD: 2,"",15', 2, ""),
]


@pytest.mark.parametrize(("line", "status", "text"), LINES)
def test_an_answer_is_read_in_whatever_form(line: bytes, status: int, text: str) -> None:
    assert parse(line) == Answer(status, text)


@pytest.mark.parametrize("line", [b"+CMTI: 1", b"+CUSD: (0-2)", b"+CUSD:", b"OK", b""])
def test_another_line_is_no_answer(line: bytes) -> None:
    assert parse(line) is None


@pytest.mark.parametrize(
    ("code", "octets"),
    [("*100#", "AA180C3602"), ("*144#", "AA188D3602"), ("*205#", "2A19AC3602")],
)
def test_a_code_is_packed_as_modems_took_it(code: str, octets: str) -> None:
    assert packed(code) == octets


@settings(max_examples=100)
@given(st.from_regex(r"[*#][0-9*#]{4,20}#", fullmatch=True))
def test_a_packed_code_reads_as_itself(code: str) -> None:
    assert decode(packed(code), 15) in (code, packed(code))


@settings(max_examples=150)
@given(st.binary(max_size=60))
def test_no_line_is_too_odd(line: bytes) -> None:
    parse(b"+CUSD: 0," + line)
    parse(line)
