import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sms import encode

from gsmbridge.sms.pdu import decode
from gsmbridge.sms.text import clean, render


def gsm7(*codes, locking=0, single=0, dcs=0):
    header = encode.element(0x25, locking) + encode.element(0x24, single)
    return decode(encode.deliver(list(codes), header=header, dcs=dcs))


def ucs2(data):
    return decode(encode.deliver(data, dcs=8))


def octets(data):
    return decode(encode.deliver(data, dcs=4))


def written(text):
    return decode(encode.gsm7(text))


# Cleaning


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("", ""),
        ("plain", "plain"),
        ("  not trimmed \n\n", "  not trimmed \n\n"),
        ("tab\tlf\ncr\rcrlf\r\n", "tab\tlf\ncr\rcrlf\r\n"),
        ("a\0b\0", "ab"),
        ("\0", ""),
        ("a\x01\x08\x0b\x0c\x0e\x1b\x1fz", "a       z"),
        ("a\x7f\x80\x85\x9fz", "a    z"),
        ("a\u2028\u200b\u00a0z", "a\u2028\u200b\u00a0z"),
        ("\ufeffBOM", "\ufeffBOM"),
        ("e\u0301 \u00e9", "e\u0301 \u00e9"),
        ("😀", "😀"),
        ("\ud83d", "\ufffd"),
        ("\ud83d\ude00", "\ufffd\ufffd"),
        ("\udc00a\ud800", "\ufffda\ufffd"),
        ("\uffff\ufffe", "\uffff\ufffe"),
    ],
)
def test_only_what_cannot_travel_is_changed(text, cleaned):
    assert clean(text) == cleaned


@given(st.text())
def test_cleaned_text_travels_and_stays(text):
    assert clean(clean(text)) == clean(text)
    clean(text).encode("utf-8")


# One part


def test_nothing_left_is_said():
    assert render([written("")]) == "(empty)"
    assert render([ucs2(b"\0\0\0\0")]) == "(empty)"
    assert render([octets(b"")]) == "(empty)"


def test_white_space_is_not_nothing():
    assert render([written(" ")]) == " "
    assert render([written("\r\n")]) == "\r\n"


def test_a_form_feed_becomes_a_space():
    assert render([gsm7(0x61, 0x1B, 0x0A, 0x62)]) == "a b"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"plain text 123 ~", "plain text 123 ~"),
        (b"tab\tcr\rlf\n", "tab\tcr\rlf\n"),
        (b"\x00", "hex:00"),
        (b"\x0bab", "hex:0B6162"),
        (b"del\x7f", "hex:64656C7F"),
        (b"caf\xe9", "hex:636166E9"),
        (b"\x1b", "hex:1B"),
        (bytes(range(256))[:140], "hex:" + bytes(range(140)).hex().upper()),
    ],
)
def test_binary_is_text_or_hex(data, text):
    assert render([octets(data)]) == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("d83dde00", "😀"),
        ("d83d", "\ufffd"),
        ("de00", "\ufffd"),
        ("de00d83d", "\ufffd\ufffd"),
        ("d83dd83dde00", "\ufffd😀"),
        ("d83d0041", "\ufffdA"),
        ("feff0041", "\ufeffA"),
        ("fffe", "\ufffe"),
        ("004100", "A\ufffd"),
        ("00", "\ufffd"),
    ],
)
def test_utf_16_as_it_comes(data, text):
    assert render([ucs2(bytes.fromhex(data))]) == text


# Joining


def test_parts_are_joined_without_anything_between():
    assert render([written("one "), written("two"), written("three")]) == "one twothree"


def test_a_pair_of_surrogates_may_lie_in_two_parts():
    assert render([ucs2(b"\x00A\xd8\x3d"), ucs2(b"\xde\x00\x00B")]) == "A😀B"


def test_languages_do_not_matter_to_utf_16():
    header = encode.element(0x25, 1)
    first = decode(encode.deliver(b"\xd8\x3d", header=header, dcs=8))
    assert render([first, ucs2(b"\xde\x00")]) == "😀"


def test_a_character_may_be_cut_between_its_octets():
    data = "Привет 😀".encode("utf-16-be")
    for at in range(len(data) + 1):
        assert render([ucs2(data[:at]), ucs2(data[at:])]) == "Привет 😀"


def test_an_escape_and_its_character_may_lie_in_two_parts():
    assert render([gsm7(0x61, 0x1B), gsm7(0x65, 0x62)]) == "a€b"


def test_an_escape_is_not_carried_into_another_table():
    assert render([gsm7(0x61, 0x1B), gsm7(0x65, single=1)]) == "a e"
    assert render([gsm7(0x61, 0x1B), ucs2(b"\x00e")]) == "a e"


def test_tables_count_for_their_own_part():
    assert render([gsm7(0x07, locking=1), gsm7(0x07)]) == "ıì"


def test_alphabets_may_differ_between_parts():
    assert render([written("a"), ucs2("б".encode("utf-16-be")), octets(b"c")]) == "aбc"
    assert render([written("a"), octets(b"\x00"), written("b")]) == "ahex:00b"


def test_binary_is_judged_as_a_whole():
    assert render([octets(b"ab"), octets(b"cd")]) == "abcd"
    assert render([octets(b"ab"), octets(b"\x00d")]) == "hex:61620064"


# Gaps


@pytest.mark.parametrize(
    ("present", "text"),
    [
        ("1.3", "one[…]three"),
        (".23", "[…]twothree"),
        ("12.", "onetwo[…]"),
        ("1..", "one[…]"),
        ("..3", "[…]three"),
        (".2.", "[…]two[…]"),
        ("...", "[…]"),
    ],
)
def test_a_run_of_missing_parts_is_one_gap(present, text):
    parts = [written("one"), written("two"), written("three")]
    shown = [part if str(i) in present else None for i, part in enumerate(parts, start=1)]
    assert render(shown) == text


def test_nothing_is_joined_across_a_gap():
    assert render([ucs2(b"\x00A\xd8\x3d"), None, ucs2(b"\xde\x00\x00B")]) == "A\ufffd[…]\ufffdB"
    assert render([gsm7(0x1B), None, gsm7(0x65)]) == " […]e"
    assert render([ucs2(b"\x00"), None, ucs2(b"\x00B")]) == "\ufffd[…]B"


def test_binary_with_a_gap_is_marked_once():
    assert render([octets(b"\x01"), None, octets(b"a")]) == "hex:01[…]61"
    assert render([None, octets(b"\x01")]) == "[…]hex:01"
    assert render([octets(b"a"), None, octets(b"b")]) == "a[…]b"


def test_an_empty_part_beside_a_gap_is_no_empty_text():
    assert render([written(""), None]) == "[…]"


@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=200),
    st.lists(st.integers(1, 70), min_size=1, max_size=30),
)
def test_utf_16_cut_anywhere_comes_back(text, cuts):
    data = text.encode("utf-16-be")
    parts = []
    for length in cuts:
        parts.append(ucs2(data[:length]))
        data = data[length:]
    parts += [ucs2(data[at : at + 134]) for at in range(0, len(data), 134)]
    assert render(parts) == text


@given(st.text(st.sampled_from(encode.characters(1, 2).replace("\f", "")), min_size=1), st.data())
def test_septets_cut_anywhere_come_back(text, data):
    codes = encode.septets(text, 1, 2)
    cut = data.draw(st.integers(0, len(codes)))
    parts = [gsm7(*codes[:cut], locking=1, single=2), gsm7(*codes[cut:], locking=1, single=2)]
    assert render(parts) == text
