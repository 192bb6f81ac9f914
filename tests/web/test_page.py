"""The status page: what it says, and what it can't be made to say."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from html.parser import HTMLParser

from gsmbridge.events import Level
from gsmbridge.modem import status
from gsmbridge.modem.status import ModemStatus
from gsmbridge.service.alarms import KINDS, Alarm
from gsmbridge.service.web import hours, page, words
from gsmbridge.service.web.html import Html, join, tag
from gsmbridge.service.web.measures import Told
from gsmbridge.service.web.words import Mood
from tests.web.sight import BOOKS, CALM, NOW, READY, STATS, UNREACHABLE, sight, troubled

HOSTILE = '"><script>alert(1)</script><img src=x onerror=y>\u202e\x1b[31m'


class Elements(HTMLParser):
    """What a browser would find."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


def html(shown: page.Sight) -> str:
    return page.render(shown).decode()


def headline(shown: page.Sight) -> str:
    found = re.search("<h1>(.*?)</h1>", html(shown))
    assert found
    return found[1]


def test_a_calm_farm_is_all_well() -> None:
    text = html(sight())
    assert headline(sight()) == "All well"
    assert "1 of 1 modem up · nothing waiting · last push 12 s ago" in text
    assert "/ok.svg" in text
    assert "What is wrong" not in text


def test_an_alarm_is_the_headline() -> None:
    shown = sight(alarms=(UNREACHABLE,))
    assert headline(shown) == "Trouble: the partner can&#x27;t be reached"
    assert "/bad.svg" in html(shown)


def test_the_worst_alarm_comes_first() -> None:
    text = html(troubled())
    assert text.index(UNREACHABLE.what) < text.index("/dev/ttyUSB1 is down")


def test_every_kind_of_alarm_has_its_headline() -> None:
    assert set(page.IN_A_WORD) == set(KINDS)
    for kind in KINDS:
        assert ": " in headline(sight(alarms=(Alarm(kind, "", "what", NOW),)))


def test_a_modem_that_is_down_wants_a_look_before_it_is_an_alarm() -> None:
    shown = sight(READY, replace(READY, path="/dev/ttyUSB1", phase="lost"))
    assert headline(shown) == "Needs a look: 1 modem not well"
    assert "1 of 2 modems up" in html(shown)


def test_no_modem_at_all_wants_a_look() -> None:
    shown = sight(now=replace(CALM, modems=()))
    assert headline(shown) == "Needs a look: no modem found"
    assert "no modem found" in html(shown)


def test_modems_in_trouble_come_first_then_by_number() -> None:
    paths = ["/dev/ttyUSB10", "/dev/ttyUSB9", "/dev/ttyUSB11"]
    modems = [replace(READY, path=path) for path in paths]
    modems[2] = replace(modems[2], phase="no-sim")
    text = html(sight(*modems))
    assert text.index("ttyUSB11") < text.index("ttyUSB9") < text.index("ttyUSB10")


def test_ports_without_a_modem_are_not_counted() -> None:
    text = html(sight(READY, ModemStatus("/dev/ttyS0", phase="silent")))
    assert "1 of 1 modem up" in text
    assert "ttyS0 (does not answer)" in text


def test_the_last_message_of_a_sim_is_known_across_restarts() -> None:
    books = replace(BOOKS, last_sms={str(READY.iccid): NOW - 7200})
    assert "2 h ago" in html(sight(replace(READY, last_sms=None), books=books))


def test_a_full_sim_is_said_in_words() -> None:
    assert "20 / 20 full" in html(sight(replace(READY, used=20)))
    assert "16 / 20 nearly full" in html(sight(replace(READY, used=16)))


def test_what_others_wrote_stays_text() -> None:
    hostile = replace(
        READY, phone=HOSTILE, operator=HOSTILE, model=HOSTILE, path=HOSTILE, last_error=HOSTILE
    )
    shown = sight(
        hostile,
        replace(hostile, phase="lost", alarms=(HOSTILE,)),
        host=HOSTILE,
        alarms=(Alarm(HOSTILE, HOSTILE, HOSTILE, NOW),),
        recent=(Told(NOW, Level.ERROR, HOSTILE),),
    )
    text = html(shown)
    assert Elements(text).names == Elements(html(troubled())).names
    assert "onerror" not in Elements(text).attributes
    assert "\u202e" not in text and "\x1b" not in text


def test_nothing_on_it_needs_a_script_an_inline_style_or_another_server() -> None:
    found = Elements(html(troubled()))
    assert not found.names & {"script", "style", "img", "iframe", "form", "input", "a"}
    assert "style" not in found.attributes
    assert not [name for name in found.attributes if name.startswith("on")]
    assert set(found.links) == {"/bad.svg", "/style.css"}


def test_a_farm_of_512_is_a_page_of_moderate_size() -> None:
    many = [replace(READY, path=f"/dev/ttyUSB{number}") for number in range(512)]
    assert len(page.render(sight(*many))) < 400_000


def test_what_is_kept_back_is_named_with_what_to_do() -> None:
    text = html(troubled())
    assert "Kept back" in text and "unassigned" in text and "gsmbridge retry" in text


def test_the_last_failure_is_told_beside_the_last_push() -> None:
    assert "failed: HTTP 503, 3 s ago" in html(troubled())
    refused = replace(STATS, last_error=None)
    assert "failed:" not in html(sight(now=replace(CALM, stats=refused)))


def test_messages_are_counted_by_the_hour_they_were_read() -> None:
    counted = hours.by_hour((at for at, _ in BOOKS.arrivals), NOW)
    assert len(counted) == 24
    assert (counted[-1], counted[-3], sum(counted)) == (1, 2, 3)
    assert hours.by_hour([NOW + 5, NOW - 90_000], NOW) == [0] * 23 + [1]


def test_a_chart_of_nothing_is_flat() -> None:
    assert 'class="bar"' not in hours.chart([0] * 24, NOW)


def test_text_is_escaped_and_markup_is_not() -> None:
    assert tag("p", "<b>", tag("b", "x"), None) == "<p>&lt;b&gt;<b>x</b></p>"
    assert tag("p", class_="a b", data_x='"') == '<p class="a b" data-x="&quot;"></p>'
    assert isinstance(join("a"), Html)


def test_lengths_of_time_are_told_in_their_largest_unit() -> None:
    assert [words.span(s) for s in (-3, 59, 119, 120, 7199, 7200, 200_000)] == [
        "0 s", "59 s", "119 s", "2 min", "119 min", "2 h", "2 d",
    ]  # fmt: skip
    assert words.ago(None, NOW) == "–"


def test_every_phase_that_a_modem_can_be_in_has_a_word() -> None:
    told = re.search(r"One word: (.*?)\.", inspect.getsource(status))
    assert told
    assert set(told[1].split(", ")) == set(words.PHASES)
    assert words.phase(replace(READY, phase="new")) == (Mood.WARN, "new")
