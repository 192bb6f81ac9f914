import asyncio
import socket
import threading
from collections.abc import Sequence

import pytest

from gsmbridge.errors import PartnerError
from gsmbridge.farm.partner_script import NAMED
from gsmbridge.onlinesim.client import Client, ClientSettings
from gsmbridge.onlinesim.dial import MAX_LOOKUPS, Dialer, Resolver
from tests.onlinesim.helpers import BODY, push, serving


class Names:
    """A resolver whose answers a test gives; None hangs until `release`."""

    def __init__(self, *answers: Sequence[str] | Exception | None) -> None:
        self.answers = list(answers)
        self.asked = 0
        self._released = threading.Event()

    def __call__(self, host: str, port: int) -> Sequence[str]:
        answer = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        if answer is None:
            self._released.wait()
            return ()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def release(self) -> None:
        self._released.set()


NOT_FOUND = socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def kind_of(names: Names, attempts: int = 1, timeout: float = 0.02) -> list[str]:
    """The kinds of error of some attempts, one after another."""

    async def main() -> list[str]:
        resolver = Resolver(names, timeout)
        settings = ClientSettings("https://partner.example/")
        client = Client(settings, Dialer(resolver))
        kinds = []
        for _ in range(attempts):
            with pytest.raises(PartnerError) as caught:
                await client.push(BODY)
            kinds.append(caught.value.kind)
        return kinds

    try:
        return asyncio.run(main())
    finally:
        names.release()


async def found_at_last(resolver: Resolver) -> Sequence[str]:
    """What the look-up gives, though a busy machine takes longer for it than may be waited."""
    for _ in range(100):
        try:
            return await resolver.addresses("p.example", 443)
        except PartnerError:
            continue
    raise AssertionError("no later look-up was answered")


@pytest.mark.parametrize("answer", [NOT_FOUND, UnicodeError(), (), None])
def test_a_name_that_is_not_found_is_a_dns_failure(
    answer: Sequence[str] | Exception | None,
) -> None:
    assert kind_of(Names(answer)) == ["dns"]


def test_look_ups_that_hang_are_bounded() -> None:
    names = Names(None)
    assert kind_of(names, MAX_LOOKUPS + 3) == ["dns"] * (MAX_LOOKUPS + 3)
    assert names.asked == MAX_LOOKUPS


def test_attempts_at_once_share_a_look_up() -> None:
    async def main() -> None:
        names = Names(("192.0.2.1",))
        resolver = Resolver(names)
        found = await asyncio.gather(*(resolver.addresses("p.example", 443) for _ in range(20)))
        assert found == [("192.0.2.1",)] * 20
        assert names.asked == 1

    asyncio.run(main())


def test_a_look_up_that_hangs_holds_up_no_later_one() -> None:
    async def main() -> None:
        names = Names(None, ("192.0.2.1",))
        resolver = Resolver(names, 0.02)
        with pytest.raises(PartnerError):
            await resolver.addresses("p.example", 443)
        assert await found_at_last(resolver) == ("192.0.2.1",)
        names.release()

    asyncio.run(main())


@pytest.mark.parametrize("trouble", [NOT_FOUND, None])
def test_addresses_found_before_serve_while_the_resolver_is_down(
    trouble: Exception | None,
) -> None:
    async def main() -> None:
        names = Names(("192.0.2.1",), trouble)
        resolver = Resolver(names, 0.02)
        assert await found_at_last(resolver) == ("192.0.2.1",)
        for _ in range(3):
            assert await resolver.addresses("p.example", 443) == ("192.0.2.1",)
        names.release()

    asyncio.run(main())


def test_an_attempt_called_off_leaves_the_look_up_to_others() -> None:
    async def main() -> None:
        released = threading.Event()

        def look_up(host: str, port: int) -> Sequence[str]:
            released.wait()
            return ("192.0.2.1",)

        resolver = Resolver(look_up)
        first = asyncio.create_task(resolver.addresses("p.example", 443))
        second = asyncio.create_task(resolver.addresses("p.example", 443))
        await asyncio.sleep(0)
        first.cancel()
        released.set()
        assert await second == ("192.0.2.1",)
        assert first.cancelled()

    asyncio.run(main())


def test_an_ip_address_needs_no_look_up() -> None:
    names = Names(NOT_FOUND)
    assert asyncio.run(Resolver(names).addresses("::1", 443)) == ("::1",)
    assert names.asked == 0


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("127.0.0.2", "127.0.0.1")])
def test_the_first_address_that_answers_is_used(addresses: Sequence[str]) -> None:
    async def main() -> None:
        async with serving(NAMED["ok"]) as (partner, _):
            url = partner.url.replace("127.0.0.1", "localhost")
            client = Client(ClientSettings(url), Dialer(Resolver(Names(addresses))))
            assert (await push(client)).status == 200
            assert f"Host: localhost:{url.split(':')[2].split('/')[0]}" in (
                partner.exchanges[0].head.decode()
            )
            await client.close()

    asyncio.run(main())


def test_no_address_that_answers_is_told_by_the_first() -> None:
    async def main() -> None:
        dialer = Dialer(Resolver(Names(("127.0.0.1", "127.0.0.2"))))
        with pytest.raises(ConnectionRefusedError, match=r"127\.0\.0\.1"):
            await dialer("partner.example", 9)

    asyncio.run(main())
