"""The systemd unit that serves a config (docs/systemd.md), and where it has the key from. Pure but
for a look at files."""

from __future__ import annotations

import os
import re
from pathlib import Path

from gsmbridge.config.keysource import CREDENTIAL

FOLDER = Path("/etc/gsmbridge")
CREDENTIALS = Path("/run/credentials")
"""Where systemd has the credentials of running services (systemd.exec, Credentials)."""

_LOADED = re.compile(rf"^LoadCredential(?:Encrypted)?=\s*{CREDENTIAL}(?::(.*))?$", re.MULTILINE)


def farm(config: str, folder: Path = FOLDER) -> str:
    """The farm whose config this is: its folder's name, empty for the host's only one."""
    home = Path(config).absolute().parent
    return home.name if home.parent == folder else ""


def service(config: str) -> str:
    """The unit's name."""
    name = farm(config)
    return f"gsmbridge@{name}.service" if name else "gsmbridge.service"


def key_folder(config: str, folder: Path = FOLDER, credentials: Path = CREDENTIALS) -> Path | None:
    """The folder with the key that the unit is given at its next start, else that it was given;
    None where there is none, or not for this user's eyes."""
    for each in (folder / farm(config, folder), credentials / service(config)):
        file = each / CREDENTIAL
        if os.access(file, os.R_OK) and file.stat().st_size:
            return each
    return None


def credential(unit: str) -> Path | None:
    """The file that the key's credential is loaded from, by what `systemctl cat` shows of the
    *unit*; a name alone where systemd looks it up itself; None: the unit loads none."""
    found = _LOADED.findall(unit)
    return Path(found[-1].strip() or CREDENTIAL) if found else None


def why_unseen(credential: Path) -> str | None:
    """Why no key can be seen in a credential's file; None where one can."""
    try:
        return None if credential.read_bytes().strip() else "is empty"
    except FileNotFoundError:
        return "is not there" if credential.is_absolute() else "is systemd's to find"
    except OSError:
        return "this user can't read"
