"""The defences of docs/security.md, each taken away: the test that is named there must fail."""

from __future__ import annotations

from tests.mutations.mutant import Mutant


def without(what: str, file: str, old: str, new: str, *tests: str) -> Mutant:
    return Mutant("safety", what, file, old, new, tests)


DEFENCES: tuple[Mutant, ...] = (
    without(
        "control characters are logged as they came",
        "service/log.py",
        "from gsmbridge.printable import printable",
        "printable = str",
        "service/test_log.py::test_a_sender_cannot_forge_a_line",
    ),
    without(
        "the journal's fields end with their line",
        "service/log.py",
        'return name.encode("ascii") + b"\\n" + struct.pack("<Q", len(data)) + data + b"\\n"',
        'return name.encode("ascii") + b"=" + data + b"\\n"',
        "service/test_log.py::test_no_value_can_begin_a_field_of_its_own",
    ),
    without(
        "the terminal gets what a sender wrote",
        "cli/table.py",
        "return printable(str(value))",
        "return str(value)",
        "cli/test_shown.py::test_a_message_is_one_whole_line_whatever_its_sender_wrote",
        "cli/test_hostile.py::test_no_command_shows_what_others_wrote_as_they_wrote_it[of_status]",
        "cli/test_hostile.py::test_no_command_shows_what_others_wrote_as_they_wrote_it[of_scan]",
        "cli/test_hostile.py::test_no_command_shows_what_others_wrote_as_they_wrote_it[of_identify]",
    ),
    without(
        "a formula goes into the spreadsheet",
        "cli/messages.py",
        """return "'" + value""",
        "return value",
        "cli/test_messages.py::test_csv_has_a_header_and_no_formula",
    ),
    without(
        "text is markup on the status page",
        "service/web/html.py",
        "Html(escape(printable(text)))",
        "Html(printable(text))",
        "web/test_page.py::test_what_others_wrote_stays_text",
    ),
    without(
        "a modem chooses labels of any length and kind",
        "service/web/exposition.py",
        "return printable(value[:LONGEST_LABEL])",
        "return value",
        "web/test_metrics.py::test_what_a_modem_says_can_inject_no_label_and_no_line",
    ),
    without(
        "a question to the journal is pasted into its SQL",
        "journal/queries.py",
        "    rows = db.execute(_MESSAGES, asdict(wanted)).fetchall()",
        """\
    query = _MESSAGES
    for name, value in asdict(wanted).items():
        pasted = "NULL" if value is None else value if name != "sender" else f"'{value}'"
        query = query.replace(f":{name}", str(pasted))
    rows = db.execute(query).fetchall()""",
        "journal/test_flood.py::test_sql_in_a_sender_or_a_text_is_text",
    ),
    without(
        "any word makes a message the program's own",
        "journal/own.py",
        """known = db.execute("SELECT 1 FROM own_words WHERE word = ?", (found[1],)).fetchone()""",
        "known = True",
        "journal/test_own.py::test_a_message_with_no_word_of_ours_is_pushed",
    ),
    without(
        "a number may hold as many places as it wants",
        "forwarding/schedule.py",
        "self._number_limit = max(1, max_in_flight // 4)",
        "self._number_limit = max_in_flight",
        "forwarding/test_dispatcher.py::test_a_flood_to_one_number_costs_the_others_nothing",
    ),
    without(
        "old rows are never forgotten",
        "journal/prune.py",
        "WHERE erased IN (0, 1) AND settled_at < ? AND NOT",
        "WHERE erased IN (9) AND settled_at < ? AND NOT",
        "journal/test_flood.py::test_a_flood_takes_a_bounded_room_for_each_message_and_that_is_used_again",
    ),
    without(
        "no certificate is checked",
        "onlinesim/client.py",
        "context.minimum_version = ssl.TLSVersion.TLSv1_2",
        "context.check_hostname, context.verify_mode = False, ssl.CERT_NONE",
        "onlinesim/test_client_tls.py::test_a_certificate_that_does_not_fit_is_refused",
        "onlinesim/test_client_tls.py::test_nothing_is_sent_to_a_server_that_is_not_trusted",
    ),
    without(
        "the name in a certificate is not checked",
        "onlinesim/client.py",
        "context.minimum_version = ssl.TLSVersion.TLSv1_2",
        "context.check_hostname = False",
        "onlinesim/test_client_tls.py::test_a_certificate_that_does_not_fit_is_refused[elsewhere-DNS:elsewhere.example-30-mismatch]",
    ),
    without(
        "TLS 1.1 will do",
        "onlinesim/client.py",
        "context.minimum_version = ssl.TLSVersion.TLSv1_2",
        'context.minimum_version = ssl.TLSVersion.TLSv1; context.set_ciphers("ALL:@SECLEVEL=0")',
        "onlinesim/test_client_tls.py::test_tls_before_1_2_is_refused",
    ),
    without(
        "http shows the key to everyone",
        "onlinesim/address.py",
        "if not address.tls and not allow_http and not _is_loopback(address.host):",
        "if False:",
        "onlinesim/test_address.py::test_http_elsewhere_must_be_allowed",
    ),
    without(
        "a body has no end",
        "onlinesim/reply.py",
        "self.ended = len(self._body) > MAX_BODY",
        "pass",
        "onlinesim/test_reply.py::test_a_body_of_64_kib_is_read_and_a_longer_one_is_not",
    ),
    without(
        "interim responses and crumbs have no end",
        "onlinesim/reply.py",
        "if self._events > MAX_EVENTS:",
        "if False:",
        "onlinesim/test_reply.py::test_interim_responses_without_end_are_no_answer",
        "onlinesim/test_reply.py::test_a_body_in_crumbs_is_one_too_long",
    ),
    without(
        "what came unasked answers the next request",
        "onlinesim/client.py",
        "if now - since <= MAX_IDLE and stream.quiet():",
        "if now - since <= MAX_IDLE:",
        "onlinesim/test_client_contract.py::test_what_comes_unasked_on_an_idle_connection_answers_no_request",
    ),
    without(
        "a proxy's answer to CONNECT is not looked at",
        "onlinesim/client.py",
        "if not reply.tunnel:",
        "if False:",
        "onlinesim/test_client_proxy.py::test_what_a_proxy_answers_is_never_the_partners_answer",
    ),
    without(
        "others may read the journal",
        "journal/files.py",
        "os.O_CREAT, 0o640)",
        "os.O_CREAT, 0o666)",
        "journal/test_disk.py::test_nobody_else_can_read_the_files",
    ),
    without(
        "others may look into its folder",
        "journal/database.py",
        "mkdir(mode=0o750,",
        "mkdir(mode=0o755,",
        "journal/test_disk.py::test_nobody_else_can_read_the_files",
    ),
    without(
        "anybody may give orders",
        "service/control.py",
        "os.umask(0o117)",
        "os.umask(0o000)",
        "service/test_control.py::test_only_the_service_and_its_group_may_ask",
    ),
    without(
        "there is no end to the clients of the socket",
        "service/control.py",
        "if len(self._clients) >= MOST_CONNECTIONS:",
        "if False:",
        "service/test_control.py::test_a_client_too_many_is_hung_up_on_and_the_next_is_served",
    ),
    without(
        "there is no end to the clients of the metrics",
        "service/web/http.py",
        "if len(self._clients) < MOST_CONNECTIONS:",
        "if True:",
        "web/test_http.py::test_clients_that_say_nothing_are_bounded_and_those_beyond_are_hung_up_on",
    ),
    without(
        "a port is not locked",
        "at/serial_port.py",
        "fcntl.ioctl(descriptor, termios.TIOCEXCL)",
        "pass",
        "at/test_serial_port.py::test_a_port_is_locked_while_open_and_free_afterwards",
    ),
    without(
        "a line that is no YAML is shown, key and all",
        "config/document.py",
        'f", at {name[1]}" if name else ""',
        'f", at {written}"',
        "config/test_key.py::test_a_line_that_is_no_yaml_shows_no_key",
    ),
    without(
        "asyncio quotes what a callback was given",
        "service/log.py",
        "{told.partition('(')[0]}",
        "{told}",
        "service/test_log.py::test_an_error_in_a_callback_quotes_neither_itself_nor_what_the_callback_was_given",
    ),
    without(
        "an error that quotes a modem goes to the terminal",
        "cli/main.py",
        "{printable(str(error))}",
        "{error}",
        "cli/test_hostile.py::test_an_error_that_quotes_a_modem_is_one_line",
    ),
)
