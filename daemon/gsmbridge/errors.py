"""The errors of the program: one small hierarchy; each carries the operator's next step."""

from __future__ import annotations


class GsmbridgeError(Exception):
    """Base of all errors that are reported as one plain line.

    *hint* is what the operator can do about it; it is empty where nothing can be done.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message


class ConfigError(GsmbridgeError):
    """The configuration cannot be used: every mistake found, one line each."""

    exit_code = 78  # EX_CONFIG of sysexits.h: systemd does not restart on it

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class JournalError(GsmbridgeError):
    """The journal cannot be opened, read or written."""


class JournalHeld(JournalError):
    """Another process works on this journal."""


class JournalRefused(JournalError):
    """This journal must not be used with this program or this config (exit 78)."""

    exit_code = 78


class ModemError(GsmbridgeError):
    """A modem or its port did not do what it was asked."""


class PortLost(ModemError):
    """The port is gone: unplugged, hung up or failing."""


class CommandTimeout(ModemError, TimeoutError):
    """A command got no final result code in time; nothing is known of its effect."""


class CommandFailed(ModemError):
    """A command was answered by an error; *final* is the final result code as it came."""

    def __init__(self, command: str, final: str) -> None:
        super().__init__(f"{command}: {final}")
        self.command = command
        self.final = final


class PartnerError(GsmbridgeError):
    """An attempt got no HTTP answer; *kind* is one lower-case word for logs and metrics."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def describe(error: BaseException) -> str:
    """What was raised and where, in one line. Not its text, which may quote what it stumbled over:
    a PDU, a key (I8)."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if last is None:
        return type(error).__name__
    file = last.tb_frame.f_code.co_filename.rpartition("/")[2]
    return f"{type(error).__name__} at {file}:{last.tb_lineno}"
