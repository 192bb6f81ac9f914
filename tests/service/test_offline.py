"""Orders while no daemon runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gsmbridge.config import schema
from gsmbridge.config.secret import Secret
from gsmbridge.journal.journal import Journal
from gsmbridge.modem.status import ModemStatus
from gsmbridge.numbers import Listed, Numbered, Numbers
from gsmbridge.service import offline
from tests.journal.desk import ICCID, PHONE, RULES, Desk, reading, rows, seen

OTHER_PHONE, OTHER_ICCID = "79088081051", "89701012345678901249"
LISTED = {PHONE: ICCID, OTHER_PHONE: OTHER_ICCID}


def test_neighbours_that_show_alike_have_neither_the_number_of_that_beginning() -> None:
    listed = Numbers((Listed(PHONE, iccid=ICCID[:18]),))
    one = ModemStatus("a", iccid=ICCID[:18], imsi="250011234567890")
    two = replace(one, path="b", imsi="250019876543210")
    assert [number for _, number in offline._numbered([one, two], listed)] == [None, None]
    (alone,) = offline._numbered([one], listed)
    assert alone[1] == Numbered(PHONE, "config")


def test_a_retry_under_a_number_that_is_said_needs_no_daemon(tmp_path: Path) -> None:
    listed = Numbers(tuple(Listed(phone, iccid) for phone, iccid in LISTED.items()))
    desk = Desk(tmp_path, replace(RULES, numbers=listed))
    config = schema.Config(
        onlinesim=schema.Onlinesim(url="https://partner.test/", key=Secret("sesame")),
        journal=schema.Journal(path=str(desk.path)),
        numbers=tuple(schema.Number(phone=phone, iccid=each) for phone, each in LISTED.items()),
    )

    async def main(journal: Journal) -> None:  # the SIM that it came for cannot be known
        slots = {1: desk.another()}
        await journal.record(reading(await seen(journal), slots, store="ME", complete=True))

    desk.work(main)
    (row,) = rows(desk)
    request = {"command": "retry", "ids": [row["sms_id"]], "as": OTHER_PHONE}
    (result,) = offline.answer(config, request)["results"]
    assert result["error"] is None
    assert (result["state"], result["phone"]) == ("pending", OTHER_PHONE)
    (row,) = rows(desk)
    assert (row["state"], row["phone"]) == ("pending", OTHER_PHONE)
