"""What an answer of the partner means. Pure; nothing of the answer's text goes past here (I8)."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gsmbridge.errors import PartnerError

MAX_BODY = 64 * 1024
"""Bytes of a body that are read; a longer one says nothing."""

MAX_RETRY_AFTER = 120
"""Seconds: a longer `Retry-After` is cut to this."""

TERMINAL_ERRORS = ("NO_OPERATION", "NO_OP", "BAD_SERVICE")
"""Errors after which a message is not sent again, unless configured otherwise."""


class Alarm(StrEnum):
    """What the operator has to put right before pushes can succeed."""

    KEY = "key"
    """The API key is wrong or missing."""
    ACCOUNT = "account"
    """The account is blocked, or may not do this (also a bare 401 or 403)."""
    ACCESS = "access"
    """API access is switched off in the partner's profile."""
    ADDRESS = "address"
    """API access is not open to this host's IP address."""
    URL = "url"
    """The URL is not the partner's push address."""


TOKEN_ALARMS = {
    "WRONG_KEY": Alarm.KEY,
    "NO_KEY": Alarm.KEY,
    "ACCOUNT_BLOCKED": Alarm.ACCOUNT,
    "API_ACCESS_DISABLED": Alarm.ACCESS,
    "API_ACCESS_IP": Alarm.ADDRESS,
    "REQUEST_NOT_FOUND": Alarm.URL,
}
STATUS_ALARMS = {401: Alarm.KEY, 403: Alarm.ACCOUNT, 405: Alarm.ACCOUNT} | dict.fromkeys(
    (301, 302, 303, 307, 308), Alarm.URL
)
KNOWN_TOKENS = frozenset(TERMINAL_ERRORS) | {"IGNORED", "SERVICE_BAN"} | frozenset(TOKEN_ALARMS)
TOKEN_FIELDS = ("response", "error", "status", "message", "code", "result", "detail")


@dataclass(frozen=True, slots=True)
class Answer:
    """What an HTTP answer says, without a word of its text."""

    status: int
    token: str | None = None
    """A known error token, upper case, without `ERROR_` and plural `S`."""
    retry_after: int | None = None
    """Seconds, at most 120; None where absent or not whole seconds."""

    @property
    def alarm(self) -> Alarm | None:
        """What has to be put right, where this answer says so."""
        if self.status == 200:
            return None
        if self.token is not None:
            return TOKEN_ALARMS.get(self.token)
        return STATUS_ALARMS.get(self.status)


@dataclass(frozen=True, slots=True)
class Delivered:
    """Status 200: never sent again."""

    token: str | None = None
    """An error token in the body all the same: worth a warning."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A terminal error: not sent again."""

    status: int
    token: str


@dataclass(frozen=True, slots=True)
class Retry:
    """The same request again, *after* seconds from the end of this attempt (I5)."""

    after: float
    error: str
    """One word: the error token, `http` for an answer without one, or a `PartnerError.kind`."""
    status: int | None = None
    alarm: Alarm | None = None


Verdict = Delivered | Refused | Retry


def read_answer(
    status: int,
    headers: Sequence[tuple[bytes, bytes]],
    body: bytes | None,
    more_tokens: Collection[str] = (),
) -> Answer:
    """Read an answer; *more_tokens* are configured error names beyond the known ones.

    *body* is None where it did not come to its proper end: half a body may read as another word.
    """
    known = KNOWN_TOKENS.union(map(bare_token, more_tokens))
    token = None if body is None else _token(body, known)
    return Answer(status, token, _retry_after(headers))


def decide(answer: Answer, terminal_errors: Collection[str], retry_interval: float) -> Verdict:
    """The verdict on an answered attempt. *retry_interval* in seconds."""
    if answer.status == 200:
        return Delivered(answer.token)
    if answer.token is not None and answer.token in map(bare_token, terminal_errors):
        return Refused(answer.status, answer.token)
    after = retry_interval
    if answer.status in (429, 503) and answer.retry_after is not None:
        after = max(after, answer.retry_after)
    return Retry(after, answer.token or "http", answer.status, answer.alarm)


def unanswered(error: PartnerError, retry_interval: float) -> Retry:
    """The verdict on an attempt that got no HTTP answer."""
    return Retry(retry_interval, error.kind)


def bare_token(name: str) -> str:
    """*name* in the form in which tokens are compared: upper case, without `ERROR_`."""
    return name.strip().upper().removeprefix("ERROR_")


def _token(body: bytes, known: frozenset[str]) -> str | None:
    """The first known token that the body states, whole, in one of the agreed places."""
    for text in _statements(body):
        token = bare_token(text)
        for candidate in (token, token.removesuffix("S")):
            if candidate in known:
                return candidate
    return None


def _statements(body: bytes) -> Iterator[str]:
    """Every text that may be the error: the bare body, a JSON string, or the named fields."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):  # not JSON, or nested without sense
        yield text
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _fields(value)
        for below in value.values():
            if isinstance(below, dict):
                yield from _fields(below)


def _fields(value: dict[str, object]) -> Iterator[str]:
    named = {name.lower(): field for name, field in value.items()}
    for name in TOKEN_FIELDS:
        field = named.get(name)
        if isinstance(field, str):
            yield field


def _retry_after(headers: Sequence[tuple[bytes, bytes]]) -> int | None:
    """`Retry-After` in whole seconds (RFC 9110, 10.2.3); dates count as absent."""
    values = [value.strip() for name, value in headers if name.lower() == b"retry-after"]
    if len(values) != 1 or not (digits := re.fullmatch(rb"0*([0-9]*)", values[0])) or not values[0]:
        return None
    significant = digits[1]
    return MAX_RETRY_AFTER if len(significant) > 3 else min(int(significant or 0), MAX_RETRY_AFTER)
