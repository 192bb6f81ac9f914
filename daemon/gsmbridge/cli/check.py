"""`gsmbridge check`."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from gsmbridge.cli.command import Command, config_of

if TYPE_CHECKING:
    from gsmbridge.config.schema import Config


def _run(args: Namespace) -> int:
    from gsmbridge.onlinesim.address import partner_address
    from gsmbridge.onlinesim.client import tls_context

    config = _config(args)
    if partner_address(config.onlinesim.url, config.onlinesim.allow_http).tls:
        tls_context(config.onlinesim.ca_file)  # without it the daemon refuses to start
    rows = len(config.numbers)
    print(f"{args.config}: valid, {rows} number{'' if rows == 1 else 's'}")
    return 0


def _config(args: Namespace) -> Config:
    """A key that is not to be seen may be the service's own: that is said, and no mistake."""
    import sys

    from gsmbridge.config.keysource import is_missing
    from gsmbridge.doctor.machine import Machine
    from gsmbridge.errors import ConfigError
    from gsmbridge.service import unit

    try:
        return config_of(args)
    except ConfigError as error:
        service = unit.service(args.config)
        source = Machine().credential(service) if is_missing(error) else None
        if source is None:
            raise
    why = unit.why_unseen(source) or "has it"
    told = f"onlinesim.key: is not in the config; {service} takes it from {source}, which {why}"
    print(f"{args.config}: warning: {told}", file=sys.stderr)
    return config_of(args, with_key=False)


COMMAND = Command(
    name="check",
    help="validate the config; opens no port and no journal",
    description="Validate the config and name every mistake in it, one a line:\n"
    "file:line: key: what is wrong; what is allowed.",
    examples=("gsmbridge check", "gsmbridge check --config ./config.yaml"),
    statuses=(
        (0, "the config is valid; it warns of a key that only the service sees"),
        (78, "it has mistakes, or cannot be read"),
    ),
    run=_run,
)
