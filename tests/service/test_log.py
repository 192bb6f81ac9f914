"""The log: lines that no sender can forge, fields, and a log that never stops the daemon."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
import struct
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, NoReturn

from hypothesis import given, settings
from hypothesis import strategies as st

from gsmbridge.config.secret import Secret
from gsmbridge.events import Kind, Level
from gsmbridge.service.log import (
    LONGEST_LINE,
    EventLog,
    Journald,
    LibraryHandler,
    Lines,
    datagram,
    level_of,
    open_log,
)

RECEIVED = Kind("received", Level.INFO, "a" * 32, "received {sms_id} from {phone_from}: {text}")
DETAIL = Kind("detail", Level.DEBUG, "b" * 32, "detail {ms:.0f} ms")


class Kept:
    """A sink that keeps what it is told, or refuses it."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Mapping[str, object]]] = []
        self.open = True

    def tell(self, kind: Kind, line: str, fields: Mapping[str, object]) -> bool:
        if self.open:
            self.told.append((line, fields))
        return self.open

    @property
    def lines(self) -> list[str]:
        return [line for line, _ in self.told]


def parsed(entry: bytes) -> dict[str, bytes]:
    """The fields of a datagram, read as journald reads them."""
    fields = {}
    while entry:
        name, _, entry = entry.partition(b"\n")
        assert b"=" not in name
        (length,) = struct.unpack("<Q", entry[:8])
        fields[name.decode()] = entry[8 : 8 + length]
        assert entry[8 + length : 9 + length] == b"\n"
        entry = entry[9 + length :]
    return fields


def test_a_sender_cannot_forge_a_line() -> None:
    kept = Kept()
    EventLog(kept).emit(RECEIVED, sms_id=7, phone_from="A\nreceived 8 from B\x1b[2K\u2028\u202e")
    assert kept.lines == [r"received 7 from A\nreceived 8 from B\x1b[2K\u2028\u202e: -"]


def test_texts_and_pdus_are_left_out_unless_asked_for() -> None:
    kept = Kept()
    log = EventLog(kept)
    log.emit(RECEIVED, sms_id=7, phone_from="A", text="800142", pdu="0791")
    assert kept.told == [("received 7 from A: -", {"sms_id": 7, "phone_from": "A"})]
    log.configure(Level.INFO, show_text=True)
    log.emit(RECEIVED, sms_id=7, phone_from="A", text="800142")
    assert kept.lines[-1] == "received 7 from A: 800142"


def test_a_kind_below_the_level_is_counted_and_not_told() -> None:
    kept = Kept()
    log = EventLog(kept, Level.INFO)
    log.emit(DETAIL, ms=1.5)
    assert not kept.told
    assert log.counts["detail"] == 1
    log.configure(level_of("debug"), show_text=False)
    log.emit(DETAIL, ms=1.6)
    assert kept.lines == ["detail 2 ms"]


def test_an_event_whose_fields_do_not_fit_its_template_is_told_all_the_same() -> None:
    kept = Kept()
    EventLog(kept, Level.DEBUG).emit(DETAIL, ms="soon\n", modem="ttyUSB3")
    assert kept.lines == [r"detail ms=soon\n modem=ttyUSB3"]


def test_a_secret_in_a_field_stays_hidden() -> None:
    kept = Kept()
    EventLog(kept).emit(RECEIVED, sms_id=1, phone_from=Secret("sesame"))
    assert "sesame" not in kept.lines[0]
    assert b"sesame" not in datagram(RECEIVED, kept.lines[0], kept.told[0][1])


def test_lines_that_could_not_be_told_are_counted_and_reported_once_it_works_again() -> None:
    kept = Kept()
    log = EventLog(kept)
    kept.open = False
    for sms_id in range(3):
        log.emit(RECEIVED, sms_id=sms_id, phone_from="A")
    kept.open = True
    log.emit(RECEIVED, sms_id=3, phone_from="A")
    log.emit(RECEIVED, sms_id=4, phone_from="A")
    assert kept.lines == ["3 log lines lost", "received 3 from A: -", "received 4 from A: -"]
    assert log.lost == 3


def test_fields_reach_the_journal_under_their_documented_names() -> None:
    fields = {
        "sms_id": 355,
        "phone": "79088081050",
        "phone_from": "Telegram",
        "modem": "ttyUSB3",
        "iccid": None,
        "attempt": 2,
        "status": 503,
    }
    assert parsed(datagram(RECEIVED, "line", fields)) == {
        "MESSAGE": b"line",
        "PRIORITY": b"6",
        "MESSAGE_ID": b"a" * 32,
        "EVENT": b"received",
        "SYSLOG_IDENTIFIER": b"gsmbridge",
        "SMS_ID": b"355",
        "PHONE": b"79088081050",
        "PHONE_FROM": b"Telegram",
        "MODEM": b"ttyUSB3",
        "ATTEMPT": b"2",
        "HTTP_STATUS": b"503",
    }


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=50))
def test_no_value_can_begin_a_field_of_its_own(value: str) -> None:
    fields = parsed(datagram(RECEIVED, "line", {"phone_from": value + "\nSMS_ID=1\n"}))
    assert sorted(fields) == sorted(
        ["MESSAGE", "PRIORITY", "MESSAGE_ID", "EVENT", "SYSLOG_IDENTIFIER", "PHONE_FROM"]
    )


def test_a_field_cannot_take_the_place_of_the_message() -> None:
    entry = parsed(datagram(RECEIVED, "line", {"message": "other", "priority": 0}))
    assert (entry["MESSAGE"], entry["PRIORITY"]) == (b"line", b"6")


def test_the_journal_gets_datagrams_and_stdout_what_it_does_not_take(tmp_path: Path) -> None:
    path, kept = tmp_path / "socket", Kept()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.bind(str(path))
        log = EventLog(Journald(kept, str(path)))
        log.emit(RECEIVED, sms_id=1, phone_from="A")
        assert parsed(journal.recv(65536))["SMS_ID"] == b"1"
        for sms_id in range(2000):  # nobody reads: its queue fills up
            log.emit(RECEIVED, sms_id=sms_id, phone_from="A")
    assert kept.lines
    path.unlink()
    log.emit(RECEIVED, sms_id=9999, phone_from="A")
    assert kept.lines[-1] == "received 9999 from A: -"
    assert log.lost == 0


def test_a_reader_that_sleeps_never_blocks_and_finds_whole_lines() -> None:
    reading, writing = os.pipe()
    log = EventLog(Lines(writing), show_text=True)
    for sms_id in range(2000):
        log.emit(RECEIVED, sms_id=sms_id, phone_from="A", text="x" * 100)
    assert log.lost
    data = os.read(reading, 1 << 20)
    log.emit(RECEIVED, sms_id=1, phone_from="A")
    data += os.read(reading, 1 << 20)
    os.close(reading)
    os.close(writing)
    lines = data.decode().splitlines()
    assert lines[-2:] == [f"{log.lost} log lines lost", "received 1 from A: -"]
    assert all(len(line) > 100 for line in lines[:-2])


def test_a_stdout_that_is_gone_stops_nothing() -> None:
    reading, writing = os.pipe()
    log = EventLog(Lines(writing))
    os.close(reading)
    log.emit(RECEIVED, sms_id=1, phone_from="A")
    os.close(writing)
    log.emit(RECEIVED, sms_id=2, phone_from="A")
    assert log.lost == 2


def test_an_endless_line_is_cut_between_characters() -> None:
    reading, writing = os.pipe()
    EventLog(Lines(writing), show_text=True).emit(
        RECEIVED, sms_id=1, phone_from="A", text="я" * LONGEST_LINE
    )
    os.close(writing)
    data = os.read(reading, 1 << 20)
    os.close(reading)
    assert len(data) <= LONGEST_LINE
    assert data.decode().endswith("я…\n")


def test_the_journal_stream_of_another_descriptor_does_not_count(tmp_path: Path) -> None:
    log = open_log({"JOURNAL_STREAM": "1:1"}, Level.INFO, False)
    assert isinstance(log._sink, Lines)


def complaints(act: Callable[[], Coroutine[Any, Any, None]]) -> list[str]:
    """What asyncio, real as it is, complains of while *act* runs, as lines of the log."""
    kept = Kept()
    logger, handler = logging.getLogger("asyncio"), LibraryHandler(EventLog(kept))
    logger.addHandler(handler)
    try:
        asyncio.run(act())
    finally:
        logger.removeHandler(handler)
    return kept.lines


def stumble(over: str) -> NoReturn:
    raise RuntimeError(f"two\nlines of {over}")


def test_what_asyncio_complains_of_becomes_one_event() -> None:
    async def forget() -> None:
        async def fail() -> None:
            stumble("SECRET")

        task = asyncio.ensure_future(fail())
        await asyncio.sleep(0)
        del task
        gc.collect()

    (line,) = complaints(forget)
    start = "asyncio: Task exception was never retrieved (RuntimeError at test_log.py:"
    assert line.startswith(start)
    assert "SECRET" not in line


def test_an_error_in_a_callback_quotes_neither_itself_nor_what_the_callback_was_given() -> None:
    async def call() -> None:
        asyncio.get_running_loop().call_soon(stumble, "SECRET")
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    (line,) = complaints(call)
    assert line.startswith("asyncio: Exception in callback stumble (RuntimeError at test_log.py:")
    assert "SECRET" not in line
