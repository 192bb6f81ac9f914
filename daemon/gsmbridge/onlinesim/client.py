"""The HTTP client: one attempt at a time per connection, ended as a whole by one deadline.

Nothing is sent twice by itself: an attempt that fails is the caller's to repeat.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import h11

from gsmbridge import __version__
from gsmbridge.errors import ConfigError, PartnerError
from gsmbridge.onlinesim.address import Address, partner_address, proxy_address
from gsmbridge.onlinesim.answer import Answer, read_answer
from gsmbridge.onlinesim.dial import Dialer
from gsmbridge.onlinesim.reply import Reply
from gsmbridge.onlinesim.stream import Stream

MAX_IDLE = 10.0
"""Seconds for which a kept connection may lie idle and still be used again."""

REST_OF_200 = 2.0
"""Seconds for what follows a 200: nothing hangs on it any more, and others wait for the place."""

Connect = Callable[[str, int], Awaitable[Stream]]
"""Opens a plain connection to host and port. PartnerError `dns`, or OSError."""


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """How to reach the partner. Times in seconds."""

    url: str
    connect_timeout: float = 5.0
    """For name look-up, TCP, a proxy's CONNECT and TLS together."""
    timeout: float = 30.0
    """For one attempt as a whole."""
    ca_file: str | None = None
    """PEM file of the certificates to trust instead of the system's."""
    proxy: str | None = field(default=None, repr=False)
    """http:// URL; it may hold a user name and password."""
    user_agent: str = f"gsmbridge/{__version__}"
    allow_http: bool = False
    terminal_errors: tuple[str, ...] = ()
    """Error tokens to look for beside the known ones."""


class Attempt:
    """A push whose HTTP status is known; its headers and body may still be on the way."""

    def __init__(
        self, status: int, exchange: _Exchange, pool: _Pool, tokens: tuple[str, ...]
    ) -> None:
        self.status = status
        self._exchange = exchange
        self._pool = pool
        self._tokens = tokens

    async def finish(self) -> Answer:
        """Read the rest within the attempt's time. Never raises for what the server does.

        Without this call the connection is closed at the attempt's deadline.
        """
        reply = self._exchange.reply
        if self.status == 200:
            self._exchange.hurry(REST_OF_200)
        try:
            while not reply.ended:
                await self._exchange.receive()
        except PartnerError:
            pass  # broken off: the status stands, and half a body says nothing
        finally:
            self._exchange.end(self._pool)
        return read_answer(self.status, reply.headers or (), reply.body, self._tokens)


class Client:
    """Pushes to the partner. Any number of attempts may be under way at once."""

    def __init__(self, settings: ClientSettings, connect: Connect | None = None) -> None:
        """ConfigError where one of the settings can't be used. Reads the CA files."""
        self._settings = settings
        self._partner = partner_address(settings.url, settings.allow_http)
        self._proxy = None if settings.proxy is None else proxy_address(settings.proxy)
        self._tls = tls_context(settings.ca_file) if self._partner.tls else None
        self._connect = connect or Dialer()
        self._pool = _Pool()
        try:
            self._request(b"")
        except (h11.LocalProtocolError, UnicodeEncodeError):
            raise ConfigError(("onlinesim.user_agent: can't stand in a header",)) from None

    async def push(self, body: bytes) -> Attempt:
        """Send *body*; returns as soon as the status line of the final response is there.

        PartnerError where no HTTP status came; its kind is one of `refused`, `unreachable`,
        `dns`, `tls`, `proxy`, `timeout`, `closed`, `malformed`.
        """
        deadline = asyncio.get_running_loop().time() + self._settings.timeout
        stream = self._pool.take()
        reused = stream is not None
        if stream is None:
            stream = await self._open(deadline)
        http, request = self._request(body)
        exchange = _Exchange(stream, Reply(http), deadline, self._partner.authority)
        try:
            stream.write(request)
            while exchange.reply.status is None:
                await exchange.receive()
        except BaseException:
            exchange.end()
            if reused:  # the others have probably gone the same way
                self._pool.clear()
            raise
        return Attempt(exchange.reply.status, exchange, self._pool, self._settings.terminal_errors)

    async def probe(self) -> str | None:
        """Connect as for a push, TLS included, and ask HEAD / instead: nothing is pushed, and the
        key stays here. The answer's Date, None where it has none. PartnerError as `push`, but only
        where no connection came about."""
        deadline = asyncio.get_running_loop().time() + self._settings.timeout
        stream = await self._open(deadline)
        http = h11.Connection(h11.CLIENT)
        headers = [("Host", self._partner.host_header), ("User-Agent", self._settings.user_agent)]
        target = "/"
        if self._proxy is not None and not self._partner.tls:
            target = self._partner.absolute.removesuffix(self._partner.path) + "/"
            headers += _proxy_headers(self._proxy)
        request = http.send(h11.Request(method="HEAD", target=target, headers=headers))
        exchange = _Exchange(stream, Reply(http), deadline, self._partner.authority)
        try:
            stream.write((request or b"") + (http.send(h11.EndOfMessage()) or b""))
            while not exchange.reply.ended:
                await exchange.receive()
        except PartnerError:
            return None  # it was reached: what it makes of HEAD is its own affair
        finally:
            exchange.end()
        found = [value for name, value in exchange.reply.headers or () if name == b"date"]
        return found[0].decode("ascii", "replace") if found else None

    async def close(self) -> None:
        """Close what is idle. Attempts under way go on to their end."""
        self._pool.close()
        await asyncio.sleep(0)

    def _request(self, body: bytes) -> tuple[h11.Connection, bytes]:
        http = h11.Connection(h11.CLIENT)
        target = self._partner.path
        headers = [
            ("Host", self._partner.host_header),
            ("User-Agent", self._settings.user_agent),
            ("Accept", "application/json"),
            ("Content-Type", "application/json; charset=utf-8"),
            ("Content-Length", str(len(body))),
        ]
        if self._proxy is not None and not self._partner.tls:
            target = self._partner.absolute
            headers += _proxy_headers(self._proxy)
        request = h11.Request(method="POST", target=target, headers=headers)
        pieces = [http.send(request), http.send(h11.Data(data=body)), http.send(h11.EndOfMessage())]
        return http, b"".join(piece or b"" for piece in pieces)

    async def _open(self, deadline: float) -> Stream:
        """A new connection, up to the point where a request can be sent."""
        patience = asyncio.get_running_loop().time() + self._settings.connect_timeout
        route = self._proxy or self._partner
        try:
            async with asyncio.timeout_at(min(deadline, patience)):
                stream = await self._connect(route.host, route.port)
                try:
                    await self._prepare(stream)
                except BaseException:
                    stream.abort()
                    raise
                return stream
        except OSError as error:
            raise _failure(error, route.authority) from None

    async def _prepare(self, stream: Stream) -> None:
        if self._tls is None:
            return
        if self._proxy is not None:
            await _tunnel(stream, self._proxy, self._partner)
        try:
            await stream.start_tls(self._tls, self._partner.host)
        except ConnectionError:
            reason = f"{self._partner.authority}: connection closed in the TLS handshake"
            raise PartnerError("tls", reason) from None


class _Exchange:
    """A request and its reply on one connection, which is closed at the deadline."""

    def __init__(self, stream: Stream, reply: Reply, deadline: float, peer: str) -> None:
        self.reply = reply
        self._stream = stream
        self._peer = peer
        self._expired = False
        self._deadline = deadline
        self._alarm = asyncio.get_running_loop().call_at(deadline, self._expire)

    def hurry(self, seconds: float) -> None:
        """Bring the deadline forward to *seconds* from now."""
        loop = asyncio.get_running_loop()
        self._deadline = min(self._deadline, loop.time() + seconds)
        self._alarm.cancel()
        self._alarm = loop.call_at(self._deadline, self._expire)

    def _expire(self) -> None:
        # Closing, unlike cancelling, leaves what has already come to be read: it may be a 200.
        self._expired = True
        self._stream.abort()

    async def receive(self) -> None:
        """Read once. PartnerError where the reply can't go on."""
        try:
            data = await self._stream.read()
        except OSError as error:
            if not self._expired:
                raise _failure(error, self._peer) from None
            data = b""
        if self._expired and not data:  # our own end of it is not the end of a body
            raise PartnerError("timeout", f"{self._peer}: no answer in time")
        self.reply.feed(data)

    def end(self, pool: _Pool | None = None) -> None:
        """Stop the clock; keep the connection in *pool* if it can be used again, else close it."""
        self._alarm.cancel()
        if pool is not None and self.reply.reusable and not self._expired:
            pool.give(self._stream)
        else:
            self._stream.abort()


class _Pool:
    """Idle connections, the one used last first."""

    def __init__(self) -> None:
        self._idle: list[tuple[Stream, float, asyncio.TimerHandle]] = []
        self._closed = False

    def take(self) -> Stream | None:
        """A connection that is worth a request, if there is one."""
        now = asyncio.get_running_loop().time()
        while self._idle:
            stream, since, timer = self._idle.pop()
            timer.cancel()
            if now - since <= MAX_IDLE and stream.quiet():
                return stream
            stream.abort()
        return None

    def give(self, stream: Stream) -> None:
        if self._closed:
            stream.abort()
            return
        loop = asyncio.get_running_loop()
        timer = loop.call_later(MAX_IDLE, self._drop_oldest)
        self._idle.append((stream, loop.time(), timer))

    def _drop_oldest(self) -> None:
        stream, _, _ = self._idle.pop(0)
        stream.abort()

    def clear(self) -> None:
        for stream, _, timer in self._idle:
            timer.cancel()
            stream.abort()
        self._idle.clear()

    def close(self) -> None:
        self._closed = True
        self.clear()


def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """What a server's certificate is checked against: the system's authorities, or those in a file.
    ConfigError where that holds none."""
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        reason = error.strerror or "holds no certificate"
        raise ConfigError((f"onlinesim.ca_file: {ca_file}: {reason}",)) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def _proxy_headers(proxy: Address) -> list[tuple[str, str]]:
    return [] if proxy.authorization is None else [("Proxy-Authorization", proxy.authorization)]


async def _tunnel(stream: Stream, proxy: Address, partner: Address) -> None:
    """Have the proxy open a tunnel to the partner (RFC 9110, 9.3.6)."""
    http = h11.Connection(h11.CLIENT)
    headers = [("Host", partner.authority), *_proxy_headers(proxy)]
    connect = h11.Request(method="CONNECT", target=partner.authority, headers=headers)
    stream.write((http.send(connect) or b"") + (http.send(h11.EndOfMessage()) or b""))
    reply = Reply(http)
    while reply.headers is None and not reply.ended:
        reply.feed(await stream.read())
    if not reply.tunnel:
        raise PartnerError("proxy", f"proxy {proxy.authority} answered {reply.status} to CONNECT")


def _failure(error: OSError, peer: str) -> PartnerError:
    """What kept an answer from coming, in the words of `PartnerError.kind`."""
    match error:
        case ssl.SSLCertVerificationError():
            return PartnerError("tls", f"{peer}: certificate refused: {error.verify_message}")
        case ssl.SSLError():
            return PartnerError("tls", f"{peer}: TLS failed: {error.reason}")
        case TimeoutError():
            return PartnerError("timeout", f"{peer}: no connection in time")
        case ConnectionRefusedError():
            return PartnerError("refused", f"{peer}: connection refused")
        case ConnectionError():
            return PartnerError("closed", f"{peer}: connection closed")
        case _:
            return PartnerError("unreachable", f"{peer}: {error.strerror or 'unreachable'}")
