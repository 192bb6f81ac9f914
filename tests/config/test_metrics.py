"""Where metrics and the page may be served."""

from __future__ import annotations

from pathlib import Path

import pytest

from gsmbridge.config.schema import Metrics, needs_restart
from tests.config.test_load import PARTNER, loaded, mistakes


def metrics(fields: str) -> str:
    return f"{PARTNER}metrics: {{{fields}}}\n"


@pytest.mark.parametrize(
    "fields",
    [
        'listen: "127.0.0.1:9108", page: true',
        'listen: "[::1]:9108", page: true',
        'listen: "localhost:9108", page: true',
        'listen: "0.0.0.0:9108"',
        'listen: "0.0.0.0:9108", page: true, page_anywhere: true',
        "page: false",
    ],
)
def test_the_page_is_taken_on_loopback_or_where_it_is_meant(tmp_path: Path, fields: str) -> None:
    assert isinstance(loaded(tmp_path, metrics(fields)).metrics, Metrics)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.7", "[::]", "farm.lan"])
def test_the_page_is_refused_where_others_can_reach_it(tmp_path: Path, host: str) -> None:
    (mistake,) = mistakes(tmp_path, metrics(f'listen: "{host}:9108", page: true'))
    assert "metrics.page" in mistake
    assert "page_anywhere: true" in mistake


def test_a_page_without_an_address_is_a_mistake(tmp_path: Path) -> None:
    (mistake,) = mistakes(tmp_path, metrics("page: true"))
    assert "metrics.page" in mistake and "metrics.listen" in mistake


@pytest.mark.parametrize("name", ["-x", "a b", "farm:9108", "x/y", "é"])
def test_a_host_that_is_no_name_is_a_mistake(tmp_path: Path, name: str) -> None:
    (mistake,) = mistakes(tmp_path, metrics(f'hosts: ["{name}"]'))
    assert "metrics.hosts" in mistake


def test_names_are_compared_in_lower_case(tmp_path: Path) -> None:
    assert loaded(tmp_path, metrics("hosts: [Farm.LAN]")).metrics.hosts == ("farm.lan",)


def test_another_address_takes_a_restart_and_the_page_a_reload(tmp_path: Path) -> None:
    before = loaded(tmp_path, metrics('listen: "127.0.0.1:9108"'))
    after = loaded(tmp_path, metrics('listen: "127.0.0.1:9109", page: true, hosts: [a]'))
    assert needs_restart(before, after) == ["metrics.listen"]
