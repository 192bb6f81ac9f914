"""The reset of a USB device, as far as it goes without one."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from gsmbridge.at.usb_reset import UsbReset
from gsmbridge.dialects.families import FAMILIES
from gsmbridge.errors import ModemError

RULES = Path(__file__).parents[2] / "systemd" / "99-gsmbridge-usb-reset.rules"


def device(root: Path) -> str:
    (root / "busnum").write_text("3\n")
    (root / "devnum").write_text("17\n")
    return str(root)


def test_the_node_is_named_by_bus_and_number(tmp_path: Path) -> None:
    assert UsbReset(Path("/dev/bus/usb")).node(device(tmp_path)) == Path("/dev/bus/usb/003/017")


def test_a_device_that_is_gone_is_told_plainly(tmp_path: Path) -> None:
    with pytest.raises(ModemError, match="No such file"):
        asyncio.run(UsbReset(tmp_path)(str(tmp_path / "gone")))
    with pytest.raises(ModemError, match=r"003/017: No such file"):
        asyncio.run(UsbReset(tmp_path)(device(tmp_path)))


def test_what_is_no_usb_device_is_refused(tmp_path: Path) -> None:
    (tmp_path / "003").mkdir()
    (tmp_path / "003" / "017").touch()
    with pytest.raises(ModemError, match=r"003/017: Inappropriate ioctl"):
        asyncio.run(UsbReset(tmp_path)(device(tmp_path)))


def test_the_rule_gives_access_to_the_known_makers() -> None:
    named = re.findall(
        r"[0-9a-f]{4}", " ".join(re.findall(r'idVendor}=="([^"]*)"', RULES.read_text()))
    )
    assert sorted(named) == sorted({vendor for family in FAMILIES for vendor in family.vendors})
