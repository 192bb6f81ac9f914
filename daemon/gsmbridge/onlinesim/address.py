"""Where pushes go: the configured URLs of the partner and of a proxy, taken apart. Pure."""

from __future__ import annotations

import base64
import ipaddress
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, unquote, urlsplit

from gsmbridge.errors import ConfigError

DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """A URL in the pieces that HTTP/1.1 needs."""

    scheme: str
    host: str
    """A-labels or an IP address, without brackets."""
    port: int
    path: str
    """Path and query, escaped."""
    authorization: str | None = field(default=None, repr=False)
    """Value of `Proxy-Authorization`; only proxies may have one."""

    @property
    def tls(self) -> bool:
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """`host:port` with the port always there, as CONNECT and error messages want it."""
        return f"{self._bracketed}:{self.port}"

    @property
    def host_header(self) -> str:
        """The `Host` field: without the port where it is the scheme's own."""
        return self._bracketed if self.port == DEFAULT_PORTS[self.scheme] else self.authority

    @property
    def absolute(self) -> str:
        """The request target in absolute form, as a proxy wants it (RFC 9112, 3.2.2)."""
        return f"{self.scheme}://{self.host_header}{self.path}"

    @property
    def _bracketed(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host


def partner_address(url: str, allow_http: bool = False) -> Address:
    """The partner's URL. ConfigError where it cannot be used."""
    parts = _split(url, "onlinesim.url")
    if parts.username is not None or parts.password is not None:
        raise ConfigError(("onlinesim.url: must not hold a user name or password",))
    address = _address(parts, "onlinesim.url")
    if not address.tls and not allow_http and not _is_loopback(address.host):
        raise ConfigError(
            ("onlinesim.url: http:// would show the key to everyone; use https:// or allow_http",)
        )
    return address


def proxy_address(url: str) -> Address:
    """A proxy's URL: http only; a user name and password are sent to it. ConfigError if wrong."""
    parts = _split(url, "onlinesim.proxy")
    if parts.scheme != "http":
        raise ConfigError(("onlinesim.proxy: must begin with http://",))
    address = _address(parts, "onlinesim.proxy")
    if parts.username is None:
        return address
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    basic = "Basic " + base64.b64encode(login.encode()).decode("ascii")
    return Address(address.scheme, address.host, address.port, address.path, basic)


def _split(url: str, key: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  the port is only checked when asked for
    except ValueError:
        raise ConfigError((f"{key}: is not a URL",)) from None
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise ConfigError((f"{key}: must be a whole URL, https://host/path",))
    return parts


def _address(parts: SplitResult, key: str) -> Address:
    host = parts.hostname or ""
    if ":" not in host:
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            raise ConfigError((f"{key}: has no valid host name",)) from None
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    if parts.query:
        path += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    port = DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port
    return Address(parts.scheme, host, port, path)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
