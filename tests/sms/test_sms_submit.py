from datetime import datetime, timedelta, timezone

import pytest
from gsmmodem.pdu import decodeSmsPdu
from hypothesis import given
from hypothesis import strategies as st
from tests.sms import encode

from gsmbridge.errors import GsmbridgeError
from gsmbridge.sms import submit
from gsmbridge.sms.pdu import Foreign, decode
from gsmbridge.sms.text import render

SENDABLE = "".join(char for char in encode.characters() if char not in "§\f")


def received(pdu):
    """The SMS-DELIVER that an SMS-SUBMIT without validity period leads to."""
    octets = bytes.fromhex(pdu)
    address = 2 + (octets[3] + 1) // 2
    first = 0x04 | octets[1] & 0x40
    front = bytes([0, first]) + octets[3 : 3 + address] + octets[3 + address : 5 + address]
    return (front + encode.STAMP + octets[5 + address :]).hex()


@pytest.mark.parametrize("number", ["+79088081050", "79088081050", "900", "1", "+122222222222222"])
@pytest.mark.parametrize("text", ["gsmbridge 4711", "Привет", "{€}", "x" * 160, "я" * 70, "@" * 8])
def test_what_is_sent_arrives(number, text):
    (pdu,) = submit.encode(number, text)
    assert isinstance(decode(pdu), Foreign)
    message = decode(received(pdu))
    assert message.sender == number
    assert render([message]) == text


@given(st.text(st.sampled_from(SENDABLE), min_size=1, max_size=400))
def test_long_text_arrives_in_parts(text):
    parts = [decode(received(pdu)) for pdu in submit.encode("+79088081050", text)]
    assert render(parts) == text
    if len(parts) > 1:
        assert [part.concat.number for part in parts] == list(range(1, len(parts) + 1))


def test_no_status_report_is_asked_for():
    assert not bytes.fromhex(submit.encode("900", "x")[0])[1] & 0x20


@pytest.mark.parametrize("number", ["", "+", "Bank", "12 34", "+7-908", "٣", "1" * 21, "1+"])
def test_what_is_no_number_is_refused(number):
    with pytest.raises(GsmbridgeError):
        submit.encode(number, "x")


@pytest.mark.parametrize("text", ["§", "`", "ÿ", "\x1b", "😀"])
def test_characters_that_would_be_sent_wrong_are_refused(text):
    with pytest.raises(GsmbridgeError):
        submit.encode("900", f"a{text}")


# The library's decoder as a second opinion, where it is known to be right

BMP = st.text(st.characters(max_codepoint=0xFFFD, exclude_categories=["Cc", "Cs"]), max_size=60)


@given(
    BMP,
    st.text("0123456789", min_size=1, max_size=15),
    st.booleans(),
    st.integers(-40, 48),
    st.integers(0, 255),
)
def test_the_library_reads_the_same(words, digits, international, quarters, reference):
    when = datetime(2026, 11, 23, 14, 15, 16, tzinfo=timezone(timedelta(minutes=15 * quarters)))
    pdu = encode.ucs2(
        words,
        sender=encode.number(digits, 0x91 if international else 0x81),
        scts=encode.stamp(when),
        header=encode.concat(3, 2, reference),
    )
    theirs, ours = decodeSmsPdu(pdu), decode(pdu)
    assert theirs["text"] == (render([ours]) if words else "")
    assert theirs["number"] == ours.sender
    assert theirs["time"] == ours.scts
    (header,) = theirs["udh"]
    assert (header.reference, header.parts, header.number) == (
        ours.concat.reference,
        ours.concat.total,
        ours.concat.number,
    )


def test_the_library_knows_a_status_report_too():
    report = "07919730071111F1062A0B919761214365F7621132410000216211324100002100"
    assert decodeSmsPdu(report)["type"] == "SMS-STATUS-REPORT"
    assert type(decode(report)).__name__ == "Skipped"
