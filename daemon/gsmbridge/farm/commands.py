"""What a simulated modem answers: 27.007, 27.005 and V.250, as far as a reader of SMS goes.

An answer is its lines, the final result last.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from string import Formatter
from typing import TYPE_CHECKING

from gsmbridge.farm import ussd
from gsmbridge.farm.encode import swap, text_mode
from gsmbridge.farm.sim import Records

if TYPE_CHECKING:
    from gsmbridge.farm.modem import ModemModel

Lines = Sequence[str]
Prompt = Callable[[str], Lines]


@dataclass(frozen=True, slots=True)
class Question:
    """Instead of an answer: the command asks for a PDU, and *prompt* answers that."""

    prompt: Prompt


Handler = Callable[["ModemModel", str], Lines]

OK: Lines = ("OK",)
BASIC = re.compile(r"(E[01]?|V1?|Q0?|Z0?|&F0?|&D[0-2]?|&W0?|S0=\d)", re.ASCII)
CME_TEXTS = {
    10: "SIM not inserted",
    11: "SIM PIN required",
    14: "SIM busy",
    16: "incorrect password",
}
REGISTRATION = {"": 1, "barred": 1, "searching": 2, "denied": 3}
"""27.007, 7.2: <stat>."""
WITHOUT_PIN = frozenset({"iccid", "swapped", "ef_iccid"})
"""EF-ICCID can be read without the PIN (TS 31.102, 4.2.1)."""
OF_THE_SIM = frozenset({"iccid", "swapped", "ef_iccid", "imsi", "number", "type"})


def answer(modem: ModemModel, line: str) -> Lines | Question:
    """Carry out a command line, "AT" and all; several commands of it one after the other."""
    body = line[2:].strip()
    if body.upper().startswith("+CMGS="):
        return _send(modem)
    information: list[str] = []
    for command in re.split(r""";(?=(?:[^"]*"[^"]*")*[^"]*$)""", body):
        *lines, final = _one(modem, command.strip())
        information += lines
        if final != "OK":
            return [*information, final]
    return [*information, "OK"]


def _one(modem: ModemModel, command: str) -> Lines:
    upper = command.upper()
    if modem.personality.chatter_off and upper.startswith(modem.personality.chatter_off):
        modem.settings.muted = True
    literal = modem.personality.answers.get(upper)
    if literal is not None:
        return _literal(modem, literal)
    for name, handler in HANDLERS.items():
        if upper.startswith(name):
            return handler(modem, command[len(name) :])
    if modem.personality.chatter_off and upper.startswith(modem.personality.chatter_off):
        return OK
    return _basic(modem, upper)


def _basic(modem: ModemModel, command: str) -> Lines:
    """Commands of V.250 may stand together: ATE0V1."""
    while match := BASIC.match(command):
        if match[0][0] == "E":
            modem.settings.echo = match[0] == "E1"
        elif match[0][0] in "Z&" and match[0][:2] in ("Z", "Z0", "&F"):
            modem.settings.echo = True
            modem.settings.cmee = 0
        command = command[match.end() :]
    return (modem.personality.unknown,) if command else OK


def _literal(modem: ModemModel, texts: Lines) -> Lines:
    wanted = _wanted(tuple(texts))
    if not wanted:
        return [*(text.format() for text in texts), "OK"]
    locked = modem.sim_state() in ("SIM PIN", "SIM PUK")
    if modem.trouble.reticent and any(modem.trouble.reticent in name for name in wanted):
        return (modem.personality.busy,)
    needed = wanted & (OF_THE_SIM - WITHOUT_PIN if locked else OF_THE_SIM)
    if needed and (error := sim_error(modem)):
        return (error,)
    if any(name.startswith("used") for name in wanted) and (error := sim_error(modem)):
        return (error,)
    return _filled(modem, texts, wanted)


def _filled(modem: ModemModel, texts: Lines, wanted: frozenset[str]) -> Lines:
    fields = {name: _field(modem, name) for name in wanted}
    return [*(text.format_map(fields) for text in texts), "OK"]


@lru_cache
def _wanted(texts: tuple[str, ...]) -> frozenset[str]:
    """The fields that *texts* name."""
    return frozenset(name for text in texts for _, name, _, _ in Formatter().parse(text) if name)


def _field(modem: ModemModel, name: str) -> object:
    """What a personality names in braces."""
    sim, settings = modem.sim, modem.settings
    match name:
        case "imei":
            return modem.imei
        case "manufacturer":
            return modem.personality.answers["+CGMI"][0]
        case "model":
            return modem.personality.answers["+CGMM"][0]
        case "iccid":
            return sim.iccid if sim else ""
        case "swapped" | "ef_iccid":
            return swap(sim.iccid if sim else "").hex().upper()
        case "imsi":
            return sim.imsi if sim else ""
        case "number":
            return sim.own_number if sim else ""
        case "type":
            return 145 if sim and sim.own_number.startswith("+") else 129
        case "tries":
            return sim.tries if sim else 3
        case "signal":
            return 21 if _in_service(modem) else 99
        case "registration":
            return REGISTRATION[modem.trouble.service] if _in_service(modem) else 2
        case "cnmi":
            return ",".join(map(str, settings.cnmi))
        case "cmgf" | "cfun" | "csms":
            return getattr(settings, name)
    return _of_the_stores(modem, name[:-1], settings.stores[int(name[-1]) - 1])


def _of_the_stores(modem: ModemModel, what: str, store: str) -> object:
    if what == "store":
        return store
    records = modem.shown(store)
    if records is None:
        return 0
    return {"used": records.used, "total": records.capacity}[what]


def _in_service(modem: ModemModel) -> bool:
    return modem.sim_state() == "READY" and modem.settings.cfun == 1


def cme(modem: ModemModel, code: int) -> str:
    """`+CME ERROR` as AT+CMEE has it (27.007, 9.1)."""
    if modem.settings.cmee == 0:
        return "ERROR"
    if modem.settings.cmee == 2 or modem.personality.error_text:
        return f"+CME ERROR: {CME_TEXTS.get(code, 'unknown')}"
    return f"+CME ERROR: {code}"


def sim_error(modem: ModemModel) -> str | None:
    """Why the SIM can't be used now; None if it can."""
    state = modem.sim_state()
    if state == "READY":
        return None
    if state == "ABSENT":
        return modem.personality.absent
    if state == "BUSY":
        return modem.personality.busy
    return cme(modem, 11 if state == "SIM PIN" else 12)


# -- settings -----------------------------------------------------------------------------------


def _set_cmee(modem: ModemModel, value: str) -> Lines:
    if value not in ("0", "1", "2"):
        return ("ERROR",)
    modem.settings.cmee = int(value)
    return OK


def _set_cmgf(modem: ModemModel, value: str) -> Lines:
    if modem.sim_state() == "BUSY" and modem.personality.busy == "ERROR":
        return ("ERROR",)
    if value not in ("0", "1"):
        return ("ERROR",)
    modem.settings.cmgf = int(value)
    return OK


def _set_csms(modem: ModemModel, value: str) -> Lines:
    if value not in ("0", "1"):
        return ("ERROR",)
    modem.settings.csms = int(value)
    return ("+CSMS: 1,1,1", "OK")


def _set_cnmi(modem: ModemModel, value: str) -> Lines:
    """Fields left out stay as they are."""
    given = value.split(",") if value else []
    if len(given) > 5 or not all(part.isdigit() or part == "" for part in given):
        return ("ERROR",)
    fields = list(modem.settings.cnmi)
    for place, part in enumerate(given):
        fields[place] = int(part) if part else fields[place]
    if fields[0] not in modem.personality.cnmi_modes:
        return ("+CMS ERROR: 303",)
    modem.settings.cnmi = tuple(fields)
    return OK


def _set_cpms(modem: ModemModel, value: str) -> Lines:
    if error := sim_error(modem):
        return (error,)
    stores = [part.strip('"') for part in value.split(",")]
    if len(stores) > 3 or any(store not in modem.personality.stores for store in stores):
        return ("+CMS ERROR: 302",)
    if len(stores) < 3 and modem.personality.cpms_in_part:
        return modem.personality.cpms_in_part
    modem.settings.stores[: len(stores)] = stores
    if not modem.personality.cpms_set:
        return OK
    texts = (modem.personality.cpms_set,)
    return _filled(modem, texts, _wanted(texts))


def _set_cfun(modem: ModemModel, value: str) -> Lines:
    if value in ("1,1", "6"):
        modem.later(0.05, modem.reboot)
    elif value in ("0", "1", "4"):
        modem.set_function(int(value))
    else:
        return (cme(modem, 3),)
    return OK


def _reset(modem: ModemModel, value: str) -> Lines:
    modem.later(0.05, modem.reboot)
    return OK


# -- SIM ----------------------------------------------------------------------------------------


def _query_cpin(modem: ModemModel, value: str) -> Lines:
    state = modem.sim_state()
    if state in ("ABSENT", "BUSY"):
        return (sim_error(modem) or "ERROR",)
    return (f"+CPIN: {state}", "OK")


def _enter_pin(modem: ModemModel, value: str) -> Lines:
    if modem.sim_state() != "SIM PIN":
        return (cme(modem, 3),)
    return OK if modem.unlock(value.strip('"')) else (cme(modem, 16),)


# -- messages -----------------------------------------------------------------------------------


def _reading(modem: ModemModel) -> Records | str:
    """The records of <mem1>, or the error that stands in the way."""
    if error := sim_error(modem):
        return error
    return modem.shown(modem.settings.stores[0]) or "+CMS ERROR: 302"


def _position(modem: ModemModel, records: Records, value: str) -> int | None:
    at = int(value) - modem.personality.slot_base if value.isdigit() else -1
    return at if 0 <= at < records.capacity else None


def _row(modem: ModemModel, records: Records, at: int, header: str) -> Lines:
    own, record = records.pdu(at), records.rows[at][1:]
    if modem.settings.cmgf:
        head, data = text_mode(own[1 + own[0] :])
        return f'+CMGR: "REC READ",{head}', data
    length = len(own) - 1 - own[0]
    text = header.format(
        slot=at + modem.personality.slot_base, stat=records.stat(at), length=length
    )
    return text, modem.hex(record if modem.personality.padded else own)


def _list(modem: ModemModel, value: str) -> Lines:
    records = _reading(modem)
    if isinstance(records, str):
        return (records,)
    if modem.personality.listing_refused and value == "4":
        return (modem.personality.listing_refused,)
    if value not in ("0", "1", "2", "3", "4") or modem.settings.cmgf:
        return ("+CMS ERROR: 303",)
    lines: list[str] = []
    for at in records.occupied():
        if value == "4" or records.stat(at) == int(value):
            lines += _row(modem, records, at, modem.personality.cmgl_header)
            records.mark_read(at)
    return [*lines, "OK"]


def _read(modem: ModemModel, value: str) -> Lines:
    records = _reading(modem)
    if isinstance(records, str):
        return (records,)
    at = _position(modem, records, value)
    if at is None:
        return ("+CMS ERROR: 321",)
    if not records.rows[at][0]:
        return modem.personality.empty_read
    lines = _row(modem, records, at, modem.personality.cmgr_header)
    records.mark_read(at)
    return [*lines, "OK"]


def _delete(modem: ModemModel, value: str) -> Lines:
    records = _reading(modem)
    if isinstance(records, str):
        return (records,)
    slot, _, flag = value.partition(",")
    store = modem.settings.stores[0]
    if flag not in ("", "0"):
        return _delete_many(modem, records, store, flag)
    at = _position(modem, records, slot)
    if at is None:
        return ("+CMS ERROR: 321",)
    if not records.rows[at][0]:
        return modem.personality.empty_delete
    if modem.trouble.delete == "lie":
        return OK
    modem.erase(store, at)
    return ("ERROR",) if modem.trouble.delete == "deny" else OK


def _delete_many(modem: ModemModel, records: Records, store: str, flag: str) -> Lines:
    """<delflag> 1 to 4 (27.005, 3.5.4): read, and sent, and unsent, all."""
    stats = {"1": (1,), "2": (1, 3), "3": (1, 2, 3), "4": (0, 1, 2, 3)}.get(flag, ())
    for at in records.occupied():
        if records.stat(at) in stats:
            modem.erase(store, at)
    return OK


def _send(modem: ModemModel) -> Lines | Question:
    """AT+CMGS in PDU mode: the PDU comes behind a prompt."""
    if error := sim_error(modem):
        return (error,)

    def submit(text: str) -> Lines:
        if not re.fullmatch(r"([0-9A-Fa-f]{2}){9,}", text) or modem.sim is None:
            return ("+CMS ERROR: 304",)
        pdu = bytes.fromhex(text)
        modem.carrier.submit(modem.sim, pdu[1 + pdu[0] :])
        return ("+CMGS: 1", "OK")

    return Question(submit)


def _plain_ok(modem: ModemModel, value: str) -> Lines:
    return OK


HANDLERS: dict[str, Handler] = {
    "+CMEE=": _set_cmee,
    "+CMGF=": _set_cmgf,
    "+CSMS=": _set_csms,
    "+CNMI=": _set_cnmi,
    "+CPMS=": _set_cpms,
    "+CFUN=": _set_cfun,
    "^RESET": _reset,
    "+CPIN?": _query_cpin,
    "+CPIN=": _enter_pin,
    "+CMGL=": _list,
    "+CMGR=": _read,
    "+CMGD=": _delete,
    "+CUSD=": ussd.answer,
    "+CNMA": _plain_ok,
    "+CSCS=": _plain_ok,
    "+CREG=": _plain_ok,
    "+COPS=": _plain_ok,
    "+CLIP=": _plain_ok,
    "+IPR=": _plain_ok,
    "+CSCLK=": _plain_ok,
}
