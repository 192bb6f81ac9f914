"""Pushes as the partner's server saw them: one half of what a verdict rests on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from gsmbridge.farm.partner import Exchange


@dataclass(frozen=True, slots=True)
class Push:
    """One request. Times are of the clock that the farm's record uses too."""

    sms_id: int
    """0: the body was no push."""
    phone: str
    phone_from: str
    text: str
    content: str
    """The body as it came, but for the key."""
    first_byte: float
    received: float
    status: int | None = None
    """The status that went out, if one did."""
    answered: float | None = None
    """When its status line had gone out."""
    ended: float | None = None
    sent: bool = False
    """The reply went out whole. If not, nobody knows whether its status arrived."""
    terminal: bool = False
    """It was answered by an error that forbids another attempt."""

    @property
    def over(self) -> float:
        """The earliest time at which the client can have taken the attempt for ended."""
        return self.received if self.answered is None else self.answered


def _content(body: str) -> tuple[dict[str, Any], str]:
    try:
        fields = json.loads(body)
    except ValueError:
        return {}, body
    if not isinstance(fields, dict):
        return {}, body
    key = json.dumps(str(fields.get("key", "")), ensure_ascii=False)
    return fields, body.replace(key, '"KEY"') if "key" in fields else body


def push(body: str, **about: Any) -> Push:
    """A push by its *body* (one character a byte, or as text) and what else is known of it."""
    fields, content = _content(body)
    sms_id = fields.get("smsId", 0)
    return Push(
        sms_id=sms_id if isinstance(sms_id, int) else 0,
        phone=str(fields.get("phone", "")),
        phone_from=str(fields.get("phoneFrom", "")),
        text=str(fields.get("text", "")),
        content=content,
        **about,
    )


def of_exchanges(
    exchanges: Iterable[Exchange], terminal: Callable[[Exchange], bool] = lambda _: False
) -> list[Push]:
    """From the memory of a `partner.Partner`. *terminal*: was it answered so?"""
    return [
        push(
            exchange.body.decode("utf-8", "replace"),
            first_byte=exchange.first_byte,
            received=exchange.received,
            status=exchange.status,
            answered=exchange.answered,
            ended=exchange.ended,
            sent=exchange.sent,
            terminal=terminal(exchange),
        )
        for exchange in exchanges
    ]


def of_lines(
    lines: Iterable[str], terminal: Callable[[dict[str, Any]], bool] = lambda _: False
) -> list[Push]:
    """From the JSON lines that a partner process writes; a line that isn't whole is left out.
    *terminal* is asked with the fields of both lines of a request."""
    requests: dict[int, dict[str, Any]] = {}
    for line in lines:
        if line.endswith("\n"):
            fields = json.loads(line)
            requests.setdefault(fields["number"], {}).update(fields)
    return [
        push(
            fields["body"].encode("latin-1").decode("utf-8", "replace"),
            **{name: fields[name] for name in ("first_byte", "received")},
            **{name: fields.get(name) for name in ("status", "answered", "ended")},
            sent=fields.get("sent", False),
            terminal=terminal(fields),
        )
        for fields in requests.values()
    ]
