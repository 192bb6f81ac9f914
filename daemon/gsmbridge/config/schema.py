"""Every key of the config, once: name, kind, default, range and help, as a tree of records.

The records are what the layers get; their fields' metadata is the table that `load` checks a file
against and that the documentation is tested against. Paths are absolute once loaded.
"""
# ruff: noqa: RUF009 - the calls below only describe fields

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any

from gsmbridge import __version__
from gsmbridge.config import checks
from gsmbridge.config.kinds import (
    Amount,
    Choice,
    Flag,
    Hidden,
    Kind,
    ListOf,
    Maybe,
    Pairs,
    Text,
    Words,
)
from gsmbridge.config.secret import Secret

DEFAULT_JOURNAL = "/var/lib/gsmbridge/journal.db"
LAST_SMS_ID = 2**31 - 1

_PATH = Text("a path, absolute or relative to the folder of the config", checks.path)
_GLOB = Text('a pattern that begins with /, such as "/dev/ttyUSB*"', checks.port_glob)
_DAY = 86400


@dataclass(frozen=True, slots=True)
class Key:
    """What is known of a key beside its name and default."""

    kind: Kind
    help: str
    is_path: bool = False
    restart: bool = False
    """A change takes effect only when the daemon is started again."""


def _key(kind: Kind, default: object = MISSING, *, help: str, **more: bool) -> Any:
    metadata = {"key": Key(kind, help, **more)}
    if default is MISSING:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Onlinesim:
    """The partner's server and how it is spoken to."""

    url: str = _key(
        Text("the whole https:// URL that the partner's support gave", checks.url),
        help="whole URL, from the partner's support; http only for loopback, or with allow_http",
    )
    allow_http: bool = _key(Flag(), False, help="allow a url without TLS: the key travels openly")
    key: Secret = _key(
        Hidden(
            Text(
                "the key of the partner's profile, without white space", checks.api_key, digits=True
            )
        ),
        Secret(""),
        help="API key of the partner's profile; other sources: see docs/configuration.md",
    )
    key_file: str | None = _key(
        Maybe(_PATH), None, help="file that holds the key alone, instead of key", is_path=True
    )
    retry_interval: float = _key(
        Amount(0, 3600, "seconds", open=True),
        10.0,
        help="seconds from the end of a failed attempt to the next",
    )
    connect_timeout: float = _key(
        Amount(0, 600, "seconds", open=True), 5.0, help="seconds to connect, TLS included"
    )
    timeout: float = _key(
        Amount(0, 600, "seconds", open=True), 30.0, help="seconds for one attempt as a whole"
    )
    max_in_flight: int = _key(
        Amount(1, 256, whole=True),
        16,
        help="requests at a time; one number never holds more than a quarter",
    )
    ca_file: str | None = _key(
        Maybe(_PATH),
        None,
        help="certificates (PEM) to trust instead of the system's",
        is_path=True,
    )
    proxy: str | None = _key(
        Maybe(Text("a URL such as http://proxy:3128", checks.proxy)),
        None,
        help="HTTP proxy; proxies of the environment, .netrc and cookies are never used",
    )
    user_agent: str = _key(
        Text("printable ASCII", checks.header_value),
        f"gsmbridge/{__version__}",
        help="User-Agent header",
    )
    phone_from_plus: str = _key(
        Choice(("keep", "strip")), "keep", help="the plus of international senders"
    )
    terminal_errors: tuple[str, ...] = _key(
        ListOf(Text("an error token such as NO_OPERATION", checks.token)),
        ("NO_OPERATION", "NO_OP", "BAD_SERVICE"),
        help="errors after which a message is never pushed again",
    )
    sms_id_start: int | None = _key(
        Maybe(Amount(1, LAST_SMS_ID, whole=True)),
        None,
        help="lowest smsId to give; null: from the date, see docs/configuration.md",
        restart=True,
    )
    host_index: int = _key(
        Amount(0, 999, whole=True),
        0,
        help="which of the hosts on one key this is; ids ≡ host_index mod host_count",
        restart=True,
    )
    host_count: int = _key(
        Amount(1, 1000, whole=True), 1, help="how many hosts share the key", restart=True
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Modems:
    """Where modems are found and how they are asked."""

    ports: tuple[str, ...] = _key(
        ListOf(_GLOB, empty=False),
        ("/dev/ttyUSB*",),
        help="patterns of anything that opens as a tty: devices, symlinks, ptys, in any folder",
    )
    exclude: tuple[str, ...] = _key(ListOf(_GLOB), (), help="patterns of ports to leave alone")
    baudrate: int = _key(
        Amount(300, 4_000_000, "bits per second", whole=True), 115200, help="speed of serial lines"
    )
    poll_interval: float = _key(
        Amount(0, 3600, "seconds", open=True),
        30.0,
        help="seconds between store checks where no +CMTI came",
    )
    command_timeout: float = _key(
        Amount(0, 600, "seconds", open=True),
        10.0,
        help="seconds without a byte of the reply; a listing that flows may take 60 s in all",
    )
    usb_reset: bool = _key(
        Flag(),
        False,
        help="the last resort for a hung modem may be a reset of its USB device; docs/recovery.md",
    )
    silent_after: float | None = _key(
        Maybe(Amount(60, 30 * _DAY, "seconds")),
        None,
        help="seconds without a message, while others of the operator get theirs, after which a "
        "modem is named and registers anew; null: never",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One rented number: the SIM that has it, by iccid or imsi."""

    phone: str = _key(
        Text("8 to 15 digits with country code", checks.phone, digits=True),
        help="digits with country code",
    )
    iccid: str | None = _key(
        Maybe(Text("18 to 20 digits", checks.iccid, digits=True)),
        None,
        help="number printed on the SIM",
    )
    imsi: str | None = _key(
        Maybe(Text("14 or 15 digits", checks.imsi, digits=True)),
        None,
        help="subscriber id, instead of iccid",
    )
    pin: Secret | None = _key(
        Maybe(Hidden(Text("4 to 8 digits", checks.pin, digits=True))),
        None,
        help="PIN of the SIM, needs iccid; one try, never repeated once refused",
    )
    enabled: bool = _key(Flag(), True, help="false: its messages are held, not pushed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """How long things wait and stay."""

    multipart_timeout: float = _key(
        Amount(0, 7 * _DAY, "seconds", open=True),
        120.0,
        help="seconds since the newest part; then what has come is pushed once, gaps marked […]",
    )
    max_stored_age: float | None = _key(
        Maybe(Amount(0, 10 * 365 * _DAY, "seconds", open=True)),
        float(_DAY),
        help="seconds; older messages on a SIM never seen before are held as stale; null: no limit",
    )
    sim_full: str = _key(
        Choice(("keep", "free_refused", "free_journalled")),
        "keep",
        help="what may be deleted, safe in the journal, from a SIM that is nearly full",
    )
    keep_text: float = _key(
        Amount(0, 365 * _DAY, "seconds"),
        float(_DAY),
        help="seconds after delivery and delete; then text and PDU are erased, a hash stays",
    )
    keep_days: float = _key(
        Amount(0, 3650, "days"), 30.0, help="days that rows of finished messages stay"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Identify:
    """How SIMs are asked for their numbers; only `gsmbridge identify` does."""

    ussd: tuple[tuple[str, str], ...] | None = _key(
        Maybe(
            Pairs(
                'USSD codes by the beginning of the IMSI, such as {"25001": "*111*0887#"}',
                checks.operator,
                Text("a USSD code", checks.ussd_code),
            )
        ),
        None,
        help="what `gsmbridge identify --ussd` asks each operator's SIMs; the longest match counts",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """The journal's place."""

    path: str = _key(
        _PATH,
        DEFAULT_JOURNAL,
        help="the SQLite file; its folder must be the service's own",
        is_path=True,
        restart=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """Prometheus."""

    listen: tuple[str, int] | None = _key(
        Maybe(Text('an address and port such as "127.0.0.1:9108"', checks.listen)),
        None,
        help="where metrics are served; null: nowhere; docs/metrics.md",
        restart=True,
    )
    hosts: tuple[str, ...] = _key(
        ListOf(Text("the name of a host, without its port", checks.host_name)),
        (),
        help="names under which it is asked; addresses, localhost and that of listen always count",
    )
    page: bool = _key(Flag(), False, help="serve a read-only status page there too")
    page_anywhere: bool = _key(
        Flag(), False, help="allow the page on an address that is not this machine's alone"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarms:
    """Who is told of what is wrong and lasts."""

    command: tuple[str, ...] | None = _key(
        Maybe(Words()),
        None,
        help="program that is run when alarms begin or end, without a shell; docs/operations.md",
    )
    url: Secret | None = _key(
        Maybe(Hidden(Text("a URL such as https://alerts.example/hook", checks.url))),
        None,
        help="where the same is sent as JSON, by POST; never logged",
    )
    down_after: float = _key(
        Amount(0, _DAY, "seconds"),
        300.0,
        help="seconds that a modem is down, or a number's SIM in no modem, before it is an alarm",
    )
    interval: float = _key(
        Amount(1, _DAY, "seconds"),
        60.0,
        help="seconds at least between two tellings; what changed meanwhile is told at once",
    )
    timeout: float = _key(
        Amount(0, 600, "seconds", open=True), 30.0, help="seconds for the program or the request"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """What is logged."""

    level: str = _key(
        Choice(("error", "warning", "notice", "info", "debug")),
        "info",
        help="least level that is logged",
    )
    show_text: bool = _key(Flag(), False, help="log message texts and PDUs too")
    daily_hour: int | None = _key(
        Maybe(Amount(0, 23, "o'clock", whole=True)),
        8,
        help="local hour of the daily line: what came, what went, what is wrong; null: none",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole config."""

    onlinesim: Onlinesim
    modems: Modems = field(default_factory=Modems)
    numbers: tuple[Number, ...] = ()
    use_sim_number: bool = _key(
        Flag(), True, help="a SIM not listed: use the number stored on it (AT+CNUM)"
    )
    messages: Messages = field(default_factory=Messages)
    identify: Identify = field(default_factory=Identify)
    journal: Journal = field(default_factory=Journal)
    metrics: Metrics = field(default_factory=Metrics)
    alarms: Alarms = field(default_factory=Alarms)
    log: Log = field(default_factory=Log)


SECTIONS: dict[str, type] = {
    "onlinesim": Onlinesim,
    "modems": Modems,
    "messages": Messages,
    "identify": Identify,
    "journal": Journal,
    "metrics": Metrics,
    "alarms": Alarms,
    "log": Log,
}


def keys(record: type) -> Iterator[tuple[Field[Any], Key]]:
    """The keys of one record, in order."""
    for each in fields(record):
        if "key" in each.metadata:
            yield each, each.metadata["key"]


def is_required(each: Field[Any]) -> bool:
    """Whether the key has no default."""
    return each.default is MISSING


def needs_restart(old: Config, new: Config) -> list[str]:
    """The keys whose values differ and that a reload does not change, as `section.key`."""
    return [
        f"{section}.{each.name}"
        for section, record in SECTIONS.items()
        for each, key in keys(record)
        if key.restart
        and getattr(getattr(old, section), each.name) != getattr(getattr(new, section), each.name)
    ]
