"""What can differ between families of modems: one frozen record, no behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a port is to its modem."""

    UART = "UART"
    AT = "AT port for unsolicited lines"
    MODEM = "another USB port"


@dataclass(frozen=True, slots=True)
class Query:
    """A command with one line of interest in its reply."""

    text: str
    prefix: bytes = b""
    """What the reply line begins with; empty: the line stands bare."""
    field: int = 0
    """Which of the comma-separated fields is meant."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """The ways of one family. A family is `replace(BASE, ...)` with what differs (`families`)."""

    name: str
    manufacturer: str = ""
    """Pattern searched for in the answers to AT+CGMI and ATI, in any case."""
    model: str = ""
    """Pattern searched for in the answers to AT+CGMM and ATI; empty matches all."""

    vendors: tuple[str, ...] = ()
    """USB vendor ids (hex): by them the family is guessed before the modem has said a word."""

    iccid: tuple[str, ...] = ()
    """Commands that ask for the ICCID, best first; the reply may stand bare or behind any prefix
    of `families.ICCID_PREFIXES`. EF-ICCID by AT+CRSM is the last resort of all."""
    pin_tries: tuple[Query, ...] = ()
    """Ways to ask how many tries for the PIN are left."""

    cpin_without_final: bool = False
    """AT+CPIN? is answered without a final result."""
    after_pin: float = 0.0
    """Seconds to leave the modem alone after its PIN."""

    init: tuple[str | tuple[str, ...], ...] = ()
    """Sent after ATE0 and AT+CMEE=1; each may be refused. Of several in a row, the first that is
    taken will do."""
    urcs_here: tuple[tuple[Role, str], ...] = ()
    """What makes unsolicited lines come out of the port in use, by the role of that port."""
    cnmi: tuple[str, ...] = ("2,1,0,0,0", "1,1,0,0,0", "2,1,0,0,1", "1,1")
    """Parameters of AT+CNMI to try in order (27.005, 3.4.1). All refused: polling alone."""

    urcs: tuple[bytes, ...] = ()
    """Prefixes of unsolicited lines about messages or the SIM, further to the channel's own."""
    sim_out: tuple[bytes, ...] = ()
    """Lines that tell that the SIM went, as prefixes without blanks."""
    sim_hints: tuple[bytes, ...] = ()
    """Lines that may mean another SIM, as prefixes without blanks."""
    boot: tuple[bytes, ...] = ()
    """Lines that only a start of the modem brings: all settings are lost then."""
    full: tuple[bytes, ...] = ()
    """Lines that tell that the store is full."""

    settle: float = 0.0
    """Seconds to leave the modem alone after such a start."""
    busy_patience: float = 45.0
    """Seconds in which "SIM busy" and the like are taken for a start that goes on."""
    listing_patience: float = 10.0
    """Seconds without a byte that a listing may take."""
    pace: float = 0.0
    """Seconds between a result and the next command."""

    store_is_copy: bool = False
    """AT+CMGL reads a copy of EF-SMS made when the SIM was started: after a silent change of SIM
    it can show the old card's messages."""
    acknowledge: bool = False
    """A +CMT is repeated or stalls delivery until AT+CNMA (27.005, 3.4.4)."""

    packed_ussd: bool = False
    """AT+CUSD takes and gives packed septets in hex, whatever AT+CSCS says."""

    reinit: tuple[str, ...] = ("AT+CFUN=0", "AT+CFUN=1")
    """Starts the SIM anew without a reset of the port."""
    reset: tuple[str, ...] = ()
    """Restarts the modem; empty where that does harm or is unknown."""
    reregister: tuple[str, ...] = ("AT+COPS=0",)
    """Makes the modem look for its network anew (27.007, 7.3)."""

    interfaces: tuple[int, ...] = ()
    """USB interface numbers of AT ports: the one that carries unsolicited lines first, of several
    the one made for dialling last."""
    protocol: int | None = None
    """Low four bits of the USB interface protocol of that port, where the maker numbers by it."""
    drain: bool = False
    """The other ports are held open and what comes out of them is thrown away: firmware of this
    family crashes once the buffer of a port that nobody reads is full."""
