"""The config, cut into what each layer goes by."""

from __future__ import annotations

from gsmbridge.config.schema import Config
from gsmbridge.forwarding.push import ForwardingSettings
from gsmbridge.iccid import SHORTEST
from gsmbridge.journal.rules import Rules
from gsmbridge.modem.status import ModemSettings
from gsmbridge.numbers import Listed, Numbers
from gsmbridge.onlinesim.client import ClientSettings


def numbers(config: Config) -> Numbers:
    rows = tuple(Listed(row.phone, row.iccid, row.imsi, row.enabled) for row in config.numbers)
    return Numbers(rows, config.use_sim_number)


def rules(config: Config) -> Rules:
    return Rules(
        numbers=numbers(config),
        retry_interval=config.onlinesim.retry_interval,
        multipart_timeout=config.messages.multipart_timeout,
        max_stored_age=config.messages.max_stored_age,
        sim_full=config.messages.sim_full,
        keep_text=config.messages.keep_text,
        keep_days=config.messages.keep_days,
        strip_plus=config.onlinesim.phone_from_plus == "strip",
    )


def forwarding(config: Config) -> ForwardingSettings:
    return ForwardingSettings(
        retry_interval=config.onlinesim.retry_interval,
        max_in_flight=config.onlinesim.max_in_flight,
        terminal_errors=config.onlinesim.terminal_errors,
    )


def client(config: Config) -> ClientSettings:
    return ClientSettings(
        url=config.onlinesim.url,
        connect_timeout=config.onlinesim.connect_timeout,
        timeout=config.onlinesim.timeout,
        ca_file=config.onlinesim.ca_file,
        proxy=config.onlinesim.proxy,
        user_agent=config.onlinesim.user_agent,
        allow_http=config.onlinesim.allow_http,
        terminal_errors=config.onlinesim.terminal_errors,
    )


def modems(config: Config) -> ModemSettings:
    listed = numbers(config)
    pins = {row.phone: row.pin.reveal() for row in config.numbers if row.pin is not None}

    def pin(iccid: str) -> str | None:
        row = listed.listed(iccid, None)
        if row is None or row.iccid is None:
            return None
        cut = row.iccid != iccid and SHORTEST in (len(row.iccid), len(iccid))
        return None if cut else pins.get(row.phone)  # it may be a neighbour's

    return ModemSettings(
        poll_interval=config.modems.poll_interval,
        command_timeout=config.modems.command_timeout,
        baudrate=config.modems.baudrate,
        usb_reset=config.modems.usb_reset,
        silent_after=config.modems.silent_after,
        pin=pin,
    )
