"""Which ttys are one modem, from a made-up sysfs."""

from __future__ import annotations

from pathlib import Path

import pytest

from gsmbridge.at.sysfs import Whereabouts, whereabouts


class Sysfs:
    """A tree as the kernel makes it, as far as it is looked at."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def usb(self, where: str, vendor: str) -> Path:
        device = self.root / "devices" / "usb1" / where
        device.mkdir(parents=True)
        (device / "idVendor").write_text(vendor + "\n")
        return device

    def interface(self, device: Path, number: int, driver: str = "", protocol: str = "ff") -> Path:
        interface = device / f"{device.name}:1.{number}"
        interface.mkdir()
        (interface / "bInterfaceNumber").write_text(f"{number:02x}\n")
        (interface / "bInterfaceProtocol").write_text(protocol + "\n")
        if driver:
            home = self.root / "bus" / "usb" / "drivers" / driver
            home.mkdir(parents=True, exist_ok=True)
            (interface / "driver").symlink_to(home)
        return interface

    def tty(self, name: str, interface: Path, port: int | None = 0) -> Whereabouts:
        """A tty of usb-serial, on a port of its own; of cdc_acm, on the interface (no *port*)."""
        device = interface
        if port is not None:
            device = interface / name
            device.mkdir()
            (device / "port_number").write_text(f"{port}\n")
        entry = self.root / "class" / "tty" / name
        entry.mkdir(parents=True)
        (entry / "device").symlink_to(device)
        return whereabouts(self.root, f"/dev/{name}")


@pytest.fixture
def sysfs(tmp_path: Path) -> Sysfs:
    return Sysfs(tmp_path)


def test_the_ttys_of_a_usb_modem_are_one_and_keep_what_tells_them_apart(sysfs: Sysfs) -> None:
    stick = sysfs.usb("1-2", "12d1")
    modem = sysfs.tty("ttyUSB0", sysfs.interface(stick, 0, "option", "01"))
    pcui = sysfs.tty("ttyUSB1", sysfs.interface(stick, 2, "option", "12"))
    assert modem.usb == pcui.usb == pcui.place == str(stick)
    assert (pcui.interface, pcui.protocol, pcui.vendor) == (2, 0x12, "12d1")
    assert (modem.interface, modem.protocol) == (0, 0x01)


@pytest.mark.parametrize(
    ("vendor", "driver"),
    [
        ("0403", "ftdi_sio"),
        ("0403", ""),  # the driver does not show
        ("1a86", "cdc_acm"),  # CH344 without its own driver
        ("9999", "ftdi_sio"),  # FTDI's chip under another maker's id
        ("0BDA", "xr_serial"),
    ],
)
def test_the_uarts_of_a_bridge_with_an_interface_each_are_several_modems(
    sysfs: Sysfs, vendor: str, driver: str
) -> None:
    bridge = sysfs.usb("1-3", vendor)
    found = [
        sysfs.tty(f"ttyUSB{number}", sysfs.interface(bridge, number, driver)) for number in range(4)
    ]
    assert [each.usb for each in found] == [None] * 4
    assert len({each.place for each in found}) == 4
    assert all(each.interface is None and each.vendor is None for each in found)


def test_the_uarts_of_a_bridge_on_one_interface_are_several_modems(sysfs: Sysfs) -> None:
    interface = sysfs.interface(sysfs.usb("1-3", "9710"), 0, "mos7840")
    found = [sysfs.tty(f"ttyUSB{number}", interface, number) for number in range(4)]
    assert [each.usb for each in found] == [None] * 4
    assert len({each.place for each in found}) == 4


def test_a_cdc_acm_modem_hangs_on_its_interface(sysfs: Sysfs) -> None:
    module = sysfs.usb("1-4", "1e2d")
    found = sysfs.tty("ttyACM0", sysfs.interface(module, 2, "cdc_acm", "01"), port=None)
    assert (found.usb, found.interface, found.vendor) == (str(module), 2, "1e2d")


def test_two_sticks_with_one_serial_number_differ_by_their_sockets(sysfs: Sysfs) -> None:
    found = []
    for number in (1, 2):
        stick = sysfs.usb(f"1-{number}", "12d1")
        (stick / "serial").write_text("0123456789ABCDEF\n")
        found.append(sysfs.tty(f"ttyUSB{number}", sysfs.interface(stick, 0, "option")))
    assert found[0].usb != found[1].usb
    assert found[0].place != found[1].place


def test_a_port_of_the_board_has_its_place_and_a_pty_has_none(sysfs: Sysfs) -> None:
    board = sysfs.root / "devices" / "pnp0" / "00:01"
    board.mkdir(parents=True)
    first, second = (sysfs.tty(f"ttyS{number}", board, port=None) for number in (0, 1))
    assert first.usb is None
    assert first.place != second.place
    assert whereabouts(sysfs.root, "/dev/pts/7") == Whereabouts()


def test_a_device_that_goes_while_it_is_looked_at_is_no_error(sysfs: Sysfs) -> None:
    entry = sysfs.root / "class" / "tty" / "ttyUSB0"
    entry.mkdir(parents=True)
    (entry / "device").symlink_to(sysfs.root / "gone")
    assert whereabouts(sysfs.root, "/dev/ttyUSB0") == Whereabouts()
