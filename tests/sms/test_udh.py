import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sms.encode import concat, concat16, element

from gsmbridge.sms.udh import Concat, Header, parse


def test_an_8_bit_reference():
    assert parse(bytes.fromhex("0003C00302")) == Header(Concat(0xC0, 8, 3, 2))


def test_a_16_bit_reference():
    assert parse(bytes.fromhex("0804C0DE0302")) == Header(Concat(0xC0DE, 16, 3, 2))


def test_the_last_valid_concatenation_counts():
    assert parse(concat(2, 1, 7) + concat16(3, 2, 9)).concat == Concat(9, 16, 3, 2)
    assert parse(concat16(3, 2, 9) + concat(2, 1, 7)).concat == Concat(7, 8, 2, 1)
    assert parse(concat(2, 1, 7) + concat16(3, 4, 9)).concat == Concat(7, 8, 2, 1)


@pytest.mark.parametrize(("total", "number"), [(0, 0), (0, 1), (2, 0), (2, 3), (255, 0)])
def test_concatenations_that_contradict_themselves_are_ignored(total, number):
    assert parse(concat(total, number)) == Header()
    assert parse(concat16(total, number)) == Header()


@pytest.mark.parametrize("data", [(), (1,), (1, 2), (1, 2, 1, 1), (1, 2, 1, 1, 0)])
def test_concatenations_of_the_wrong_length_are_ignored(data):
    assert parse(element(0x00, *data)).concat is None


@pytest.mark.parametrize("data", [(1, 2, 1), (0, 1, 2, 1, 1)])
def test_16_bit_concatenations_of_the_wrong_length_are_ignored(data):
    assert parse(element(0x08, *data)).concat is None


def test_a_total_of_one_and_of_255_are_valid():
    assert parse(concat(1, 1)).concat == Concat(0x5A, 8, 1, 1)
    assert parse(concat(255, 255)).concat == Concat(0x5A, 8, 255, 255)


def test_ports_of_both_widths():
    assert parse(element(0x04, 0xF0, 0xF1)).destination_port == 0xF0
    assert parse(element(0x05, 0x0B, 0x84, 0x23, 0xF0)).destination_port == 2948
    assert parse(element(0x05, 0x0B, 0x84)).destination_port is None


def test_national_languages():
    assert parse(element(0x24, 13) + element(0x25, 1)) == Header(locking=1, single=13)


@pytest.mark.parametrize("language", [0, 14, 255])
def test_reserved_languages_are_ignored(language):
    assert parse(element(0x24, language) + element(0x25, language)) == Header()


def test_spanish_has_no_locking_table():
    assert parse(element(0x25, 2) + element(0x24, 2)) == Header(single=2)


@pytest.mark.parametrize("identifier", [0x01, 0x06, 0x0A, 0x20, 0x22, 0x70, 0x80, 0xFF])
def test_other_elements_are_stepped_over(identifier):
    assert parse(element(identifier, 0, 3, 1) + concat(2, 2)).concat == Concat(0x5A, 8, 2, 2)


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_header_whose_last_element_is_cut_off_says_nothing(cut):
    assert parse((concat(2, 1) + element(0x01, 1, 2))[:-cut]) == Header()


def test_an_octet_too_many_is_an_element_cut_off():
    assert parse(concat(2, 1) + b"\x00") == Header()


@given(st.binary(max_size=140))
def test_any_octets_make_a_header(octets):
    header = parse(octets)
    assert header.concat is None or 1 <= header.concat.number <= header.concat.total
