"""The control socket, from both ends."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from gsmbridge.config.schema import Config, Journal, Onlinesim
from gsmbridge.config.secret import Secret
from gsmbridge.errors import GsmbridgeError
from gsmbridge.service.control import (
    LONGEST_REQUEST,
    MOST_CONNECTIONS,
    ControlServer,
    ask,
    socket_path,
)


def config(folder: Path) -> Config:
    return Config(
        onlinesim=Onlinesim(url="https://a.test/", key=Secret("k")),
        journal=Journal(path=str(folder / "journal.db")),
    )


async def echo(request: dict[str, Any]) -> dict[str, Any]:
    return {"got": request}


def served(
    path: Path,
    client: Callable[[], Any],
    handle: Callable[[dict[str, Any]], Any] = echo,
    journal: str | None = None,
) -> Any:
    """The result of *client*, run in a thread while a server answers on *path*."""

    async def go() -> Any:
        server = ControlServer(path, handle, journal)
        await server.start()
        try:
            return await asyncio.to_thread(client)
        finally:
            await server.close()

    return asyncio.run(go())


def raw(path: Path, data: bytes) -> list[Any]:
    """Answers to *data* as it stands."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        with suppress(BrokenPipeError):
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        # a server that hangs up before it has read our request answers nothing
        with connection.makefile("rb") as replies, suppress(ConnectionResetError):
            return [json.loads(line) for line in replies]
    return []


def test_the_socket_lies_in_the_runtime_directory_else_beside_the_journal(tmp_path: Path) -> None:
    assert socket_path("/x/j.db", {"RUNTIME_DIRECTORY": "/run/a:/run/b"}) == Path(
        "/run/a/control.sock"
    )
    assert socket_path("/x/j.db", {}) == Path("/x/control.sock")
    assert socket_path("/var/lib/nowhere/j.db", {}) == Path("/var/lib/nowhere/control.sock")


def test_a_question_is_answered_and_the_socket_removed_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    answer = served(path, lambda: ask(config(tmp_path), {"command": "status"}, {}))
    assert answer == {"got": {"command": "status"}}
    assert not path.exists()


def test_without_a_daemon_there_is_no_answer(tmp_path: Path) -> None:
    assert ask(config(tmp_path), {"command": "status"}, {}) is None
    assert ask(config(tmp_path / "none"), {"command": "status"}, {}) is None


def test_only_the_service_and_its_group_may_ask(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    mode = served(path, lambda: path.stat().st_mode)
    assert stat.S_IMODE(mode) == 0o660


def test_a_stale_socket_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    with socket.socket(socket.AF_UNIX) as left_by_a_killed_daemon:
        left_by_a_killed_daemon.bind(str(path))
    assert ask(config(tmp_path), {"command": "status"}, {}) is None
    assert served(path, lambda: ask(config(tmp_path), {"command": "x"}, {})) is not None


def test_a_living_daemon_is_not_pushed_aside(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"

    def second() -> None:
        with pytest.raises(GsmbridgeError, match="another gsmbridge listens there"):
            asyncio.run(ControlServer(path, echo).start())

    served(path, second)


def test_what_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    path.write_text("mine")
    with pytest.raises(GsmbridgeError, match="is no socket"):
        asyncio.run(ControlServer(path, echo).start())
    assert path.read_text() == "mine"


def test_a_daemon_on_another_journal_does_not_answer(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"

    def client() -> object:
        return ask(config(tmp_path), {"command": "status"}, {})

    assert served(path, client, journal=str(tmp_path / "other.db")) is None
    assert served(path, client, journal=str(tmp_path / "journal.db")) is not None


def test_a_path_too_long_for_a_socket_works_all_the_same(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 120)
    folder.mkdir()
    path = folder / "control.sock"
    assert served(path, lambda: ask(config(folder), {"command": "status"}, {})) is not None
    assert not path.exists()


def test_an_error_of_the_handler_is_the_clients_error(tmp_path: Path) -> None:
    async def refuse(request: dict[str, Any]) -> dict[str, Any]:
        raise GsmbridgeError("disk full", "make room")

    def client() -> None:
        with pytest.raises(GsmbridgeError, match="disk full; make room"):
            ask(config(tmp_path), {"command": "status"}, {})

    served(tmp_path / "control.sock", client, refuse)


@pytest.mark.parametrize("line", [b"\n", b"{\n", b"[]\n", b'{"command": 1}\n', b"\xff\n", b"1\n"])
def test_a_bad_request_is_answered_and_the_next_one_served(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "control.sock"
    bad, good = served(path, lambda: raw(path, line + b'{"command": "status"}\n'))
    assert "error" in bad
    assert good == {"got": {"command": "status"}}


def test_a_request_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"

    def client() -> list[Any]:
        with socket.socket(socket.AF_UNIX) as endless, suppress(ConnectionError):
            endless.connect(str(path))
            while True:
                endless.sendall(b" " * LONGEST_REQUEST)
        return raw(path, b'{"command": "status"}\n')

    assert served(path, client) == [{"got": {"command": "status"}}]


def test_a_client_that_hangs_up_disturbs_nobody(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"

    def client() -> object:
        with socket.socket(socket.AF_UNIX) as hasty:
            hasty.connect(str(path))
            hasty.sendall(b'{"command": "status"')
        return ask(config(tmp_path), {"command": "status"}, {})

    assert served(path, client) is not None


def test_a_client_too_many_is_hung_up_on_and_the_next_is_served(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"

    def client() -> object:
        idle = [socket.socket(socket.AF_UNIX) for _ in range(MOST_CONNECTIONS + 1)]
        for each in idle:
            each.connect(str(path))
        idle[-1].settimeout(10)  # much less than a silent client has
        assert idle[-1].recv(1) == b""
        for each in idle:
            each.close()
        while not (answers := raw(path, b'{"command": "status"}\n')):
            pass  # until the server has noticed that they left
        return answers

    assert served(path, client) == [{"got": {"command": "status"}}]


def test_an_answer_of_many_messages_arrives_whole(tmp_path: Path) -> None:
    async def many(request: dict[str, Any]) -> dict[str, Any]:
        return {"messages": [{"sms_id": n, "text": "x" * 300} for n in range(10_000)]}

    answer = served(
        tmp_path / "control.sock", lambda: ask(config(tmp_path), {"command": "messages"}, {}), many
    )
    assert len(answer["messages"]) == 10_000


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open every socket")
def test_a_socket_of_others_says_how_to_be_let_in(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"

    def client() -> None:
        path.chmod(0)
        with pytest.raises(GsmbridgeError, match="add yourself to group gsmbridge"):
            ask(config(tmp_path), {"command": "status"}, {})

    served(path, client)
