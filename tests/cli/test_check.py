"""`gsmbridge check` of what lies outside the config: the key, and the partner's authorities."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CONFIG = 'onlinesim: {url: "https://partner.test/"}\njournal: {path: journal.db}\n'


def check(folder: Path, config: str, unit: str) -> subprocess.CompletedProcess[str]:
    """Of a host on which `systemctl cat` shows *unit*."""
    (folder / "config.yaml").write_text(config)
    (folder / "unit").write_text(unit)
    systemctl = folder / "systemctl"
    systemctl.write_text(f'#!/bin/sh\n[ "$1" = cat ] && exec cat {folder}/unit\n')
    systemctl.chmod(0o755)
    environ = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    command = [sys.executable, "-m", "gsmbridge", "check", "--config", str(folder / "config.yaml")]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env=environ
    )


@pytest.mark.parametrize(
    ("content", "why"), [("", "is empty"), (None, "is not there"), ("s3same", "has it")]
)
def test_a_key_that_the_unit_loads_is_a_warning_and_no_mistake(
    content: str | None, why: str, tmp_path: Path
) -> None:
    key = tmp_path / "key"
    if content is not None:
        key.write_text(content)
    done = check(tmp_path, CONFIG, f"[Service]\nLoadCredential=onlinesim-key:{key}\n")
    assert done.returncode == 0
    assert done.stdout == f"{tmp_path}/config.yaml: valid, 0 numbers\n"
    (told,) = done.stderr.splitlines()
    assert "warning: onlinesim.key: is not in the config" in told
    assert told.endswith(f"takes it from {key}, which {why}")


def test_a_key_that_no_unit_loads_is_a_mistake(tmp_path: Path) -> None:
    done = check(tmp_path, CONFIG, "[Service]\nExecStart=/bin/true\n")
    assert done.returncode == 78
    assert "onlinesim.key: is missing" in done.stderr


def test_other_mistakes_are_told_with_that_of_the_key(tmp_path: Path) -> None:
    done = check(tmp_path, "onlinesim: {}\n", "LoadCredential=onlinesim-key\n")
    assert done.returncode == 78
    assert len(done.stderr.splitlines()) == 2


def test_a_file_of_authorities_that_is_none_is_a_mistake(tmp_path: Path) -> None:
    config = CONFIG.replace("{url:", f"{{key: s3, ca_file: {tmp_path}/none.pem, url:", 1)
    done = check(tmp_path, config, "")
    assert done.returncode == 78
    assert f"onlinesim.ca_file: {tmp_path}/none.pem: No such file" in done.stderr
    assert "Traceback" not in done.stderr
