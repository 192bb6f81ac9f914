# ruff: noqa: E501
"""Every fault that somebody thought of: what happens, what the log says, what the program does, and
the test that shows it. `docs/faults.md` is made of this table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gsmbridge.farm.partner_script import JSON, NAMED, Reply
from gsmbridge.farm.partner_world import Line
from gsmbridge.farm.personalities import GENERIC, HUAWEI, QUECTEL, TELIT, Personality
from gsmbridge.farm.sim import Label
from gsmbridge.farm.simulate import beginnings
from gsmbridge.farm.simulate.disk import Space
from gsmbridge.farm.simulate.server import OK
from gsmbridge.farm.simulate.stage import NOW
from tests.faults.drawn import DRAWN, Apart
from tests.faults.scene import DAY, HOUR, READY, Scenario, Scene


@dataclass(frozen=True, slots=True)
class Row:
    """One fault."""

    fault: str
    does: str
    """What the program does about it."""
    proof: Scenario | str
    """A scenario to be played, or the node id of a test elsewhere."""
    told: tuple[str, ...] = ()
    """Kinds of events that the operator finds in the log."""
    families: Sequence[Personality] = (GENERIC, HUAWEI)


def fault(kind: str, **details: Any) -> Scenario:
    """One of `farm.faults.KINDS`, once."""
    return lambda scene: scene.fault(READY, kind, **details)


def again(kind: str, command: str, **details: Any) -> Scenario:
    """The same, before and after the next such command, and once more."""

    def play(scene: Scene) -> None:
        for number in range(4):
            scene.fault(READY + 300.0 * number, kind, on=command, before=number % 2 == 0, **details)

    return play


def both(*scenarios: Scenario) -> Scenario:
    def play(scene: Scene) -> None:
        for each in scenarios:
            each(scene)

    return play


def server(reply: Reply, seconds: float = 300.0, line: Line = Line.UP) -> Scenario:
    return lambda scene: scene.server(READY, READY + seconds, reply, line)


def disk(start: float, end: float, space: Space) -> Scenario:
    """So the disk is while more comes than there is room for."""

    def play(scene: Scene) -> None:
        scene.disk(start, end, space)
        for number in range(80):
            scene.send(start + number, number % 2, length=3)

    return play


def crash(when: str) -> Scenario:
    """The process dies at the next commit: before, inside or after it."""
    return lambda scene: scene.at(READY, lambda: setattr(scene.host.disk, "crash", when))


def clock(hours: float) -> Scenario:
    """It jumps while the daemon runs, and a restart follows."""

    def play(scene: Scene) -> None:
        scene.clock(READY + 200.0, hours)
        scene.at(READY + 900.0, scene.host.stop)

    return play


def outage_and_clock(scene: Scene) -> None:
    """Messages wait for the server while the clock jumps both ways, and a restart follows."""
    scene.server(READY, READY + 900.0, line=Line.REFUSING)
    scene.clock(READY + 100.0, 24.0)
    scene.clock(READY + 400.0, -48.0)
    scene.at(READY + 500.0, scene.host.stop)
    scene.clock(READY + 700.0, 24.0)


def too_far_ahead(scene: Scene) -> None:
    """It is years ahead at the first start, and put right later."""
    scene.host.clock.jump(3 * 365 * DAY)
    scene.clock(READY + 600.0, -3 * 365 * 24.0)
    scene.at(READY + 900.0, scene.host.stop)


def outage_without_rtc(scene: Scene) -> None:
    """Messages wait for the server over a power cut after which it is 1970."""
    scene.server(READY, READY + 900.0, line=Line.REFUSING)
    scene.clock(READY + 300.0, -NOW / HOUR)
    scene.at(READY + 300.0, lambda: power(scene))
    scene.clock(READY + 390.0, NOW / HOUR)


def again_after_1970(scene: Scene) -> None:
    """A message is delivered and deleted in 1970, and comes once more when the clock is right."""
    network, to = scene.stage.farm.network, scene.stage.farm.sims[0].msisdn
    message, (part,) = network.record(to, network.compose("twice"), "Farm", "twice")
    scene.clock(READY, -NOW / HOUR)
    scene.at(READY, lambda: power(scene))
    for seconds in (200.0, 600.0):
        scene.at(READY + seconds, lambda: network.repeat(to, part.tpdu, Label(message)))
    scene.clock(READY + 400.0, NOW / HOUR)


def power(scene: Scene) -> None:
    """Host and modems lose power."""
    for modem in scene.stage.farm.modems:
        modem.reboot()
    scene.host.cut_power()


def power_cut(scene: Scene) -> None:
    scene.at(READY + 120.3, lambda: power(scene))


def no_rtc(scene: Scene) -> None:
    """After each boot it is 1970 until the time server answers, a minute and a half later."""
    scene.host.clock.jump(-NOW)
    scene.clock(20.0, NOW / HOUR)
    for number in range(1, 4):
        at = READY + 600.0 * number
        scene.clock(at, -NOW / HOUR)
        scene.at(at, lambda: power(scene))
        scene.clock(at + 90.0, NOW / HOUR)


def always_1970(scene: Scene) -> None:
    """No time server either, for half an hour; the first messages are pushed all the same."""
    scene.host.clock.jump(-NOW)
    scene.clock(1800.0, NOW / HOUR)


def old_messages(scene: Scene) -> None:
    scene.lay(0, age=2 * DAY)
    scene.lay(0, age=HOUR)


def reticent(scene: Scene) -> None:
    for number, what in enumerate(("iccid", "imsi", "number")):
        scene.fault(READY + 400.0 * number, "reticent", what=what, seconds=30.0)


def back_at_its_own(scene: Scene) -> None:
    """There a message of the SIM before lies, and a new one is announced."""
    scene.lay(0, age=HOUR, store="ME")
    scene.fault(READY, "swap_sims", other=1)
    for number in range(1, 5):
        at = READY + 600.0 * number
        scene.fault(at, "other_store", reads_only=number % 2 == 0)
        scene.send(at + 1.0, modem=1)


def no_number(scene: Scene) -> None:
    sim = scene.stage.farm.sims[0]
    scene.at(READY, lambda: scene.stage.reload({sim.iccid: None}))
    scene.at(READY + 600.0, lambda: scene.stage.reload({sim.iccid: sim.msisdn}))


def changed_number(scene: Scene) -> None:
    """A SIM gets another number while a message of it waits, and its own back."""
    one = scene.stage.farm.sims[0]
    scene.server(READY, READY + 600.0, NAMED["silent"])
    scene.at(READY + 200.0, lambda: scene.stage.reload({one.iccid: f"1{one.msisdn}"}))
    scene.at(READY + 900.0, lambda: scene.stage.reload({one.iccid: one.msisdn}))


def long_message(scene: Scene) -> None:
    scene.send(READY, length=4)
    scene.fault(READY + 4.0, "unplug", seconds=120.0)


def neighbours(scene: Scene) -> None:
    """Two SIMs of which one modem shows the common beginning only swap places without a word."""
    stage = scene.stage
    one, other = stage.farm.modems
    other.imei = one.imei
    beginnings.make_neighbours(stage, (one,))
    for sim in stage.farm.sims:
        stage.numbering.listed[sim.iccid] = {"imsi": sim.imsi}
    scene.host.config = replace(scene.host.config, numbers=stage.numbering.rows())
    for number in range(2):
        scene.fault(READY + 600.0 * number, "swap_sims", other=1, noticed=False)


def mid_delete(scene: Scene) -> None:
    scene.fault(READY, "unplug", seconds=20.0, on="AT+CMGD")
    scene.fault(READY + 300.0, "unplug", seconds=20.0, on="AT+CMGD", before=True)


def stops(scene: Scene) -> None:
    for number in range(20):
        scene.at(READY + 61.0 * number + number / 20, scene.host.stop)


def kills(scene: Scene) -> None:
    for number in range(20):
        scene.world.crash_at(scene.world.now + READY + 61.0 * number + number / 20)


DIAL = "tests/onlinesim/test_dial.py::"
CONTRACT = "tests/onlinesim/test_client_contract.py::"
TLS = "tests/onlinesim/test_client_tls.py::"
JOURNAL = "tests/journal"

# fmt: off
MATRIX: Mapping[str, tuple[Row, ...]] = {
    "Serial line": (
        Row("a modem hangs without a word, two minutes", "ladder of recovery; the message is read once it answers", fault("hang", seconds=120.0), ("modem_trouble", "modem_down", "modem_recovered")),
        Row("a modem chatters and answers nothing", "the same: lines that nobody asked for are no sign of life", fault("hang", seconds=120.0, chatter=True), ("modem_trouble", "modem_down", "modem_recovered")),
        Row("a hung modem comes to only by a reset", "the ladder ends with the family's reset", fault("hang", revive="cfun"), ("modem_trouble", "modem_reset", "modem_recovered"), (QUECTEL, HUAWEI)),
        Row("a hung modem comes to by nothing", "tried on for ever, at least twice a minute", fault("hang", seconds=None), ("modem_trouble", "modem_down")),
        Row("answers come when nobody waits for them any more", "they are told from the answers to newer commands", fault("hang", seconds=40.0, late=True)),
        Row("a modem waits at the prompt of a message", "ESC and AT until it answers", fault("prompt")),
        Row("bytes that mean nothing around a listing", "what is not a whole row is no row; listed again", again("noise", "AT+CMGL", octets=300)),
        Row("bytes that mean nothing around a read", "the same", again("noise", "AT+CMGR", octets=40)),
        Row("unsolicited lines between any two lines of a reply", "told apart by the prefixes that a command asks for", fault("storm", seconds=600.0, lines=3)),
        Row("replies in pieces", "a line counts when it is whole", fault("pieces", seconds=600.0)),
        Row("replies gathered in lumps", "taken apart line by line", fault("lumps", seconds=600.0)),
        Row("every answer takes 5 s more", "within the patience for each command", fault("slow", seconds=600.0, delay=5.0)),
        Row("every answer takes longer than the patience for it", "as a modem that hangs; late answers are nobody's", fault("slow", seconds=600.0, delay=25.0), ("modem_trouble", "modem_down", "modem_recovered")),
        Row("a modem echoes again", "echo is no reply; it is turned off again", fault("echo")),
        Row("another program holds the port", "named, and tried on; the others work", "tests/at/test_serial_port.py::test_a_port_that_another_program_locks_is_reported_with_its_name", ("port_unusable", "port_usable")),
        Row("no permission for the port", "told plainly, and tried on", "tests/at/test_serial_port.py::test_a_port_that_cannot_be_opened_is_refused_plainly", ("port_unusable",)),
        Row("a UART at another speed", "the usual speeds are tried in turn", "tests/modem/test_ports.py::test_a_uart_is_tried_at_other_speeds_until_it_answers_and_stays_at_that"),
    ),
    "USB and power": (
        Row("unplugged for 3 s", "opened again within two seconds", fault("unplug", seconds=3.0), ("modem_lost", "modem_appeared")),
        Row("unplugged, and back under another name", "a SIM's messages are its own under any name", fault("unplug", seconds=10.0, rename=True), ("modem_lost", "modem_appeared")),
        Row("unplugged for half an hour", "its messages come once it is back", fault("unplug", seconds=1800.0), ("modem_lost", "modem_appeared")),
        Row("unplugged between two parts of a message", "the missing parts are waited for, then marked, and pushed when they come", long_message, ("modem_lost", "part", "gaps")),
        Row("unplugged while a message is deleted", "looked at again before anything is deleted", mid_delete, ("modem_lost",)),
        Row("two modems swap their ports", "who the SIM is is asked at each port", fault("swap_ports", other=1), ("modem_lost", "modem_appeared")),
        Row("a modem starts anew by itself", "set up again, its store read", fault("reboot"), ("modem_restarted",)),
        Row("a modem starts anew around a read", "nothing is believed that was read half", again("reboot", "AT+CMGR"), ("modem_trouble", "modem_recovered")),
        Row("host and modems lose power", "goes on from the journal; an interval begins anew", power_cut, ("started",)),
        Row("a stick comes back from a reset as a CD-ROM", "that model is never reset", "tests/modem/test_ports.py::test_a_modem_that_comes_back_as_a_cd_from_a_reset_is_not_reset"),
        Row("a whole pool under one IMEI", "told apart by their places and SIMs", "tests/modem/test_ports.py::test_a_pool_with_one_imei_behind_a_bridge_keeps_its_modems_apart"),
    ),
    "SIM": (
        Row("a SIM is pulled and put back", "read anew", fault("remove_sim", seconds=120.0), ("sim_changed", "sim_absent")),
        Row("a SIM is pulled without a word from the modem", "noticed by the next look; read anew", fault("remove_sim", seconds=300.0, noticed=False), ("sim_changed", "sim_absent")),
        Row("two modems swap their SIMs", "each message goes under its SIM's number", fault("swap_sims", other=1), ("sim_changed",)),
        Row("two modems swap their SIMs without a word", "the same: the SIM is asked before and after each read", fault("swap_sims", other=1, noticed=False), ("sim_changed",)),
        Row("SIMs are swapped between a listing and its check", "the listing is thrown away", again("swap_sims", "AT+CMGL", other=1), ("sim_changed",)),
        Row("two SIMs swap of which a modem shows only how both ICCIDs begin", "the IMSI tells; a listed ICCID that fits several SIMs gives neither its number", neighbours, ("sim_changed",), (GENERIC, TELIT)),
        Row("a SIM does not tell all of itself right after a start", "asked again, at once while it is busy, else at growing intervals; no number that it may not have", reticent, ("modem_restarted",)),
        Row("a SIM is full", "told; the network keeps what comes", fault("fill"), ("sim_full", "sim_room")),
        Row("a SIM is nearly full", "told at 80 %", fault("fill", leave=3), ("sim_filling", "sim_room")),
        Row("a message takes the place of another", "a slot is deleted only with the content that was read", again("overwrite", "AT+CMGL")),
        Row("OK to a delete that is not done", "seen, and repeated", fault("delete", how="lie", seconds=600.0), ("slot_kept",)),
        Row("ERROR to a delete that is done", "seen to be done", fault("delete", how="deny", seconds=600.0)),
        Row("the PIN is wrong", "sent once, never again, not even after a restart", "tests/modem/test_session.py::test_a_refused_pin_is_never_sent_again_and_another_one_is", ("pin_refused",)),
        Row("power fails before a PIN is answered", "sent again only where the modem tells that no try is gone", "tests/modem/test_session.py::test_a_pin_whose_answer_was_lost_is_sent_again_only_if_no_try_is_gone", ("pin_withheld",)),
        Row("a try at the PIN is gone already", "not sent", "tests/modem/test_session.py::test_a_pin_is_not_sent_where_a_try_is_gone_already", ("pin_withheld",)),
        Row("no network for over a minute", "an alarm until it is back", "tests/modem/test_network_watch.py::test_a_minute_without_network_is_an_alarm_until_it_ends", ("network_lost", "network_found")),
        Row("a SIM is blocked by its operator and gets nothing", "registers anew once, and is named (`modems.silent_after`)", "tests/modem/test_network_watch.py::test_a_silent_modem_registers_anew_once_and_is_named", ("modem_silent",)),
    ),
    "Messages": (
        Row("no message is announced", "found by polling", fault("announce", how="never", seconds=1800.0)),
        Row("each is announced twice", "one slot, one message", fault("announce", how="twice", seconds=1800.0)),
        Row("each is announced late", "found by polling, or when it is announced", fault("announce", how="late", seconds=1800.0)),
        Row("each is announced in a wrong slot", "an announcement is a hint: what is not there is looked for", fault("announce", how="wrong", seconds=1800.0)),
        Row("each is announced in slot -1", "the same", fault("announce", how="minus_one", seconds=1800.0)),
        Row("messages go into the modem's own memory", "found and freed there", fault("into_me", seconds=600.0)),
        Row("a modem is back at its own memory without a word", "which store was read is asked after each reading, and set anew; what came there is held, for it may be an earlier SIM's", back_at_its_own, ("sim_changed", "held")),
        Row("a message comes past the store as a text", "held as unreadable, header and text as octets", fault("text_mode", seconds=600.0), ("held",)),
        Row("a message arrives in the middle of a listing", "one more listing", again("arrive", "AT+CMGL")),
        Row("a status report lies among the messages", "skipped, kept, visible", fault("report"), ("skipped",)),
        Row("messages of days ago lie on a new SIM", "held for the operator (`messages.max_stored_age`)", old_messages, ("held",)),
        Row("the network delivers a message again", "known by its content, deleted, not pushed again", "tests/endtoend/test_arrivals.py::test_a_redelivery_is_deleted_and_not_pushed_again", ("again",)),
        Row("a message that no decoder can read", "held as unreadable, kept on its SIM", "tests/journal/test_intake.py::test_unreadable_and_skipped_messages_are_kept_and_stay_on_the_sim", ("held",)),
    ),
    "Network": (
        Row("the server refuses connections for half an hour", "one message at a time probes; all is kept", server(OK, 1800.0, Line.REFUSING), ("partner_unreachable", "partner_reachable")),
        Row("nothing gets through to the server, nor an error back", "the same, by the time-out", server(OK, 1800.0, Line.DEAD), ("partner_unreachable", "partner_reachable")),
        Row("the connection is reset", "the same", server(NAMED["reset"]), ("failed", "partner_unreachable", "partner_reachable")),
        Row("the server's name is not found", "the same", f"{DIAL}test_a_name_that_is_not_found_is_a_dns_failure", ("failed",)),
        Row("the resolver hangs", "given up in time; addresses found before serve on", f"{DIAL}test_addresses_found_before_serve_while_the_resolver_is_down"),
        Row("one of the server's addresses is dead", "the next one is tried within the attempt", f"{DIAL}test_the_first_address_that_answers_is_used"),
        Row("an idle connection was closed by the server", "a new one, at no cost of an attempt", f"{CONTRACT}test_a_connection_that_the_server_closed_costs_no_attempt"),
        Row("the proxy is down", "told as the proxy's fault", "tests/onlinesim/test_client_proxy.py::test_a_proxy_that_is_down_is_named", ("failed",)),
        Row("the proxy answers instead of the server", "never taken for a verdict", "tests/onlinesim/test_client_proxy.py::test_what_a_proxy_answers_is_never_the_partners_answer", ("failed",)),
    ),
    "HTTP": (
        Row("status 500", "again every `retry_interval`", server(Reply(500, "INTERNAL")), ("failed",)),
        Row("status 503 with Retry-After", "again when the server asks for it", server(Reply(503, "busy", {"Retry-After": "60"})), ("failed",)),
        Row("the server never answers", "given up after `timeout`, again after the interval", server(NAMED["silent"], 900.0), ("failed", "partner_unreachable", "partner_reachable")),
        Row("the answer comes after the time-out", "nobody hears it; the message is pushed again", server(Reply(body="OK", delay=45.0), 900.0), ("failed", "partner_unreachable", "partner_reachable")),
        Row("the answer breaks off in its status line", "no answer; again", server(NAMED["half_status"]), ("failed",)),
        Row("the answer breaks off in its body", "a 200 counts from its status line on", server(NAMED["half_body"])),
        Row("what comes back is no HTTP", "no answer; again", server(NAMED["garbage"]), ("failed",)),
        Row("a redirect", "never followed; an alarm: the URL is wrong", server(NAMED["redirect"]), ("failed", "partner_alarm", "partner_alarm_ended")),
        Row("status 201", "no 200; again", server(NAMED["created"]), ("failed",)),
        Row("an error within a 200", "delivered, with a warning", server(NAMED["error_in_200"]), ("delivered_with_error",)),
        Row("an error page that quotes a message", "no token is looked for in free text; again", server(NAMED["echo_page"]), ("failed",)),
        Row("NO_OPERATION", "not sent again; stays on its SIM", server(NAMED["no_operation"]), ("refused",)),
        Row("BAD_SERVICE", "the same", server(NAMED["bad_service"]), ("refused",)),
        Row("IGNORED", "again every interval, behind all others", server(NAMED["ignored"]), ("failed",)),
        Row("the key is wrong", "an alarm; all is kept, and goes out with the right one", server(NAMED["wrong_key"]), ("failed", "partner_alarm", "partner_alarm_ended")),
        Row("this host's address is not allowed", "an alarm; all is kept", server(Reply(403, '{"response": "API_ACCESS_IP"}', JSON)), ("partner_alarm", "partner_alarm_ended")),
        Row("status 404", "again every interval; `gsmbridge test-push` says that the URL is probably wrong", server(Reply(404, "not found")), ("failed",)),
        Row("a message that the server chokes on", "no other waits behind it", "tests/endtoend/test_answers.py::test_a_message_that_the_server_chokes_on_holds_back_no_other", ("failed",)),
    ),
    "TLS": (
        Row("the certificate has expired, or is another host's", "nothing is sent; again", f"{TLS}test_a_certificate_that_does_not_fit_is_refused", ("failed",)),
        Row("the certificate's authority is unknown", "nothing is sent; again", f"{TLS}test_a_certificate_of_an_unknown_authority_is_refused", ("failed",)),
        Row("the server offers TLS 1.1 only", "nothing is sent; again", f"{TLS}test_tls_before_1_2_is_refused", ("failed",)),
        Row("the handshake stalls", "given up in time; again", f"{TLS}test_a_handshake_that_stalls_ends_in_time", ("failed",)),
        Row("plain HTTP where TLS should be", "told as a failure of TLS; again", f"{TLS}test_a_server_that_speaks_plain_http_is_a_tls_failure", ("failed",)),
    ),
    "Disk": (
        Row("the disk is full", "nothing new is read; verdicts go into the reserve; goes on by itself", disk(READY, READY + 600.0, Space.FULL), ("journal_unwritable", "journal_writable")),
        Row("the disk fails", "nothing new is read or pushed; goes on by itself", disk(READY, READY + 600.0, Space.BROKEN), ("journal_unwritable", "journal_writable")),
        Row("the disk is full at the first start", "the same", disk(0.0, 300.0, Space.FULL), ("journal_unwritable", "journal_writable")),
        Row("the process dies before a commit", "read again from the SIM, or pushed again", crash("before"), ("started",)),
        Row("the process dies within a commit", "the same", crash("inside"), ("started",)),
        Row("the process dies right after a commit", "goes on from there", crash("after"), ("started",)),
        Row("the journal is corrupt", "set aside; what can be read is carried over; no id comes back", f"{JOURNAL}/test_disk.py::test_a_corrupt_journal_is_set_aside_and_ids_do_not_go_back", ("journal_salvaged",)),
        Row("one page of the journal is broken", "it costs what lies in it", f"{JOURNAL}/test_disk.py::test_a_broken_page_costs_only_what_lies_in_it", ("journal_salvaged",)),
        Row("that page told where messages lie", "they are known again by sender, stamp (or that they have none) and text", f"{JOURNAL}/test_disk.py::test_a_message_whose_copies_were_lost_is_known_when_it_is_read_again", ("journal_salvaged",)),
        Row("no room for an upgrade of the journal", "nothing is changed; goes on once there is", f"{JOURNAL}/test_migration.py::test_with_too_little_room_nothing_is_changed_and_it_is_said_plainly", ("journal_unwritable",)),
        Row("the journal is of a newer program", "exit status 78, left as it is", f"{JOURNAL}/test_disk.py::test_a_journal_of_a_newer_program_is_refused_with_78_and_left_as_it_is"),
        Row("the log's disk or reader stands still", "lines are dropped and counted; nothing waits", "tests/service/test_log.py::test_lines_that_could_not_be_told_are_counted_and_reported_once_it_works_again", ("log_lines_lost",)),
    ),
    "Clock": (
        Row("the clock jumps a day ahead", "intervals are measured by the monotonic clock; ids only rise", clock(24.0)),
        Row("the clock jumps a day back", "the same", clock(-24.0)),
        Row("the clock jumps a year back", "the same", clock(-24.0 * 365)),
        Row("the clock jumps a year ahead", "the same; no row is forgotten until it has run on for seven days", clock(24.0 * 365)),
        Row("a message comes once more after the clock leapt by a year", "known, deleted, not pushed again", f"{JOURNAL}/test_intake.py::test_a_clock_that_leapt_tells_no_age_until_it_has_run_on_for_seven_days"),
        Row("the clock jumps both ways while messages wait", "the same", outage_and_clock, ("partner_unreachable", "partner_reachable")),
        Row("the clock is years ahead at the first start", "ids stay above what was given", too_far_ahead),
        Row("1970 at the first start, right soon after, 1970 again at each boot (no RTC)", "a first start waits for the clock; later ones have their ids", no_rtc, ("clock_not_set",)),
        Row("1970 for half an hour from the first start", "after a minute it goes on with ids of its release's date", always_1970, ("clock_not_set",)),
        Row("1970 after a power cut while messages wait", "each waits its whole interval again", outage_without_rtc, ("partner_unreachable", "started")),
        Row("a message comes once more that was deleted in 1970", "known by its own time stamp, deleted, not pushed again", again_after_1970, ("again",)),
        Row("the server's clock differs", "`gsmbridge doctor` says so", "tests/doctor/test_checks.py::test_the_clock_is_compared_with_the_servers"),
        Row("a message with an impossible time stamp", "pushed; its stamp orders nothing", f"{JOURNAL}/test_intake.py::test_a_stamp_from_the_future_or_the_past_orders_nothing"),
    ),
    "Config": (
        Row("the config is wrong at the start", "every mistake with its line; exit status 78", "tests/endtoend/test_process.py::test_a_wrong_config_ends_run_and_check_alike_with_78"),
        Row("the config is wrong at a reload", "the old one stays", "tests/endtoend/test_process.py::test_a_reload_takes_a_good_config_and_refuses_a_bad_one", ("reload_refused",)),
        Row("a key changed that needs a restart", "named", "tests/endtoend/test_process.py::test_a_reload_names_the_keys_that_need_a_restart", ("needs_restart",)),
        Row("the placeholder stands for the key", "a mistake of the config", "tests/config/test_key.py::test_a_placeholder_is_no_key"),
        Row("the key is missing", "names every place where it can be", "tests/config/test_key.py::test_a_missing_key_is_a_mistake_that_names_every_source"),
        Row("one phone or SIM in two rows", "a mistake of the config", "tests/config/test_load.py::test_one_sim_or_phone_in_two_rows_is_a_mistake"),
        Row("another host's place at an old journal", "exit status 78", "tests/endtoend/test_process.py::test_other_hosts_settings_on_an_old_journal_are_refused"),
        Row("the address for metrics is taken", "serves on without, tries again", "tests/web/test_daemon.py::test_an_address_that_is_taken_is_told_and_the_daemon_serves_on", ("no_metrics",)),
        Row("the alarm command fails or hangs", "ended in time; told later", "tests/service/test_alarms.py::test_a_command_that_fails_or_hangs_is_told_and_ended", ("alarm_untold",)),
    ),
    "Operator": (
        Row("a number is disabled and enabled again", "its messages are held, then served", no_number, ("held", "reloaded")),
        Row("a number changes while a message of it waits", "held: it was attempted under the old one", changed_number, ("number_changed",)),
        Row("the service is restarted again and again", "in order, or not at all", stops, ("stopping", "started")),
        Row("the daemon is killed again and again", "nothing lost; twice only what no one can know", kills, ("started",)),
        Row("the daemon is started twice", "the second is refused, with the pid of the first", "tests/endtoend/test_process.py::test_a_second_run_is_refused_and_told_who_has_the_journal"),
        Row("a second daemon is started on the journal by another path", "the same: a link or a bind mount leads to one lock", "tests/crash/test_copies.py::test_a_second_daemon_is_refused_also_where_another_path_leads_to_the_journal"),
        Row("a backup of the journal is put back", "no id comes back; what waited in it goes out once more, with its id and bytes", "tests/crash/test_copies.py::test_a_backup_put_back_gives_no_id_twice_and_pushes_again_only_what_waited_in_it"),
        Row("a card is copied into another machine", "its ids go on far from the first one's", "tests/crash/test_copies.py::test_a_copied_card_in_another_machine_gives_out_other_ids_and_says_so", ("journal_moved",)),
        Row("SIGTERM while the server never answers", "ends in 8 s", "tests/endtoend/test_process.py::test_sigterm_ends_it_though_the_server_never_answers", ("stopping", "stopped")),
        Row("the same message is retried when it was delivered", "refused", "tests/endtoend/test_commands.py::test_retry_sends_a_refused_message_again_but_never_a_delivered_one"),
        Row("SIMs are swapped while the daemon is down", "each message goes under its SIM's number", "tests/endtoend/test_right_number.py::test_sims_swapped_while_the_daemon_is_down"),
    ),
}
# fmt: on


def rows() -> Iterator[Row]:
    for area in MATRIX.values():
        yield from area


def matrix_table() -> str:
    """The table of the docs."""
    lines = []
    for area, faults in MATRIX.items():
        head = "| what goes wrong | the log says | what the program does | drawn at random as |"
        lines += [f"\n## {area}\n", head, "|---|---|---|---|"]
        for row in faults:
            told = ", ".join(f"`{name}`" for name in row.told)
            lines.append(f"| {row.fault} | {told} | {row.does}{_elsewhere(row)} | {_drawn(row)} |")
    return "\n".join(lines) + "\n"


def _drawn(row: Row) -> str:
    """What stands for it in the random simulation, or why nothing does."""
    name = DRAWN[row.fault]
    return f"not: {name}" if isinstance(name, Apart) else name


def _elsewhere(row: Row) -> str:
    """Which test shows it, where that isn't a scenario of this table."""
    return f" (`{row.proof.partition('::')[0]}`)" if isinstance(row.proof, str) else ""
