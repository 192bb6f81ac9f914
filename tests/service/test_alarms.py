"""What stands as an alarm, since when, and who hears of it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gsmbridge.config.schema import Number
from gsmbridge.errors import GsmbridgeError
from gsmbridge.farm.partner import Partner
from gsmbridge.farm.partner_script import Reply
from gsmbridge.farm.virtual import World, run
from gsmbridge.forwarding.fruitless import Streak
from gsmbridge.forwarding.stats import Stats
from gsmbridge.iccid import match
from gsmbridge.modem.status import ModemStatus
from gsmbridge.onlinesim.answer import Alarm as PartnerAlarm
from gsmbridge.service.alarms import KINDS, Alarm, Alarms, Sight, missing
from gsmbridge.service.announce import Announcer, Notice, by_command, by_url
from gsmbridge.service.daily import DAY, Daily, summary
from tests.journal.desk import Log

ROOT = Path(__file__).parents[2]
ICCID = "8970101234567890123"
CALM = Stats(
    waiting=0, in_flight=0, settling=0, oldest=None, unreachable_for=None, paused=False, alarms=(),
    last_success=None, last_error=None, attempts=0, delivered=0, refused=0, failed=0, faults=0,
    errors=(),
)  # fmt: skip
WELL = ModemStatus("/dev/ttyUSB3", "ready", model="E1752", iccid=ICCID, used=3, total=20)
FINE = Sight(CALM, None, (WELL,), (Number(phone="79088081050", iccid=ICCID),))


def kinds(sight: Sight, alarms: Alarms | None = None, mono: float = 0.0) -> list[str]:
    return [alarm.kind for alarm in (alarms or Alarms()).look(sight, mono, 1000.0 + mono)]


def with_modem(**changes: Any) -> Sight:
    return replace(FINE, modems=(replace(WELL, **changes),))


def test_where_nothing_is_wrong_there_is_no_alarm() -> None:
    assert kinds(FINE) == []


@pytest.mark.parametrize(
    ("sight", "kind"),
    [
        (replace(FINE, stats=replace(CALM, unreachable_for=12.0)), "partner_unreachable"),
        *(
            (replace(FINE, stats=replace(CALM, alarms=(each,))), f"partner_{each.value}")
            for each in PartnerAlarm
        ),
        (replace(FINE, trouble="disk full"), "journal_unwritable"),
        (with_modem(used=20), "sim_full"),
        (with_modem(alarms=("not registered in its network (none)",)), "not_registered"),
        (replace(FINE, held={"stale": 2}), "messages_held"),
    ],
)
def test_what_is_wrong_at_once_is_an_alarm_at_once(sight: Sight, kind: str) -> None:
    assert kinds(sight) == [kind]
    assert kind in KINDS


def test_a_modem_is_an_alarm_only_when_it_stays_down_whatever_its_phase() -> None:
    alarms = Alarms()
    for mono, phase in ((0.0, "recovering"), (100.0, "lost"), (299.0, "recovering")):
        assert kinds(with_modem(phase=phase), alarms, mono) == []
    assert kinds(with_modem(phase="lost"), alarms, 300.0) == ["modem_down", "number_missing"]
    assert kinds(FINE, alarms, 301.0) == []
    assert kinds(with_modem(phase="lost"), alarms, 302.0) == []


def test_how_long_a_modem_is_down_is_told_by_the_clock_that_never_leaps() -> None:
    alarms, down = Alarms(), with_modem(phase="lost")
    assert alarms.look(down, 0.0, 10_000.0) == ()
    assert alarms.look(down, 1.0, 13_600.0) == (), "the host's clock went ahead by an hour"
    late = alarms.look(down, down.down_after, 6_400.0)
    assert [alarm.kind for alarm in late] == ["modem_down", "number_missing"]


def test_what_becomes_an_alarm_late_began_when_it_was_first_seen() -> None:
    alarms = Alarms()
    alarms.look(with_modem(phase="recovering"), 0.0, 1000.0)
    for mono in (300.0, 400.0):
        down, _ = alarms.look(with_modem(phase="lost"), mono, 1000.0 + mono)
        assert (down.kind, down.since) == ("modem_down", 1000.0)


@pytest.mark.parametrize(
    ("statuses", "told"),
    [
        ((404,), "no message was accepted for 301 s, 5 were tried and every answer was HTTP 404"),
        ((201, 404), "HTTP 201 or HTTP 404: onlinesim.url may be wrong"),
        ((500, 503), "HTTP 500 or HTTP 503: the partner's server is in trouble"),
    ],
)
def test_that_nothing_is_accepted_is_an_alarm_once_it_lasts(
    statuses: tuple[int, ...], told: str
) -> None:
    alarms = Alarms()
    sight = replace(FINE, stats=replace(CALM, fruitless=Streak(301.0, 5, statuses)))
    assert kinds(sight, alarms, 0.0) == []
    (alarm,) = alarms.look(sight, 300.0, 1300.0)
    assert alarm.kind == "nothing_accepted" and told in alarm.what
    assert alarm.kind in KINDS
    assert kinds(FINE, alarms, 301.0) == []


def test_a_port_that_never_answered_is_no_modem_but_its_number_is_missed() -> None:
    alarms = Alarms()
    silent = replace(FINE, modems=(ModemStatus("/dev/ttyS0", "silent"),))
    kinds(silent, alarms)
    assert kinds(silent, alarms, 300.0) == ["number_missing"]


def test_a_sim_is_found_by_a_shorter_iccid_and_by_its_imsi() -> None:
    rows = (
        Number(phone="1" * 10, iccid=ICCID[:-1]),
        Number(phone="2" * 10, imsi="250011234567890"),
    )
    sight = replace(with_modem(imsi="250011234567890"), numbers=rows, down_after=0.0)
    assert kinds(sight) == []
    unused = replace(sight, numbers=(Number(phone="3" * 10, iccid="89" * 9, enabled=False),))
    assert kinds(unused) == []


@pytest.mark.parametrize(
    ("row", "shown", "found"),
    [
        (ICCID + "4", [ICCID], True),
        (ICCID, [ICCID + "4"], True),
        (ICCID, [ICCID + "4", ICCID + "5"], False),  # which of the two is not known
        (ICCID + "4", [ICCID + "5"], False),
        (ICCID, [ICCID, ICCID + "5"], True),
    ],
)
def test_a_shorter_iccid_means_a_sim_only_where_it_can_mean_one(
    row: str, shown: list[str], found: bool
) -> None:
    modems = tuple(replace(WELL, iccid=iccid) for iccid in shown)
    assert (list(missing([Number(phone="1" * 10, iccid=row)], modems)) == []) is found
    assert (match(row, shown) is not None) is found


def test_an_alarm_keeps_its_beginning_while_it_stands() -> None:
    alarms = Alarms()
    full = with_modem(used=20)
    (first,) = alarms.look(full, 0.0, 1000.0)
    (later,) = alarms.look(full, 60.0, 1060.0)
    assert first.since == later.since == 1000.0
    alarms.look(FINE, 61.0, 1061.0)
    assert alarms.look(full, 90.0, 1090.0)[0].since == 1090.0


def test_every_kind_is_explained_in_the_docs() -> None:
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    assert not [kind for kind in KINDS if f"`{kind}`" not in text]


# ---- telling -----------------------------------------------------------------------------

DOWN = Alarm("modem_down", "/dev/ttyUSB3", "/dev/ttyUSB3: modem is down: lost", 1000.0)
FULL = Alarm("sim_full", "/dev/ttyUSB4", "/dev/ttyUSB4: SIM store full", 1001.0)


class Ear:
    """Somebody who is told, where telling works."""

    def __init__(self) -> None:
        self.heard: list[tuple[list[str], list[str]]] = []
        self.deaf = False
        self.slow = 0.0

    async def __call__(self, notice: Notice) -> None:
        await asyncio.sleep(self.slow)
        if self.deaf:
            raise GsmbridgeError("answered HTTP 500")
        began, ended = ([a.kind for a in alarms] for alarms in (notice.began, notice.ended))
        self.heard.append((began, ended))


def announced(*looks: tuple[float, tuple[Alarm, ...]], ear: Ear, interval: float = 60.0) -> Log:
    """Let an announcer see what stands at each moment."""
    log = Log()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        announcer = Announcer("url", log, "farm1")
        begin = loop.time()
        for at, standing in looks:
            await asyncio.sleep(max(0.0, begin + at - loop.time()))
            announcer.see(standing, ear, interval, loop.time(), 1000.0 + at)
        await asyncio.sleep(1.0)
        await announcer.close()

    run(World(1), main())
    return log


def test_the_beginning_and_the_end_are_told_once() -> None:
    ear = Ear()
    announced((0, ()), (5, (DOWN,)), (10, (DOWN,)), (100, (DOWN,)), (170, ()), (300, ()), ear=ear)
    assert ear.heard == [(["modem_down"], []), ([], ["modem_down"])]


def test_many_alarms_at_once_are_one_telling_and_flapping_is_limited() -> None:
    ear = Ear()
    many = tuple(replace(DOWN, subject=f"/dev/ttyUSB{n}") for n in range(64))
    looks = [(float(n), many if n % 2 else ()) for n in range(1, 60)]
    announced(*looks, ear=ear)
    assert ear.heard == [(["modem_down"] * 64, [])]


def test_what_changed_between_two_tellings_is_told_at_the_next() -> None:
    ear = Ear()
    announced((0, (DOWN,)), (5, (DOWN, FULL)), (30, (FULL,)), (61, (FULL,)), ear=ear)
    assert ear.heard == [(["modem_down"], []), (["sim_full"], ["modem_down"])]


def test_what_could_not_be_told_is_told_later_and_the_trouble_is_logged_once() -> None:
    ear = Ear()
    ear.deaf = True
    looks = [(60.0 * n, (DOWN,)) for n in range(4)]
    log = announced(*looks, ear=ear)
    assert ear.heard == []
    assert log.names() == ["alarm_untold"]
    assert "http" not in str(log.told[0][1]["way"])


def test_a_slow_ear_holds_up_nobody() -> None:
    ear = Ear()
    ear.slow = 0.5
    started = announced((0, (DOWN,)), (0.1, (DOWN, FULL)), ear=ear, interval=1.0)
    assert ear.heard == [(["modem_down"], [])]
    assert started.names() == []


NOTICE = Notice("farm1", 1000.0, (DOWN,), (FULL,), (DOWN,))


def told_by_command(folder: Path, script: str, timeout: float = 20.0, **environ: str) -> None:
    program = folder / "tell.py"
    program.write_text(script)
    path = {"PATH": os.environ["PATH"]}
    send = by_command([sys.executable, str(program), "an argument; $(id)"], timeout, path | environ)
    asyncio.run(send(NOTICE))


def test_a_command_gets_facts_in_its_environment_and_json_on_stdin(tmp_path: Path) -> None:
    script = (
        "import json, os, sys\n"
        f"json.dump([sys.argv[1], dict(os.environ), json.load(sys.stdin)],"
        f" open({str(tmp_path / 'out')!r}, 'w'))\n"
    )
    told_by_command(tmp_path, script, GSMBRIDGE_ONLINESIM_KEY="sesame")
    argument, environ, document = json.loads((tmp_path / "out").read_text())
    assert argument == "an argument; $(id)"  # no shell
    assert "sesame" not in str(environ)
    assert environ["GSMBRIDGE_KINDS"] == "modem_down sim_full"
    assert environ["GSMBRIDGE_SUBJECT"] == (
        "gsmbridge farm1: /dev/ttyUSB3: modem is down: lost, and 1 more"
    )
    assert document["began"][0] == {
        "kind": "modem_down",
        "subject": "/dev/ttyUSB3",
        "what": "/dev/ttyUSB3: modem is down: lost",
        "since": 1000.0,
    }
    assert [alarm["kind"] for alarm in document["ended"]] == ["sim_full"]
    assert [alarm["kind"] for alarm in document["standing"]] == ["modem_down"]


@pytest.mark.parametrize(
    ("script", "timeout", "why"),
    [
        ("raise SystemExit(3)", 20.0, "status 3"),
        ("import time; time.sleep(600)", 0.5, "did not end"),
        ("import os, time\nif os.fork(): time.sleep(600)\ntime.sleep(600)", 0.5, "did not end"),
    ],
)
def test_a_command_that_fails_or_hangs_is_told_and_ended(
    tmp_path: Path, script: str, timeout: float, why: str
) -> None:
    with pytest.raises(GsmbridgeError, match=why):
        told_by_command(tmp_path, script, timeout)


def test_a_command_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(GsmbridgeError, match="can't be started"):
        asyncio.run(by_command([str(tmp_path / "none")], 5.0, {})(NOTICE))


def posted(reply: Reply) -> tuple[Any, Exception | None]:
    """The document that a URL gets, and why telling failed if it did."""

    async def main() -> tuple[Any, Exception | None]:
        partner = Partner(lambda _: reply)
        url = await partner.start()
        failed: Exception | None = None
        try:
            await by_url(url, 10.0, None)(NOTICE)
        except GsmbridgeError as error:
            failed = error
        await partner.close()
        return json.loads(partner.exchanges[0].body), failed

    return asyncio.run(main())


def test_a_url_gets_the_same_document_by_post() -> None:
    document, failed = posted(Reply(status=204))
    assert failed is None
    assert document["began"][0]["kind"] == "modem_down"


def test_an_answer_beyond_2xx_is_no_success() -> None:
    _, failed = posted(Reply(status=500))
    assert str(failed) == "answered HTTP 500"


def test_a_url_that_nobody_listens_at_is_told_without_the_url() -> None:
    with pytest.raises(GsmbridgeError) as caught:
        asyncio.run(by_url("http://127.0.0.1:9/secret-hook", 5.0, None)(NOTICE))
    assert str(caught.value) == "no answer (refused)"


# ---- the daily line ----------------------------------------------------------------------


def at(hour: int, minute: int = 0, day: int = 10) -> float:
    return time.mktime((2026, 12, day, hour, minute, 0, 0, 0, -1))


def days(start: float, *looks: float, hour: int | None = 8) -> list[bool]:
    daily = Daily(start)
    return [daily.due(look, hour) for look in looks]


def test_the_day_is_told_once_at_its_hour() -> None:
    looks = [at(7, 59), at(8, 0), at(8, 1), at(23), at(7, 59, 11), at(8, 2, 11)]
    assert days(at(6), *looks) == [False, True, False, False, False, True]


def test_a_start_after_the_hour_tells_tomorrow() -> None:
    assert days(at(9), at(10), at(8, 0, 11)) == [False, True]


def test_a_clock_that_jumps_tells_at_most_once() -> None:
    assert days(at(7), at(8, 1), at(7, 30), at(8, 0)) == [True, False, True]
    assert days(0.0, at(9), at(9, 1)) == [True, False]
    assert days(at(7), at(12), hour=None) == [False]


def test_the_line_says_what_is_wrong_or_that_nothing_is() -> None:
    counts = dict.fromkeys(("received", "delivered", "refused", "pending"), 1)
    counts |= {"unassigned": 1, "stale": 2, "unreadable": 0}
    assert summary(counts, ())["wrong"] == "nothing is wrong"
    told = summary(counts, (DOWN, FULL))
    assert told["held"] == 3
    assert told["wrong"] == f"wrong: {DOWN.what}; {FULL.what}"
    assert DAY == 86400.0
