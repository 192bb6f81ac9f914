"""Dialogues with the plain modem, to the octet, and what its store and its SIM do."""

from __future__ import annotations

from dataclasses import replace

from tests.farm.host import WHEN, Host

from gsmbridge.farm.encode import deliver, smsc_part, status_report
from gsmbridge.farm.personalities import GENERIC
from gsmbridge.farm.sim import FREE, SimCard, Status, make_sim
from gsmbridge.farm.state import Outcome

SELECT = 'AT+CPMS="SM","SM","SM"'
ANNOUNCE = "AT+CNMI=2,1,0,0,0"
HELLO = "0791947101670000" + "0407D0C2B07B0D0000" + "72105180000000" + "05E8329BFD06"


def test_echo_is_on_until_it_is_turned_off() -> None:
    host = Host(echo=True)
    assert host.say("AT") == b"AT\r\r\nOK\r\n"
    assert host.say("ate0") == b"ate0\r\r\nOK\r\n"
    assert host.say("AT") == b"\r\nOK\r\n"


def test_who_it_is() -> None:
    host = Host()
    assert host.say("AT+CGMI") == b"\r\nFarm\r\n\r\nOK\r\n"
    assert host.say("AT+CGSN") == b"\r\n350000000000006\r\n\r\nOK\r\n"
    assert host.say("AT+CIMI") == b"\r\n250010000000001\r\n\r\nOK\r\n"
    assert host.say("AT+CCID") == b"\r\n+CCID: 8970101000000000012\r\n\r\nOK\r\n"
    assert host.say("AT+CNUM") == b'\r\n+CNUM: "","+79080000001",145\r\n\r\nOK\r\n'
    crsm = b'\r\n+CRSM: 144,0,"980701010000000010F2"\r\n\r\nOK\r\n'
    assert host.say("AT+CRSM=176,12258,0,0,10") == crsm


def test_commands_of_one_line_are_carried_out_in_turn() -> None:
    host = Host()
    assert host.say("AT+CMEE=1;+CMGF=0;+CREG?") == b"\r\n+CREG: 0,1\r\n\r\nOK\r\n"
    assert host.say("AT+CMEE=1;+NONSENSE;+CREG?") == b"\r\nERROR\r\n"
    assert host.say("ATE0V1") == b"\r\nOK\r\n"


def test_a_message_is_announced_listed_read_and_deleted() -> None:
    host = Host()
    assert host.say(SELECT) == b"\r\n+CPMS: 0,20,0,20,0,20\r\n\r\nOK\r\n"
    assert host.say(ANNOUNCE) == b"\r\nOK\r\n"
    host.network.send_parts(host.sim.msisdn, host.parts("hello"), "Bank", "hello")
    assert host.wait() == b'\r\n+CMTI: "SM",1\r\n'
    pdu = HELLO.encode()
    assert host.say("AT+CMGL=4") == b"\r\n+CMGL: 1,0,,22\r\n" + pdu + b"\r\n\r\nOK\r\n"
    assert host.say("AT+CMGR=1") == b"\r\n+CMGR: 1,,22\r\n" + pdu + b"\r\n\r\nOK\r\n"
    assert host.say("AT+CMGL=0") == b"\r\nOK\r\n"
    assert host.say("AT+CMGD=1") == b"\r\nOK\r\n"
    assert host.say("AT+CMGR=1") == b"\r\n+CMS ERROR: 321\r\n"
    assert host.say("AT+CMGR=99") == b"\r\n+CMS ERROR: 321\r\n"
    assert [event.kind for event in host.truth.events] == ["sent", "stored", "deleted"]


def test_the_lowest_free_slot_is_taken() -> None:
    host = Host()
    host.store("one", "two", "three")
    host.say("AT+CMGD=2")
    host.store("four")
    assert [event.fields["slot"] for event in host.events("stored")] == [1, 2, 3, 2]


def test_a_record_is_176_octets_filled_up_with_ff() -> None:
    host = Host()
    (part,) = host.store("hello")
    row = host.sim.sms.rows[0]
    assert len(row) == 176
    assert row.rstrip(b"\xff") == bytes((Status.UNREAD,)) + smsc_part() + part.tpdu
    assert host.sim.sms.rows[1] == FREE


def test_a_padded_pdu_keeps_its_length() -> None:
    host = Host(replace(GENERIC, padded=True, lower_case=True))
    host.store("hello")
    header, pdu = host.say("AT+CMGR=1").split(b"\r\n")[1:3]
    assert header == b"+CMGR: 0,,22"
    assert pdu == HELLO.lower().encode().ljust(350, b"f")


def test_rows_that_are_no_received_messages_are_told_apart() -> None:
    host = Host()
    host.modem.draft(0)
    assert host.say("AT+CMGL=4") == (
        b"\r\n+CMGL: 1,2,,11\r\n00010005810021F300000161\r\n\r\nOK\r\n"
    )
    assert host.say("AT+CMGL=1") == b"\r\nOK\r\n"


def test_a_status_report_ends_where_its_fields_end() -> None:
    host = Host()
    report = smsc_part() + status_report("+7908", WHEN)
    host.modem.write("SM", 0, report, None)
    assert report.hex().upper().encode() in host.say("AT+CMGR=1").split()


def test_an_extra_port_answers_and_says_nothing_unasked() -> None:
    host = Host()
    heard: list[bytes] = []
    host.modem.add_port().emit = heard.append
    host.modem.add_port(dumb=True).emit = heard.append
    host.say(ANNOUNCE)
    host.network.send(host.sim.msisdn, "hello")
    assert b"+CMTI" in host.wait()
    assert heard == []
    for port in host.modem.extra_ports:
        port.receive(b"AT+CIMI\r")
    host.wait()
    assert heard == [b"\r\n250010000000001\r\n", b"\r\nOK\r\n"]


def test_a_mass_delete_deletes() -> None:
    host = Host()
    host.store("one", "two")
    host.say("AT+CMGR=1", "AT+CMGD=1,1")
    assert host.sim.sms.occupied() == [1]
    host.say("AT+CMGD=1,4")
    assert host.sim.sms.used == 0


def test_nothing_is_announced_unless_asked_for() -> None:
    host = Host()
    host.network.send(host.sim.msisdn, "hello")
    assert host.wait(1.0) == b""


def test_class_0_and_direct_routing_come_as_cmt_and_are_not_stored() -> None:
    host = Host(replace(GENERIC, direct_class0=True))
    flash = deliver("Bank", "hello", WHEN, message_class=0)
    assert host.modem.incoming(flash) is Outcome.DIRECT
    text = (smsc_part() + flash).hex().upper().encode()
    assert host.wait() == b"\r\n+CMT: ,22\r\n" + text + b"\r\n"
    host.say("AT+CNMI=2,2")
    assert host.modem.incoming(deliver("Bank", "hello", WHEN)) is Outcome.DIRECT
    assert host.sim.sms.used == 0


def test_a_pin_is_asked_for_and_the_third_wrong_one_locks() -> None:
    host = Host(sim=make_sim(1, pin="1234"))
    host.say("AT+CMEE=1")
    assert host.say("AT+CPIN?") == b"\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n"
    assert host.say("AT+CIMI") == b"\r\n+CME ERROR: 11\r\n"
    for _ in range(3):
        assert host.say('AT+CPIN="0000"') == b"\r\n+CME ERROR: 16\r\n"
    assert host.say("AT+CPIN?") == b"\r\n+CPIN: SIM PUK\r\n\r\nOK\r\n"


def test_the_right_pin_opens_the_sim() -> None:
    host = Host(sim=make_sim(1, pin="1234"))
    assert host.say('AT+CPIN="1234"', "AT+CPIN?") == (b"\r\nOK\r\n\r\n+CPIN: READY\r\n\r\nOK\r\n")


def test_no_sim_no_store() -> None:
    host = Host()
    host.modem.remove()
    assert host.wait() == b"\r\n+CPIN: NOT READY\r\n"
    assert host.say("AT+CPIN?") == b"\r\n+CME ERROR: 10\r\n"
    assert host.say("AT+CMGL=4") == b"\r\n+CME ERROR: 10\r\n"
    assert host.say("AT+CSQ") == b"\r\n+CSQ: 99,99\r\n\r\nOK\r\n"


def test_a_sim_without_records_is_a_store_of_nothing() -> None:
    host = Host(sim=SimCard("8970", "25001", "7908", capacity=0))
    assert host.say('AT+CPMS="SM"') == b"\r\n+CPMS: 0,0,0,0,0,0\r\n\r\nOK\r\n"
    assert host.modem.incoming(deliver("Bank", "x", WHEN)) is Outcome.FULL


def test_a_command_waits_for_the_one_before() -> None:
    host = Host(replace(GENERIC, latency={"": 0.1, "+CREG": 1.0}))
    host.modem.receive(b"AT+CREG?\rAT\r")
    assert host.wait(1.05) == b"\r\n+CREG: 0,1\r\n\r\nOK\r\n"
    assert host.wait(0.1) == b"\r\nOK\r\n"


def test_a_modem_that_drops_commands_while_busy_answers_the_first_alone() -> None:
    host = Host(replace(GENERIC, latency={"": 0.1}, drops_when_busy=True))
    host.modem.receive(b"AT+CREG?\rAT\r")
    assert host.wait(5.0) == b"\r\n+CREG: 0,1\r\n\r\nOK\r\n"


def test_a_slow_line_takes_its_time() -> None:
    host = Host(replace(GENERIC, baud=9600))
    host.modem.receive(b"AT\r")
    assert host.wait(0.001) == b""
    assert host.wait(0.1) == b"\r\nOK\r\n"


def test_a_reset_forgets_the_settings_and_is_deaf_for_a_while() -> None:
    host = Host()
    host.say("AT+CMEE=1", ANNOUNCE)
    assert host.say("AT+CFUN=1,1", seconds=0.2) == b"\r\nOK\r\n"
    assert host.say("AT") == b""
    assert host.wait(1.0) == b"\r\nRDY\r\n"
    assert host.say("AT+CIMI") == b"AT+CIMI\r\r\n+CME ERROR: 14\r\n"
    host.wait(3.0)
    assert host.say("AT+CNMI?") == b"AT+CNMI?\r\r\n+CNMI: 0,0,0,0,0\r\n\r\nOK\r\n"


def test_a_message_is_sent_behind_the_prompt() -> None:
    host = Host()
    assert host.say("AT+CMGS=20") == b"\r\n> "
    host.modem.receive(b"00" + b"1100" + b"0B919780000000F1" + b"0000AA" + b"05E8329BFD06\x1a")
    assert b"+CMGS: 1" in host.wait()
    (sent,) = host.events("sent")
    assert sent.fields["to"] == "79080000001"
    assert sent.fields["sender"] == "+79080000001"
    assert host.sim.sms.used == 1


def test_esc_leaves_the_prompt() -> None:
    host = Host()
    host.say("AT+CMGS=20")
    host.modem.receive(b"0011\x1b")
    assert host.wait() == b"\r\nOK\r\n"
    assert host.say("AT") == b"\r\nOK\r\n"
