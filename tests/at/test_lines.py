from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsmbridge.at.lines import MAX_LINE, PROMPT, LineBuffer


@pytest.mark.parametrize("end", [b"\r\n", b"\r\r\n", b"\n", b"\r", b"\r\n\r\n", b"\n\r"])
def test_lines_end_at_cr_and_lf_in_every_mix(end):
    assert LineBuffer().feed(end + b"+CSQ: 9,0" + end + b"OK" + end) == [b"+CSQ: 9,0", b"OK"]


def test_nul_form_feed_and_blanks_vanish_at_the_edges_only():
    assert LineBuffer().feed(b"\0\0\fRDY \0\r\na\0b\r\n") == [b"RDY", b"a\0b"]


def test_a_line_waits_for_its_end():
    lines = LineBuffer()
    assert lines.feed(b"+CMTI: ") == []
    assert lines.rest == b"+CMTI: "
    assert lines.feed(b'"SM",1\r') == [b'+CMTI: "SM",1']
    assert lines.rest == b""


@pytest.mark.parametrize("shown", [[b"\r\n> "], [b"\r\n>", b" "], [b">"], [b"> \r\n"]])
def test_the_prompt_needs_no_line_end(shown):
    lines = LineBuffer()
    assert [line for data in shown for line in lines.feed(data)] == [PROMPT]
    assert lines.feed(b"\r\nOK\r\n") == [b"OK"]


def test_a_prompt_in_front_of_a_line_is_told_apart():
    assert LineBuffer().feed(b"> +CMGS: 7\r\n") == [PROMPT, b"+CMGS: 7"]


def test_an_endless_line_is_cut_and_counted_and_the_next_one_comes_through():
    lines = LineBuffer()
    for _ in range(20):
        assert lines.feed(b"x" * 1000) == []
        assert len(lines.rest) <= MAX_LINE
    assert lines.feed(b"y\r\nOK\r\n") == [b"OK"]
    assert lines.feed(b"z" * (MAX_LINE + 1) + b"\r\nOK\r\n") == [b"OK"]
    assert lines.cut >= 2


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=20))
def test_where_the_bytes_are_cut_makes_no_difference(data, cuts):
    data = data.replace(b">", b"")  # a prompt is one when it is the last byte so far
    whole, cut = LineBuffer(), LineBuffer()
    borders = [0, *sorted(min(at, len(data)) for at in cuts), len(data)]
    pieces = [data[a:b] for a, b in pairwise(borders)]
    assert [line for piece in pieces for line in cut.feed(piece)] == whole.feed(data)
    assert cut.rest == whole.rest
