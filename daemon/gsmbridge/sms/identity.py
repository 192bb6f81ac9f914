"""What tells one stored message from another, wherever and however it is read."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256

from gsmbridge.sms import tpdu


@lru_cache(maxsize=512)  # asked at every reading of a slot, and for all that is known to lie there
def tpdu_identity(pdu: str) -> str:
    """SHA-256 of the canonical TPDU in hex; the same for every copy of one message.

    The service centre, letter case and padding don't count, nor TP-MMS and TP-LP, which may differ
    when a message is delivered again. What can't be taken apart is known by its hex alone.
    """
    return sha256(_canonical(pdu)).hexdigest()


def _canonical(pdu: str) -> bytes:
    octets = tpdu.octets_of(pdu)
    if octets is None:
        return pdu.strip().upper().encode("utf-8", "backslashreplace")
    if not tpdu.is_dummy(octets):
        body = octets[tpdu.locate(octets) :]
        fields = tpdu.split(body)
        if isinstance(fields, tpdu.Fields) and body[0] & tpdu.MTI not in tpdu.OTHERS:
            return bytes([body[0] & ~(tpdu.MMS | tpdu.LP)]) + body[1 : fields.end]
    return octets.rstrip(b"\xff").hex().upper().encode()
