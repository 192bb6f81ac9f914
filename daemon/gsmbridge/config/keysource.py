"""Where the API key comes from.

In this order: `key`, `key_file`, the environment's GSMBRIDGE_ONLINESIM_KEY, systemd's credential
`onlinesim-key`. The config's own word comes first, so that editing it and a reload are enough. A
credential that is empty is none: the unit loads one whether or not somebody uses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gsmbridge.config.checks import api_key
from gsmbridge.config.document import Mistakes
from gsmbridge.config.secret import Secret
from gsmbridge.errors import ConfigError

ENVIRONMENT = "GSMBRIDGE_ONLINESIM_KEY"
CREDENTIAL = "onlinesim-key"
_PLACE = "onlinesim.key"


def find_key(
    values: Mapping[str, Any], environ: Mapping[str, str], mistakes: Mistakes
) -> Secret | None:
    """The key, or None with the mistake added."""
    key, file = values.get("key"), values.get("key_file")
    if key is None or "key_file" not in values:
        return None  # wrong as written: that mistake is told already
    if key.reveal() and file:
        mistakes.add("onlinesim.key_file", "is given beside key", "keep one of them")
        return None
    if key.reveal():
        return Secret(key.reveal())
    if file:
        return _from_file(Path(file), "onlinesim.key_file", mistakes)
    if environ.get(ENVIRONMENT):
        return _checked(environ[ENVIRONMENT], _PLACE, f"in {ENVIRONMENT}", mistakes)
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if folder and _has_content(Path(folder) / CREDENTIAL):
        return _from_file(Path(folder) / CREDENTIAL, _PLACE, mistakes)
    mistakes.add(
        _PLACE,
        "is missing",
        f"give key, key_file, the environment's {ENVIRONMENT} or the credential {CREDENTIAL}"
        f" (/etc/gsmbridge/{CREDENTIAL})",
    )
    return None


def is_missing(error: ConfigError) -> bool:
    """Whether all that is wrong is that no key is to be seen."""
    return all(f": {_PLACE}: is missing" in told for told in error.mistakes)


def _has_content(file: Path) -> bool:
    try:
        return bool(file.read_bytes().strip())
    except FileNotFoundError:
        return False
    except OSError:
        return True  # there is something; why it can't be read is told then


def _from_file(path: Path, place: str, mistakes: Mistakes) -> Secret | None:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        mistakes.add(place, f"{path}: {why}", "give a file that the user gsmbridge can read")
        return None
    except UnicodeDecodeError:
        mistakes.add(place, f"{path} is not UTF-8", "the file must hold the key alone")
        return None
    return _checked(text.removesuffix("\n").removesuffix("\r"), place, f"in {path}", mistakes)


def _checked(text: str, place: str, where: str, mistakes: Mistakes) -> Secret | None:
    try:
        if not text:
            raise ConfigError(("is empty",))
        return Secret(api_key(text))
    except ConfigError as error:
        mistakes.add(place, f"the key {where} {error.message}", "give the key alone, on one line")
        return None
