"""Texts that a modem breaks over several lines, among lines that mean something else."""

from __future__ import annotations

import pytest

from gsmbridge.at.command import Command, Reply, Urc
from gsmbridge.at.exchange import Event, Exchange


def events(*data: bytes, command: Command | None = None) -> list[Event]:
    exchange = Exchange()
    if command is not None:
        exchange.begin(command)
    return [event for piece in data for event in exchange.receive(piece)]


def lines(*data: bytes) -> list[bytes]:
    return [event.line for event in events(*data) if isinstance(event, Urc)]


def test_a_text_over_several_lines_is_one_urc() -> None:
    text = b'\r\n+CUSD: 0,"Your number:\r\n79081234567\n*101# balance",15\r\n'
    assert lines(text) == [b'+CUSD: 0,"Your number:\n79081234567\n*101# balance",15']


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_text_may_come_in_any_pieces(cut: int) -> None:
    text = b'\r\n+CUSD: 1,"1. Number\r\n2. Balance\r\n+7908 1234567", 15\r\n'
    assert lines(text[:cut], text[cut:]) == [b'+CUSD: 1,"1. Number\n2. Balance\n+7908 1234567", 15']


def test_a_text_that_opens_with_a_line_end_goes_on() -> None:
    assert lines(b'+CUSD: 2,"\r\nBalance 5\r\n"\r\n') == [b'+CUSD: 2,"\nBalance 5\n"']


@pytest.mark.parametrize(
    "line",
    [
        b'+CUSD: 0,"one line",15',
        b"+CUSD: 4",
        b"+CUSD: 0,no quotes,15",
        b'+CUSD: 0,"say "hi" there", -12',
    ],
)
def test_a_text_on_one_line_waits_for_nothing(line: bytes) -> None:
    assert lines(line + b"\r\n") == [line]


def test_a_quote_that_never_closes_swallows_nothing_that_has_a_meaning() -> None:
    command = Command("AT+CPMS?", prefixes=(b"+CPMS:",))
    found = events(
        b'+CUSD: 0,"cut off\r\n',
        b'more\r\n+CMTI: "SM",3\r\n',
        b'+CPMS: "SM",1,20\r\nOK\r\n',
        command=command,
    )
    assert [event.line for event in found if isinstance(event, Urc)] == [
        b'+CUSD: 0,"cut off\nmore',
        b'+CMTI: "SM",3',
    ]
    assert [event.lines for event in found if isinstance(event, Reply)] == [(b'+CPMS: "SM",1,20',)]


def test_a_text_within_a_bare_reply_is_no_part_of_it() -> None:
    command = Command("AT+CIMI", bare=True)
    found = events(
        b'+CUSD: 0,"Your number:\r\n79081234567",15\r\n250011234567890\r\nOK\r\n', command=command
    )
    assert [event.lines for event in found if isinstance(event, Reply)] == [(b"250011234567890",)]


def test_an_endless_text_ends() -> None:
    found = lines(b'+CUSD: 0,"cut\r\n' + b"filler\r\n" * 30)
    assert len(found) == 1
    assert found[0].count(b"\n") == 19
