"""What the tests of the client share: a stand-in server and a client for it, on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from typing import Any

from gsmbridge.errors import PartnerError
from gsmbridge.farm.partner import Partner
from gsmbridge.farm.partner_script import Reply, Script
from gsmbridge.message import Outgoing
from gsmbridge.onlinesim.answer import Answer
from gsmbridge.onlinesim.client import Client, ClientSettings
from gsmbridge.onlinesim.request import request_body

BODY = request_body(Outgoing(355, "79088081050", "Instagram", "Your code is 800142", 0.0), "k3y")


SHORT = 0.4
"""Time-out of attempts that have to run into it; no other one may, on a slow machine either."""


@contextlib.asynccontextmanager
async def serving(
    script: Script | Reply,
    tls: ssl.SSLContext | None = None,
    host: str = "127.0.0.1",
    **settings: Any,
) -> AsyncIterator[tuple[Partner, Client]]:
    """A stand-in that answers as *script* says, and a client for it."""
    partner = Partner((lambda _: script) if isinstance(script, Reply) else script)
    url = (await partner.start(tls=tls)).replace("127.0.0.1", host)
    client = Client(ClientSettings(**{"url": url, "timeout": 10.0, **settings}))
    try:
        yield partner, client
    finally:
        await client.close()
        await partner.close()


async def push(client: Client, body: bytes = BODY) -> Answer:
    """One whole attempt."""
    attempt = await client.push(body)
    answer = await attempt.finish()
    assert answer.status == attempt.status
    return answer


def answer_to(reply: Reply, **settings: Any) -> Answer:
    """What the client makes of one push that is answered by *reply*."""

    async def main() -> Answer:
        async with serving(reply, **settings) as (_, client):
            return await push(client)

    return asyncio.run(main())


def failure_of(reply: Reply, **settings: Any) -> PartnerError:
    """The error of one push that is answered by *reply*."""
    try:
        answer = answer_to(reply, **settings)
    except PartnerError as error:
        return error
    raise AssertionError(f"got {answer}")
