"""Each family speaks as its sources say, to the octet."""

from __future__ import annotations

import pytest
from tests.farm.host import Host

from gsmbridge.farm.personalities import FAMILIES, by_name
from gsmbridge.farm.sim import make_sim

SELECT = 'AT+CPMS="SM","SM","SM"'
ICCID = "8970101000000000012"
FIRST_ROW = b"0791947101670000" + b"0407D0C2B07B0D0000" + b"72105180000000" + b"05E8329BFD06"

NAMES = [family.name for family in FAMILIES]


def answer(family: str, command: str) -> bytes:
    host = Host(by_name(family))
    return host.say(command, seconds=1.0)


@pytest.mark.parametrize(
    ("family", "command", "line"),
    [
        ("generic", "AT+CCID", f"+CCID: {ICCID}"),
        ("huawei", "AT^ICCID?", "^ICCID: 980701010000000010F2"),
        ("e3372", "AT^ICCID?", f"^ICCID: {ICCID}"),
        ("sim800", "AT+CCID", ICCID),
        ("sim7600", "AT+CICCID", f"+ICCID: {ICCID}"),
        ("quectel", "AT+QCCID", f"+QCCID: {ICCID}F"),
        ("ec200a", "AT+QCCID", f"+QCCID: {ICCID}"),
        ("siemens", "AT^SCID", f"^SCID: {ICCID}"),
        ("zte", "AT+ZGETICCID", f"+ZGETICCID: {ICCID}"),
        ("wavecom", "AT+CCID", f'+CCID: "{ICCID}"'),
        ("telit", "AT#CCID", f"#CCID: {ICCID}"),
        ("old-huawei", "AT+CRSM=176,12258,0,0,10", '+CRSM: 144,0,"980701010000000010F2"'),
        ("e3372", "AT+CNUM", 'ERROR+CNUM: "","+79080000001",145'),
        ("wavecom", "AT+CGMI", " WAVECOM MODEM"),
    ],
)
def test_answers(family: str, command: str, line: str) -> None:
    assert answer(family, command) == b"\r\n" + line.encode() + b"\r\n\r\nOK\r\n"


def test_a_card_may_have_a_letter_in_its_iccid() -> None:
    sim = make_sim(1)
    sim.iccid = "898604B2012290748345"
    assert Host(by_name("ec200a"), sim=sim).say("AT+QCCID") == (
        b"\r\n+QCCID: 898604B2012290748345\r\n\r\nOK\r\n"
    )


@pytest.mark.parametrize(
    ("family", "command", "final"),
    [
        ("huawei", "AT+CCID", b"COMMAND NOT SUPPORT"),
        ("old-huawei", "AT^ICCID?", b"ERROR"),
        ("huawei", "AT+CNMI=2,1,0,0,0", b"+CMS ERROR: 303"),
        ("zte", "AT+CNMI=2,1,0,0,0", b"+CMS ERROR: 303"),
        ("wavecom", 'AT+CPMS="ME","ME","ME"', b"+CMS ERROR: 302"),
    ],
)
def test_refusals(family: str, command: str, final: bytes) -> None:
    assert answer(family, command) == b"\r\n" + final + b"\r\n"


@pytest.mark.parametrize(
    ("family", "empty"),
    [
        ("generic", b"\r\n+CMS ERROR: 321\r\n"),
        ("huawei", b"\r\nOK\r\n"),
        ("sim800", b"\r\n+CMGR: 0,,0\r\n\r\nOK\r\n"),
        ("siemens", b"\r\n+CMGR: 0,,0\r\n\r\nOK\r\n"),
    ],
)
def test_empty_slots(family: str, empty: bytes) -> None:
    host = Host(by_name(family))
    host.say(SELECT)
    assert host.say("AT+CMGR=2") == empty


@pytest.mark.parametrize(
    ("family", "row"),
    [
        ("generic", b"\r\n+CMGL: 1,0,,22\r\n" + FIRST_ROW + b"\r\n\r\nOK\r\n"),
        ("huawei", b"\r\n+CMGL: 0,0,,22\r\n" + FIRST_ROW + b"\r\n\r\nOK\r\n"),
        ("quectel", b"\r\n+CMGL: 0,0,,22\r\n" + FIRST_ROW + b"\r\n\r\nOK\r\n"),
        ("sim800", b'\r\n+CMGL: 1,0,"",22\r\n' + FIRST_ROW + b"\r\n\r\nOK\r\n"),
        ("ec200a", b"\r\n+CMGL: 0,0,,22\r\n" + FIRST_ROW.ljust(350, b"F") + b"\r\n\r\nOK\r\n"),
        ("falcom", b"\r\r\n+CMS ERROR: 303\r\r\n"),
    ],
)
def test_listings(family: str, row: bytes) -> None:
    host = Host(by_name(family))
    host.say(SELECT, seconds=1.0)
    host.store("hello")
    assert host.say("AT+CMGL=4", seconds=1.0) == row


@pytest.mark.parametrize(
    ("family", "chatter"),
    [
        (
            "sim800",
            b"\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n\r\nCall Ready\r\n\r\nSMS Ready\r\n",
        ),
        ("sim7600", b"\r\nRDY\r\n\r\n+CPIN: READY\r\n\r\nSMS DONE\r\n\r\nPB DONE\r\n"),
        ("siemens", b"\r\n^SYSSTART\r\n\r\n^SCKS: 1\r\n"),
    ],
)
def test_chatter_of_a_start(family: str, chatter: bytes) -> None:
    host = Host(by_name(family), start=False)
    host.modem.power_on()
    assert host.wait(30.0) == chatter


def test_a_sim800_refuses_what_needs_the_sim_until_sms_ready() -> None:
    host = Host(by_name("sim800"), start=False)
    host.modem.power_on()
    host.wait(3.0)
    host.say("ATE0")
    assert host.say("AT+CMGF=0") == b"\r\nERROR\r\n"
    host.wait(10.0)
    assert host.say("AT+CMGF=0") == b"\r\nOK\r\n"


def test_huawei_chatters_until_it_is_told_not_to() -> None:
    host = Host(by_name("huawei"))
    assert host.wait(15.0) == b"\r\n^BOOT:20952548,0,0,0,72\r\n"
    assert host.say("AT^CURC=0") == b"\r\nOK\r\n"
    assert host.wait(60.0) == b""


def test_zte_floods_until_asked_for_its_stores() -> None:
    host = Host(by_name("zte"))
    assert host.wait(7.0) == 3 * b"\r\n+ZUSIMR:2\r\n"
    host.say("AT+CPMS?")
    assert host.wait(60.0) == b""


def test_a_copy_of_the_store_outlives_the_card_it_was_made_from() -> None:
    host = Host(by_name("huawei"))
    host.store("hello")
    host.modem.insert(make_sim(2), noticed=False)
    host.wait()
    assert b"^ICCID: 98070101000000002" in host.say("AT^ICCID?")
    assert FIRST_ROW in host.say("AT+CMGL=4")
    host.say("AT+CFUN=0", "AT+CFUN=1")
    assert host.say("AT+CMGL=4") == b"\r\nOK\r\n"


def test_a_modem_that_has_booted_without_a_card_finds_the_one_that_is_put_in() -> None:
    host = Host(by_name("huawei"))
    host.modem.remove(noticed=False)
    host.modem.reboot()
    host.wait(30.0)
    host.modem.insert(make_sim(2), noticed=False)
    host.wait(5.0)
    assert b"+CPIN: READY" in host.say("AT+CPIN?")


def test_without_a_copy_the_store_is_the_cards() -> None:
    host = Host(by_name("sim800"))
    host.store("hello")
    host.modem.insert(make_sim(2), noticed=False)
    assert host.say("AT+CMGL=4") == b"\r\nOK\r\n"


def test_quectel_stores_in_its_own_memory_until_told_otherwise() -> None:
    host = Host(by_name("quectel"))
    host.store("hello")
    assert (host.sim.sms.used, host.modem.me.used) == (0, 1)
    assert host.say(SELECT) == b"\r\n+CPMS: 0,20,0,20,0,20\r\n\r\nOK\r\n"
    host.store("hello")
    assert host.sim.sms.used == 1


@pytest.mark.parametrize("name", NAMES)
def test_every_family_takes_a_message_from_its_announcement_to_its_deletion(name: str) -> None:
    host = Host(by_name(name))
    host.say(SELECT, "AT+CMGF=0", seconds=1.0)
    if b"OK" not in host.say("AT+CNMI=2,1,0,0,0", seconds=1.0):
        host.say("AT+CNMI=1,1,0,0,0", seconds=1.0)
    (part,) = parts = host.parts("hello")
    host.network.send_parts(host.sim.msisdn, parts, "Bank", "hello")
    announced = host.wait(1.0)
    assert b"+CMTI" in announced
    slot = announced.split(b",")[1].strip().decode()
    assert part.tpdu.hex() in host.say(f"AT+CMGR={slot}", seconds=1.0).decode().lower()
    assert b"OK" in host.say(f"AT+CMGD={slot}", seconds=1.0)
    assert host.sim.sms.used == 0
