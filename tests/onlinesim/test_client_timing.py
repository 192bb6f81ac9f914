"""Idle connections and deadlines: in simulated time, over streams without sockets."""

import asyncio
import ssl

import pytest

from gsmbridge.errors import PartnerError
from gsmbridge.farm.virtual import World, run
from gsmbridge.onlinesim.client import MAX_IDLE, REST_OF_200, Client, ClientSettings
from tests.onlinesim.helpers import BODY

LATENCY = 0.01
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class FakeStream:
    """A connection that answers each write with *reply*; None: never."""

    def __init__(self, reply: bytes | None) -> None:
        self.reply = reply
        self.requests = 0
        self.aborted = False
        self.unread = b""
        self._news = asyncio.Event()

    async def read(self) -> bytes:
        await self._news.wait()
        data, self.unread = self.unread, b""
        if not self.aborted:
            self._news.clear()
        return data

    def write(self, data: bytes) -> None:
        self.requests += 1
        if self.reply is not None:
            self.answer(self.reply)

    def answer(self, reply: bytes) -> None:
        self.unread += reply
        self._news.set()

    async def start_tls(self, context: ssl.SSLContext, server_name: str) -> None:
        raise AssertionError("not asked for")

    def quiet(self) -> bool:
        return not self.unread and not self.aborted

    def abort(self) -> None:
        self.aborted = True
        self._news.set()


class Network:
    """Connections as they are opened; *replies* says what each of them answers."""

    def __init__(self, *replies: bytes | None) -> None:
        self._replies = replies
        self.opened: list[FakeStream] = []

    async def connect(self, host: str, port: int) -> FakeStream:
        await asyncio.sleep(LATENCY)
        number = len(self.opened)
        reply = self._replies[number] if number < len(self._replies) else OK
        self.opened.append(FakeStream(reply))
        return self.opened[-1]

    def client(self, **settings: float) -> Client:
        return Client(ClientSettings("http://127.0.0.1/", **settings), self.connect)


async def deliver(client: Client) -> int:
    attempt = await client.push(BODY)
    return (await attempt.finish()).status


@pytest.mark.parametrize(("pause", "connections"), [(9.9, 1), (10.1, 2)])
def test_a_connection_idle_for_over_ten_seconds_is_not_used(pause: float, connections: int) -> None:
    network = Network()

    async def main() -> None:
        client = network.client()
        await deliver(client)
        await asyncio.sleep(pause)
        await deliver(client)

    run(World(), main())
    assert len(network.opened) == connections


def test_an_idle_connection_is_closed_by_itself() -> None:
    network = Network()

    async def main() -> None:
        client = network.client()
        await asyncio.gather(*(deliver(client) for _ in range(3)))
        await asyncio.sleep(MAX_IDLE + 0.1)

    run(World(), main())
    assert [stream.aborted for stream in network.opened] == [True] * 3


def test_the_connection_used_last_is_used_first() -> None:
    network = Network()

    async def main() -> None:
        client = network.client()
        await asyncio.gather(*(deliver(client) for _ in range(3)))
        for _ in range(4):
            await deliver(client)
            await asyncio.sleep(4)

    run(World(), main())
    assert [stream.requests for stream in network.opened] == [1, 1, 5]


def test_a_kept_connection_that_fails_takes_the_other_idle_ones_along() -> None:
    network = Network()

    async def main() -> None:
        client = network.client(timeout=5.0)
        await asyncio.gather(*(deliver(client) for _ in range(3)))
        network.opened[2].reply = None
        with pytest.raises(PartnerError) as caught:
            await deliver(client)
        assert caught.value.kind == "timeout"
        await deliver(client)

    run(World(), main())
    assert [stream.aborted for stream in network.opened[:3]] == [True] * 3
    assert len(network.opened) == 4


def test_an_attempt_ends_at_its_deadline_to_the_moment() -> None:
    network = Network(None)

    async def main() -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        with pytest.raises(PartnerError):
            await deliver(network.client(timeout=30.0))
        return loop.time() - began

    assert run(World(), main()) == pytest.approx(30.0)
    assert network.opened[0].aborted


def test_a_status_that_comes_at_the_last_moment_still_counts() -> None:
    network = Network(None)

    def answer() -> None:
        network.opened[0].answer(b"HTTP/1.1 200 OK\r\n")

    async def main() -> int:
        loop = asyncio.get_running_loop()
        client = network.client(timeout=1.0)
        # Due with the deadline: the attempt's turn to read comes after both.
        loop.call_at(loop.time() + 1.0, answer)
        attempt = await client.push(BODY)
        assert network.opened[0].aborted
        return (await attempt.finish()).status

    assert run(World(), main()) == 200


def test_what_stalls_behind_a_200_is_not_waited_for_long() -> None:
    network = Network(b"HTTP/1.1 200 OK\r\n")

    async def main() -> float:
        loop = asyncio.get_running_loop()
        attempt = await network.client(timeout=30.0).push(BODY)
        began = loop.time()
        assert (await attempt.finish()).status == 200
        return loop.time() - began

    assert run(World(), main()) == pytest.approx(REST_OF_200)
    assert network.opened[0].aborted


def test_after_close_nothing_is_kept() -> None:
    network = Network()

    async def main() -> None:
        client = network.client()
        attempt = await client.push(BODY)
        await client.close()
        await attempt.finish()
        assert network.opened[0].aborted

    run(World(), main())


def test_the_rest_of_a_200_is_read_within_the_attempts_time() -> None:
    network = Network(None)
    head = b"HTTP/1.1 200 OK\r\n"

    async def main() -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        loop.call_at(began + 5.0 - REST_OF_200 / 4, lambda: network.opened[0].answer(head))
        attempt = await network.client(timeout=5.0).push(BODY)
        assert (await attempt.finish()).status == 200
        return loop.time() - began

    assert run(World(), main()) == pytest.approx(5.0)
