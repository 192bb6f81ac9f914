import asyncio
import ssl
from pathlib import Path

import pytest

from gsmbridge.errors import ConfigError, PartnerError
from gsmbridge.farm.partner_script import NAMED
from gsmbridge.onlinesim.client import Client, ClientSettings
from tests.onlinesim.certificates import Authority
from tests.onlinesim.helpers import BODY, answer_to, failure_of, push, serving

LOCAL = "DNS:localhost,IP:127.0.0.1"


@pytest.fixture(scope="session")
def good(authority: Authority) -> ssl.SSLContext:
    return authority.server("good", LOCAL)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_server_with_a_trusted_certificate_is_pushed_to(
    authority: Authority, good: ssl.SSLContext, host: str
) -> None:
    answer = answer_to(NAMED["ok"], tls=good, host=host, ca_file=authority.ca_file)
    assert answer.status == 200


def test_a_tls_connection_is_used_again(authority: Authority, good: ssl.SSLContext) -> None:
    async def main() -> None:
        options = {"tls": good, "ca_file": authority.ca_file, "timeout": 10.0}
        async with serving(NAMED["ok"], **options) as (partner, client):
            for _ in range(3):
                await push(client)
            assert partner.connections == 1

    asyncio.run(main())


def test_the_server_is_told_the_name_it_is_asked_for(
    authority: Authority, good: ssl.SSLContext
) -> None:
    names: list[str | None] = []
    context = authority.context("good")
    context.sni_callback = lambda _sock, name, _context: names.append(name)
    answer_to(NAMED["ok"], tls=context, host="localhost", ca_file=authority.ca_file)
    assert names == ["localhost"]


@pytest.mark.parametrize(
    ("name", "alt_name", "days", "reason"),
    [
        ("elsewhere", "DNS:elsewhere.example", 30, "mismatch"),
        ("expired", LOCAL, -1, "expired"),
    ],
)
def test_a_certificate_that_does_not_fit_is_refused(
    authority: Authority, name: str, alt_name: str, days: int, reason: str
) -> None:
    context = authority.server(name, alt_name, days)
    error = failure_of(NAMED["ok"], tls=context, host="localhost", ca_file=authority.ca_file)
    assert error.kind == "tls"
    assert reason in str(error)


def test_a_certificate_of_an_unknown_authority_is_refused(good: ssl.SSLContext) -> None:
    error = failure_of(NAMED["ok"], tls=good, host="localhost")
    assert error.kind == "tls"
    assert "certificate" in str(error)


def test_nothing_is_sent_to_a_server_that_is_not_trusted(good: ssl.SSLContext) -> None:
    async def main() -> None:
        async with serving(NAMED["ok"], tls=good) as (partner, client):
            with pytest.raises(PartnerError):
                await client.push(BODY)
            assert partner.exchanges == []

    asyncio.run(main())


def test_a_server_that_speaks_plain_http_is_a_tls_failure(authority: Authority) -> None:
    async def main() -> None:
        async with serving(NAMED["ok"]) as (partner, _):
            url = partner.url.replace("http:", "https:")
            client = Client(ClientSettings(url, ca_file=authority.ca_file))
            with pytest.raises(PartnerError) as caught:
                await client.push(BODY)
            assert caught.value.kind == "tls"

    asyncio.run(main())


def test_a_handshake_that_stalls_ends_in_time(authority: Authority) -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async def main() -> None:
        server = await asyncio.start_server(mute, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        settings = ClientSettings(
            f"https://127.0.0.1:{port}/", connect_timeout=0.2, ca_file=authority.ca_file
        )
        with pytest.raises(PartnerError) as caught:
            await Client(settings).push(BODY)
        assert caught.value.kind == "timeout"
        server.close()

    asyncio.run(main())


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_tls_before_1_2_is_refused(authority: Authority, good: ssl.SSLContext) -> None:
    context = authority.context("good")
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    error = failure_of(NAMED["ok"], tls=context, ca_file=authority.ca_file)
    assert error.kind == "tls"


def test_a_body_that_breaks_off_under_tls_leaves_the_200(
    authority: Authority, good: ssl.SSLContext
) -> None:
    answer = answer_to(NAMED["half_body"], tls=good, ca_file=authority.ca_file)
    assert answer.status == 200


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_ca_file_that_is_none_is_a_config_error(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ConfigError, match=r"ca\.pem"):
        Client(ClientSettings("https://partner.example/", ca_file=str(file)))
