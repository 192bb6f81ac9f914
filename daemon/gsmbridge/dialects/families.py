"""The known families as data. Each fact's source stands beside it; MM is ModemManager."""

from __future__ import annotations

import re
from dataclasses import replace

from gsmbridge.dialects.dialect import Dialect, Query

CCID_BARE = Query("AT+CCID")
CPINR = Query("AT+CPINR", b"+CPINR:", 1)  # 27.007, 8.65

# Any modem that follows 27.005 and 27.007.
BASE = Dialect(
    name="generic",
    iccid=(Query("AT+CCID", b"+CCID:"), CCID_BARE),
    pin_tries=(CPINR,),
    sim_out=(b"+CPIN:NOT", b"+CPIN:SIMREMOVED"),
    sim_hints=(b"+CPIN:",),
    boot=(b"RDY",),
)

HUAWEI = replace(
    BASE,
    name="huawei",
    manufacturer=r"huawei|qualcomm",  # E1550: QUALCOMM INCORPORATED (python-gsmmodem #11)
    iccid=(Query("AT^ICCID?", b"^ICCID:"), *BASE.iccid),
    pin_tries=(Query("AT^CPIN?", b"^CPIN:", 2),),  # ^CPIN: SIM PIN,3,10,3,10,3 (manuals)
    # Mutes signal chatter, keeps ^SIMST and ^SMMEMFULL (published modem firmware).
    init=("AT^CURC=2,0000000000000820", "AT^PORTSEL=0"),
    cnmi=("1,1,0,0,0", "1,1,0,2,0", "2,1,0,0,0", "1,1"),  # mode 2 is listed, then refused (ofono)
    sim_out=(*BASE.sim_out, b"^SIMST:0", b"^SIMST:255"),
    sim_hints=(*BASE.sim_hints, b"^SIMST:"),
    full=(b"^SMMEMFULL:",),
    store_is_copy=True,  # EF-SMS is copied at SIM start (published modem firmware)
    reset=("AT^RESET",),  # E173 comes back from CFUN=1,1 as a CD-ROM (gammu #687)
    interface=2,
)

QUECTEL = replace(
    BASE,
    name="quectel",
    manufacturer=r"quectel",
    iccid=(Query("AT+QCCID", b"+QCCID:"), *BASE.iccid),
    pin_tries=(Query('AT+QPINC="SC"', b"+QPINC:", 1), CPINR),
    # smsfull is off until asked for; smsincoming carries +CMTI; AT port as URC port (manuals).
    init=(
        'AT+QINDCFG="smsfull",1',
        'AT+QINDCFG="smsincoming",1',
        'AT+QURCCFG="urcport","usbat"',
    ),
    sim_out=(*BASE.sim_out, b"+QUSIM:0", b"+QSIMSTAT:1,0"),
    sim_hints=(*BASE.sim_hints, b"+QUSIM:", b"+QSIMSTAT:"),
    full=(b'+QIND:"SMSFULL"',),
    settle=3.0,  # AT+CPMS and AT+CSMS fail for 5 to 6 s after RDY (manual)
    reset=("AT+CFUN=1,1",),
    interface=2,  # MM: 0 diag, 1 NMEA, 2 AT, 3 modem
)

SIMCOM = replace(
    BASE,
    name="simcom",
    manufacturer=r"simcom",
    iccid=(
        Query("AT+CCID"),  # SIM800: bare (TinyGSM)
        Query("AT+CCID", b"+CCID:"),
        Query("AT+CICCID", b"+ICCID:"),
        Query("AT+CICCID", b"+CICCID:"),
    ),
    pin_tries=(Query("AT+SPIC", b"+SPIC:", 0), CPINR),
    cnmi=("2,1,0,0,0", "1,1,0,0,0", "1,1"),
    init=("AT+CSCLK=0",),  # sleeps on DTR otherwise (manual)
    boot=(*BASE.boot, b"SMSREADY"),  # seen later: it restarted itself (TinyGSM #608)
    full=(b"+SMSFULL",),
    settle=2.0,
    reset=("AT+CFUN=1,1",),
)

SIM7600 = replace(
    SIMCOM,
    name="sim7600",
    model=r"SIM_?7[156]\d\d|SIM_?A76|A76\d\d",
    # The reply has not the command's prefix (manual); some firmware has.
    iccid=(Query("AT+CICCID", b"+ICCID:"), Query("AT+CICCID", b"+CICCID:"), CCID_BARE),
    boot=(*BASE.boot, b"SMSDONE"),
    interface=2,
)

ZTE = replace(
    BASE,
    name="zte",
    manufacturer=r"zte",
    iccid=(Query("AT+ZGETICCID", b"+ZGETICCID:"), *BASE.iccid),
    cnmi=("1,1,0,0,0", "2,1,0,0,0", "1,1"),  # MM, ofono
    # +ZUSIMR:2 floods until the stick crashes; any AT+CPMS? stops it (MM).
    init=("AT+CPMS?",),
    interface=2,
)

CINTERION = replace(
    BASE,
    name="cinterion",
    manufacturer=r"siemens|cinterion|gemalto|thales",
    iccid=(Query("AT^SCID", b"^SCID:"), *BASE.iccid),
    pin_tries=(Query("AT^SPIC", b"^SPIC:"), CPINR),
    init=("AT^SMGO=1",),  # "store full" is off until asked for (manual)
    cnmi=("2,1,0,0,1", "1,1,0,0,1", "2,1,0,0,0", "1,1"),  # TC35, MC75i want the fifth = 1 (MM)
    sim_out=(*BASE.sim_out, b"^SCKS:0"),
    sim_hints=(*BASE.sim_hints, b"^SCKS:"),
    boot=(*BASE.boot, b"^SYSSTART"),
    full=(b"^SMGO:1", b"^SMGO:2"),
    listing_patience=40.0,  # a store that is rearranged holds the line up to 35 s (manual)
    reset=("AT+CFUN=1,1",),
)

WAVECOM = replace(
    BASE,
    name="wavecom",
    manufacturer=r"wavecom",
    iccid=BASE.iccid,
    cnmi=("2,1,0,0,0", "1,1,0,0,0", "1,1"),
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
    iccid=(Query("AT!ICCID?", b"!ICCID:"), Query("AT+ICCID", b"ICCID:"), *BASE.iccid),
    reset=("AT!RESET",),
    interface=3,
)

TELIT = replace(
    BASE,
    name="telit",
    manufacturer=r"telit",
    iccid=(Query("AT#CCID", b"#CCID:"), *BASE.iccid),
    pin_tries=(Query("AT#PCT", b"#PCT:"), CPINR),
    init=("AT#QSS=2",),  # reports 0 out, 1 in, 2 unlocked, 3 ready (manual)
    sim_out=(*BASE.sim_out, b"#QSS:0"),
    sim_hints=(*BASE.sim_hints, b"#QSS:"),
    full=(b"#SMOV:",),
    pace=0.02,  # 20 ms after a result (manual)
    reset=("AT#REBOOT",),
)

UBLOX = replace(BASE, name="ublox", manufacturer=r"u-?blox", reset=("AT+CFUN=16",))

NEOWAY = replace(
    BASE,
    name="neoway",
    manufacturer=r"neoway",
    boot=(*BASE.boot, b"+PBREADY"),
    busy_patience=60.0,
)

FAMILIES = (
    *(SIM7600, SIMCOM, QUECTEL, ZTE, CINTERION, WAVECOM, SIERRA, TELIT, UBLOX, NEOWAY),
    HUAWEI,  # last: its pattern takes modems that give their chip's maker
)


def recognise(manufacturer: str, model: str, ati: str = "") -> Dialect:
    """The family that the answers to AT+CGMI, AT+CGMM and ATI show; BASE if none does."""
    maker, product = f"{manufacturer}\n{ati}", f"{model}\n{ati}"
    for family in FAMILIES:
        if re.search(family.manufacturer, maker, re.I) and re.search(family.model, product, re.I):
            return family
    return BASE
