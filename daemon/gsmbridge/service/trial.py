"""One push that carries no SMS: is everything between us and the partner as it should be?"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from gsmbridge.config.schema import Config
from gsmbridge.errors import PartnerError
from gsmbridge.forwarding.events import ALARM_HINTS
from gsmbridge.message import Outgoing
from gsmbridge.onlinesim.answer import Delivered, Refused, Retry, Verdict, decide, unanswered
from gsmbridge.onlinesim.client import Client
from gsmbridge.onlinesim.request import request_body
from gsmbridge.service import settings

SENDER = "gsmbridge"
TEXT = "gsmbridge test message. This is not an SMS."

ABOUT_THE_NUMBER = {
    "NO_OPERATION": "the number is not rented at the moment",
    "NO_OP": "the number is not rented at the moment",
    "BAD_SERVICE": "the partner bans this sender",
    "IGNORED": "this sender is not the service that the client ordered",
    "SERVICE_BAN": "this sender is on the partner's blacklist",
}
"""Errors that say nothing against URL and key."""

SILENCE = {
    "dns": "the server's name has no address here: look at onlinesim.url and at this host's DNS",
    "refused": "nothing listens at that address: look at onlinesim.url, or ask the partner",
    "unreachable": "there is no way to that address: look at this host's network",
    "tls": "the connection is not safe, so nothing was sent: look at onlinesim.url, at"
    " onlinesim.ca_file and at this host's clock",
    "proxy": "the proxy refuses: look at onlinesim.proxy",
    "timeout": "no answer in time: look at network and firewall, or ask the partner",
    "closed": "the server hung up without an answer: ask the partner",
    "malformed": "what answered does not speak HTTP: look at onlinesim.url",
}
"""By `PartnerError.kind`."""


@dataclass(frozen=True, slots=True)
class Trial:
    """How it went."""

    good: bool
    """URL and key are right, as far as an answer can tell."""
    ms: int
    status: int | None
    token: str | None
    told: str
    """What that means, in plain words."""


def message(sms_id: int, phone: str) -> Outgoing:
    """What is pushed."""
    return Outgoing(sms_id, phone, SENDER, TEXT, order=0.0)


async def push_once(config: Config, sms_id: int, phone: str) -> Trial:
    """Push the test message, once."""
    client = Client(settings.client(config))
    interval = config.onlinesim.retry_interval
    loop = asyncio.get_running_loop()
    began = loop.time()
    silence = ""
    try:
        attempt = await client.push(
            request_body(message(sms_id, phone), config.onlinesim.key.reveal())
        )
        answer = await attempt.finish()
        status, token = answer.status, answer.token
        verdict = decide(answer, config.onlinesim.terminal_errors, interval)
    except PartnerError as error:
        status, token = None, None
        verdict, silence = unanswered(error, interval), error.message
    finally:
        await client.close()
    good, told = meaning(verdict)
    if silence:
        told = f"{silence}; {told}"
    return Trial(good, round((loop.time() - began) * 1000), status, token, told)


def meaning(verdict: Verdict) -> tuple[bool, str]:
    """Whether URL and key are right, and what the answer means."""
    match verdict:
        case Delivered(None):
            return True, "the partner took it: URL, key and number are right"
        case Delivered(token):
            return True, f"the partner took it, though it names an error ({token})"
        case Refused(_, token):
            about = ABOUT_THE_NUMBER.get(token, "a real message would not be sent again")
            return True, f"URL and key are right; {about}"
        case Retry() as retry:
            return _retried(retry)


def _retried(verdict: Retry) -> tuple[bool, str]:
    again = "; real messages are kept and repeated"
    if verdict.status is None:
        return False, SILENCE.get(verdict.error, "no answer") + again
    if verdict.alarm is not None:
        return False, ALARM_HINTS[verdict.alarm] + again
    if verdict.error in ABOUT_THE_NUMBER:
        return True, f"URL and key are right; {ABOUT_THE_NUMBER[verdict.error]}{again}"
    if verdict.status in (429, 503):
        return False, f"the server is busy, and asks for {verdict.after:g} s of patience{again}"
    if verdict.status >= 500:
        return False, f"the partner's server has a fault of its own: ask its support{again}"
    what = "the URL is probably wrong" if verdict.status in (404, 410) else "look at onlinesim.url"
    return False, f"only status 200 counts as taken: {what}{again}"
