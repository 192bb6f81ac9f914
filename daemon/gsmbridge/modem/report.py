"""The report of `gsmbridge scan --report`: every command and reply of each port, masked."""

from __future__ import annotations

from collections.abc import Sequence

from gsmbridge import __version__
from gsmbridge.at.channel import Channel
from gsmbridge.at.command import Command
from gsmbridge.dialects.dialect import Dialect
from gsmbridge.dialects.families import ICCID_PREFIXES
from gsmbridge.errors import CommandTimeout
from gsmbridge.modem.identity import iccid_queries
from gsmbridge.modem.masking import Masks
from gsmbridge.modem.patience import STILL_THERE
from gsmbridge.modem.status import ModemStatus
from gsmbridge.modem.transcript import Transcript
from gsmbridge.printable import printable

QUESTIONS = (
    "ATI",
    "AT+GMR",
    "AT+CSMS?",
    "AT+CSCS?",
    "AT+CNMI=?",
    "AT+CNMI?",
    "AT+CPMS=?",
    "AT+CMGL=?",
    "AT+CMGD=?",
    "AT+CLAC",
)
"""What shows how a family differs. They change nothing."""


async def ask_more(channel: Channel, dialect: Dialect) -> None:
    """Have the modem say more than a scan needs to know; the transcript is all that comes of it."""
    for text in QUESTIONS:
        prefix = text[2:].rstrip("=?").encode() + b":"
        await _ask(channel, Command(text, prefixes=(prefix,), bare=True))
    for query in dict.fromkeys(iccid_queries(dialect)):
        await _ask(channel, Command(query, prefixes=(b"+CRSM:", *ICCID_PREFIXES), bare=True))


async def _ask(channel: Channel, command: Command) -> None:
    """What has no end in a known form is in the transcript all the same."""
    try:
        await channel.run(command)
    except CommandTimeout:
        await channel.resync(STILL_THERE)


def report(transcripts: Sequence[Transcript], statuses: Sequence[ModemStatus]) -> str:
    """The transcripts, by port, with what was made of them."""
    masks = Masks()
    lines = [
        f"gsmbridge {__version__}, transcript of a scan.",
        "IMEI, ICCID, IMSI, numbers, names, texts and PDUs are masked; equal ones alike.",
    ]
    for transcript in sorted(transcripts, key=lambda each: each.name.path):
        status = next((each for each in statuses if each.path == transcript.name.path), None)
        lines += ["", f"== {_called(transcript)}"]
        if status is not None:
            error = printable(masks.line(status.last_error)) or "none"
            lines.append(f"family {status.dialect or '?'}, {status.phase}, error: {error}")
        lines += transcript.text(masks)
    return "\n".join(lines) + "\n"


def _called(transcript: Transcript) -> str:
    name = transcript.name
    parts = [name.path]
    if name.usb is not None:
        protocol = "?" if name.protocol is None else f"{name.protocol:02x}"
        parts.append(f"USB {name.vendor or '?'} interface {name.interface} protocol {protocol}")
    return ", ".join(parts)
