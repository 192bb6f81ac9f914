"""What `gsmbridge run` does without: memory and start count on a small machine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Set

import pytest

SEEN_BY_RUN = (
    "import sys, gsmbridge.cli.main as main; main.parser(); import gsmbridge.service.daemon;"
    "print(*sys.modules)"
)
LOADED_WHEN_NEEDED = {
    "the page and the metrics": ("gsmbridge.service.web", "prometheus_client", "http.server"),
    "sending": ("gsmmodem",),
    "other commands": ("gsmbridge.doctor", "gsmbridge.modem.scan", "gsmbridge.service.offline"),
    "the simulator": ("gsmbridge.farm",),
    "what never is": ("requests", "urllib.request", "email", "multiprocessing", "csv"),
}


@pytest.fixture(scope="module")
def loaded() -> Set[str]:
    """The modules of a fresh `gsmbridge run`, before it reads its config."""
    command = [sys.executable, "-c", SEEN_BY_RUN]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return set(done.stdout.split())


def test_run_is_seen_with_its_modules(loaded: Set[str]) -> None:
    assert "gsmbridge.service.bridge" in loaded


@pytest.mark.parametrize("what", LOADED_WHEN_NEEDED)
def test_run_does_not_load_what_it_may_never_need(what: str, loaded: Set[str]) -> None:
    assert loaded.isdisjoint(LOADED_WHEN_NEEDED[what])
