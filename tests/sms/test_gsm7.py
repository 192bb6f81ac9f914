import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sms import encode

from gsmbridge.sms import alphabets, gsm7


@pytest.mark.parametrize("language", encode.LOCKING_LANGUAGES)
def test_main_tables_are_those_of_annex_a(language):
    table = alphabets.LOCKING.get(language, alphabets.DEFAULT)
    printed = encode.TABLES["locking", language]
    assert [table[code] for code in range(128)] == [
        printed.get(code, alphabets.UNDEFINED) for code in range(128)
    ]


@pytest.mark.parametrize("language", encode.SINGLE_LANGUAGES)
def test_shift_tables_are_those_of_annex_a(language):
    table = alphabets.SINGLE.get(language, alphabets.EXTENSION)
    printed = encode.TABLES["single", language]
    assert [table[code] for code in range(128)] == [
        printed.get(code, alphabets.UNDEFINED) for code in range(128)
    ]


@pytest.mark.parametrize(
    ("kind", "language", "code", "char"),
    [
        ("locking", 0, 0x00, "@"),
        ("locking", 0, 0x02, "$"),
        ("locking", 0, 0x09, "Ç"),
        ("locking", 0, 0x24, "¤"),
        ("locking", 0, 0x5F, "§"),
        ("locking", 0, 0x60, "¿"),
        ("locking", 0, 0x7F, "à"),
        ("single", 0, 0x65, "€"),
        ("locking", 1, 0x07, "ı"),
        ("locking", 1, 0x40, "İ"),
        ("single", 1, 0x53, "Ş"),
        ("single", 2, 0x09, "ç"),
        ("single", 2, 0x4F, "Ó"),
        ("locking", 3, 0x15, "∞"),
        ("locking", 3, 0x7D, "`"),
        ("single", 3, 0x7F, "â"),
        ("single", 3, 0x15, "Ω"),
        ("locking", 4, 0x60, "\u09ce"),
        ("locking", 4, 0x28, ")"),
        ("single", 4, 0x19, "\u09e6"),
        ("locking", 5, 0x7F, "\u0af1"),
        ("locking", 6, 0x3C, "\u0929"),
        ("single", 6, 0x26, "\u0951"),
        ("locking", 7, 0x24, "\u0ca1"),
        ("locking", 8, 0x60, "\u0d57"),
        ("single", 8, 0x34, "\u0d7f"),
        ("locking", 9, 0x47, "\u0b33"),
        ("locking", 10, 0x7B, "\u0a70"),
        ("single", 10, 0x2D, "\u0a75"),
        ("single", 11, 0x24, "\u0bee"),
        ("locking", 12, 0x7B, "\u0c56"),
        ("single", 12, 0x65, "€"),
        ("locking", 13, 0x00, "\u0627"),
        ("locking", 13, 0x60, "\u0654"),
        ("single", 13, 0x3F, "\u06d4"),
    ],
)
def test_literal_values_of_the_specification(kind, language, code, char):
    if kind == "locking":
        assert gsm7.decode(bytes([code]), locking=language) == char
    else:
        assert gsm7.decode(bytes([gsm7.ESCAPE, code]), single=language) == char


@pytest.mark.parametrize(
    ("language", "block"),
    [
        (4, 0x980),
        (5, 0xA80),
        (7, 0xC80),
        (8, 0xD00),
        (9, 0xB00),
        (10, 0xA00),
        (11, 0xB80),
        (12, 0xC00),
    ],
)
def test_indic_tables_run_parallel_to_the_one_for_hindi(language, block):
    hindi, table = alphabets.LOCKING[6], alphabets.LOCKING[language]
    for code in range(0x60):
        if ord(table[code]) >= 0x900 and table[code] != alphabets.UNDEFINED:
            assert ord(table[code]) - block == ord(hindi[code]) - 0x900, hex(code)


@pytest.mark.parametrize("language", range(4, 14))
def test_shift_tables_of_scripts_count_from_nought_to_nine(language):
    table = alphabets.SINGLE[language]
    codes = [0x19, 0x1A, *range(0x1C, 0x24)] if language == 4 else range(0x1C, 0x26)
    assert [int(table[code]) for code in codes] == list(range(10))


@pytest.mark.parametrize("table", [*alphabets.LOCKING.values(), *alphabets.SINGLE.values()])
def test_tables_have_128_cells_and_no_leftover_of_the_frame(table):
    assert len(table) == 128
    assert "□" not in table
    assert table[gsm7.ESCAPE] == alphabets.UNDEFINED


@given(st.lists(st.integers(0, 127), max_size=160), st.integers(0, 6))
def test_septets_unpack_as_they_were_packed(codes, fill):
    octets = encode.packed(codes, fill)
    assert len(octets) == gsm7.octets_for(len(codes), fill)
    assert list(gsm7.unpack(octets + b"\xff\xff", len(codes), fill)) == codes


def test_an_undefined_extension_shows_the_main_table():
    assert gsm7.decode(b"\x1ba\x1b\x00") == "a@"
    assert gsm7.decode(b"\x1b\x04", locking=1) == "€"


def test_escapes_that_lead_nowhere_show_as_spaces():
    assert gsm7.decode(b"a\x1b\x1bb") == "a b"
    assert gsm7.decode(b"a\x1b") == "a "
    assert gsm7.decode(b"a\x1b\x1b\x1b") == "a  "


def test_cells_without_a_character_show_as_spaces():
    assert gsm7.decode(b"\x0c\x1b\x70", locking=4) == " p"
    assert gsm7.decode(b"\x1b\x0c\x1b\x60", locking=13, single=12) == "+\u0654"


@pytest.mark.parametrize("language", [2, 14, 255])
def test_languages_without_a_table_use_the_default(language):
    assert gsm7.decode(b"\x00A", locking=language) == "@A"


def test_unknown_single_shift_languages_use_the_default_extension():
    assert gsm7.decode(b"\x1be", single=200) == "€"
