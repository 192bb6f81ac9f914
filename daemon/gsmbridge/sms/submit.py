"""Messages to send: SMS-SUBMIT by python-gsmmodem-new, the one use that is made of its codec.

Relied on: `encodeSmsSubmitPdu` (numbers, default alphabet, UCS2, cutting into parts). Replaced by
`sms.pdu`: its decoder, which ignores national tables and coding groups, loses or adds characters,
raises on bad time stamps and reads cut-off PDUs as half a text. Kept away from its encoder:
characters that its tables get wrong, and the status reports that it asks for by default.
"""

from __future__ import annotations

from gsmbridge.errors import GsmbridgeError

_MISTAKEN = frozenset("`§ÿ\x1b")
"""Characters that the library encodes as others (section sign and backtick, form feed, escape)."""


def encode(number: str, text: str) -> list[str]:
    """SMS-SUBMIT PDUs in hex that send *text* to *number*, without service centre (`00`).

    *number* is digits, with a plus if international. GsmbridgeError if it isn't, or if the text
    has a character that can't be sent right.
    """
    digits = number.removeprefix("+")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 20):
        raise GsmbridgeError(f"{number!r} is no phone number", "give digits, at most 20")
    wrong = sorted(char for char in set(text) if char in _MISTAKEN or char > "\uffff")
    if wrong:
        raise GsmbridgeError(f"{wrong[0]!r} can't be sent", "leave it out of the text")
    from gsmmodem.pdu import encodeSmsSubmitPdu  # slow to import, seldom needed

    return [str(pdu) for pdu in encodeSmsSubmitPdu(number, text, requestStatusReport=False)]
