"""The status page: how the farm is, at a glance. Pure; no text of a message is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gsmbridge import __version__
from gsmbridge.service.alarms import Alarm
from gsmbridge.service.web import hours, modem_table
from gsmbridge.service.web.html import Html, join, tag
from gsmbridge.service.web.measures import Told
from gsmbridge.service.web.snapshot import Books, Snapshot
from gsmbridge.service.web.words import Mood, ago, count, is_modem, mood, span

REFRESH = 10
"""Seconds after which a browser asks again."""

WARNINGS = ("number_missing", "messages_held", "modem_down", "not_registered")
"""Kinds of alarm under which most messages still arrive."""

IN_A_WORD = {
    "partner_unreachable": "the partner can't be reached",
    "partner_key": "the API key is not accepted",
    "partner_account": "the account may not push",
    "partner_access": "API access is switched off",
    "partner_address": "this host's address is not allowed",
    "partner_url": "the partner's URL is wrong",
    "nothing_accepted": "the partner accepts nothing",
    "journal_unwritable": "the journal can't be written",
    "sim_full": "a SIM is full",
    "modem_down": "a modem is down",
    "number_missing": "a number's SIM is in no modem",
    "not_registered": "a modem has no network",
    "messages_held": "messages wait for you",
}
"""The headline for each kind of alarm, most important first."""

HELD = {
    "unassigned": "no number for their SIM: add it to numbers, reload",
    "stale": "too old on a SIM not seen before: gsmbridge retry, or discard",
    "unreadable": "can't be decoded: gsmbridge messages --state unreadable --text",
    "refused": "the partner wants them not: nobody rents the number, or a banned sender",
}
"""States of messages that are worth a word."""


@dataclass(frozen=True, slots=True)
class Sight:
    """All that the page shows."""

    host: str
    now: Snapshot
    books: Books
    alarms: Sequence[Alarm]
    recent: Sequence[Told]
    """Latest warnings and errors, oldest first."""
    since: float
    """Unix time of the daemon's start."""


def render(sight: Sight) -> bytes:
    """The whole page."""
    worst = overall(sight)
    title = _headline(sight, worst)
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="refresh", content=REFRESH),
        tag("title", f"{title} – {sight.host} – gsmbridge"),
        tag("link", rel="icon", href=f"/{worst.word}.svg", type="image/svg+xml"),
        tag("link", rel="stylesheet", href="/style.css"),
    )
    body = tag(
        "body",
        _banner(sight, worst, title),
        tag(
            "main",
            _alarms(sight),
            _tiles(sight),
            _traffic(sight),
            _held(sight),
            modem_table.render(sight.now.modems, sight.books, sight.now.at),
            _recent(sight),
        ),
        _footer(sight),
    )
    return ("<!DOCTYPE html>\n" + tag("html", head, body, lang="en")).encode()


def overall(sight: Sight) -> Mood:
    """How things stand, all in all."""
    worst = max((_mood(alarm) for alarm in sight.alarms), default=Mood.OK)
    down = any(mood(modem) > Mood.OK for modem in sight.now.modems if is_modem(modem))
    nothing = not any(map(is_modem, sight.now.modems))
    return max(worst, Mood.WARN if down or nothing else Mood.OK)


def _headline(sight: Sight, worst: Mood) -> str:
    title = {Mood.OK: "All well", Mood.WARN: "Needs a look", Mood.BAD: "Trouble"}[worst]
    kinds = {alarm.kind for alarm in sight.alarms if _mood(alarm) is worst}
    word = next((word for kind, word in IN_A_WORD.items() if kind in kinds), None)
    if word is None and worst is Mood.WARN:
        word = _amiss(sight)
    return f"{title}: {word}" if word else title


def _amiss(sight: Sight) -> str:
    """What is not as it should be, and no alarm yet."""
    modems = [modem for modem in sight.now.modems if is_modem(modem)]
    amiss = sum(mood(modem) > Mood.OK for modem in modems)
    return f"{count(amiss, 'modem')} not well" if modems else "no modem found"


def _mood(alarm: Alarm) -> Mood:
    return Mood.WARN if alarm.kind in WARNINGS else Mood.BAD


def _banner(sight: Sight, worst: Mood, title: str) -> Html:
    up, modems = _up(sight)
    told = [
        f"{up} of {count(modems, 'modem')} up" if modems else "no modem found",
        _waiting(sight),
        f"last push {ago(_last_push(sight), sight.now.at)}" if _last_push(sight) else "no push yet",
    ]
    return tag(
        "header",
        tag("p", sight.host, class_="host"),
        tag("h1", title),
        tag("p", " · ".join(told)),
        class_=worst.word,
    )


def _up(sight: Sight) -> tuple[int, int]:
    modems = [modem for modem in sight.now.modems if is_modem(modem)]
    return sum(modem.phase in ("ready", "reading") for modem in modems), len(modems)


def _waiting(sight: Sight) -> str:
    stats = sight.now.stats
    waiting = stats.waiting + stats.in_flight
    if not waiting:
        return "nothing waiting"
    oldest = "" if stats.oldest is None else f", oldest {span(sight.now.at - stats.oldest)}"
    return f"{waiting:,} waiting{oldest}"


def _last_push(sight: Sight) -> float | None:
    return max(sight.now.stats.last_success or 0.0, sight.books.last_delivery or 0.0) or None


def _alarms(sight: Sight) -> Html | None:
    if not sight.alarms:
        return None
    ordered = sorted(sight.alarms, key=lambda alarm: (-_mood(alarm), alarm.since))
    rows = [
        tag(
            "li",
            tag("strong", alarm.what),
            tag("span", f"since {_moment(alarm.since, sight.now.at)}"),
            class_=_mood(alarm).word,
        )
        for alarm in ordered
    ]
    return _section("What is wrong", tag("ul", *rows, class_="alarms"))


def _tiles(sight: Sight) -> Html:
    stats = sight.now.stats
    up, modems = _up(sight)
    day = [state for _, state in sight.books.arrivals]
    return tag(
        "div",
        _tile("Modems up", f"{up} / {modems}", None, Mood.OK if up == modems else Mood.WARN),
        _tile(
            "Waiting",
            f"{stats.waiting + stats.in_flight:,}",
            None if stats.oldest is None else f"oldest {span(sight.now.at - stats.oldest)}",
        ),
        _tile("Delivered", f"{day.count('delivered'):,}", f"of {len(day):,} in 24 h"),
        _tile("Last push", ago(_last_push(sight), sight.now.at), _last_failure(sight)),
        class_="tiles",
    )


def _last_failure(sight: Sight) -> str | None:
    error = sight.now.stats.last_error
    if error is None:
        return None
    status = None if error.status is None else f"HTTP {error.status}"
    word = None if error.error == "http" else error.error
    told = " ".join(part for part in (status, word) if part)
    return f"failed: {told}, {ago(error.at, sight.now.at)}"


def _tile(name: str, value: str, more: str | None, how: Mood = Mood.OK) -> Html:
    return tag(
        "div",
        tag("span", name),
        tag("strong", value, class_=how.word),
        tag("span", more) if more else None,
    )


def _traffic(sight: Sight) -> Html:
    per_hour = hours.by_hour((at for at, _ in sight.books.arrivals), sight.now.at)
    start = datetime.fromtimestamp(sight.now.at - hours.HOURS * 3600)
    return _section(
        "Messages an hour",
        hours.chart(per_hour, sight.now.at),
        tag(
            "p",
            tag("span", f"{start:%H:%M} yesterday"),
            tag("span", f"most {max(per_hour):,}"),
            tag("span", "now"),
            class_="axis",
        ),
    )


def _held(sight: Sight) -> Html | None:
    queue = sight.books.queue
    rows = [
        tag("tr", tag("td", f"{queue[state]:,}"), tag("th", state), tag("td", meaning))
        for state, meaning in HELD.items()
        if queue.get(state)
    ]
    return _section("Kept back", tag("table", *rows, class_="held")) if rows else None


def _recent(sight: Sight) -> Html | None:
    if not sight.recent:
        return None
    rows = [
        tag(
            "li",
            tag("time", _moment(told.at, sight.now.at)),
            tag("span", told.line),
        )
        for told in reversed(sight.recent)
    ]
    return _section("Latest warnings", tag("ol", *rows, class_="recent"))


def _footer(sight: Sight) -> Html:
    return tag(
        "footer",
        f"gsmbridge {__version__}, up {span(sight.now.at - sight.since)}. As of ",
        tag("time", f"{datetime.fromtimestamp(sight.now.at):%Y-%m-%d %H:%M:%S}"),
        f", renewed every {REFRESH} s.",
    )


def _moment(at: float, now: float) -> str:
    """Local time; with its date where that is not within a day."""
    return datetime.fromtimestamp(at).strftime("%H:%M" if now - at < 86400 else "%Y-%m-%d %H:%M")


def _section(title: str, *content: Html) -> Html:
    return tag("section", tag("h2", title), join(*content))
