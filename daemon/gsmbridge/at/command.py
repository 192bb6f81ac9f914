"""What goes to a modem and what comes back: commands, replies, unsolicited result codes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

SECRET_COMMANDS = ("+CPIN=", "+CLCK=", "+CPWD=")


@dataclass(frozen=True, slots=True)
class Command:
    """An AT command and the form of its reply: what it does not declare is unsolicited."""

    text: str
    """Without the closing CR, e.g. "AT+CMGR=3"."""
    prefixes: tuple[bytes, ...] = ()
    """Reply lines begin with one of these, e.g. b"+CMGR:"; any case, blanks before the colon."""
    bare: bool = False
    """Lines without a known prefix belong to the reply too (AT+CGMI, AT+CGSN)."""
    pdu: bool = False
    """A prefixed line may be followed by a line with a PDU."""
    required: bool = False
    """OK is not believed before a reply line came: it may be a late one, of another command."""
    lenient: bool = False
    """A reply line may come without a final result (`AT+CPIN?` of Wavecom): silence ends it."""
    body: bytes = b""
    """Sent at the prompt `> ` (AT+CMGS): PDU and Ctrl-Z."""
    timeout: float | None = None
    """Seconds without a byte of the reply. None: the channel's default."""
    total: float | None = None
    """Seconds in all. None: as `timeout`."""

    def __repr__(self) -> str:
        return f"Command({self.shown!r})"

    @property
    def shown(self) -> str:
        """The text for logs and errors: without PINs."""
        upper = self.text.upper()
        secret = any(name in upper for name in SECRET_COMMANDS)
        return self.text.partition("=")[0] + "=…" if secret else self.text

    def owns(self, line: bytes) -> bool:
        """Whether *line* begins with a declared prefix."""
        return bool(self.prefixes) and _prefixes(self.prefixes).match(line)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a modem answered to a command."""

    command: Command
    lines: tuple[bytes, ...]
    """Reply lines in order, headers and PDU lines alike, without blanks around them."""
    final: bytes
    """The final result code as it came, e.g. b"+CMS ERROR: 321"; empty where none came
    (`Command.lenient`)."""
    ok: bool
    cme: int | None = None
    """Code of +CME ERROR (27.007, 9.2), also where the modem gave its text."""
    cms: int | None = None
    """Code of +CMS ERROR (27.005, 3.2.5), also where the modem gave its text."""

    def value(self) -> bytes | None:
        """The first reply line without its prefix; None if there is no reply line."""
        if not self.lines:
            return None
        line = self.lines[0]
        return line.partition(b":")[2].strip() if self.command.owns(line) else line


@dataclass(frozen=True, slots=True)
class Urc:
    """An unsolicited result code."""

    line: bytes
    """As it came, e.g. b'+CMTI: "SM",1'."""
    pdu: bytes | None = None
    """Of +CMT, +CDS and +CBM: the line that followed, a PDU unless the modem is in text mode."""


def head_of(line: bytes) -> bytes:
    """The upper-case prefix up to the first colon, blanks before it removed: `+CNUM : x` gives
    b"+CNUM:". Without a colon: the whole line in upper case."""
    name, colon, _ = line.partition(b":")
    return name.rstrip().upper() + colon


class Prefixes:
    """A set of line beginnings: `+NAME:` or whole words, in any case."""

    def __init__(self, names: tuple[bytes, ...] = ()) -> None:
        self._heads: set[bytes] = set()
        self._words: tuple[bytes, ...] = ()
        self.add(names)

    def add(self, names: tuple[bytes, ...]) -> None:
        """Know further beginnings."""
        for name in names:
            if name.endswith(b":"):
                self._heads.add(name.upper())
            elif name.upper() not in self._words:
                self._words += (name.upper(),)

    def match(self, line: bytes) -> bool:
        """Whether *line* begins with one of them, blanks before its colon tolerated."""
        if b":" in line and head_of(line) in self._heads:
            return True
        if not self._words:
            return False
        upper = line.upper()
        return upper.startswith(self._words) and any(
            upper.startswith(word) and not upper[len(word) : len(word) + 1].isalnum()
            for word in self._words
        )


@lru_cache(maxsize=256)
def _prefixes(names: tuple[bytes, ...]) -> Prefixes:
    return Prefixes(names)
