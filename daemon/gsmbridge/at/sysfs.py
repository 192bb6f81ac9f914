"""Where a tty hangs, from sysfs: its USB device and interface, or its place behind a UART bridge.

The ttys of a USB modem are one modem. Those of a UART bridge (FT4232, CH344 and the like) lead to
as many modems as there are wires, so a bridge is never taken for a modem.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

BRIDGE_DRIVERS = frozenset(
    {
        *("ftdi_sio", "cp210x", "ch341", "ch343", "pl2303", "xr_serial", "cypress_m8"),
        *("mos7720", "mos7840", "moschip7720", "moschip7840", "mxuport", "ti_usb_3410_5052"),
        *(
            "io_edgeport",
            "io_ti",
            "keyspan",
            "keyspan_pda",
            "quatech2",
            "ssu100",
            "digi_acceleport",
        ),
        *("ark3116", "f81232", "f81534", "f81534a", "oti6858", "spcp8x5", "mct_u232", "belkin_sa"),
        *("whiteheat", "upd78f0730", "kl5kusb105", "ir-usb"),
    }
)
"""Kernel drivers of UART bridges, whoever's label is on them (Linux, drivers/usb/serial/*.c)."""

BRIDGE_VENDORS = {
    "0403": "FTDI: FT232, FT2232 (2 UARTs), FT4232 (4)",
    "04e2": "MaxLinear, Exar: XR21V1410 to XR21V1414 (4), XR21B1424 (4)",
    "067b": "Prolific: PL2303",
    "10c4": "Silicon Labs: CP2102, CP2105 (2), CP2108 (4)",
    "110a": "Moxa: UPort, 1 to 16",
    "1a86": "QinHeng: CH340, CH342 (2), CH344 (4), CH348 (8)",
    "9710": "MosChip: MCS7820 (2), MCS7840 (4)",
}
"""idVendor of makers of UART bridges, for those that a driver of no name serves, cdc_acm above all
(usb.ids of linux-usb.org; data sheets)."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a tty hangs; None where sysfs does not tell."""

    usb: str | None = None
    """sysfs path of the USB device whose ttys are one modem; None behind a UART bridge."""
    interface: int | None = None
    protocol: int | None = None
    """bInterfaceProtocol: makers tell by it what a tty is for."""
    vendor: str | None = None
    """idVendor in lower-case hex; None behind a UART bridge, which is not the modem's maker."""
    place: str | None = None
    """The socket it is plugged into, which stays the same whatever the tty is called."""


def whereabouts(sysfs: Path, device: str) -> Whereabouts:
    """Of the tty whose node is *device*, such as /dev/ttyUSB3."""
    name = Path(device).name
    entry = sysfs / "class" / "tty" / name / "device"
    if not entry.exists():
        return Whereabouts()  # a pty
    tty = Path(os.path.realpath(entry))
    for interface in (tty, *tty.parents):
        number = _hex(interface / "bInterfaceNumber")
        if number is not None:
            return _on_usb(tty, interface, number)
    return Whereabouts(place=f"{tty}:{name}")


def _on_usb(tty: Path, interface: Path, number: int) -> Whereabouts:
    usb = interface.parent
    vendor = _text(usb / "idVendor").lower()
    driver = Path(os.path.realpath(interface / "driver")).name
    if driver in BRIDGE_DRIVERS or vendor in BRIDGE_VENDORS:
        port = _text(tty / "port_number") or "0"  # some have all their UARTs on one interface
        return Whereabouts(place=f"{interface}:{port}")
    return Whereabouts(
        usb=str(usb),
        interface=number,
        protocol=_hex(interface / "bInterfaceProtocol"),
        vendor=vendor or None,
        place=str(usb),
    )


def _text(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:  # the attribute does not exist, or the device went
        return ""


def _hex(file: Path) -> int | None:
    try:
        return int(_text(file), 16)
    except ValueError:
        return None
