"""The partner's server: reachable, with a certificate that fits. Nothing is pushed."""

from __future__ import annotations

from gsmbridge.config.schema import Config
from gsmbridge.doctor.finding import Finding, fail, ok
from gsmbridge.errors import ConfigError, PartnerError
from gsmbridge.onlinesim.client import Client
from gsmbridge.service import settings
from gsmbridge.service.trial import SILENCE


async def reach(config: Config) -> tuple[Finding, str | None]:
    """Whether a push could be begun, and the server's Date."""
    try:
        client = Client(settings.client(config))
    except ConfigError as error:
        return fail("partner", error.mistakes[0], "correct it"), None
    try:
        date = await client.probe()
    except PartnerError as error:
        return fail("partner", error.message, SILENCE.get(error.kind, "ask the partner")), None
    finally:
        await client.close()
    how = "" if config.onlinesim.url.startswith("https:") else ", without TLS"
    return ok("partner", f"the server can be reached{how}"), date
