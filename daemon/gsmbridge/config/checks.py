"""What the texts in the config must look like."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from gsmbridge.config.kinds import shown, wrong
from gsmbridge.iccid import canonical


def phone(text: str) -> str:
    """A number with its country code (E.164: at most 15 digits), as digits; a plus is dropped."""
    return _digits(text.removeprefix("+"), 8, 15)


def imsi(text: str) -> str:
    """An IMSI (23.003, 2.2): 14 or 15 digits."""
    return _digits(text, 14, 15)


def operator(text: str) -> str:
    """The beginning of an IMSI: at least the country's three digits (E.212)."""
    return _digits(text, 3, 15)


def ussd_code(text: str) -> str:
    """A USSD request (22.030, 6.5.3): digits, `*` and `#`."""
    if not re.fullmatch(r"[*#][0-9*#]{1,40}", text) or not text.endswith("#"):
        raise wrong(f"has {shown(text)} in it, which is no USSD code")
    return text


def pin(text: str) -> str:
    """A PIN (CHV1, 31.101 9.5.1): 4 to 8 digits. Never repeated in a message."""
    if not (text.isascii() and text.isdigit() and 4 <= len(text) <= 8):
        raise wrong("is no PIN")
    return text


def iccid(text: str) -> str:
    """An ICCID (E.118) in canonical form."""
    value = canonical(text)
    if value is not None:
        return value
    _digits(text, 18, 20)
    raise wrong(f"{shown(text)} is no ICCID: one begins with 89")


def _digits(text: str, least: int, most: int) -> str:
    for position, char in enumerate(text, 1):
        if not (char.isascii() and char.isdigit()):
            name = "a letter" if char.isalpha() else f"the character {shown(char)}"
            raise wrong(f"{shown(text)} has {name} at position {position}")
    if not least <= len(text) <= most:
        raise wrong(f"{shown(text)} has {len(text)} digits")
    return text


def api_key(text: str) -> str:
    """A key: printable, no white space, no placeholder. Never repeated in a message."""
    if "…" in text or set(text) <= {"."}:
        raise wrong("is a placeholder, not a key")
    if any(char.isspace() or not char.isprintable() for char in text):
        raise wrong("has white space or an unprintable character in it")
    return text


def url(text: str) -> str:
    """The whole URL of the partner's server."""
    if "…" in text or "..." in text:
        raise wrong("is a placeholder; the partner's support gives each partner its URL")
    return _http_url(text, ("https", "http"))


def proxy(text: str) -> str:
    """The URL of an HTTP proxy."""
    return _http_url(text, ("http",))


def is_loopback(address: str) -> bool:
    """Whether the URL *address* stays on this machine."""
    return is_loopback_host(urlsplit(address).hostname or "")


def is_loopback_host(host: str) -> bool:
    """Whether *host* is this machine, seen from itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:  # a name
        return host == "localhost"


def _http_url(text: str, schemes: tuple[str, ...]) -> str:
    if not text.isascii() or not text.isprintable() or " " in text:
        raise wrong(f"{shown(text)} has a character that a URL cannot have")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise wrong(f"{shown(text)} is no URL ({error})") from None
    if parts.scheme not in schemes or not parts.hostname:
        raise wrong(f"{shown(text)} does not begin with {' or '.join(s + '://' for s in schemes)}")
    if parts.username is not None or parts.fragment or port == 0:
        raise wrong("has a user name, a fragment or port 0 in it")
    return text


def listen(text: str) -> tuple[str, int]:
    """An address to listen on, as (host, port)."""
    match = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([^\s:\[\]]+)):([1-9][0-9]{0,4})", text)
    if not match or int(match[3]) > 65535:
        raise wrong(f"is {shown(text)}")
    return match[1] or match[2], int(match[3])


def host_name(text: str) -> str:
    """The name of a host (RFC 1123, 2.1)."""
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", text):
        raise wrong(f"has {shown(text)} in it")
    return text.lower()


def token(text: str) -> str:
    """An error token of the partner, in capitals."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", text):
        raise wrong(f"has {shown(text)} in it")
    return text.upper()


def header_value(text: str) -> str:
    """A value of an HTTP header field (RFC 9110, 5.5), ASCII only."""
    if not text.isascii() or not text.isprintable() or text != text.strip():
        raise wrong(f"is {shown(text)}")
    return text


def port_glob(text: str) -> str:
    """A pattern of port names."""
    if not text.startswith("/") or not text.isprintable():
        raise wrong(f"has {shown(text)} in it")
    return text


def path(text: str) -> str:
    """A path; the loader puts a relative one under the config's own folder."""
    if text.startswith("~") or not text.isprintable():
        raise wrong(f"is {shown(text)}; ~ is not expanded")
    return text
