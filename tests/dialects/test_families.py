"""Families are told by what modems answer to AT+CGMI and AT+CGMM, to the letter."""

from __future__ import annotations

import pytest

from gsmbridge.dialects.families import BASE, FAMILIES, of_vendor, recognise
from gsmbridge.farm.personalities import FAMILIES as PERSONALITIES
from gsmbridge.farm.personalities import Personality


@pytest.mark.parametrize(
    ("manufacturer", "model", "ati", "name"),
    [
        ("huawei", "E1752", "", "huawei"),
        ("huawei", "E173", "", "huawei-e173"),
        ("huawei", "E173u-2", "", "huawei-e173"),
        ("huawei", "E3372", "", "huawei"),
        ("huawei", "E1550", "", "huawei"),
        ("QUALCOMM INCORPORATED", "M6280", "", "huawei"),
        ("ZTE INCORPORATED", "K3565-Z", "", "zte"),
        ("", "", "Quectel\nEC25\nRevision: EC25EFAR06A01M4G", "quectel"),
        ("SIMCOM INCORPORATED", "SIMCOM_SIM7600G-H", "", "sim7600"),
        ("SIMCOM INCORPORATED", "SIMCOM_SIM7100E", "", "sim7600"),
        ("SIMCOM INCORPORATED", "A7670E-FASE", "", "sima76"),
        ("SIMCOM INCORPORATED", "SIM7000G", "", "simcom"),
        ("SIMCOM_Ltd", "SIMCOM_SIM900", "", "simcom"),
        ("", "", "SIM300 R13.05", "simcom"),
        ("Quectel_Ltd", "Quectel_M35", "", "quectel"),
        ("Quectel", "UC20", "", "quectel"),
        ("NEOWAY", "M590", "", "neoway"),
        ("SIEMENS", "TC35i", "", "cinterion"),
        ("Cinterion", "EHS6", "", "cinterion"),
        ("u-blox", "LISA-U200", "", "ublox"),
        ("SIMCOM_Ltd", "SIMCOM_SIM800L", "", "simcom"),
        ("SIEMENS", "MC35i", "", "cinterion"),
        ("Cinterion", "BGS2-W", "", "cinterion"),
        (" WAVECOM MODEM", " MULTIBAND  900E  1800", "", "wavecom"),
        ("Telit", "HE910", "", "telit"),
        ("Sierra Wireless, Incorporated", "MC7455", "", "sierra"),
        ("u-blox", "SARA-G340", "", "ublox"),
        ("Farm", "F100", "", "generic"),
        ("", "", "", "generic"),
    ],
)
def test_family_of_a_modem(manufacturer: str, model: str, ati: str, name: str) -> None:
    assert recognise(manufacturer, model, ati).name == name


def test_every_family_can_ask_for_the_iccid_and_for_indications() -> None:
    for family in (BASE, *FAMILIES):
        assert family.iccid
        assert family.cnmi
        assert len(set(family.iccid)) == len(family.iccid)
        assert not family.boot or all(
            line == line.upper().replace(b" ", b"") for line in family.boot
        )
        for line in (*family.sim_hints, *family.sim_out, *family.full):
            assert line == line.upper().replace(b" ", b"")


def test_families_of_one_maker_are_told_by_their_usb_vendor() -> None:
    assert of_vendor("12d1").name.startswith("huawei")
    assert of_vendor("2c7c").name == "quectel"
    assert of_vendor("ffff") == of_vendor(None) == BASE


def test_a_model_that_does_not_come_back_from_a_reset_is_given_none() -> None:
    assert recognise("huawei", "E173").reset == ()
    assert recognise("huawei", "E1752").reset


def test_what_tells_that_a_sim_went_is_a_hint_too() -> None:
    for family in (BASE, *FAMILIES):
        for line in family.sim_out:
            assert line.startswith(family.sim_hints), (family.name, line)


@pytest.mark.parametrize("personality", PERSONALITIES, ids=lambda each: each.name)
def test_a_simulated_family_is_recognised_unless_it_is_meant_to_be_generic(
    personality: Personality,
) -> None:
    said = ["\n".join(personality.answers.get(name, ())) for name in ("+CGMI", "+CGMM", "I")]
    filled = [text.format(manufacturer=said[0], model=said[1], imei="") for text in said]
    known = recognise(*filled) is not BASE
    assert known == (personality.name not in ("generic", "falcom", "brovi", "foxconn"))
