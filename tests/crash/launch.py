"""How a launcher starts the daemon: as `gsmbridge run` does, with a class of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TypeVar

from gsmbridge.config.load import load
from gsmbridge.errors import GsmbridgeError
from gsmbridge.service.daemon import _Daemon, _set_limits
from gsmbridge.service.log import level_of, open_log

D = TypeVar("D", bound=_Daemon)


def daemon(kind: type[D], path: str) -> D:
    """One with the config at *path*."""
    config = load(path, os.environ)
    _set_limits()
    log = open_log(os.environ, level_of(config.log.level), config.log.show_text)
    return kind(path, config, log)


def serve(daemon: _Daemon) -> int:
    """Its exit status."""
    try:
        return asyncio.run(daemon.run())
    except GsmbridgeError as error:
        print(f"gsmbridge: {error}", file=sys.stderr)
        return error.exit_code
