"""What goes wrong with a farm, as data: when, at which modem, what, how."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gsmbridge.farm.encode import smsc_part, status_report
from gsmbridge.farm.farm import Farm
from gsmbridge.farm.modem import ModemModel
from gsmbridge.farm.plugs import Plugs, swap_names
from gsmbridge.farm.sim import Label
from gsmbridge.farm.world import Scheduler

CHATTER_EVERY = 5.0
"""Seconds between the unsolicited lines of a modem that hangs and chatters, as Huawei's do."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong."""

    at: float
    """Seconds from now."""
    modem: int
    kind: str
    """The name of one of the functions in `KINDS`."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """That function's parameters. `on`: "AT+CMGL" in any of them makes the fault wait for the
    next such command, and strike between it and the next one."""


class Faults:
    """Carries faults out on a farm."""

    def __init__(self, world: Scheduler, farm: Farm, plugs: Plugs, rng: random.Random) -> None:
        self.world = world
        self.farm = farm
        self.plugs = plugs
        self.rng = rng
        self.fresh_names = 0

    def schedule(self, faults: Iterable[Fault]) -> None:
        for fault in faults:
            self.world.call_later(fault.at, lambda fault=fault: self.strike(fault))  # type: ignore[misc]

    def strike(self, fault: Fault) -> None:
        """Do it, now or once its command comes. KeyError for an unknown kind."""
        modem = self.farm.modems[fault.modem]
        details = dict(fault.details)
        command, before = details.pop("on", None), details.pop("before", False)
        kind = KINDS[fault.kind]

        def act() -> None:
            modem.truth.note("fault", modem=modem.name, fault=fault.kind, details=details)
            kind(self, modem, **details)

        if command is None:
            act()
        else:
            once_on(modem, command, act, before=before)

    def for_a_while(self, modem: ModemModel, seconds: float | None, **troubles: Any) -> None:
        """Set fields of the modem's troubles; back to none after *seconds* (None: stays)."""
        healthy = type(modem.trouble)()
        for name, value in troubles.items():
            setattr(modem.trouble, name, value)

        def heal() -> None:
            for name in troubles:
                setattr(modem.trouble, name, getattr(healthy, name))
            modem.truth.note("healed", modem=modem.name, troubles=sorted(troubles))

        if seconds is not None:
            self.world.call_later(seconds, heal)

    def other(self, modem: ModemModel, number: int | None) -> ModemModel:
        if number is not None:
            return self.farm.modems[number]
        return self.rng.choice([each for each in self.farm.modems if each is not modem])


def once_on(
    modem: ModemModel, command: str, act: Callable[[], None], *, before: bool = False
) -> None:
    """*act* when the next command that begins with *command* has taken effect, or just before."""
    hooks = modem.dialogue.before if before else modem.dialogue.after

    def hook(line: str) -> None:
        if line.upper().startswith(command):
            hooks.remove(hook)
            act()

    hooks.append(hook)


# -- the line -----------------------------------------------------------------------------------


def hang(
    faults: Faults,
    modem: ModemModel,
    seconds: float | None = None,
    revive: str = "",
    chatter: bool = False,
    late: bool = False,
) -> None:
    """Answers nothing; ends after *seconds*, by *revive* ("esc", "cfun"), or by power alone.
    *chatter*: unsolicited lines go on. *late*: what was asked meanwhile is answered at the end."""
    trouble = modem.trouble
    trouble.hang, trouble.mute, trouble.revive, trouble.late = True, not chatter, revive, late
    if chatter:
        _chat(faults, modem)
    if seconds is not None:
        faults.world.call_later(seconds, modem.dialogue.recover)


def _chat(faults: Faults, modem: ModemModel) -> None:
    if modem.trouble.hang:
        modem.say(f"^RSSI:{faults.rng.randint(5, 31)}")
        faults.world.call_later(CHATTER_EVERY, lambda: _chat(faults, modem))


def prompt(faults: Faults, modem: ModemModel) -> None:
    """Stuck at "> ", as after a broken AT+CMGS; ESC ends it."""
    modem.dialogue.stick()


def noise(faults: Faults, modem: ModemModel, octets: int = 40) -> None:
    """Any octets at all."""
    modem.line.send(faults.rng.randbytes(octets))


def storm(faults: Faults, modem: ModemModel, seconds: float = 5.0, lines: int = 3) -> None:
    """Unsolicited lines between any two lines of a reply."""
    some = ("^RSSI:20", "RING", "+CREG: 1", "^BOOT:20952548,0,0,0,72", "NO CARRIER", "+SMS FULL")
    faults.for_a_while(modem, seconds, storm=tuple(faults.rng.choices(some, k=lines)))


def pieces(faults: Faults, modem: ModemModel, seconds: float = 10.0) -> None:
    """Output comes cut anywhere."""
    modem.line.split = True
    faults.world.call_later(seconds, lambda: setattr(modem.line, "split", False))


def lumps(faults: Faults, modem: ModemModel, seconds: float = 10.0, hold: float = 0.05) -> None:
    """Output is gathered for *hold* seconds."""
    modem.line.hold = hold
    faults.world.call_later(seconds, lambda: setattr(modem.line, "hold", 0.0))


def slow(faults: Faults, modem: ModemModel, delay: float = 5.0, seconds: float = 30.0) -> None:
    """Every command takes *delay* seconds more; over the host's patience, it is answered late."""
    faults.for_a_while(modem, seconds, reply_delay=delay)


def echo(faults: Faults, modem: ModemModel) -> None:
    """Echo is on again."""
    modem.settings.echo = True


# -- power and ports ----------------------------------------------------------------------------


def reboot(faults: Faults, modem: ModemModel) -> None:
    """Starts anew by itself; the port stays."""
    modem.reboot()


def unplug(
    faults: Faults, modem: ModemModel, seconds: float | None = 3.0, rename: bool = False
) -> None:
    """Gone, and back after *seconds*; under a new name if *rename*."""
    name = faults.plugs.name_of(modem)
    if name is None:
        return
    if rename:
        faults.fresh_names += 1
        name = f"modem{len(faults.farm.modems) + faults.fresh_names - 1}"
    faults.plugs.unplug(modem)

    def back() -> None:
        if faults.plugs.name_of(modem) is None:
            faults.plugs.plug(modem, name)

    if seconds is not None:
        faults.world.call_later(seconds, back)


def swap_ports(faults: Faults, modem: ModemModel, other: int | None = None) -> None:
    """Two modems come back under each other's name."""
    swap_names(faults.plugs, modem, faults.other(modem, other))


# -- SIMs ---------------------------------------------------------------------------------------


def swap_sims(
    faults: Faults, modem: ModemModel, other: int | None = None, noticed: bool = True
) -> None:
    """Two modems exchange their cards. Not *noticed*: no word of it, and what they copied stays."""
    second = faults.other(modem, other)
    here, there = modem.sim, second.sim
    modem.remove(noticed=noticed)
    second.remove(noticed=noticed)
    if there is not None:
        modem.insert(there, noticed=noticed)
    if here is not None:
        second.insert(here, noticed=noticed)


def remove_sim(
    faults: Faults, modem: ModemModel, seconds: float | None = 10.0, noticed: bool = True
) -> None:
    """The card is pulled, and put back after *seconds*."""
    sim = modem.sim
    if sim is None:
        return
    modem.remove(noticed=noticed)

    def back() -> None:
        if modem.sim is None and all(each.sim is not sim for each in faults.farm.modems):
            modem.insert(sim, noticed=True)

    if seconds is not None:
        faults.world.call_later(seconds, back)


# -- messages -----------------------------------------------------------------------------------


def arrive(
    faults: Faults, modem: ModemModel, text: str = "in between", sender: str = "Farm"
) -> None:
    """A message arrives: with `on`, between two commands, or in the middle of a listing."""
    if modem.sim is not None:
        faults.farm.network.send(modem.sim.msisdn, text, sender)


def overwrite(
    faults: Faults, modem: ModemModel, text: str = "in its place", sender: str = "Farm"
) -> None:
    """A message takes the place of the lowest one that is stored (23.040, 9.2.3.9: replace)."""
    if modem.sim is None or not (occupied := modem.sim.sms.occupied()):
        return
    network = faults.farm.network
    parts = network.compose(text, sender)
    message, parts = network.record(modem.sim.msisdn, parts, sender, text)
    pdu = smsc_part(modem.personality.smsc) + parts[0].tpdu
    modem.write("SM", occupied[0], pdu, Label(message))


def delete(faults: Faults, modem: ModemModel, how: str = "lie", seconds: float = 20.0) -> None:
    """AT+CMGD: "lie" says OK and does nothing, "deny" says ERROR and does it."""
    faults.for_a_while(modem, seconds, delete=how)


def announce(faults: Faults, modem: ModemModel, how: str, seconds: float = 60.0) -> None:
    """+CMTI comes "never", "twice", "late", "wrong" or with "minus_one"."""
    faults.for_a_while(modem, seconds, announce=how)


def reticent(faults: Faults, modem: ModemModel, what: str, seconds: float = 10.0) -> None:
    """After a start, its SIM does not tell all of itself at once: not its "iccid", "imsi" or
    "number"."""
    modem.reboot()
    faults.for_a_while(modem, seconds + modem.personality.ready, reticent=what)


def into_me(faults: Faults, modem: ModemModel, seconds: float = 60.0) -> None:
    """Messages go to the modem's own memory, announced as on the SIM."""
    faults.for_a_while(modem, seconds, into_me=True)


def direct(faults: Faults, modem: ModemModel, seconds: float = 60.0) -> None:
    """Somebody else has messages handed over by +CMT, past the store (27.005, 3.4.1: <mt> 2)."""
    modem.settings.cnmi = (2, 2, *modem.settings.cnmi[2:])

    def back() -> None:
        if modem.settings.cnmi[1] == 2:
            modem.settings.cnmi = (2, 1, *modem.settings.cnmi[2:])

    faults.world.call_later(seconds, back)


def text_mode(faults: Faults, modem: ModemModel, seconds: float = 60.0) -> None:
    """Somebody else has messages handed over as texts, past the store."""
    modem.settings.cmgf = 1
    direct(faults, modem, seconds)


def other_store(faults: Faults, modem: ModemModel, reads_only: bool = False) -> None:
    """It is back at its own memory without a word; where *reads_only*, messages still go where
    AT+CPMS had them."""
    if "ME" in modem.personality.stores:
        count = 1 if reads_only else 3
        modem.settings.stores[:count] = ["ME"] * count


def no_service(
    faults: Faults, modem: ModemModel, how: str = "searching", seconds: float = 300.0
) -> None:
    """The network is lost ("searching"), refuses the SIM ("denied") or sends it nothing though it
    is registered ("barred")."""
    faults.for_a_while(modem, seconds, service=how)


def fill(faults: Faults, modem: ModemModel, leave: int = 0) -> None:
    """The SIM fills up with rows that are no received messages, but for *leave* records."""
    if modem.sim is None:
        return
    while modem.sim.sms.capacity - modem.sim.sms.used > leave:
        at = modem.sim.sms.free()
        assert at is not None
        modem.draft(at)


def report(faults: Faults, modem: ModemModel) -> None:
    """A status report lands among the messages."""
    if modem.sim is None or (at := modem.sim.sms.free()) is None:
        return
    tpdu = status_report("+" + modem.sim.msisdn, faults.farm.network.stamp())
    modem.write("SM", at, smsc_part(modem.personality.smsc) + tpdu, None)


Kind = Callable[..., None]

KINDS: Mapping[str, Kind] = {
    kind.__name__: kind
    for kind in (
        hang, prompt, noise, storm, pieces, lumps, slow, echo,
        reboot, unplug, swap_ports,
        swap_sims, remove_sim,
        arrive, overwrite, delete, announce, reticent, into_me, direct, text_mode, other_store,
        no_service,
        fill, report,
    )
}  # fmt: skip
