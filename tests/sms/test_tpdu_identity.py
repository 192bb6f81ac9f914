import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sms import encode

from gsmbridge.sms.identity import tpdu_identity

MESSAGES = {
    "gsm7": {"words": "Your code is 800142"},
    "other code": {"words": "Your code is 800143"},
    "other sender": {"words": "Your code is 800142", "sender": encode.number("900")},
    "other stamp": {"words": "Your code is 800142", "scts": bytes.fromhex("62113241000121")},
    "other class": {"words": "Your code is 800142", "dcs": 0x10},
    "other protocol": {"words": "Your code is 800142", "pid": 0x41},
    "part 1": {"words": "Your code is 800142", "header": encode.concat(2, 1)},
    "part 2": {"words": "Your code is 800142", "header": encode.concat(2, 2)},
    "empty": {"words": ""},
}


def pdu(words, **fields):
    return encode.gsm7(words, **fields)


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES)
@pytest.mark.parametrize(
    "copy",
    [
        str.lower,
        lambda pdu: pdu + "FF" * 100,
        lambda pdu: pdu + "ff,0",
        lambda pdu: pdu + "F",
        lambda pdu: pdu + "00" * 20,
        lambda pdu: "00" + pdu.removeprefix(encode.SMSC),
        lambda pdu: "0791198901000060" + pdu.removeprefix(encode.SMSC),
        lambda pdu: pdu.removeprefix(encode.SMSC),
        lambda pdu: pdu.removeprefix(encode.SMSC).lower() + "ff" * 140,
        lambda pdu: f"\t{pdu}\r",
    ],
)
def test_copies_of_one_message_read_anywhere_are_the_same(message, copy):
    assert tpdu_identity(copy(pdu(**message))) == tpdu_identity(pdu(**message))


@pytest.mark.parametrize("first", [0x00, 0x04, 0x08, 0x0C])
def test_more_messages_and_loop_prevention_do_not_count(first):
    assert tpdu_identity(encode.gsm7("x", first=first)) == tpdu_identity(encode.gsm7("x"))


@pytest.mark.parametrize("first", [0x24, 0x84])
def test_the_other_bits_of_the_first_octet_do(first):
    assert tpdu_identity(encode.gsm7("x", first=first)) != tpdu_identity(encode.gsm7("x"))


def test_different_messages_are_different():
    identities = {tpdu_identity(pdu(**message)) for message in MESSAGES.values()}
    assert len(identities) == len(MESSAGES)


def test_it_is_a_sha256_in_hex():
    assert len(tpdu_identity("")) == len(tpdu_identity("no hex")) == 64
    assert bytes.fromhex(tpdu_identity(encode.gsm7("x")))


@pytest.mark.parametrize("whole", [encode.gsm7("abcdef"), encode.ucs2("abc")])
def test_what_cannot_be_decoded_is_known_by_its_hex(whole):
    cut = whole[:-4]
    assert tpdu_identity(cut) == tpdu_identity(cut.lower())
    assert tpdu_identity(cut) != tpdu_identity(whole)
    assert tpdu_identity(cut) != tpdu_identity(cut[:-2])


def test_reports_differ_by_their_reference():
    report = "00062A0B919761214365F7621132410000216211324100002100"
    other = report.replace("062A", "062B")
    assert tpdu_identity(report) == tpdu_identity(report.lower() + "FF" * 30)
    assert tpdu_identity(report) != tpdu_identity(other)


def test_reports_are_not_cut_where_a_message_would_end():
    report = "0006000B919761214365F76211014100002162110141000021"
    assert tpdu_identity(report + "00") != tpdu_identity(report + "40")


@given(st.text(max_size=40))
def test_any_string_has_an_identity(string):
    assert tpdu_identity(string) == tpdu_identity(string)


def test_lone_surrogates_have_an_identity():
    assert tpdu_identity("\ud800") != tpdu_identity("\ud801")
