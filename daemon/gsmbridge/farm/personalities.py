"""Families of modems as data: what each says where 27.005 and 27.007 leave room, or are ignored.

Texts are literal, with `{fields}` filled in by the modem: `{iccid}`, `{swapped}` (its nibbles
swapped), `{imsi}`, `{imei}`, `{number}`, `{type}`, `{stat}`, `{slot}`, `{length}`, `{store}` and
so on. So what a family says on the wire can be read here as it is. Sources: the vendors' AT
manuals, and for what those don't tell: ModemManager, gammu, ofono and chan_dongle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

Lines = tuple[str, ...]

ANSWERS: Mapping[str, Lines] = MappingProxyType(
    {
        "+CGMI": ("Farm",),
        "+CGMM": ("F100",),
        "+CGMR": ("1.0",),
        "+CGSN": ("{imei}",),
        "+GSN": ("{imei}",),
        "I": ("{manufacturer}", "{model}"),
        "+CIMI": ("{imsi}",),
        "+CCID": ("+CCID: {iccid}",),
        "+CRSM=176,12258,0,0,10": ('+CRSM: 144,0,"{ef_iccid}"',),
        "+CNUM": ('+CNUM: "","{number}",{type}',),
        "+CSQ": ("+CSQ: {signal},99",),
        "+CREG?": ("+CREG: 0,{registration}",),
        "+CEREG?": ("+CEREG: 0,{registration}",),
        "+COPS?": ('+COPS: 0,0,"Farm Mobile"',),
        "+CMGF?": ("+CMGF: {cmgf}",),
        "+CNMI?": ("+CNMI: {cnmi}",),
        "+CPMS?": (
            '+CPMS: "{store1}",{used1},{total1},"{store2}",{used2},{total2},'
            '"{store3}",{used3},{total3}',
        ),
        "+CFUN?": ("+CFUN: {cfun}",),
        "+CSMS?": ("+CSMS: {csms},1,1,1",),
        "+CSCA?": ('+CSCA: "+491710760000",145',),
        "+CSCS?": ('+CSCS: "GSM"',),
        "+CSCS=?": ('+CSCS: ("GSM","IRA","UCS2")',),
        "+CNMI=?": ("+CNMI: (0,1,2),(0,1,2,3),(0,2),(0,1,2),(0,1)",),
        "+CPMS=?": ('+CPMS: ("SM","ME"),("SM","ME"),("SM","ME")',),
    }
)
"""Queries that are nothing but their answer. A text that names a field of the SIM needs one."""


@dataclass(frozen=True, slots=True)
class Personality:
    """One family. The defaults are a modem that follows the letter of the specifications."""

    name: str = "generic"
    answers: Mapping[str, Lines] = field(default_factory=lambda: ANSWERS)
    unknown: str = "ERROR"
    """What a command it does not know gets."""
    eol: str = "\r\n"
    slot_base: int = 1
    stores: Lines = ("SM", "ME")
    default_store: str = "SM"
    me_capacity: int = 23
    ram_copy: bool = False
    """Serves the SIM's messages from a copy made when the SIM was started."""
    keeps_store: bool = False
    """AT+CPMS survives a reset."""
    cpms_set: str = "+CPMS: {used1},{total1},{used2},{total2},{used3},{total3}"
    """Empty: OK alone."""
    cpms_in_part: Lines = ()
    """The whole answer to an AT+CPMS that does not name all three stores, and does nothing."""
    cmgl_header: str = "+CMGL: {slot},{stat},,{length}"
    cmgr_header: str = "+CMGR: {stat},,{length}"
    empty_read: Lines = ("+CMS ERROR: 321",)
    """The whole answer to AT+CMGR of an empty slot."""
    empty_delete: Lines = ("OK",)
    cmti: str = '+CMTI: "{store}",{slot}'
    lower_case: bool = False
    padded: bool = False
    """PDUs come with the padding of their record."""
    smsc: str = "+491710760000"
    """Service centre put before the TPDU; "" is a 00h octet."""
    listing_refused: str = ""
    """The final result of AT+CMGL=4, where it isn't supported."""
    cnmi_modes: tuple[int, ...] = (0, 1, 2)
    cnmi_default: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)
    direct_class0: bool = False
    """Class 0 comes by +CMT, whatever AT+CNMI says."""
    full: Lines = ()
    """Said when a message found no room."""
    sim_in: Lines = ("+CPIN: READY",)
    sim_out: Lines = ("+CPIN: NOT READY",)
    busy: str = "+CME ERROR: 14"
    """Commands that need the SIM, before it is ready."""
    absent: str = "+CME ERROR: 10"
    error_text: bool = False
    """Error results as texts, as after AT+CMEE=2."""
    boot: tuple[tuple[float, str], ...] = ((0.5, "RDY"),)
    """Chatter after a start: seconds, line."""
    deaf: float = 1.0
    """Seconds after a start in which nothing is heard."""
    ready: float = 3.0
    """Seconds after a start until the SIM and its store can be used."""
    chatter: Lines = ()
    """Unsolicited lines of normal work, in turn."""
    chatter_every: float = 0.0
    """Seconds between them; 0: none."""
    chatter_off: str = ""
    """The command that mutes them."""
    baud: int | None = None
    """Paces the line; None: as fast as the host reads."""
    latency: Mapping[str, float] = field(default_factory=dict)
    """Seconds until a command is answered, by its beginning; "" for all others."""
    packed_ussd: bool = False
    """AT+CUSD takes and gives packed septets."""
    mute: Lines = ()
    """Beginnings of commands that get no answer at all."""
    drops_when_busy: bool = False
    """A command that comes while another one runs is lost."""


GENERIC = Personality()


def family(
    name: str, answers: Mapping[str, Lines], without: Lines = (), **quirks: object
) -> Personality:
    """A family as the generic one with other *answers* and *quirks*."""
    kept = {text: lines for text, lines in ANSWERS.items() if text not in without}
    return replace(GENERIC, name=name, answers={**kept, **answers}, **quirks)  # type: ignore[arg-type]


HUAWEI = family(
    "huawei",
    {
        "+CGMI": ("huawei",),
        "+CGMM": ("E1752",),
        "+CGMR": ("11.126.13.00.209",),
        "^ICCID?": ("^ICCID: {swapped}",),
        "^CURC?": ("^CURC: 1",),
        "+CNMI=?": ("+CNMI: (0,1,2),(0-3),(0,2,3),(0-2),(0,1)",),
    },
    without=("+CCID", "+CEREG?"),
    unknown="COMMAND NOT SUPPORT",
    packed_ussd=True,
    slot_base=0,
    me_capacity=23,
    ram_copy=True,
    cnmi_modes=(0, 1),
    empty_read=("OK",),
    cmgl_header="+CMGL: {slot},{stat},,{length}",
    full=('^SMMEMFULL: "SM"',),
    sim_in=("^SIMST:1",),
    sim_out=("^SIMST:255",),
    boot=(
        (0.3, "^BOOT:20952548,0,0,0,72"),
        (1.0, "^RSSI:20"),
        (1.5, "^MODE:5,4"),
        (2.0, "^SRVST:2"),
        (5.5, "^SIMST:1"),
    ),
    ready=6.0,
    chatter=("^RSSI:20", "^BOOT:20952548,0,0,0,72", "^RSSI:17"),
    chatter_every=10.0,
    chatter_off="^CURC=",
)

SIM800 = family(
    "sim800",
    {
        "+CGMI": ("SIMCOM_Ltd",),
        "+CGMM": ("SIMCOM_SIM800L",),
        "+CGMR": ("Revision:1418B05SIM800L24",),
        "+CCID": ("{iccid}",),
        "I": ("SIM800 R14.18",),
        "+CPMS=?": ('+CPMS: ("SM","ME","SM_P","ME_P","MT"),("SM","ME"),("SM","ME")',),
    },
    without=("+CEREG?",),
    stores=("SM", "ME", "MT"),
    cnmi_modes=(0, 1, 2),
    cnmi_default=(2, 1, 0, 0, 0),
    empty_read=("+CMGR: 0,,0", "OK"),
    cmgl_header='+CMGL: {slot},{stat},"",{length}',
    cmgr_header='+CMGR: {stat},"",{length}',
    sim_in=("+CPIN: READY", "Call Ready", "SMS Ready"),
    full=("+SMS FULL",),
    boot=(
        (0.5, "RDY"),
        (0.7, "+CFUN: 1"),
        (2.0, "+CPIN: READY"),
        (5.0, "Call Ready"),
        (7.0, "SMS Ready"),
    ),
    busy="ERROR",
    ready=7.0,
)

SIM7600 = family(
    "sim7600",
    {
        "+CGMI": ("SIMCOM INCORPORATED",),
        "+CGMM": ("SIMCOM_SIM7600G-H",),
        "+CGMR": ("+CGMR: LE20B03SIM7600M22",),
        "+CICCID": ("+ICCID: {iccid}",),
    },
    without=("+CCID",),
    slot_base=0,
    empty_read=("OK",),
    cnmi_modes=(0, 1),
    full=("+SMS FULL",),
    sim_out=("+CPIN: SIM REMOVED",),
    boot=((0.5, "RDY"), (3.0, "+CPIN: READY"), (8.0, "SMS DONE"), (11.0, "PB DONE")),
    ready=8.0,
)

QUECTEL = family(
    "quectel",
    {
        "+CGMI": ("Quectel",),
        "+CGMM": ("EC25",),
        "+CGMR": ("EC25EFAR06A01M4G",),
        "I": ("Quectel", "EC25", "Revision: EC25EFAR06A01M4G"),
        "+QCCID": ("+QCCID: {iccid:F<20}",),
    },
    slot_base=0,
    default_store="ME",
    me_capacity=255,
    keeps_store=True,
    empty_read=("OK",),
    full=('+QIND: "smsfull","SM"',),
    sim_in=("+CPIN: READY", "+QUSIM: 1", "+QIND: SMS DONE"),
    boot=(
        (0.5, "RDY"),
        (0.6, "+CFUN: 1"),
        (2.0, "+CPIN: READY"),
        (2.1, "+QUSIM: 1"),
        (6.0, "+QIND: SMS DONE"),
        (8.0, "+QIND: PB DONE"),
    ),
    ready=6.0,
)

SIEMENS = family(
    "siemens",
    {
        "+CGMI": ("SIEMENS",),
        "+CGMM": ("MC35i",),
        "+CGMR": ("REVISION 02.00",),
        "^SCID": ("^SCID: {iccid}",),
    },
    without=("+CCID", "+CEREG?", "+GSN"),
    stores=("SM", "ME", "MT"),
    me_capacity=25,
    empty_read=("+CMGR: 0,,0", "OK"),
    sim_in=("^SCKS: 1",),
    sim_out=("^SCKS: 0",),
    busy="+CME ERROR: 515",
    boot=((0.3, "^SYSSTART"), (3.0, "^SCKS: 1")),
    ready=5.0,
)

ZTE = family(
    "zte",
    {
        "+CGMI": ("ZTE INCORPORATED",),
        "+CGMM": ("K3565-Z",),
        "+CGMR": ("BD_MF620V1.0.0B05",),
        "+ZGETICCID": ("+ZGETICCID: {iccid}",),
    },
    without=("+CCID", "+CEREG?"),
    default_store="ME",
    cnmi_modes=(0, 1),
    empty_read=("+CMS ERROR: 321",),
    sim_in=("+ZUSIMR:2",),
    boot=(
        (1.0, "+ZUSIMR:2"),
        (2.0, "+ZPASR: UMTS"),
        (2.5, '+ZDONR: "Farm",250,1,"CS_PS","ROAM_OFF"'),
    ),
    chatter=("+ZUSIMR:2",),
    chatter_every=2.0,
    chatter_off="+CPMS?",
    ready=8.0,
)

WAVECOM = family(
    "wavecom",
    {
        "+CGMI": (" WAVECOM MODEM",),
        "+CGMM": (" MULTIBAND  900E  1800",),
        "+CGMR": ("641b09gg.Q2403A 1320676 061804 14:38",),
        "+CCID": ('+CCID: "{iccid}"',),
        "+CPMS=?": ('+CPMS: (("SM","BM","SR"),("SM"))',),
    },
    without=("+CEREG?",),
    stores=("SM",),
    cpms_set="+CPMS: {used1},{total1},{used2},{total2}",
    sim_in=("+WIND: 1", "+WIND: 4"),
    sim_out=("+WIND: 0",),
    busy="+CME ERROR: 515",
    boot=((0.5, "+WIND: 3"), (1.5, "+WIND: 1"), (4.0, "+WIND: 7"), (6.0, "+WIND: 4")),
    ready=6.0,
    baud=9600,
)

TELIT = family(
    "telit",
    {
        "+CGMI": ("Telit",),
        "+CGMM": ("HE910",),
        "+CGMR": ("12.00.004",),
        "#CCID": ("#CCID: {iccid}",),
    },
    without=("+CCID", "+CEREG?"),
    empty_delete=("+CMS ERROR: 321",),
    sim_in=("#QSS: 1", "#QSS: 3"),
    sim_out=("#QSS: 0",),
    boot=((1.0, "#QSS: 1"), (4.0, "#QSS: 2"), (5.0, "#QSS: 3")),
    ready=5.0,
    latency={"": 0.02},
)

OLD_HUAWEI = replace(
    HUAWEI,
    name="old-huawei",
    answers={
        **{text: lines for text, lines in HUAWEI.answers.items() if text != "^ICCID?"},
        "+CGMI": ("QUALCOMM INCORPORATED",),
        "+CGMM": ("M6280",),
    },
    unknown="ERROR",
    drops_when_busy=True,
)
"""Knows no ICCID command: EF-ICCID by AT+CRSM is all there is."""

E3372 = replace(
    HUAWEI,
    name="e3372",
    answers={
        **HUAWEI.answers,
        "+CGMM": ("E3372",),
        "^ICCID?": ("^ICCID: {iccid}",),
        "+CNUM": ('ERROR+CNUM: "","{number}",{type}',),
    },
    direct_class0=True,
)
"""ICCID straight; the answer to AT+CNUM is glued to an error that is none."""

EC200A = replace(
    QUECTEL,
    name="ec200a",
    answers={
        **QUECTEL.answers,
        "+CGMM": ("EC200A",),
        "+CGSN": ("0000",),
        "+QCCID": ("+QCCID: {iccid}",),
    },
    me_capacity=180,
    padded=True,
    cnmi_modes=(0, 1),
)

FALCOM = replace(
    WAVECOM,
    name="falcom",
    answers={**WAVECOM.answers, "+CGMI": ("Falcom",), "+CCID": ('+CCID: "{iccid:F<20}",""',)},
    eol="\r\r\n",
    lower_case=True,
    cmgl_header="+CMGL:{slot},{stat},,{length}",
    cmgr_header='+CMGR: {stat},"",{length}',
    listing_refused="+CMS ERROR: 303",
    baud=19200,
)
"""A collection of what breaks parsers: line ends, lower case, no blanks, no listing."""

SIERRA = family(
    "sierra",
    {
        "+CGMI": ("Sierra Wireless, Incorporated",),
        "+CGMM": ("MC7304",),
        "+CGMR": ("SWI9X15C_05.05.58.00",),
        "!ICCID?": ("!ICCID: {iccid:0<20}",),
        "+ICCID": ("ICCID: {iccid:0<20}",),
    },
    without=("+CCID", "+CRSM=176,12258,0,0,10"),
    slot_base=0,
    empty_read=("+CMS ERROR: 321",),
)

UBLOX = family(
    "ublox",
    {
        "+CGMI": ("u-blox",),
        "+CGMM": ("SARA-G340",),
        "+CGMR": ("08.70",),
        "+CCID": ("+CCID: {iccid}",),
        "I": ("SARA-G340-02S-00",),
    },
    default_store="ME",
    cmgl_header="+CMGL: {slot},{stat},,{length}",
    boot=(),
    latency={"+CMGD": 0.3},
)

NEOWAY = family(
    "neoway",
    {
        "+CGMI": ("NEOWAY",),
        "+CGMM": ("M590",),
        "+CGMR": ("M590 R2.0",),
        "+CCID": ("+CCID: {iccid}",),
    },
    without=("+CEREG?",),
    boot=((1.0, "MODEM:STARTUP"), (12.0, "+PBREADY")),
    ready=12.0,
)

BROVI = family(
    "brovi",
    {
        "+CGMI": ("Brovi",),
        "+CGMM": ("E3372-325",),
        "+CGMR": ("3.0.2.61",),
    },
    cpms_in_part=("ERROR",),
)
"""Refuses an AT+CPMS that leaves stores out (gammu, issue 908)."""

FOXCONN = family(
    "foxconn",
    {
        "+CGMI": ("Foxconn",),
        "+CGMM": ("T77W968",),
        "+CGMR": ("T77W968.F0.0.0.5.2.GC.013",),
    },
    slot_base=0,
    default_store="ME",
    cpms_set="",
    cpms_in_part=("OK",),
)
"""Takes no notice of one, and says OK."""

FAMILIES: tuple[Personality, ...] = (
    GENERIC,
    HUAWEI,
    SIM800,
    SIM7600,
    QUECTEL,
    SIEMENS,
    ZTE,
    WAVECOM,
    TELIT,
    OLD_HUAWEI,
    E3372,
    EC200A,
    FALCOM,
    SIERRA,
    UBLOX,
    NEOWAY,
    BROVI,
    FOXCONN,
)


def by_name(name: str) -> Personality:
    """KeyError if there is none of that name."""
    return {family.name: family for family in FAMILIES}[name]
