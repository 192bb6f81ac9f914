"""What goes wrong with a simulated modem by chance: of `farm.faults.KINDS`, how often and how."""

from __future__ import annotations

import random
from collections.abc import Callable

COMMANDS = ("AT+CMGL", "AT+CPMS", "AT+CIMI", "AT+CGSN", "AT+CMGF", "AT+CMGD", "AT+CMGR", "AT")
"""Faults may wait for one of these, and strike just before or after it takes effect."""
SILENT = ("remove_sim", "overwrite", "other_store")
"""What must not fall between AT+CMGR and AT+CMGD: without a word from the modem, that gap cannot
be closed by anybody (I2)."""
APART = ("AT+CMGL", "AT+CPMS", "AT+CIMI", "AT+CGSN", "AT+CMGF=")
"""Commands that never stand in that gap (AT+CMGF? may: the channel asks it to get in step)."""

Details = Callable[[random.Random], dict[str, object]]


def _for(longest: float, **more: object) -> Details:
    return lambda rng: {"seconds": 1.0 + longest * rng.random() ** 2, **more}


FAULTS: dict[str, tuple[float, Details]] = {
    "hang": (2.0, lambda rng: {"seconds": rng.choice((900.0, 900.0, 900.0, 7200.0)) * rng.random(),
                               "chatter": rng.random() < 0.5,
                               "revive": rng.choice(("", "esc", "cfun")),
                               "late": rng.random() < 0.3}),
    "prompt": (1.0, lambda rng: {}),
    "noise": (1.0, lambda rng: {"octets": rng.randint(1, 400)}),
    "storm": (1.0, _for(120.0)),
    "pieces": (1.0, _for(300.0)),
    "lumps": (1.0, _for(300.0)),
    "slow": (1.0, lambda rng: {"seconds": rng.uniform(5, 300), "delay": rng.uniform(0.1, 25)}),
    "echo": (1.0, lambda rng: {}),
    "reboot": (2.0, lambda rng: {}),
    "unplug": (2.0, lambda rng: {"seconds": rng.choice((0.5, 3.0, 30.0, 600.0, 7200.0)),
                                 "rename": rng.random() < 0.5}),
    "swap_ports": (1.0, lambda rng: {}),
    "remove_sim": (1.0, lambda rng: {"seconds": rng.uniform(1, 900),
                                     "noticed": rng.random() < 0.5}),
    "arrive": (1.0, lambda rng: {"text": f"in between {rng.random()}"}),
    "overwrite": (0.5, lambda rng: {"text": f"in its place {rng.random()}"}),
    "delete": (1.0, lambda rng: {"how": rng.choice(("lie", "deny")),
                                 "seconds": rng.uniform(10, 300)}),
    "announce": (3.0, lambda rng: {
        "how": rng.choice(("never", "twice", "late", "wrong", "minus_one")),
        "seconds": rng.uniform(60, 1200)}),
    "reticent": (1.0, lambda rng: {"what": rng.choice(("iccid", "imsi", "number")),
                                   "seconds": rng.choice((5.0, 60.0)) * rng.random()}),
    "into_me": (0.5, _for(300.0)),
    "direct": (0.5, _for(600.0)),
    "text_mode": (0.5, _for(300.0)),
    "other_store": (1.0, lambda rng: {"reads_only": rng.random() < 0.5}),
    "no_service": (1.0, lambda rng: {
        "how": rng.choice(("searching", "denied", "barred")),
        "seconds": 1.0 + 5 * 3600.0 * rng.random() ** 3}),
    "fill": (0.5, lambda rng: {"leave": rng.randint(0, 4)}),
}  # fmt: skip
"""Weight, and what is drawn for its parameters."""


def draw(rng: random.Random) -> tuple[str, dict[str, object]]:
    """A kind of fault and its details; three in ten wait for a command."""
    kind = rng.choices(list(FAULTS), [weight for weight, _ in FAULTS.values()])[0]
    details = FAULTS[kind][1](rng)
    if rng.random() < 0.3:
        details["on"] = rng.choice(APART if kind in SILENT else COMMANDS)
        details["before"] = rng.random() < 0.5
    return kind, details
