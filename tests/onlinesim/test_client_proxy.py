import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from gsmbridge.errors import PartnerError
from gsmbridge.farm.partner import Partner
from gsmbridge.farm.partner_script import NAMED
from gsmbridge.onlinesim.client import Client, ClientSettings
from tests.onlinesim.certificates import Authority
from tests.onlinesim.helpers import BODY, push, serving


@dataclass
class Proxy:
    """A proxy that knows CONNECT and answers it with *reply*, then tunnels."""

    reply: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n"
    heads: list[bytes] = field(default_factory=list)
    url: str = ""

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        yield f"http://user:secret@127.0.0.1:{server.sockets[0].getsockname()[1]}"
        server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        writer.write(self.reply)
        if not self.reply.startswith(b"HTTP/1.1 2"):
            writer.close()
            return
        host, port = head.split()[1].decode().rsplit(":", 1)
        far_reader, far_writer = await asyncio.open_connection(host, int(port))
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
    writer.close()


def test_https_goes_through_a_tunnel(authority: Authority) -> None:
    proxy = Proxy()

    async def main() -> None:
        context = authority.server("tunnelled", "IP:127.0.0.1")
        async with (
            proxy.running() as url,
            serving(NAMED["ok"], tls=context, proxy=url, ca_file=authority.ca_file) as (
                partner,
                client,
            ),
        ):
            await push(client)
            await push(client)
            assert len(partner.exchanges) == 2
            assert b"Proxy-Authorization" not in partner.exchanges[0].head
            authority_form = partner.url.split("/")[2].encode()
            (head,) = proxy.heads
            assert head.startswith(b"CONNECT " + authority_form + b" HTTP/1.1\r\n")
            assert b"Proxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n" in head

    asyncio.run(main())


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (b"HTTP/1.1 407 Login\r\nContent-Length: 0\r\n\r\n", "proxy"),
        (b"HTTP/1.1 502 Bad\r\n\r\n", "proxy"),
        (b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "proxy"),
        (b"what?\r\n\r\n", "malformed"),
        (b"", "closed"),
    ],
)
def test_what_a_proxy_answers_is_never_the_partners_answer(
    authority: Authority, reply: bytes, kind: str
) -> None:
    async def main() -> None:
        async with Proxy(reply).running() as url:
            settings = ClientSettings("https://127.0.0.1:9/", proxy=url, ca_file=authority.ca_file)
            with pytest.raises(PartnerError) as caught:
                await Client(settings).push(BODY)
            assert caught.value.kind == kind
            assert "secret" not in str(caught.value)

    asyncio.run(main())


def test_http_is_asked_of_the_proxy_in_absolute_form() -> None:
    async def main() -> None:
        proxy = Partner()
        url = (await proxy.start()).replace("/v1/PUSH_SMS_RENT", "")
        client = Client(ClientSettings("http://127.0.0.1:9/push?a=1", proxy=url))
        assert (await push(client)).status == 200
        head = proxy.exchanges[0].head
        assert head.startswith(
            b"POST http://127.0.0.1:9/push?a=1 HTTP/1.1\r\nHost: 127.0.0.1:9\r\n"
        )
        await client.close()
        await proxy.close()

    asyncio.run(main())


def test_a_proxy_that_is_down_is_named() -> None:
    async def main() -> None:
        settings = ClientSettings("https://partner.example/", proxy="http://127.0.0.1:9")
        with pytest.raises(PartnerError) as caught:
            await Client(settings).push(BODY)
        assert caught.value.kind == "refused"
        assert "127.0.0.1:9" in str(caught.value)

    asyncio.run(main())
