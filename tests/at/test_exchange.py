import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsmbridge.at.command import Command, Reply, Urc
from gsmbridge.at.exchange import Exchange, Send

PDU_1 = b"07919730071111F1040B919780880150F0000011112131415100024F0A"
PDU_2 = b"07919730071111F1040B919780880150F0000011112131415100034FA7F1"


def octets(pdu: bytes) -> int:
    return len(pdu) // 2 - 1 - int(pdu[:2], 16)


HEAD_1 = b"+CMGL: 1,0,,%d" % octets(PDU_1)
HEAD_2 = b"+CMGL: 2,1,,%d" % octets(PDU_2)

LIST = Command("AT+CMGL=4", (b"+CMGL:",), pdu=True, total=60)
READ = Command("AT+CMGR=3", (b"+CMGR:",), pdu=True)
CNUM = Command("AT+CNUM", (b"+CNUM:",))
CCID = Command("AT+CCID", (b"+CCID:",), bare=True, required=True)
CPIN = Command("AT+CPIN?", (b"+CPIN:",), required=True)
DELETE = Command("AT+CMGD=3")


def exchanged(command, data, before=None):
    """The reply to *command*, and the URCs, when *data* comes."""
    exchange = before or Exchange()
    exchange.begin(command)
    events = exchange.receive(data)
    replies = [event for event in events if isinstance(event, Reply)]
    assert len(replies) <= 1
    return (replies[0] if replies else None), [event for event in events if isinstance(event, Urc)]


def test_a_listing_comes_with_its_headers_and_pdus():
    data = b"\r\n".join([b"", HEAD_1, PDU_1, HEAD_2, PDU_2, b"", b"OK", b""])
    reply, urcs = exchanged(LIST, data)
    assert reply == Reply(LIST, (HEAD_1, PDU_1, HEAD_2, PDU_2), b"OK", ok=True)
    assert urcs == []


def test_the_value_is_what_follows_the_prefix():
    assert exchanged(CPIN, b"\r\n+CPIN: READY\r\nOK\r\n")[0].value() == b"READY"
    assert exchanged(CPIN, b"\r\n+cpin :READY\r\nOK\r\n")[0].value() == b"READY"
    assert exchanged(CCID, b"8970101\r\nOK\r\n")[0].value() == b"8970101"
    assert exchanged(DELETE, b"OK\r\n")[0].value() is None


@pytest.mark.parametrize(
    "echo",
    [
        b"AT+CMGR=3\r",
        b"AT+CMGR=3\r\r\n",
        b"AT+CMGR=3\rAT+CMGR=3\r",
        b"AT+CMGR=3AT+CMGR=3\r",
        b"at+cmgr=3\r",
        b'+CMTI: "SM",1\r\nAT+CMGR=3\r',
        b'+CMTI: "SM",1AT+CMGR=3\r',
        b"T+CMGR=3\r",
    ],
)
def test_an_echo_is_no_reply(echo):
    reply, urcs = exchanged(READ, echo + b"\r\n+CMGR: 0,,5\r\n0011223344\r\n\r\nOK\r\n")
    assert reply.lines == (b"+CMGR: 0,,5", b"0011223344")
    assert urcs == ([Urc(b'+CMTI: "SM",1')] if b"CMTI" in echo else [])


def test_an_echo_without_line_end_leaves_the_value_whole():
    assert exchanged(CNUM, b'AT+CNUM+CNUM: "a"\r\nOK\r\n')[0].lines == (b'+CNUM: "a"',)


def test_an_error_that_marks_a_line_ends_no_reply():
    """Huawei: seen as `ERROR+CNUM:` and `+CME ERROR: 25+CNUM:`."""
    data = (
        b'\r\n+CNUM: "","+33606894175",145\r\n'
        b'+CME ERROR: 25+CNUM: "","+33671651906",145\r\n'
        b'ERROR+CNUM: "","+393701307294",145\r\n'
        b'+CNUM: "Donn\xe9es","",0\r\n\r\nOK\r\n'
    )
    reply, _ = exchanged(CNUM, data)
    assert reply.ok
    assert reply.lines == (
        b'+CNUM: "","+33606894175",145',
        b'+CNUM: "","+33671651906",145',
        b'+CNUM: "","+393701307294",145',
        b'+CNUM: "Donn\xe9es","",0',
    )


def test_an_error_that_marks_a_line_ends_the_reply_if_nothing_else_comes():
    exchange = Exchange()
    exchange.begin(CNUM)
    assert exchange.receive(b'\r\nERROR+CNUM: "","+393701307294",145\r\n\r\n') == []
    assert exchange.provisional
    reply = exchange.abandon()
    assert reply == Reply(CNUM, (b'+CNUM: "","+393701307294",145',), b"ERROR", ok=False)
    assert exchange.owed == 0


def test_a_final_result_without_line_end_in_front_is_seen():
    reply, _ = exchanged(CCID, b'"89148000002600000000,260"+CME ERROR: 515\r\n')
    assert reply.lines == (b'"89148000002600000000,260"',)
    assert (reply.final, reply.cme) == (b"+CME ERROR: 515", 515)


def test_a_urc_joined_to_a_reply_line_is_seen():
    reply, urcs = exchanged(READ, b'+CMGR: 0,,5+CMTI: "SM",9\r\n0011223344\r\nOK+CMTI: "SM",8\r\n')
    assert reply.lines == (b"+CMGR: 0,,5", b"0011223344")
    assert urcs == [Urc(b'+CMTI: "SM",9'), Urc(b'+CMTI: "SM",8')]


def test_a_name_that_looks_like_a_urc_is_left_in_its_quotes():
    assert exchanged(CNUM, b'+CNUM: "x+CMTI: y","1",129\r\nOK\r\n')[0].lines == (
        b'+CNUM: "x+CMTI: y","1",129',
    )


def test_twins_are_replies_only_to_the_command_that_asks_for_them():
    assert exchanged(DELETE, b"+CPIN: NOT READY\r\nOK\r\n")[1] == [Urc(b"+CPIN: NOT READY")]
    reply, urcs = exchanged(CPIN, b"+CPIN: READY\r\nOK\r\n")
    assert (reply.lines, urcs) == ((b"+CPIN: READY",), [])


def test_the_second_of_twins_counts_as_both():
    reply, urcs = exchanged(CPIN, b"+CPIN: READY\r\n+CPIN: NOT READY\r\nOK\r\n")
    assert reply.lines == (b"+CPIN: READY", b"+CPIN: NOT READY")
    assert urcs == [Urc(b"+CPIN: NOT READY")]


@pytest.mark.parametrize("line", [b"NO CARRIER", b"RING", b"BUSY", b"+SMS FULL", b"^RSSI: 20"])
def test_the_end_of_a_call_does_not_end_another_command(line):
    reply, urcs = exchanged(DELETE, line + b"\r\nOK\r\n")
    assert reply.final == b"OK"
    assert urcs == [Urc(line)]


def test_the_end_of_a_call_ends_a_dial_command():
    assert exchanged(Command("ATD+7;"), b"\r\nNO CARRIER\r\n")[0].final == b"NO CARRIER"


@pytest.mark.parametrize("line", [b"^RSSI: 20", b"RDY", b"+XYZ: 1"])
def test_a_bare_reply_takes_no_urc(line):
    reply, urcs = exchanged(CCID, line + b"\r\n89701012345678901234\r\n" + line + b"\r\nOK\r\n")
    assert reply.lines == (b"89701012345678901234",)
    assert urcs == [Urc(line)] * 2


def test_a_required_line_is_waited_for_beyond_an_ok():
    """The OK was a late one; or (gammu #91) the modem says OK first."""
    reply, _ = exchanged(CPIN, b"\r\nOK\r\n\r\n+CPIN: READY\r\n\r\nOK\r\n")
    assert reply.lines == (b"+CPIN: READY",)
    exchange = Exchange()
    assert exchanged(CPIN, b"OK\r\n+CPIN: READY\r\n", exchange) == (None, [])
    assert exchange.provisional
    assert exchange.abandon() == Reply(CPIN, (b"+CPIN: READY",), b"OK", ok=True)


def test_an_ok_without_its_required_line_is_no_reply():
    exchange = Exchange()
    assert exchanged(CPIN, b"OK\r\n", exchange) == (None, [])
    assert not exchange.provisional
    assert exchange.abandon() is None


def test_a_lenient_command_needs_no_final_result():
    exchange = Exchange()
    lenient = Command("AT+CPIN?", (b"+CPIN:",), lenient=True)
    assert exchanged(lenient, b"+CPIN: READY\r\n", exchange) == (None, [])
    assert exchange.abandon() == Reply(lenient, (b"+CPIN: READY",), b"", ok=True)


# PDU lines


def test_a_direct_delivery_brings_its_pdu_also_between_a_header_and_its_pdu():
    cmt = b"+CMT: ,%d" % octets(PDU_2)
    data = b"\r\n".join([HEAD_1, cmt, PDU_2, PDU_1, b"OK", b""])
    reply, urcs = exchanged(LIST, data)
    assert reply.lines == (HEAD_1, PDU_1)
    assert urcs == [Urc(cmt, PDU_2)]


def test_the_stated_length_tells_whose_pdu_it_is():
    cmt = b"+CMT: ,%d" % octets(PDU_2)
    data = b"\r\n".join([HEAD_1, cmt, PDU_1, PDU_2, b"OK", b""])
    reply, urcs = exchanged(LIST, data)
    assert (reply.lines, urcs) == ((HEAD_1, PDU_1), [Urc(cmt, PDU_2)])


def test_a_broken_pdu_is_joined_as_long_as_its_header_says():
    data = b"\r\n".join([HEAD_1, PDU_1[:20], PDU_1[20:41], PDU_1[41:], HEAD_2, PDU_2, b"OK", b""])
    assert exchanged(LIST, data)[0].lines == (HEAD_1, PDU_1, HEAD_2, PDU_2)


def test_a_broken_pdu_of_a_direct_delivery_is_joined():
    cmt = b"+CMT: ,%d" % octets(PDU_1)
    assert Exchange().receive(b"\r\n".join([cmt, PDU_1[:20], PDU_1[20:], b""])) == [Urc(cmt, PDU_1)]


def test_a_direct_delivery_that_stays_short_is_told_with_the_next_line():
    cmt = b"+CMT: ,%d" % octets(PDU_1)
    data = b"\r\n".join([cmt, PDU_1[:20], b"RING", b""])
    assert Exchange().receive(data) == [Urc(cmt, PDU_1[:20]), Urc(b"RING")]


def test_a_length_that_counts_the_service_centre_too_joins_nothing():
    head = b"+CMGL: 1,0,,%d" % (octets(PDU_1) + 8)
    data = b"\r\n".join([head, PDU_1, HEAD_2, PDU_2, b"OK", b""])
    assert exchanged(LIST, data)[0].lines == (head, PDU_1, HEAD_2, PDU_2)


def test_padding_and_lower_case_stay_as_they_came():
    pdu = PDU_1.lower() + b"ff" * 100
    data = b"\r\n".join([HEAD_1, pdu, HEAD_2, PDU_2 + b",0", b"OK", b""])
    assert exchanged(LIST, data)[0].lines == (HEAD_1, pdu, HEAD_2, PDU_2 + b",0")


def test_a_direct_delivery_in_text_mode_brings_its_text():
    cmt = b'+CMT: "+79088081050",,"25/11/24,10:00:00+12"'
    assert Exchange().receive(cmt + b"\r\nYour code: 4711\r\n") == [Urc(cmt, b"Your code: 4711")]


def test_a_direct_delivery_without_pdu_is_told_in_the_end():
    exchange = Exchange()
    assert exchange.receive(b"+CMT: ,25\r\n+CMT: ,26\r\n") == [Urc(b"+CMT: ,25")]
    assert Urc(b"+CMT: ,26") in exchange.receive(b"x\r\n" * 10)


def test_a_line_that_is_not_hex_is_noise():
    exchange = Exchange()
    data = b"\r\n".join([HEAD_1, b"07G1" + PDU_1, HEAD_2, PDU_2, b"OK", b""])
    assert exchanged(LIST, data, exchange)[0].lines == (HEAD_1, HEAD_2, PDU_2)
    assert exchange.noise == 1


# Late replies


def test_the_late_reply_of_an_abandoned_command_is_swallowed_with_its_pdu_and_its_ok():
    exchange = Exchange()
    exchange.begin(LIST)
    exchange.abandon()
    data = b"\r\n".join([HEAD_1, PDU_1, b'+CMTI: "SM",4', HEAD_2, PDU_2, b"OK", b""])
    assert exchanged(DELETE, data, exchange) == (None, [Urc(b'+CMTI: "SM",4')])
    assert (exchange.owed, exchange.strays) == (0, 3)
    assert exchange.receive(b"ERROR\r\n")[0].final == b"ERROR"


def test_the_rest_of_a_reply_abandoned_half_way_is_swallowed():
    exchange = Exchange()
    exchange.begin(LIST)
    exchange.receive(b"\r\n".join([HEAD_1, PDU_1, HEAD_2, b""]))
    exchange.abandon()
    data = b"\r\n".join([PDU_2, b"OK", b"+CMGR: 0,,5", b"0011223344", b"OK", b""])
    reply, _ = exchanged(READ, data, exchange)
    assert reply.lines == (b"+CMGR: 0,,5", b"0011223344")


def test_a_second_reply_of_an_ended_command_is_a_stray():
    exchange = Exchange()
    exchanged(CCID, b"+CCID: 8970\r\nOK\r\n", exchange)
    assert exchange.strays == 0
    assert exchange.receive(b"+CCID: 8970\r\nOK\r\n") == []
    assert exchange.strays == 2


# Anything at all


def test_the_prompt_asks_for_the_body():
    exchange = Exchange()
    assert exchange.begin(Command("AT+CMGS=5", (b"+CMGS:",), body=b"00\x1a")) == b"AT+CMGS=5\r"
    assert exchange.receive(b"\r\n> ") == [Send(b"00\x1a")]
    assert exchange.receive(b"\r\n+CMGS: 7\r\n\r\nOK\r\n")[0].value() == b"7"


def test_a_prompt_that_nobody_asked_for_is_a_stray():
    exchange = Exchange()
    assert exchange.receive(b"\r\n> ") == []
    assert exchange.strays == 1


def test_a_pin_is_not_shown():
    command = Command('AT+CPIN="1234"')
    assert "1234" not in repr(command) + command.shown + repr(Reply(command, (), b"OK", ok=True))


URCS = [
    Urc(b'+CMTI: "SM",1'),
    Urc(b'+CMTI:"MT",0'),
    Urc(b"^RSSI: 20"),
    Urc(b"+CPIN: NOT READY"),
    Urc(b"^SIMST: 255,1"),
    Urc(b"+CREG: 1"),
    Urc(b"RING"),
    Urc(b"NO CARRIER"),
    Urc(b'^SMMEMFULL: "SM"'),
    Urc(b"+SMS FULL"),
    Urc(b'+CDSI: "SM",0'),
    Urc(b"+CMT: ,%d" % octets(PDU_2), PDU_2),
    Urc(b"+CDS: %d" % octets(PDU_1), PDU_1),
]
REPLY_LINES = (HEAD_1, PDU_1, HEAD_2, PDU_2)


@pytest.mark.parametrize("urc", URCS, ids=lambda urc: urc.line.decode())
@pytest.mark.parametrize("position", range(5))
def test_a_urc_at_every_line_of_a_listing_is_told_and_the_listing_is_whole(urc, position):
    lines = [*REPLY_LINES, b"OK", b""]
    lines[position:position] = [urc.line] if urc.pdu is None else [urc.line, urc.pdu]
    reply, urcs = exchanged(LIST, b"\r\n".join(lines))
    assert (reply.lines, urcs) == (REPLY_LINES, [urc])


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(URCS), st.integers(0, 5)), max_size=5), st.data())
def test_urcs_anywhere_in_a_listing_cut_anywhere(placed, data):
    lines = [[line] for line in (b"", *REPLY_LINES, b"OK")]
    for urc, position in placed:
        lines[position].insert(0, urc.line + (b"\r\n" + urc.pdu if urc.pdu else b""))
    wire = b"\r\n".join(line for group in lines for line in group) + b"\r\n"
    exchange = Exchange()
    exchange.begin(LIST)
    events = []
    while wire:
        size = data.draw(st.integers(1, 40))
        events += exchange.receive(wire[:size])
        wire = wire[size:]
    replies = [event for event in events if isinstance(event, Reply)]
    urcs = [event for event in events if isinstance(event, Urc)]
    assert [reply.lines for reply in replies] == [REPLY_LINES]
    assert sorted(map(repr, urcs)) == sorted(repr(urc) for urc, _ in placed)


def test_a_line_joined_of_hundreds_is_taken_apart():
    events = Exchange().receive(b'+CMTI: "SM",1' * 300 + b"\r\n")
    assert events == [Urc(b'+CMTI: "SM",1')] * 300


PIECES = [b"\r\n", b"OK", b"ERROR", b"+CME ERROR: ", b"+CMT: ,9", b"+CMGL: 1,0,,26", PDU_1, b"> "]
PIECES += [b"AT+CMGL=4", b'"', b"+CMTI: ", b"RING", b"0", b",", b":"]
FRAGMENTS = st.one_of(st.binary(max_size=20), st.sampled_from(PIECES))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(FRAGMENTS, st.sampled_from([LIST, CCID, CPIN, DELETE, None]))))
def test_whatever_comes_in_nothing_is_raised(steps):
    exchange = Exchange()
    pending = False
    for step in steps:
        if isinstance(step, bytes):
            if any(isinstance(event, Reply) for event in exchange.receive(step)):
                pending = False
        else:
            exchange.abandon()
            if step is not None:
                exchange.begin(step)
            pending = step is not None
    reply = exchange.abandon()
    assert reply is None or pending
    exchange.receive(b"\r\n" * 2)
    assert Urc(b"RING") in exchange.receive(b"\r\nRING\r\n")
