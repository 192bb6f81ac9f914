"""Which port of a modem is used, by what the families are known for."""

from __future__ import annotations

import pytest

from gsmbridge.at.port import PortName
from gsmbridge.dialects.dialect import Dialect, Role
from gsmbridge.dialects.families import BASE, HUAWEI, QUECTEL, SIM7600, SIMA76, TELIT, ZTE
from gsmbridge.modem.choice import RATES, better, in_order, rate, role, to_drain


def ports(*interfaces: int, protocols: tuple[int | None, ...] = ()) -> list[PortName]:
    return [
        PortName(f"/dev/ttyUSB{at}", f"/dev/ttyUSB{at}", "/sys/1-1", interface, protocol)
        for at, (interface, protocol) in enumerate(
            zip(interfaces, protocols or (None,) * len(interfaces), strict=True)
        )
    ]


@pytest.mark.parametrize(
    ("dialect", "interfaces", "protocols", "best"),
    [
        (HUAWEI, (0, 1, 2), (0x01, 0x03, 0x02), 2),
        (HUAWEI, (0, 1, 2, 3, 4), (0x31, 0x33, 0x13, 0x12, 0x14), 3),  # PC-UI by protocol
        (HUAWEI, (0, 1, 2), (0xFF, 0xFF, 0xFF), 2),  # E1550
        (HUAWEI, (0, 1, 3), (0xFF, 0xFF, 0xFF), 3),
        (QUECTEL, (0, 1, 2, 3), (), 2),
        (SIM7600, (0, 1, 2, 3, 4), (), 2),
        (SIMA76, (2, 3, 4, 5), (), 4),
        (ZTE, (0, 1, 3), (), 3),
        (TELIT, (0, 2), (), 2),
        (BASE, (0, 1, 2), (), 0),
    ],
)
def test_the_port_that_announces_comes_first(
    dialect: Dialect, interfaces: tuple[int, ...], protocols: tuple[int, ...], best: int
) -> None:
    names = ports(*interfaces, protocols=protocols)
    assert in_order(names, dialect)[0].interface == best
    assert role(in_order(names, dialect)[0], dialect) is Role.AT


def test_the_dialling_port_and_a_uart_are_told_to_the_modem_as_what_they_are() -> None:
    names = ports(0, 1, 2, protocols=(0x01, 0x03, 0x02))
    assert role(names[0], HUAWEI) is Role.MODEM
    assert role(ports(0)[0], HUAWEI) is Role.MODEM
    assert role(ports(3)[0], QUECTEL) is Role.MODEM
    assert role(PortName("/dev/ttyS0", "/dev/ttyS0"), QUECTEL) is Role.UART


def test_a_better_port_is_changed_to_until_it_was_tried() -> None:
    first, second, third = names = ports(0, 1, 2)
    assert better(names, first, HUAWEI, ()) == third
    assert better(names, third, HUAWEI, ()) is None
    assert better(names, first, HUAWEI, {third.device}) is None
    assert better(names, third, HUAWEI, {third.device}) == first  # nothing announced on the best
    assert better(names, first, HUAWEI, {first.device, third.device}) is None
    assert second not in (better(names, name, HUAWEI, {name.device}) for name in names)


def test_of_an_unknown_modem_every_port_is_tried_once_nothing_is_announced() -> None:
    first, second = names = ports(0, 1)
    assert better(names, first, BASE, ()) is None
    assert better(names, first, BASE, {first.device}) == second
    assert better(names, second, BASE, {first.device, second.device}) is None


def test_diagnostic_ports_are_not_opened_to_be_drained() -> None:
    names = ports(0, 1, 2, protocols=(0x01, 0x03, 0x02))
    assert to_drain(names, names[2]) == [names[0]]


def test_every_other_try_is_at_the_speed_of_the_config() -> None:
    assert [rate(4800, tries) for tries in range(0, 10, 2)] == [4800] * 5
    assert {rate(4800, tries) for tries in range(1, 11, 2)} == set(RATES)
