"""The modems on the status page, those in trouble first. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gsmbridge.modem.status import ModemStatus
from gsmbridge.service.web.html import Html, tag
from gsmbridge.service.web.snapshot import Books
from gsmbridge.service.web.words import WEAK, Mood, ago, fill, is_modem, mood, phase, span

_COLUMNS = ("Number", "State", "Network", "SIM store", "Last SMS", "Modem")


def render(modems: Sequence[ModemStatus], books: Books, now: float) -> Html:
    """Known modems as a table, and the ports that have shown none in one line."""
    known = sorted(
        (modem for modem in modems if is_modem(modem)),
        key=lambda modem: (-mood(modem), _in_order(modem.path)),
    )
    others = [modem for modem in modems if not is_modem(modem)]
    table = tag(
        "table",
        tag("thead", tag("tr", *(tag("th", name) for name in _COLUMNS))),
        tag("tbody", *(_row(modem, books.heard(modem), now) for modem in known)),
        class_="modems",
    )
    return tag(
        "section",
        tag("h2", "Modems"),
        table if known else tag("p", "None yet: gsmbridge doctor says what keeps them away."),
        tag("p", "Other ports: ", _ports(others), class_="others") if others else None,
    )


def _row(modem: ModemStatus, heard: float | None, now: float) -> Html:
    how, word = phase(modem)
    lasts = f" for {span(now - modem.since)}" if how > Mood.OK and modem.since else ""
    why = modem.last_error if how > Mood.OK else next(iter(modem.alarms), "")
    return tag(
        "tr",
        tag("td", modem.phone or "no number", class_="number"),
        tag(
            "td",
            tag("b", word + lasts, class_=how.word),
            tag("small", why) if why else None,
            class_="state",
        ),
        _network(modem),
        _store(modem),
        tag("td", ago(heard, now), class_="last"),
        tag("td", _name(modem.path), tag("small", _model(modem)), class_="modem"),
        class_=mood(modem).word,
    )


def _network(modem: ModemStatus) -> Html:
    told = [modem.operator] if modem.operator else []
    if modem.registration not in ("", "home"):
        told.append(modem.registration)
    weak = modem.signal is not None and modem.signal < WEAK
    signal = None
    if modem.signal is not None:
        shown = f"{modem.signal} dBm".replace("-", "−") + (", weak" if weak else "")
        signal = tag("small", shown, class_="warn" if weak else None)
    return tag("td", ", ".join(told), signal, class_="network")


def _store(modem: ModemStatus) -> Html:
    if modem.used is None or not modem.total:
        return tag("td", "–", class_="store")
    how = fill(modem.used, modem.total)
    width = round(min(1.0, modem.used / modem.total) * 40)
    bar = tag(
        "svg",
        tag("rect", width=40, height=6, rx=3, class_="rail"),
        tag("rect", width=width, height=6, rx=3, class_=how.word) if width else None,
        width=40,
        height=6,
        aria_hidden="true",
    )
    word = {Mood.OK: "", Mood.WARN: " nearly full", Mood.BAD: " full"}[how]
    return tag("td", bar, f"{modem.used} / {modem.total}{word}", class_=f"store {how.word}")


def _ports(modems: Sequence[ModemStatus]) -> str:
    return ", ".join(f"{_name(modem.path)} ({phase(modem)[1]})" for modem in modems)


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _in_order(path: str) -> list[tuple[str, int]]:
    """Sorts ttyUSB10 behind ttyUSB9."""
    return [(text, int(digits or -1)) for text, digits in re.findall(r"(\D*)(\d*)", path)]


def _model(modem: ModemStatus) -> str:
    return " ".join(word for word in (modem.manufacturer, modem.model) if word)
