import itertools
import traceback

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsmbridge.errors import PartnerError
from gsmbridge.onlinesim.answer import MAX_BODY
from gsmbridge.onlinesim.reply import MAX_EVENTS, Reply


def fresh_reply() -> Reply:
    http = h11.Connection(h11.CLIENT)
    http.send(
        h11.Request(method="POST", target="/", headers=[("Host", "p"), ("Content-Length", "0")])
    )
    http.send(h11.EndOfMessage())
    return Reply(http)


def feed(*pieces: bytes) -> Reply:
    reply = fresh_reply()
    for piece in pieces:
        if not reply.ended:
            reply.feed(piece)
    return reply


def test_the_status_is_known_with_its_line() -> None:
    reply = feed(b"HTTP/1.1 20", b"0 OK\r")
    assert reply.status is None
    reply.feed(b"\n")
    assert reply.status == 200
    assert not reply.ended


def test_interim_responses_are_passed_over() -> None:
    reply = feed(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n")
    assert reply.status is None
    reply.feed(b"HTTP/1.1 400 No\r\n")
    assert reply.status == 400


def test_an_interim_response_is_no_status_while_its_head_goes_on() -> None:
    assert feed(b"HTTP/1.1 100 Continue\r\nHTTP/1.1: 200 OK\r\n").status is None


def test_a_status_stands_whatever_follows_its_line() -> None:
    assert feed(b"HTTP/1.1 200 OK\r\n\x00\x01 no header\r\n\r\n").status == 200
    assert feed(b"HTTP/1.1 200 OK\r\n", b"").status == 200
    assert feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: nonsense\r\n\r\n").status == 200


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 2000 OK\r\n",
        b"HTTP/1.1 20 OK\r\n",
        b"HTTP/1.1  200 OK\r\n",
        b"HTTP/2.0 200 OK\r\n",
        b"http/1.1 200 OK\r\n",
        b"ICY 200 OK\r\n",
        b" HTTP/1.1 200 OK\r\n",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200" + b"x" * 10_000,
        b"HTTP/1.1 101 Switching\r\n\r\n",
        b"HTTP/1.1 099 Odd\r\n\r\n",
    ],
)
def test_what_is_no_status_line_ends_the_attempt(data: bytes) -> None:
    with pytest.raises(PartnerError) as caught:
        feed(data, b"\r\n")
    assert caught.value.kind == "malformed"


@pytest.mark.parametrize("data", [b"", b"HTTP/1.1 200", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_an_end_before_the_status_is_no_answer(data: bytes) -> None:
    with pytest.raises(PartnerError) as caught:
        feed(*filter(None, [data]), b"")
    assert caught.value.kind == "closed"


def test_a_body_counts_when_it_came_to_its_end() -> None:
    head = b"HTTP/1.1 400 No\r\nContent-Length: 12\r\n\r\n"
    assert feed(head + b"NO_OPERATION").body == b"NO_OPERATION"
    assert feed(head + b"NO_OP").body is None
    assert feed(head + b"NO_OP", b"").body is None
    chunked = b"HTTP/1.1 400 No\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nNO_OP\r\n"
    assert feed(chunked, b"").body is None
    assert feed(chunked + b"0\r\n\r\n").body == b"NO_OP"
    assert feed(b"HTTP/1.1 400 No\r\n\r\nNO_OP", b"").body == b"NO_OP"


def test_a_body_of_64_kib_is_read_and_a_longer_one_is_not() -> None:
    head = b"HTTP/1.1 400 No\r\nContent-Length: %d\r\n\r\n"
    assert feed(head % MAX_BODY + b"x" * MAX_BODY).body == b"x" * MAX_BODY
    longer = feed(head % (MAX_BODY + 1) + b"x" * (MAX_BODY + 1))
    assert longer.ended
    assert longer.body is None
    assert not longer.reusable


def test_interim_responses_without_end_are_no_answer() -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\n"
    with pytest.raises(PartnerError) as caught:
        feed(interim * (MAX_EVENTS + 1))
    assert caught.value.kind == "malformed"
    assert feed(interim * (MAX_EVENTS - 1) + b"HTTP/1.1 200 OK\r\n\r\n").status == 200


def test_a_body_in_crumbs_is_one_too_long() -> None:
    head = b"HTTP/1.1 400 No\r\nTransfer-Encoding: chunked\r\n\r\n"
    crumbs = feed(head + b"1\r\nx\r\n" * MAX_EVENTS + b"0\r\n\r\n")
    assert (crumbs.status, crumbs.ended, crumbs.body) == (400, True, None)


@pytest.mark.parametrize(
    "endless", [b"A: b\r\n", b"A: " + b"b" * 1000, b"\r\n1;" + b"x" * 1000, b"\r\n0\r\nA: b\r\n"]
)
def test_a_head_or_a_chunks_head_without_end_ends_the_reply_within_64_kib(endless: bytes) -> None:
    reply = feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n")
    taken = 0
    while not reply.ended:
        reply.feed(endless)
        taken += len(endless)
        endless = endless.removeprefix(b"\r\n").removeprefix(b"0\r\n")
        assert taken <= 64 * 1024
    assert (reply.status, reply.body) == (200, None)


def test_a_connection_is_reusable_when_both_sides_are_done() -> None:
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"
    assert feed(whole).reusable
    assert not feed(whole + b"more").reusable
    assert not feed(whole[:-1]).reusable
    assert not feed(whole.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n")).reusable
    assert not feed(whole.replace(b"1.1", b"1.0")).reusable
    assert not feed(b"HTTP/1.1 200 OK\r\n\r\nOK", b"").reusable


@pytest.mark.parametrize(
    "data", [b"your code 800142\r\n\r\n", b"HTTP/1.1 101 Odd\r\nX: 800142\r\n 800142\r\n\r\n"]
)
def test_an_error_never_quotes_what_came(data: bytes) -> None:
    with pytest.raises(PartnerError) as caught:
        feed(data)
    assert "800142" not in "".join(traceback.format_exception(caught.value, limit=0))


WIRES = [
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nNO_\r\n2\r\nOP\r\n0\r\n\r\n",
    b"HTTP/1.0 503\r\nRetry-After: 5\r\n\r\nbusy",
    b"HTTP/1.1 200 OK\r\nContent-Length: nonsense\r\n\r\n",
    b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(WIRES), st.lists(st.integers(0, 120), max_size=12))
def test_how_the_bytes_are_cut_changes_nothing(wire: bytes, cuts: list[int]) -> None:
    bounds = sorted({0, len(wire), *(cut for cut in cuts if cut < len(wire))})
    pieces = [wire[start:end] for start, end in itertools.pairwise(bounds)]
    in_pieces, at_once = feed(*pieces, b""), feed(wire, b"")
    assert (in_pieces.status, in_pieces.headers) == (at_once.status, at_once.headers)
    assert (in_pieces.body, in_pieces.reusable) == (at_once.body, at_once.reusable)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_noise_gives_a_status_or_an_error(noise: bytes) -> None:
    try:
        reply = feed(b"HTTP/1.1 " + noise, b"")
    except PartnerError as error:
        assert error.kind in ("closed", "malformed")
    else:
        assert reply.status is not None
