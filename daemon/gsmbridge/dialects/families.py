"""The known families as data. Each fact's source stands beside it; MM is ModemManager.

How to add one: docs/adding-a-modem.md.
"""

from __future__ import annotations

import re
from dataclasses import replace

from gsmbridge.dialects.dialect import Dialect, Query, Role

CPINR = Query("AT+CPINR", b"+CPINR:", 1)  # 27.007, 8.65

ICCID_PREFIXES = (
    *(b"+CCID:", b"+ICCID:", b"+CICCID:", b"+QCCID:", b"^ICCID:", b"^SCID:", b"#CCID:"),
    *(b"+ZGETICCID:", b"!ICCID:", b"ICCID:"),
)
"""What an ICCID is answered with, if not bare: SIM7600 answers AT+CICCID with +ICCID:, other
firmware of the family with the command's own, M35 and SIM800 with none (manuals, TinyGSM, MM)."""

# Any modem that follows 27.005 and 27.007.
BASE = Dialect(
    name="generic",
    iccid=("AT+CCID",),
    pin_tries=(CPINR,),
    sim_out=(b"+CPIN:NOT", b"+CPIN:SIMREMOVED"),
    sim_hints=(b"+CPIN:",),
    boot=(b"RDY",),
)

FLIGHT = ("AT+CFUN=4", "AT+CFUN=1")  # radio off and on, the SIM stays up (27.007, 8.2)

HUAWEI = replace(
    BASE,
    name="huawei",
    manufacturer=r"huawei|qualcomm",  # E1550: QUALCOMM INCORPORATED (python-gsmmodem #11)
    vendors=("12d1",),
    iccid=("AT^ICCID?", *BASE.iccid),
    pin_tries=(Query("AT^CPIN?", b"^CPIN:", 3),),  # PUK, then PIN: SIM PIN,3,10,3,10,3 (MM)
    after_pin=3.0,  # sooner, and some firmware restarts (MM)
    # Mutes signal chatter, keeps ^SIMST and ^SMMEMFULL; where it is unknown, all is muted
    # (published modem firmware).
    init=(("AT^CURC=2,0000000000000820", "AT^CURC=0"),),
    urcs_here=((Role.AT, "AT^PORTSEL=0"), (Role.MODEM, "AT^PORTSEL=1")),  # Asterisk drivers
    cnmi=("1,1,0,0,0", "1,1,0,2,0", "2,1,0,0,0", "1,1"),  # mode 2 is listed, then refused (ofono)
    sim_out=(*BASE.sim_out, b"^SIMST:0", b"^SIMST:255"),
    sim_hints=(*BASE.sim_hints, b"^SIMST:"),
    full=(b"^SMMEMFULL:",),
    store_is_copy=True,  # EF-SMS is copied at SIM start (published modem firmware)
    packed_ussd=True,  # E1550, E173 take nothing else (MM, chan_dongle)
    reset=("AT^RESET",),
    reregister=FLIGHT,
    protocol=2,  # 1 modem, 2 PC-UI, 3 diagnostics; 01h and 31h alike (MM, ofono)
    interfaces=(2, 3, 4, 0),  # PC-UI by product: 1001, 1506, 1436 (Asterisk drivers)
    drain=True,  # MM
)

HUAWEI_E173 = replace(
    HUAWEI,
    name="huawei-e173",
    model=r"E173",
    reset=(),  # comes back from a restart as a CD-ROM (gammu #687)
)

QUECTEL = replace(
    BASE,
    name="quectel",
    manufacturer=r"quectel",
    vendors=("2c7c",),
    iccid=("AT+QCCID", *BASE.iccid),
    pin_tries=(Query('AT+QPINC="SC"', b"+QPINC:", 1), CPINR),
    # smsfull is off until asked for; smsincoming carries +CMTI (manuals).
    init=('AT+QINDCFG="smsfull",1', 'AT+QINDCFG="smsincoming",1'),
    urcs_here=(
        (Role.AT, 'AT+QURCCFG="urcport","usbat"'),
        (Role.MODEM, 'AT+QURCCFG="urcport","usbmodem"'),
        (Role.UART, 'AT+QURCCFG="urcport","uart1"'),
    ),
    sim_out=(*BASE.sim_out, b"+QUSIM:0", b"+QSIMSTAT:1,0"),
    sim_hints=(*BASE.sim_hints, b"+QUSIM:", b"+QSIMSTAT:"),
    full=(b'+QIND:"SMSFULL"',),
    settle=3.0,  # AT+CPMS and AT+CSMS fail for 5 to 6 s after RDY (manual)
    reset=("AT+CFUN=1,1",),
    reregister=FLIGHT,
    interfaces=(2, 3),  # MM: 0 diag, 1 NMEA, 2 AT, 3 modem
)

SIMCOM = replace(
    BASE,
    name="simcom",
    manufacturer=r"simcom|^SIM[389]00\b",  # SIM300 in ATI alone
    vendors=("1e0e",),
    iccid=("AT+CCID", "AT+CICCID"),
    pin_tries=(Query("AT+SPIC", b"+SPIC:", 0), CPINR),
    cnmi=("1,1,0,0,0", "2,1,0,0,0", "1,1"),  # mode 2 is listed, some refuse it (ofono)
    init=("AT+CSCLK=0",),  # sleeps on DTR otherwise (manual)
    boot=(*BASE.boot, b"SMSREADY"),  # seen later: it restarted itself (TinyGSM #608)
    full=(b"+SMSFULL",),
    settle=2.0,
    reset=("AT+CFUN=1,1",),
    reregister=FLIGHT,
)

SIM7600 = replace(
    SIMCOM,
    name="sim7600",
    model=r"SIM_?7[156]\d\d",
    iccid=("AT+CICCID", "AT+CCID"),
    boot=(*BASE.boot, b"SMSDONE"),
    interfaces=(2, 3),  # 9001: 0 diag, 1 NMEA, 2 and 3 AT, 4 audio (MM)
)

SIMA76 = replace(
    SIM7600,
    name="sima76",
    model=r"SIM_?A76|A76\d\d",
    interfaces=(4, 5),  # 9011: 4 AT, 5 PPP (MM)
)

ZTE = replace(
    BASE,
    name="zte",
    manufacturer=r"zte",
    vendors=("19d2",),
    iccid=("AT+ZGETICCID", *BASE.iccid),
    cnmi=("1,1,0,0,0", "2,1,0,0,0", "1,1"),  # MM, ofono
    # +ZUSIMR:2 floods until the stick crashes; any AT+CPMS? stops it (MM).
    init=("AT+CPMS?",),
    reregister=FLIGHT,
    interfaces=(2, 3, 1),  # MM: AT at 2, of product 0031 at 3; 1 is a second one, 0 diag
    drain=True,  # it floods the port that nobody reads as well
)

CINTERION = replace(
    BASE,
    name="cinterion",
    manufacturer=r"siemens|cinterion|gemalto|thales",
    vendors=("1e2d",),
    iccid=("AT^SCID", *BASE.iccid),
    pin_tries=(Query("AT^SPIC", b"^SPIC:"), CPINR),
    init=("AT^SMGO=1", "AT^SCKS=1"),  # store full, SIM in and out: off until asked for (manual)
    cnmi=("2,1,0,0,1", "1,1,0,0,1", "2,1,0,0,0", "1,1"),  # TC35, MC75i want the fifth = 1 (MM)
    sim_out=(*BASE.sim_out, b"^SCKS:0"),
    sim_hints=(*BASE.sim_hints, b"^SCKS:"),
    boot=(*BASE.boot, b"^SYSSTART", b"^SHUTDOWN"),
    full=(b"^SMGO:1", b"^SMGO:2"),
    listing_patience=40.0,  # a store that is rearranged holds the line up to 35 s (manual)
    reinit=(),  # CFUN=0 puts TC35 and MC35 to sleep, deaf (manual)
    reset=("AT+CFUN=1,1",),
    interfaces=(2, 0),  # PLSx: AT at 0 and 2, 4 GPS (MM)
)

WAVECOM = replace(
    BASE,
    name="wavecom",
    manufacturer=r"wavecom",
    cnmi=("2,1,0,0,0", "1,1,0,0,0", "1,1"),
    cpin_without_final=True,  # manual
    init=("AT+WIND=13",),  # SIM in and out (1), ready for AT (4), for all commands (8) (manual)
    sim_out=(*BASE.sim_out, b"+WIND:0"),
    sim_hints=(*BASE.sim_hints, b"+WIND:0", b"+WIND:1"),
    boot=(*BASE.boot, b"+WIND:3"),
    settle=2.0,  # CME 515 until +WIND: 4 (manual)
    reset=("AT+CFUN=1",),  # CFUN=1 restarts this family (manual)
    reinit=(),
)

SIERRA = replace(
    BASE,
    name="sierra",
    manufacturer=r"sierra",
    vendors=("1199",),
    iccid=("AT!ICCID?", "AT+ICCID", *BASE.iccid),
    reset=("AT!RESET",),
    reregister=FLIGHT,
    interfaces=(3,),  # 9071 (MM)
)

TELIT = replace(
    BASE,
    name="telit",
    manufacturer=r"telit",
    vendors=("1bc7",),
    iccid=("AT#CCID", *BASE.iccid),
    pin_tries=(Query("AT#PCT", b"#PCT:"), CPINR),
    # SIM 0 out, 1 in, 2 unlocked, 3 ready; store full: off until asked for (manual).
    init=("AT#QSS=2", "AT#SMOV=1"),
    sim_out=(*BASE.sim_out, b"#QSS:0"),
    sim_hints=(*BASE.sim_hints, b"#QSS:"),
    full=(b"#SMOV:",),
    pace=0.02,  # 20 ms after a result (manual)
    reset=("AT#REBOOT",),
    reregister=FLIGHT,
    interfaces=(2, 0, 1),  # 1003: AT at 0 and 2, 1031: at 1 and 2 (MM)
)

UBLOX = replace(
    BASE,
    name="ublox",
    manufacturer=r"u-?blox",
    vendors=("1546",),
    reset=("AT+CFUN=16",),  # SARA, LISA (manual)
    reregister=FLIGHT,
    interfaces=(0,),  # MM
)

NEOWAY = replace(
    BASE,
    name="neoway",
    manufacturer=r"neoway",
    boot=(*BASE.boot, b"+PBREADY"),
    busy_patience=60.0,
)

FAMILIES = (
    *(SIM7600, SIMA76, SIMCOM, QUECTEL, ZTE, CINTERION, WAVECOM, SIERRA, TELIT, UBLOX, NEOWAY),
    *(HUAWEI_E173, HUAWEI),  # last: their pattern takes modems that give their chip's maker
)
"""The first that matches counts: a model stands before its family."""


def recognise(manufacturer: str, model: str, ati: str = "") -> Dialect:
    """The family that the answers to AT+CGMI, AT+CGMM and ATI show; BASE if none does."""
    maker, product = f"{manufacturer}\n{ati}", f"{model}\n{ati}"
    for family in FAMILIES:
        if re.search(family.manufacturer, maker, re.I | re.M) and re.search(
            family.model, product, re.I
        ):
            return family
    return BASE


def of_vendor(vendor: str | None) -> Dialect:
    """The family that a USB vendor id makes likely; BASE if none."""
    return next((family for family in FAMILIES if vendor in family.vendors), BASE)
