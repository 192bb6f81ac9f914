"""The units: that of one farm of several is that of the only one, but for names and places."""

from __future__ import annotations

from pathlib import Path

SYSTEMD = Path(__file__).parents[2] / "systemd"

OF_A_FARM = {
    "Description=Forwards SMS from GSM modems to Onlinesim": ", farm %i",
    "ExecStart=/opt/gsmbridge/bin/gsmbridge run": " --config /etc/gsmbridge/%i/config.yaml",
    "StateDirectory=gsmbridge": "-%i",
    "RuntimeDirectory=gsmbridge": "-%i",
}
"""What a line of the only farm's unit ends in beside, in that of one of several."""


def unit(name: str) -> str:
    text = (SYSTEMD / name).read_text("utf-8")
    return text[text.index("[Unit]") :]


def test_the_unit_of_a_farm_differs_in_names_and_places_alone() -> None:
    lines = [line + OF_A_FARM.get(line, "") for line in unit("gsmbridge.service").splitlines()]
    text = "\n".join(lines) + "\n"
    key = "/etc/gsmbridge/onlinesim-key"
    assert text.count(key) == 1
    text = text.replace(key, "/etc/gsmbridge/%i/onlinesim-key")
    assert unit("gsmbridge@.service") == text
    assert all(line in unit("gsmbridge.service").splitlines() for line in OF_A_FARM)


def test_a_credential_that_is_missing_keeps_no_service_from_starting() -> None:
    lines = unit("gsmbridge.service").splitlines()
    assert "LoadCredential=onlinesim-key:/etc/gsmbridge/onlinesim-key" in lines
    assert "SetCredential=onlinesim-key:\\n" in lines
