import pytest

from gsmbridge.errors import ConfigError
from gsmbridge.onlinesim.address import partner_address, proxy_address


def test_a_url_is_taken_apart() -> None:
    address = partner_address("https://partner.example/v1/PUSH_SMS_RENT?a=b%20c")
    assert (address.host, address.port, address.tls) == ("partner.example", 443, True)
    assert address.path == "/v1/PUSH_SMS_RENT?a=b%20c"
    assert address.host_header == "partner.example"
    assert address.authority == "partner.example:443"


@pytest.mark.parametrize(
    ("url", "host", "header", "path"),
    [
        ("https://Partner.Example:8443/x", "partner.example", "partner.example:8443", "/x"),
        ("https://[2001:db8::1]/x", "2001:db8::1", "[2001:db8::1]", "/x"),
        ("https://bücher.example", "xn--bcher-kva.example", "xn--bcher-kva.example", "/"),
        ("https://p.example/ä b", "p.example", "p.example", "/%C3%A4%20b"),
    ],
)
def test_hosts_and_paths_are_put_in_wire_form(url: str, host: str, header: str, path: str) -> None:
    address = partner_address(url)
    assert (address.host, address.host_header, address.path) == (host, header, path)


@pytest.mark.parametrize("host", ["127.0.0.1:80", "127.9.9.9", "localhost:8080", "[::1]:81"])
def test_http_is_for_loopback(host: str) -> None:
    assert not partner_address(f"http://{host}/x").tls


def test_http_elsewhere_must_be_allowed() -> None:
    with pytest.raises(ConfigError, match="allow_http"):
        partner_address("http://partner.example/x")
    assert partner_address("http://partner.example/x", allow_http=True).port == 80


@pytest.mark.parametrize(
    "url",
    [
        "",
        "partner.example",
        "ftp://p.example/",
        "https:///x",
        "https://p.example:99999/",
        "https://u:p@p.example/",
        "https://[::1",
        "https://" + "a" * 70 + ".example/",
    ],
)
def test_what_is_no_usable_url_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        partner_address(url)
    assert "u:p@" not in str(caught.value)


def test_a_proxy_may_want_a_login() -> None:
    proxy = proxy_address("http://user:p%40ss@proxy.example:3128")
    assert proxy.authority == "proxy.example:3128"
    assert proxy.authorization == "Basic dXNlcjpwQHNz"
    assert "dXNlcjpwQHNz" not in repr(proxy)
    assert proxy_address("http://proxy.example:3128").authorization is None


def test_a_proxy_is_spoken_to_in_http_only() -> None:
    with pytest.raises(ConfigError, match="http://"):
        proxy_address("https://proxy.example:3128")
