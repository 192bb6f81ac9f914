"""What the stand-in for the partner's server answers: replies and rules, as data.

A `Reply` says which bytes go out, how fast, and how the connection ends. A script chooses one for
each request: any function of the request, or `Rules` read from a YAML file such as

    - {phone: "79088081050", answer: no_operation}
    - {text: "code .* 42", attempt: 1, answer: {status: 503, headers: {Retry-After: "1"}}}
    - {ratio: 0.1, answer: {status: 500, body: oops, delay: 0.2}}
    - {answer: ok}

The first rule that fits is taken; where none does, the answer is `ok`.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

import yaml


@dataclass(frozen=True, slots=True)
class Request:
    """A push as it came."""

    number: int
    """Counted over all requests from 1."""
    sms_id: int
    """0 where the body is no push."""
    phone: str
    phone_from: str
    text: str
    attempt: int
    """Counted from 1 over the requests with this `smsId`."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back, and how."""

    status: int = 200
    body: str = ""
    """`{text}`, `{phone}`, `{sms_id}` in it are replaced by the request's."""
    headers: Mapping[str, str] | None = None
    framing: Literal["length", "chunked", "close"] = "length"
    """How the end of the body is told."""
    informational: Sequence[int] = ()
    """1xx responses that go before."""
    raw: str | None = None
    """Sent instead of all the above, a character a byte."""
    delay: float = 0.0
    """Seconds before the first byte."""
    cut: int | None = None
    """Only so many bytes of it are sent; negative: all but so many."""
    drip: float = 0.0
    """Seconds before each byte."""
    pause_after: str | None = None
    """Stall behind the first occurrence of this, for *pause* seconds."""
    pause: float = 0.0
    then: Literal["keep", "close", "reset", "hang", "endless"] = "keep"
    """At the end: wait for the next request, close, reset, wait for the peer to close, or send
    filler until it does."""

    def wire(self, request: Request) -> bytes:
        """The bytes that go out, *cut* applied."""
        whole = self._whole(request) if self.raw is None else self.raw.encode("latin-1")
        return whole if self.cut is None else whole[: self.cut]

    def _whole(self, request: Request) -> bytes:
        body = self.body
        for name in ("text", "phone", "sms_id"):
            body = body.replace("{" + name + "}", str(getattr(request, name)))
        content = body.encode()
        lines = [f"HTTP/1.1 {code} Wait\r\n\r\n" for code in self.informational]
        lines.append(f"HTTP/1.1 {self.status} Scripted\r\n")
        headers = {"Content-Type": "text/plain; charset=utf-8", **(self.headers or {})}
        if self.framing == "length":
            headers.setdefault("Content-Length", str(len(content)))
        elif self.framing == "chunked":
            headers["Transfer-Encoding"] = "chunked"
            chunks = [content[at : at + 7] for at in range(0, len(content), 7)]
            content = b"".join(b"%x\r\n%b\r\n" % (len(c), c) for c in [*chunks, b""])
        else:
            headers["Connection"] = "close"
        lines += [f"{name}: {value}\r\n" for name, value in headers.items()]
        return "".join([*lines, "\r\n"]).encode("latin-1") + content


Script = Callable[[Request], Reply]

JSON = {"Content-Type": "application/json"}
ECHO_PAGE = "<html><body><h1>Error</h1><p>NO_OPERATION was found in: {text}</p></body></html>"

NAMED: dict[str, Reply] = {
    "ok": Reply(body="OK"),
    "no_operation": Reply(400, "NO_OPERATION"),
    "no_op": Reply(400, '{"response": "ERROR_NO_OP"}', JSON),
    "bad_service": Reply(403, '"BAD_SERVICE"', JSON),
    "ignored": Reply(400, '{"error": {"code": "ignored"}}', JSON),
    "service_ban": Reply(400, '{"response": "SERVICE_BAN"}', JSON),
    "wrong_key": Reply(401, '{"response": "ERROR_WRONG_KEY"}', JSON),
    "unavailable": Reply(503, "down", {"Retry-After": "1"}),
    "too_many": Reply(429, "slow down", {"Retry-After": "1"}),
    "redirect": Reply(302, "", {"Location": "/elsewhere"}),
    "created": Reply(201, "OK"),
    "no_content": Reply(204, "", framing="close", then="close"),
    "echo_page": Reply(500, ECHO_PAGE, {"Content-Type": "text/html"}),
    "error_in_200": Reply(200, '{"response": "NO_OPERATION"}', JSON),
    "chunked": Reply(body="OK, in pieces", framing="chunked"),
    "until_close": Reply(body="OK", framing="close", then="close"),
    "early_hints": Reply(body="OK", informational=(100, 103)),
    "slow": Reply(body="OK", delay=1.0),
    "drip": Reply(body="OK", drip=0.1),
    "stalled_head": Reply(body="OK", pause_after="Scripted\r\n", pause=3600.0),
    "half_body": Reply(body="only half of this", cut=-8, then="close"),
    "half_status": Reply(cut=10, then="close"),
    "silent": Reply(cut=0, then="hang"),
    "closed": Reply(cut=0, then="close"),
    "reset": Reply(cut=0, then="reset"),
    "huge": Reply(400, "NO_OPERATION" + " " * 1_000_000),
    "endless": Reply(body="OK", framing="close", then="endless"),
    "garbage": Reply(raw="\x16\x03\x01 this is no HTTP\r\n\r\n", then="close"),
}
"""Answers that rules can name; a script can also be just one of them."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a script: conditions, all of which must hold, and the answer."""

    answer: Reply
    phone: str | None = None
    text: str | None = None
    """A regular expression that must be found in the text."""
    attempt: int | None = None
    ratio: float = 1.0
    """Fits this part of the requests, chosen by the seed, `smsId` and attempt alone."""

    def fits(self, request: Request, seed: int) -> bool:
        if self.phone is not None and self.phone != request.phone:
            return False
        if self.text is not None and not re.search(self.text, request.text):
            return False
        if self.attempt is not None and self.attempt != request.attempt:
            return False
        return self.ratio >= 1.0 or self.ratio > _chance(request, seed)


@dataclass(frozen=True, slots=True)
class Rules:
    """A script made of rules. The order in which requests come does not matter to it."""

    rules: tuple[Rule, ...]
    seed: int = 0

    def __call__(self, request: Request) -> Reply:
        fitting = (rule.answer for rule in self.rules if rule.fits(request, self.seed))
        return next(fitting, NAMED["ok"])


def load_script(name: str, seed: int = 0) -> Script:
    """The script called *name*: one of `NAMED`, else a YAML file. ValueError if it is wrong."""
    if name in NAMED:
        return Rules((Rule(NAMED[name]),), seed)
    rows = yaml.safe_load(Path(name).read_text(encoding="utf-8"))
    if not isinstance(rows, list):
        raise ValueError(f"{name}: must be a list of rules")
    return Rules(tuple(_rule(row) for row in rows), seed)


def parse_request(number: int, body: bytes, attempts: dict[int, int]) -> Request:
    """What *body* says; *attempts* counts the requests of each `smsId` and is brought up to date.

    A body that is no push still gives a request, with empty fields.
    """
    try:
        push = json.loads(body)
        sms_id = int(push["smsId"])
        phone, sender, text = (str(push[name]) for name in ("phone", "phoneFrom", "text"))
    except (ValueError, TypeError, KeyError):
        sms_id, phone, sender, text = 0, "", "", ""
    attempts[sms_id] = attempts.get(sms_id, 0) + 1
    return Request(number, sms_id, phone, sender, text, attempts[sms_id])


def _rule(row: dict[str, Any]) -> Rule:
    _check(row, Rule)
    answer = row.get("answer", "ok")
    if isinstance(answer, str):
        if answer not in NAMED:
            raise ValueError(f"unknown answer {answer!r}")
        reply = NAMED[answer]
    else:
        _check(answer, Reply)
        reply = Reply(**answer)
    return replace(Rule(reply), **{name: value for name, value in row.items() if name != "answer"})


def _check(row: dict[str, Any], kind: type[Rule] | type[Reply]) -> None:
    if unknown := sorted(set(row) - {field.name for field in fields(kind)}):
        raise ValueError(f"unknown key {unknown[0]!r} in a rule")


def _chance(request: Request, seed: int) -> float:
    return random.Random(f"{seed}/{request.sms_id}/{request.attempt}").random()
