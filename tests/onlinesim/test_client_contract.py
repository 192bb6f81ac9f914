"""The client against a real server on loopback: the partner's document, row by row, and every odd
answer that a server has been seen to give."""

import asyncio
import contextlib
import json

import pytest

from gsmbridge.errors import ConfigError, PartnerError
from gsmbridge.farm.partner_script import JSON, NAMED, Reply, Request
from gsmbridge.onlinesim.answer import TERMINAL_ERRORS, Delivered, Refused, Retry, decide
from gsmbridge.onlinesim.client import Client, ClientSettings
from tests.onlinesim.helpers import BODY, SHORT, answer_to, failure_of, push, serving


def test_the_request_is_the_documents_and_nothing_more() -> None:
    async def main() -> None:
        async with serving(NAMED["ok"], user_agent="gsmbridge/9") as (partner, client):
            await push(client)
            (exchange,) = partner.exchanges
            host = partner.url.split("/")[2]
            assert exchange.body == BODY
            assert exchange.head.decode().split("\r\n") == [
                "POST /v1/PUSH_SMS_RENT HTTP/1.1",
                f"Host: {host}",
                "User-Agent: gsmbridge/9",
                "Accept: application/json",
                "Content-Type: application/json; charset=utf-8",
                f"Content-Length: {len(BODY)}",
                "",
                "",
            ]

    asyncio.run(main())


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        (Reply(200), Delivered()),
        (Reply(200, "<html>{text}</html>"), Delivered()),
        (Reply(400, '{"response": "NO_OPERATION"}', JSON), Refused(400, "NO_OPERATION")),
        (Reply(400, '{"response": "ERROR_NO_OPERATIONS"}'), Refused(400, "NO_OPERATION")),
        (Reply(400, "NO_OP"), Refused(400, "NO_OP")),
        (Reply(403, '"BAD_SERVICE"'), Refused(403, "BAD_SERVICE")),
        (Reply(400, '{"error": "IGNORED"}'), Retry(10.0, "IGNORED", 400)),
        (Reply(400, '{"error": "SERVICE_BAN"}'), Retry(10.0, "SERVICE_BAN", 400)),
        (Reply(500, "oops"), Retry(10.0, "http", 500)),
        (Reply(503, "", {"Retry-After": "30"}), Retry(30.0, "http", 503)),
        (Reply(201), Retry(10.0, "http", 201)),
    ],
)
def test_each_row_of_the_document(reply: Reply, verdict: object) -> None:
    assert decide(answer_to(reply), TERMINAL_ERRORS, 10.0) == verdict


@pytest.mark.parametrize(
    ("name", "status", "token"),
    [
        ("chunked", 200, None),
        ("until_close", 200, None),
        ("early_hints", 200, None),
        ("stalled_head", 200, None),
        ("half_body", 200, None),
        ("endless", 200, None),
        ("error_in_200", 200, "NO_OPERATION"),
        ("redirect", 302, None),
        ("created", 201, None),
        ("no_content", 204, None),
        ("echo_page", 500, None),
        ("huge", 400, None),
        ("ignored", 400, "IGNORED"),
        ("no_op", 400, "NO_OP"),
        ("wrong_key", 401, "WRONG_KEY"),
    ],
)
def test_an_odd_answer_with_a_status_is_an_answer(
    name: str, status: int, token: str | None
) -> None:
    answer = answer_to(NAMED[name], timeout=SHORT if name in ("stalled_head", "endless") else 10.0)
    assert (answer.status, answer.token) == (status, token)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("silent", "timeout"),
        ("slow", "timeout"),
        ("drip", "timeout"),
        ("half_status", "closed"),
        ("closed", "closed"),
        ("reset", "closed"),
        ("garbage", "malformed"),
    ],
)
def test_an_odd_answer_without_a_status_is_none(name: str, kind: str) -> None:
    timeout = SHORT if kind == "timeout" else 10.0
    assert failure_of(NAMED[name], timeout=timeout).kind == kind


@pytest.mark.parametrize(
    "reply",
    [
        Reply(400, "NO_OPERATION", cut=-7, then="close"),
        Reply(400, "NO_OPERATION", cut=-7, then="hang"),
        Reply(400, "NO_OPERATION", framing="chunked", cut=-5, then="close"),
        Reply(400, "NO_OPERATION", framing="close", then="hang"),
        Reply(400, "NO_OPERATION", framing="close", then="endless"),
    ],
)
def test_a_token_in_a_body_without_its_end_is_no_verdict(reply: Reply) -> None:
    answer = answer_to(reply, timeout=SHORT if reply.then == "hang" else 10.0)
    assert (answer.status, answer.token) == (400, None)


def test_the_status_is_told_before_the_rest_of_the_head() -> None:
    async def main() -> None:
        async with serving(NAMED["stalled_head"]) as (partner, client):
            attempt = await client.push(BODY)
            assert attempt.status == 200
            assert not partner.exchanges[0].sent
            await partner.close()
            assert (await attempt.finish()).status == 200

    asyncio.run(main())


def test_the_end_of_an_attempt_closes_its_connection() -> None:
    async def main() -> None:
        async with serving(NAMED["silent"], timeout=SHORT) as (partner, client):
            with pytest.raises(PartnerError):
                await client.push(BODY)
            await partner.seen(1)  # the server saw the client go

    asyncio.run(main())


def test_an_attempt_that_nobody_finishes_is_closed_at_its_deadline() -> None:
    async def main() -> None:
        async with serving(NAMED["endless"], timeout=SHORT) as (partner, client):
            attempt = await client.push(BODY)
            assert attempt.status == 200
            await partner.seen(1)

    asyncio.run(main())


def test_an_attempt_called_off_is_closed() -> None:
    async def main() -> None:
        async with serving(NAMED["silent"]) as (partner, client):
            task = asyncio.create_task(client.push(BODY))
            await partner.arrived(1)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            await partner.seen(1)

    asyncio.run(main())


def test_a_connection_is_used_again() -> None:
    async def main() -> None:
        async with serving(NAMED["ok"]) as (partner, client):
            for _ in range(5):
                await push(client)
            assert [e.connection for e in partner.exchanges] == [1] * 5

    asyncio.run(main())


def test_attempts_side_by_side_have_connections_of_their_own() -> None:
    async def main() -> None:
        async with serving(Reply(delay=0.02)) as (partner, client):
            await asyncio.gather(*(push(client) for _ in range(8)))
            await asyncio.gather(*(push(client) for _ in range(8)))
            assert partner.connections == 8

    asyncio.run(main())


def test_a_connection_that_the_server_closed_costs_no_attempt() -> None:
    async def main() -> None:
        closing = Reply(then="close")  # without saying so in its headers
        async with serving(closing) as (partner, client):
            for _ in range(3):
                await push(client)
                await partner.seen(len(partner.exchanges))
            assert [e.connection for e in partner.exchanges] == [1, 2, 3]

    asyncio.run(main())


def test_what_comes_unasked_on_an_idle_connection_answers_no_request() -> None:
    def script(request: Request) -> Reply:
        if request.number > 1:
            return NAMED["no_operation"]
        ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        return Reply(raw=ok + "HTTP/1.1 200 OK\r\n\r\n", drip=0.001)

    async def main() -> None:
        async with serving(script) as (partner, client):
            assert (await push(client)).status == 200
            await partner.seen(1)
            assert (await push(client)).token == "NO_OPERATION"
            assert [e.connection for e in partner.exchanges] == [1, 2]

    asyncio.run(main())


def test_a_request_is_never_sent_again_by_itself() -> None:
    def script(request: Request) -> Reply:
        return NAMED["ok"] if request.number == 1 else NAMED["closed"]

    async def main() -> None:
        async with serving(script) as (partner, client):
            await push(client)
            with pytest.raises(PartnerError) as caught:
                await push(client)
            assert caught.value.kind == "closed"
            assert [e.connection for e in partner.exchanges] == [1, 1]

    asyncio.run(main())


def test_closing_leaves_attempts_under_way_alone() -> None:
    async def main() -> None:
        async with serving(Reply(pause_after="\r\n", pause=0.02)) as (partner, client):
            attempt = await client.push(BODY)
            await client.close()
            assert (await attempt.finish()).status == 200
            await partner.seen(1)
            assert partner.exchanges[0].sent

    asyncio.run(main())


def test_the_answer_to_a_request_that_was_not_read_is_still_read() -> None:
    """A server may answer from the headers alone and close, which resets the connection."""

    async def hasty(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async def main() -> None:
        server = await asyncio.start_server(hasty, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        client = Client(ClientSettings(f"http://127.0.0.1:{port}/"))
        body = json.dumps({"text": "x" * 400_000}).encode()
        assert (await push(client, body)).status == 200
        await client.close()
        server.close()

    asyncio.run(main())


def test_a_closed_port_refuses() -> None:
    async def main() -> None:
        async with serving(NAMED["ok"]) as (partner, client):
            await partner.close()
            with pytest.raises(PartnerError) as caught:
                await client.push(BODY)
            assert caught.value.kind == "refused"
            assert "connection refused" in str(caught.value)

    asyncio.run(main())


@pytest.mark.parametrize("user_agent", ["two\r\nlines", "ünïcode", "\0"])
def test_a_user_agent_that_no_header_can_hold_is_a_config_error(user_agent: str) -> None:
    with pytest.raises(ConfigError, match="user_agent"):
        Client(ClientSettings("http://127.0.0.1/", user_agent=user_agent))


def test_settings_do_not_show_the_proxys_password() -> None:
    settings = ClientSettings("http://127.0.0.1/", proxy="http://user:secret@proxy.example:3128")
    assert "secret" not in repr(settings)
