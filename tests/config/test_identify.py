"""The key `identify.ussd`."""

from __future__ import annotations

from pathlib import Path

import pytest

from gsmbridge.config.load import load
from gsmbridge.config.schema import Config
from gsmbridge.errors import ConfigError

HEAD = 'onlinesim: {url: "https://partner.test/", key: sesame}\n'


def loaded(tmp_path: Path, ussd: str) -> Config:
    file = tmp_path / "config.yaml"
    file.write_text(HEAD + f"identify: {{ussd: {ussd}}}\n")
    return load(str(file), {})


@pytest.mark.parametrize(
    ("ussd", "pairs"),
    [
        ("null", None),
        ("{}", ()),
        ('{"25001": "*111*0887#"}', (("25001", "*111*0887#"),)),
        ('{25001: "*111*0887#", "250": "*100#"}', (("25001", "*111*0887#"), ("250", "*100#"))),
    ],
)
def test_codes_are_read_by_operator(tmp_path: Path, ussd: str, pairs: object) -> None:
    assert loaded(tmp_path, ussd).identify.ussd == pairs


@pytest.mark.parametrize(
    ("ussd", "mistake"),
    [
        ('"*100#"', "is no group of keys"),
        ('{"25": "*100#"}', '"25" has 2 digits'),
        ('{beeline: "*100#"}', '"beeline" has a letter at position 1'),
        ('{"25001": "100"}', '"100" in it, which is no USSD code'),
        ('{"25001": \'*100#",15\'}', "which is no USSD code"),
        ('{"25001": "*1#", "25001": "*2#"}', 'has "25001" twice in it'),
        ('{"25001": }', "is empty"),
    ],
)
def test_a_wrong_code_is_named(tmp_path: Path, ussd: str, mistake: str) -> None:
    with pytest.raises(ConfigError) as error:
        loaded(tmp_path, ussd)
    (told,) = error.value.mistakes
    assert told.split(": ")[1] == "identify.ussd"
    assert mistake in told
    assert "by the beginning of the IMSI" in told
