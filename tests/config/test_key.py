"""The API key: where it comes from, and that it stays in."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path

import pytest

from gsmbridge.config.load import load
from gsmbridge.config.schema import Config
from gsmbridge.config.secret import Secret
from gsmbridge.errors import ConfigError

URL = 'url: "https://partner.test/"'
KEY = "s3same-0pen"


def loaded(folder: Path, keys: str, environ: dict[str, str]) -> Config:
    file = folder / "config.yaml"
    file.write_text(f"onlinesim:\n  {URL}\n{keys}")
    return load(str(file), environ)


def mistake(folder: Path, keys: str, environ: dict[str, str]) -> str:
    with pytest.raises(ConfigError) as caught:
        loaded(folder, keys, environ)
    assert len(caught.value.mistakes) == 1
    return caught.value.mistakes[0]


def test_each_source_of_the_key_is_taken_the_config_first(tmp_path: Path) -> None:
    environ: dict[str, str] = {}
    (tmp_path / "onlinesim-key").write_text("of-credential\n")
    environ["CREDENTIALS_DIRECTORY"] = str(tmp_path)
    assert loaded(tmp_path, "", environ).onlinesim.key.reveal() == "of-credential"
    environ["GSMBRIDGE_ONLINESIM_KEY"] = "of-environment"
    assert loaded(tmp_path, "", environ).onlinesim.key.reveal() == "of-environment"
    (tmp_path / "file").write_text("of-file")
    assert loaded(tmp_path, "  key_file: file\n", environ).onlinesim.key.reveal() == "of-file"
    assert loaded(tmp_path, "  key: of-config\n", environ).onlinesim.key.reveal() == "of-config"


def test_a_missing_key_is_a_mistake_that_names_every_source(tmp_path: Path) -> None:
    told = mistake(tmp_path, "", {"GSMBRIDGE_ONLINESIM_KEY": "", "CREDENTIALS_DIRECTORY": "/none"})
    assert "onlinesim.key: is missing" in told
    for source in ("key_file", "GSMBRIDGE_ONLINESIM_KEY", "onlinesim-key"):
        assert source in told


@pytest.mark.parametrize("content", ["", "\n"])
def test_an_empty_credential_is_none(content: str, tmp_path: Path) -> None:
    (tmp_path / "onlinesim-key").write_text(content)
    assert "onlinesim.key: is missing" in mistake(
        tmp_path, "", {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    )


@pytest.mark.parametrize("key", ['"s3same 0pen"', '"s3same\\n0pen"', '"s3same\\t"', '"s3same\\0"'])
def test_a_key_with_white_space_is_refused_without_showing_it(tmp_path: Path, key: str) -> None:
    told = mistake(tmp_path, f"  key: {key}\n", {})
    assert "has white space or an unprintable character" in told
    assert "s3same" not in told


NO_YAML = (
    "s3same: x",
    '"\\qs3same"',
    "*s3same",
    "@s3same",
    "|s3same",
    "[s3same",
    "&s3same &s3same x",
    "!s3same x",
    "!s3same!a x",
    '"s3same',
    '"x" s3same',
    "s3same\n  s3same",
)


@pytest.mark.parametrize("key", NO_YAML)
def test_a_line_that_is_no_yaml_shows_no_key(tmp_path: Path, key: str) -> None:
    assert "s3same" not in mistake(tmp_path, f"  key: {key}\n", {})


def test_a_line_that_is_no_yaml_is_told_by_the_name_before_its_value(tmp_path: Path) -> None:
    told = mistake(tmp_path, "  key: s3same: x\n", {})
    assert told.endswith(
        ":3: no valid YAML: mapping values are not allowed in this context, at key"
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example/s3same 1",
        "hooks.example/s3same",
        "https://hooks.example:s3same/",
        "https://[s3same/",
        "https://u:s3same@hooks.example/",
        '"https://hooks.example/\\"s3same\' 1"',
        "0x53",
    ],
)
def test_a_wrong_url_for_alarms_is_not_shown(tmp_path: Path, url: str) -> None:
    told = mistake(tmp_path, f"  key: abc\nalarms:\n  url: {url}\n", {})
    assert "alarms.url" in told
    assert "s3same" not in told and "0x53" not in told


@pytest.mark.parametrize("key", ["…", '"..."', "abc…"])
def test_a_placeholder_is_no_key(tmp_path: Path, key: str) -> None:
    assert "is a placeholder" in mistake(tmp_path, f"  key: {key}\n", {})


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"s3same\n0pen\n", "has white space"),
        (b"s3same\n\n", "has white space"),
        (b"\xff\xfe", "is not UTF-8"),
    ],
)
def test_a_key_file_holds_the_key_alone(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "file").write_bytes(content)
    found = mistake(tmp_path, "  key_file: file\n", {})
    assert "onlinesim.key_file" in found
    assert told in found
    assert "s3same" not in found


def test_a_key_file_may_end_in_a_line_end_of_any_kind(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(KEY.encode() + b"\r\n")
    assert loaded(tmp_path, "  key_file: file\n", {}).onlinesim.key.reveal() == KEY


def test_a_key_file_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    assert "no such file" in mistake(tmp_path, "  key_file: file\n", {})


def test_a_wrong_key_in_the_environment_is_not_shown(tmp_path: Path) -> None:
    told = mistake(tmp_path, "", {"GSMBRIDGE_ONLINESIM_KEY": "s3same 0pen"})
    assert "the key in GSMBRIDGE_ONLINESIM_KEY has white space" in told
    assert "s3same" not in told


def test_no_form_of_the_config_shows_the_key(tmp_path: Path) -> None:
    config = loaded(tmp_path, f"  key: {KEY}\n", {})
    key = config.onlinesim.key
    for shown in (repr(config), str(config), f"{key}", f"{key!r}"):
        assert KEY not in shown
    with pytest.raises(TypeError):
        json.dumps(key)
    with pytest.raises(TypeError):
        pickle.dumps(config)
    with pytest.raises(TypeError):
        copy.copy(key)


def test_secrets_are_compared_by_value() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
