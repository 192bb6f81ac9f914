"""The commands' end of the control socket (see `control`). Imports little: commands are quick."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gsmbridge.config.schema import Config
from gsmbridge.errors import GsmbridgeError

Document = dict[str, Any]

SOCKET = "control.sock"
STATE, RUNTIME = Path("/var/lib"), Path("/run")
"""Where systemd has StateDirectory= and RuntimeDirectory= (systemd.exec)."""
GROUP = "gsmbridge"
OTHER_JOURNAL = "other journal"
"""Answer of a daemon that works on another journal than the one asked about."""

_ANSWER_TIMEOUT = {"scan": 180.0, "identify": 600.0}
_LONGEST_ADDRESS = 107  # sun_path of unix(7), less its final NUL


def socket_path(journal: str, environ: Mapping[str, str]) -> Path:
    """Where the daemon listens: in systemd's runtime directory, else beside the journal.

    A command has no RUNTIME_DIRECTORY; the unit gives folders below /var/lib and /run one name.
    """
    given = environ.get("RUNTIME_DIRECTORY", "").split(":")[0]
    if given:
        return Path(given) / SOCKET
    folder = Path(journal).parent
    if folder.parent == STATE and (RUNTIME / folder.name).is_dir():
        return RUNTIME / folder.name / SOCKET
    return folder / SOCKET


def ask(
    config: Config, request: Document, environ: Mapping[str, str] = os.environ
) -> Document | None:
    """The daemon's answer, or None where none listens. GsmbridgeError where it refuses."""
    journal = os.path.realpath(config.journal.path)
    places = [
        socket_path(config.journal.path, environ),
        RUNTIME / GROUP / SOCKET,
        Path(config.journal.path).parent / SOCKET,
    ]
    for place in dict.fromkeys(places):
        answer = _ask_at(place, {**request, "journal": journal})
        if answer is not None and answer.get("error") != OTHER_JOURNAL:
            if "error" in answer:
                raise GsmbridgeError(str(answer["error"]))
            return answer
    return None


def _ask_at(path: Path, request: Document) -> Document | None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_ANSWER_TIMEOUT.get(str(request.get("command")), 15.0))
        try:
            with address(path) as where:
                connection.connect(where)
        except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
            return None
        except PermissionError:
            hint = f"use sudo, or add yourself to group {GROUP} and log in again"
            raise GsmbridgeError(f"{path}: permission denied", hint) from None
        except OSError as error:
            raise GsmbridgeError(f"{path}: {error.strerror or error}") from None
        try:
            connection.sendall(json.dumps(request).encode() + b"\n")
            with connection.makefile("rb") as replies:
                line = replies.readline()
            answer: Document = json.loads(line)
        except (OSError, ValueError):
            hint = "see its log: journalctl -u gsmbridge"
            raise GsmbridgeError("the daemon runs but did not answer", hint) from None
        return answer


@contextmanager
def address(path: Path) -> Iterator[str]:
    """*path* as a socket address: one that is too long is reached through its open folder."""
    if len(os.fsencode(path)) <= _LONGEST_ADDRESS:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
