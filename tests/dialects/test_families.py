"""Families are told by what modems answer to AT+CGMI and AT+CGMM, to the letter."""

from __future__ import annotations

import pytest

from gsmbridge.dialects.families import BASE, FAMILIES, recognise


@pytest.mark.parametrize(
    ("manufacturer", "model", "ati", "name"),
    [
        ("huawei", "E1752", "", "huawei"),
        ("QUALCOMM INCORPORATED", "M6280", "", "huawei"),
        ("ZTE INCORPORATED", "K3565-Z", "", "zte"),
        ("", "", "Quectel\nEC25\nRevision: EC25EFAR06A01M4G", "quectel"),
        ("SIMCOM INCORPORATED", "SIMCOM_SIM7600G-H", "", "sim7600"),
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


def test_what_tells_that_a_sim_went_is_a_hint_too() -> None:
    for family in (BASE, *FAMILIES):
        for line in family.sim_out:
            assert line.startswith(family.sim_hints), (family.name, line)
