"""What is told of the numbers of SIMs at hand."""

from __future__ import annotations

import pytest

from gsmbridge.config.schema import Number
from gsmbridge.doctor import modems

ICCID = "8970101234567890123"
MODEM = {"path": "a", "phase": "ready", "iccid": ICCID, "imsi": None, "phone": None}


@pytest.mark.parametrize(
    "rows, told",
    [
        ((), ["has no number"]),
        ((Number(phone="79088081050", iccid=ICCID, enabled=False),), []),
    ],
    ids=["not listed", "disabled"],
)
def test_a_number_that_is_disabled_is_not_to_be_found_out(
    rows: tuple[Number, ...], told: list[str]
) -> None:
    found = [each.what for each in modems.numbers(rows, [MODEM]) if each.level.name == "FAIL"]
    assert len(found) == len(told)
    assert all(words in what for words, what in zip(told, found, strict=True))
