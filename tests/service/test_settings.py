"""What each layer gets of the config: all of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, fields, replace
from typing import Any

import pytest

from gsmbridge.config.schema import Config, Messages, Modems, Number, Onlinesim
from gsmbridge.config.secret import Secret
from gsmbridge.service import settings

ICCID = "8970101234567890123"
CONFIG = Config(
    onlinesim=Onlinesim(
        url="http://partner.test/push",
        allow_http=True,
        key=Secret("sesame"),
        retry_interval=11.0,
        connect_timeout=6.0,
        timeout=31.0,
        max_in_flight=17,
        ca_file="/etc/gsmbridge/ca.pem",
        proxy="http://proxy.test:3128",
        user_agent="farm 7",
        phone_from_plus="strip",
        terminal_errors=("NO_OPERATION", "SOMETHING_NEW"),
    ),
    modems=Modems(
        baudrate=9600,
        poll_interval=31.0,
        command_timeout=11.0,
        usb_reset=True,
        silent_after=3600.0,
    ),
    numbers=(Number(phone="79088081050", iccid=ICCID, pin=Secret("1234")),),
    messages=Messages(
        multipart_timeout=121.0,
        max_stored_age=None,
        sim_full="free_refused",
        keep_text=3600.0,
        keep_days=31.0,
    ),
)
"""No key that a layer goes by has its default."""


def default(each: Field[Any]) -> object:
    return each.default if each.default_factory is MISSING else each.default_factory()


@pytest.mark.parametrize(
    "cut", [settings.rules, settings.forwarding, settings.client, settings.modems]
)
def test_each_layer_gets_every_key_that_it_goes_by(cut: Callable[[Config], Any]) -> None:
    sections = (CONFIG.onlinesim, CONFIG.modems, CONFIG.messages)
    said = {each.name: getattr(part, each.name) for part in sections for each in fields(part)}
    got = cut(CONFIG)
    for each in fields(got):
        value = getattr(got, each.name)
        assert value != default(each), f"{each.name}: the config does not count"
        assert value == said.get(each.name, value), each.name


def test_what_has_another_name_in_the_config_is_got_too() -> None:
    assert settings.rules(CONFIG).strip_plus
    (row,) = settings.rules(CONFIG).numbers.rows
    assert (row.phone, row.iccid) == ("79088081050", ICCID)
    assert settings.modems(CONFIG).pin(ICCID) == "1234"


@pytest.mark.parametrize(
    "listed, shown, sent",
    [
        (ICCID, ICCID, True),
        (ICCID, ICCID + "0", True),
        (ICCID[:18], ICCID[:18], True),
        (ICCID, ICCID[:18], False),
        (ICCID[:18], ICCID, False),
    ],
)
def test_a_pin_is_for_no_sim_that_may_be_a_neighbour(listed: str, shown: str, sent: bool) -> None:
    (row,) = CONFIG.numbers
    config = replace(CONFIG, numbers=(replace(row, iccid=listed),))
    assert settings.modems(config).pin(shown) == ("1234" if sent else None)
