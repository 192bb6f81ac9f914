"""A stored PDU to a message, or why not: 23.040, 9.2.2.1."""

from __future__ import annotations

from functools import lru_cache

from gsmbridge.sms import tpdu, udh
from gsmbridge.sms.address import sender
from gsmbridge.sms.dcs import Alphabet, coding_scheme
from gsmbridge.sms.decoded import Decoded, Deliver, Foreign, Skipped, Unreadable
from gsmbridge.sms.scts import time_stamp

__all__ = ["Decoded", "Deliver", "Foreign", "Skipped", "Unreadable", "decode"]

_PID_TYPE_0 = 0x40
_PID_SIM_DATA_DOWNLOAD = 0x7F
_CLASS_SIM = 2


@lru_cache(maxsize=512)  # on its way to the journal a PDU is asked about three times
def decode(pdu: str) -> Decoded:
    """Decode hex as a modem gave it: any case, padded or not, with a service centre or without.

    Never raises, whatever the string. A reserved TP-MTI is read as SMS-DELIVER (9.2.3.1).
    """
    octets = tpdu.octets_of(pdu)
    if octets is None:
        return Unreadable("not hex")
    if tpdu.is_dummy(octets):
        return Foreign("empty slot")
    start = tpdu.locate(octets)
    if start >= len(octets):
        return Unreadable(f"octet {len(octets)}: ends within the service centre")
    match octets[start] & tpdu.MTI:
        case tpdu.SUBMIT:
            return Foreign("SMS-SUBMIT")
        case tpdu.REPORT:
            return Skipped("status report")
    fields = tpdu.split(octets[start:])
    if isinstance(fields, tpdu.Fault):
        return Unreadable(f"octet {start + fields.at}: {fields.what}")
    return _deliver(fields)


def _deliver(fields: tpdu.Fields) -> Decoded:
    scheme = coding_scheme(fields.dcs)
    header = udh.parse(fields.header)
    if fields.pid == _PID_TYPE_0:
        return Skipped("silent (short message type 0)")
    if fields.pid == _PID_SIM_DATA_DOWNLOAD and scheme.message_class == _CLASS_SIM:
        return Skipped("SIM data download")
    if header.destination_port is not None and scheme.alphabet is Alphabet.OCTETS:
        return Skipped(f"binary for port {header.destination_port}")
    if scheme.compressed:
        return Unreadable("compressed text (23.042)")
    return Deliver(
        sender=sender(fields.address_length, fields.toa, fields.address),
        scts=time_stamp(fields.scts),
        pid=fields.pid,
        dcs=fields.dcs,
        message_class=scheme.message_class,
        alphabet=scheme.alphabet,
        concat=header.concat,
        locking=header.locking,
        single=header.single,
        user_data=fields.text,
    )
