"""Which number a SIM has, and when it has none."""

from __future__ import annotations

import pytest

from gsmbridge.numbers import Listed, Numbered, Numbers, Unnumbered

ICCID, OTHER = "89701012345678901231", "89701012345678901249"
IMSI = "250011234567890"
PHONE, OWN = "79088081050", "79991112233"

BY_ICCID = Numbers((Listed(PHONE, iccid=ICCID),))
BY_IMSI = Numbers((Listed(PHONE, imsi=IMSI),))


@pytest.mark.parametrize("numbers", [BY_ICCID, BY_IMSI])
def test_a_listed_sim_has_the_number_of_its_row_whatever_is_stored_on_it(numbers: Numbers) -> None:
    assert numbers.resolve(ICCID, IMSI, OWN) == Numbered(PHONE, "config")


def test_a_row_with_the_iccid_goes_before_one_with_the_imsi() -> None:
    rows = (Listed("79990000001", imsi=IMSI), Listed(PHONE, iccid=ICCID))
    assert Numbers(rows).resolve(ICCID, IMSI, None) == Numbered(PHONE, "config")


def test_a_row_with_the_imsi_goes_before_one_with_a_part_of_the_iccid() -> None:
    rows = (Listed("79990000001", iccid=ICCID[:18]), Listed(PHONE, imsi=IMSI))
    assert Numbers(rows).resolve(ICCID, IMSI, None) == Numbered(PHONE, "config")
    rows = (Listed("79990000001", iccid=ICCID), Listed(PHONE, imsi=IMSI))
    assert Numbers(rows).resolve(ICCID[:18], IMSI, None) == Numbered(PHONE, "config")


def test_a_sim_that_tells_no_imsi_may_be_one_that_is_listed_by_it() -> None:
    assert isinstance(BY_IMSI.resolve(ICCID, None, OWN), Unnumbered)


def test_a_sim_that_is_not_listed_has_the_number_stored_on_it() -> None:
    assert BY_ICCID.resolve(OTHER, IMSI, OWN) == Numbered(OWN, "sim")


@pytest.mark.parametrize(
    ("numbers", "iccid", "own", "claimed"),
    [
        (Numbers((Listed(PHONE, iccid=ICCID, enabled=False),)), ICCID, OWN, ()),
        (Numbers(use_sim_number=False), ICCID, OWN, ()),
        (Numbers(), ICCID, None, ()),
        (BY_ICCID, OTHER, PHONE, ()),
        (BY_ICCID, OTHER, OWN, (OWN,)),
    ],
    ids=["disabled", "not wanted", "none stored", "listed for another SIM", "stored on another"],
)
def test_a_sim_has_no_number_where_it_might_be_anothers(
    numbers: Numbers, iccid: str, own: str | None, claimed: tuple[str, ...]
) -> None:
    found = numbers.resolve(iccid, None, own, claimed)
    assert isinstance(found, Unnumbered) and found.reason


def test_a_listed_iccid_that_begins_another_listed_one_means_neither() -> None:
    numbers = Numbers((Listed(PHONE, iccid=ICCID[:18]), Listed(OWN, iccid=OTHER)))
    assert isinstance(numbers.resolve(ICCID[:18], None, None), Unnumbered)
    assert isinstance(numbers.resolve(ICCID, None, None), Unnumbered)
    assert numbers.resolve(OTHER, None, None) == Numbered(OWN, "config")


@pytest.mark.parametrize(
    ("listed", "iccid", "other", "certain"),
    [
        (ICCID, ICCID, ICCID[:18], True),
        (ICCID, ICCID, OTHER, True),
        (ICCID[:19], ICCID[:19], ICCID[:18], True),
        (ICCID[:19], ICCID, OTHER, True),
        (ICCID[:18], ICCID, OTHER, False),
        (ICCID[:18], ICCID, ICCID[:18], False),
        (ICCID[:18], ICCID[:18], ICCID, False),
        (ICCID, ICCID[:18], ICCID, False),
        (ICCID, ICCID[:18], OTHER, False),
    ],
)
def test_a_listed_iccid_counts_where_it_can_mean_no_other_sim(
    listed: str, iccid: str, other: str, certain: bool
) -> None:
    numbers = Numbers((Listed(PHONE, iccid=listed),))
    found = numbers.resolve(iccid, None, None, others=(other,))
    assert isinstance(found, Numbered) is certain
