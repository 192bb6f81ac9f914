"""What Prometheus is told, and that alerts and dashboard ask for what is told."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from gsmbridge.clock import SystemClock
from gsmbridge.events import Silent
from gsmbridge.farm.virtual import SimulatedClock, World, run
from gsmbridge.forwarding import events as forwarding
from gsmbridge.journal import events as journal
from gsmbridge.message import Outgoing
from gsmbridge.modem.status import ModemStatus
from gsmbridge.service.web import measures as measuring
from gsmbridge.service.web.exposition import Counts, exposition
from gsmbridge.service.web.measures import Measures
from tests.web.sight import BOOKS, CALM, READY, UNREACHABLE, samples, troubled

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "docs" / "alerts.yml"
DASHBOARD = ROOT / "docs" / "grafana.json"

Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def figures(text: bytes) -> Figures:
    """Every sample, as a scraper reads it."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def scrape(*modems: ModemStatus, measures: Measures | None = None) -> bytes:
    measures = measures or Measures(Silent(), SystemClock())
    now = replace(CALM, modems=modems or CALM.modems)
    return exposition(measures.registry, now, BOOKS, (UNREACHABLE,), Counts({"delivered": 3}, 2))


def pushed(measures: Measures, phone: str, kind: object = forwarding.DELIVERED) -> None:
    assert kind in (forwarding.DELIVERED, forwarding.FAILED, forwarding.REFUSED)
    measures.emit(kind, sms_id=1, phone=phone)  # type: ignore[arg-type]


def test_how_things_stand_is_told() -> None:
    told = figures(scrape())
    modem = ("modem", "/dev/ttyUSB0")
    assert told["gsmbridge_messages", (("state", "delivered"),)] == 3
    assert told["gsmbridge_messages", (("state", "pending"),)] == 0
    assert told["gsmbridge_modem_up", (modem,)] == 1
    assert told["gsmbridge_modem_signal_dbm", (modem,)] == -71
    assert told["gsmbridge_sim_slots_used", (modem,)] == 3
    assert told["gsmbridge_modem_phase", (modem, ("phase", "ready"))] == 1
    assert told["gsmbridge_modem_recoveries_total", (modem, ("rung", "reset"))] == 1
    assert told["gsmbridge_push_errors_total", (("error", "NO_OPERATION"),)] == 1
    assert told["gsmbridge_alarms", (("kind", "partner_unreachable"),)] == 1
    assert told["gsmbridge_alarms", (("kind", "journal_unwritable"),)] == 0
    assert told["gsmbridge_events_total", (("event", "delivered"),)] == 3
    assert told["gsmbridge_log_lines_lost_total", ()] == 2


def test_a_modem_can_be_joined_to_its_number() -> None:
    (labels,) = [
        dict(labels) for name, labels in figures(scrape()) if name == "gsmbridge_modem_info"
    ]
    assert labels["phone"] == "79080000000"
    assert labels["iccid"] == READY.iccid


def test_a_modem_of_which_nothing_is_known_has_no_figures_that_would_be_guesses() -> None:
    told = figures(scrape(ModemStatus("/dev/ttyS0", phase="silent")))
    names = {name for name, labels in told if ("modem", "/dev/ttyS0") in labels}
    assert "gsmbridge_modem_up" not in names
    assert "gsmbridge_modem_signal_dbm" not in names
    assert "gsmbridge_modem_phase" in names


def test_what_a_modem_says_can_inject_no_label_and_no_line() -> None:
    evil = 'x"} 1\ngsmbridge_modem_up{modem="y"} 1\n# \\\ud800\u2028' + "z" * 500
    clean, told = (
        figures(scrape()),
        figures(scrape(replace(READY, operator=evil, model=evil, manufacturer=evil, phone=evil))),
    )
    assert {name for name, _ in told} == {name for name, _ in clean}
    assert len(told) == len(clean)
    longest = max(len(value) for _, labels in told for _, value in labels)
    assert longest < 500


def test_neither_text_nor_sender_nor_pdu_is_told() -> None:
    measures = Measures(Silent(), SystemClock())
    measures.emit(
        journal.RECEIVED, sms_id=1, phone="7908", phone_from="SENDER", text="SECRET", pdu="0791"
    )
    measures.emit(journal.HELD, sms_id=2, state="stale", phone_from="x", reason="r", text="SECRET")
    text = scrape(measures=measures)
    assert b"SECRET" not in text and b"SENDER" not in text and b"0791" not in text
    assert "SECRET" not in measures.recent[0].line


def test_pushes_are_counted_by_number_and_outcome() -> None:
    measures = Measures(Silent(), SystemClock())
    for kind in (forwarding.FAILED, forwarding.FAILED, forwarding.DELIVERED, forwarding.REFUSED):
        pushed(measures, "79080000000", kind)
    told = figures(scrape(measures=measures))
    phone = ("phone", "79080000000")
    assert told["gsmbridge_pushes_total", (("outcome", "failed"), phone)] == 2
    assert told["gsmbridge_pushes_total", (("outcome", "delivered"), phone)] == 1
    assert told["gsmbridge_pushes_total", (("outcome", "refused"), phone)] == 1


def test_numbers_without_end_share_one_figure() -> None:
    measures = Measures(Silent(), SystemClock())
    for number in range(measuring.MOST_NUMBERS + 5):
        pushed(measures, str(number))
    told = figures(scrape(measures=measures))
    other = (("outcome", "delivered"), ("phone", measuring.OTHER))
    assert told["gsmbridge_pushes_total", other] == 5


def test_delays_are_timed_from_arrival_attempt_and_time_stamp() -> None:
    world = World()
    clock = SimulatedClock(world)
    measures = Measures(Silent(), clock)

    class Answered:
        status = 200

    async def push(message: Outgoing) -> Answered:
        world.now += 0.2
        return Answered()

    async def story() -> None:
        measures.emit(journal.RECEIVED, sms_id=1)
        world.now += 2.0
        message = Outgoing(1, "7908", "x", "text", order=clock.wall() - 4.0)
        await measures.timed_push(push)(message)  # type: ignore[arg-type]

    run(world, story())
    told = figures(scrape(measures=measures))
    assert told["gsmbridge_first_attempt_delay_seconds_sum", ()] == pytest.approx(2.0)
    assert told["gsmbridge_attempt_duration_seconds_sum", ()] == pytest.approx(0.2)
    assert told["gsmbridge_delivery_delay_seconds_sum", ()] == pytest.approx(4.2)


def test_an_attempt_that_raises_is_timed_too() -> None:
    measures = Measures(Silent(), SimulatedClock(World()))

    async def push(message: Outgoing) -> None:
        raise TimeoutError

    async def story() -> None:
        with pytest.raises(TimeoutError):
            await measures.timed_push(push)(Outgoing(1, "7", "x", "t", 0.0))  # type: ignore[arg-type]

    run(World(), story())
    assert figures(scrape(measures=measures))["gsmbridge_attempt_duration_seconds_count", ()] == 1


def test_messages_that_are_never_attempted_are_forgotten_in_the_end() -> None:
    measures = Measures(Silent(), SystemClock())
    for sms_id in range(measuring.MOST_UNATTEMPTED + 10):
        measures.emit(journal.RECEIVED, sms_id=sms_id)
    assert len(measures._arrived) == measuring.MOST_UNATTEMPTED


def test_the_text_is_what_prometheus_itself_takes() -> None:
    _promtool("check", "metrics", stdin=scrape(*troubled().now.modems))


def test_a_scrape_of_512_modems_does_not_take_long() -> None:
    measures = Measures(Silent(), SystemClock())
    modems = [replace(READY, path=f"/dev/ttyUSB{number}") for number in range(512)]
    for number in range(512):
        pushed(measures, str(79080000000 + number))
    began = time.process_time()
    text = scrape(*modems, measures=measures)
    print(f"{len(text)} bytes in {time.process_time() - began:.3f} s")
    assert text.count(b"gsmbridge_modem_up{") == 512


# Alerts and dashboard


def _expressions() -> list[str]:
    rules = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))
    found = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    for panel in board["panels"]:
        found += [target["expr"] for target in panel.get("targets", [])]
    return found


def test_alerts_and_dashboard_ask_only_for_what_is_told() -> None:
    asked = {name for expr in _expressions() for name in re.findall(r"\bgsmbridge_\w+", expr)}
    assert asked
    assert asked <= samples()


def test_alerts_and_dashboard_name_only_labels_and_kinds_that_exist() -> None:
    told = figures(scrape(*troubled().now.modems))
    labels = {name for _, labels in told for name, _ in labels} | {"job", "instance"}
    kinds = {dict(labels)["kind"] for name, labels in told if name == "gsmbridge_alarms"}
    for expr in _expressions():
        for name, value in re.findall(r'(\w+)[=!]~?"([^"]*)"', expr):
            assert name in labels, expr
            if name == "kind":
                assert all(re.search(word, " ".join(kinds)) for word in value.split("|")), expr


def test_every_alert_says_what_to_do() -> None:
    rules = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))
    for group in rules["groups"]:
        for rule in group["rules"]:
            assert rule["labels"]["severity"] in ("page", "ticket")
            assert rule["annotations"]["summary"] and rule["annotations"]["description"]


def test_promtool_takes_the_alerts() -> None:
    _promtool("check", "rules", str(ALERTS))


def test_alerts_come_when_they_should(tmp_path: Path) -> None:
    case = tmp_path / "test.yml"
    cases = ROOT / "tests" / "web" / "alerts_test.yml"
    case.write_text(cases.read_text(encoding="utf-8").replace("ALERTS", str(ALERTS)))
    _promtool("test", "rules", str(case))


def _promtool(*arguments: str, stdin: bytes = b"") -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (Debian: apt install prometheus)")
    done = subprocess.run([promtool, *arguments], input=stdin, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
