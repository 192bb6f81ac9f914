"""USSD of the simulated network: codes, and what it says to them (22.090; 27.007, 7.15)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gsmbridge.farm.encode import pack, septets

if TYPE_CHECKING:
    from gsmbridge.farm.modem import ModemModel

CODES = {
    "*100#": "Your number is {number}",
    "*111#": "Ваш номер: +{number}\nБаланс 100.50 руб.",
    "*112#": "Balance 12.50\n1. Tariffs\n2. Your number: {number}\n0. Back",
    "*113#": "Request accepted, please wait for an SMS",
}
"""What the network knows; `{number}` is the subscriber's. It says nothing to `*199#`, ever."""
SILENT = "*199#"
DELAY = 1.0
"""Seconds until the network answers."""

_REQUEST = re.compile(r'1,"([^"]*)"(?:,(\d+))?')


def answer(modem: ModemModel, value: str) -> tuple[str, ...]:
    """AT+CUSD=: the network's answer comes later, by itself."""
    if value in ("0", "1", "2"):
        return ("OK",)
    request = _REQUEST.fullmatch(value)
    if request is None or modem.sim is None or modem.sim_state() != "READY":
        return ("ERROR",)
    code = _unpacked(request[1]) if modem.personality.packed_ussd else request[1]
    if code is None:
        return ("ERROR",)
    number = modem.sim.msisdn
    modem.truth.note("ussd", modem=modem.name, iccid=modem.sim.iccid, code=code)
    if code != SILENT:
        modem.later(DELAY, lambda: modem.say(_line(modem, code, number)))
    return ("OK",)


def _line(modem: ModemModel, code: str, number: str) -> str:
    if code not in CODES:
        return "+CUSD: 4"
    text = CODES[code].format(number=number)
    packable = septets(text)
    if packable is None:
        return f'+CUSD: 0,"{text.encode("utf-16-be").hex().upper()}",72'
    if modem.personality.packed_ussd:
        packable += [0x0D] * (len(packable) % 8 == 7)  # 23.038, 6.1.2.3.1
        return f'+CUSD: 0,"{pack(packable).hex().upper()}",15'
    eol = modem.personality.eol
    return '+CUSD: 0,"' + text.replace("\n", eol) + '",15'


def _unpacked(text: str) -> str | None:
    """A code in packed septets; None if it is written out, which this modem does not take."""
    if not re.fullmatch(r"(?:[0-9A-F]{2})+", text):
        return None
    bits = int.from_bytes(bytes.fromhex(text), "little")
    count = len(text) * 4 // 7
    return bytes(bits >> 7 * place & 0x7F for place in range(count)).decode("ascii").rstrip("\r")
