"""A SIM's own number in what its network says: found only where there is no doubt.

A wrong line in the config would send one client's codes to another, so a text that can be read
in two ways gives no number. The operator sees the text and decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gsmbridge.modem.numbering import Plan, plan_of

_DATE_OR_TIME = re.compile(
    r"(?<!\d)(?:\d{1,4}([./:])\d{1,2}(?:\1\d{1,4})?"
    r"|(?:19|20)\d\d-[01]\d-[0-3]\d|[0-3]\d-[01]\d-(?:19|20)\d\d)(?!\d)"
)
_AMOUNT = re.compile(r"(?<!\d)\d+[.,]\d{1,4}(?!\d)")
_CODE = re.compile(r"[*#][\d*#]+|/\d+")
_RUN = re.compile(r"\+?\d+(?:[ \u00a0()\u2010-\u2014-]{1,3}\d+)*")
_GROUP = re.compile(r"\+?\d+")
_INTERNATIONAL = re.compile(r"[1-9]\d{7,14}")


def own_number(text: str, imsi: str | None) -> str | None:
    """The number, as digits with country code, that *text* names for the SIM with *imsi*.

    Numbers are read by the plan of the SIM's country, written as anybody does there: `+7 903
    123-45-67`, `8 (903) 1234567`, `79031234567`, `9031234567`. Without a plan only those with a
    plus count. None where there is none, or more than one.
    """
    found = set(_numbers(_without_others(text), plan_of(imsi)))
    return found.pop() if len(found) == 1 else None


def digits_of(sender: str) -> str | None:
    """The digits of an international number as the network gives senders; None if it is none."""
    digits = sender.removeprefix("+")
    international = sender.startswith("+") and _INTERNATIONAL.fullmatch(digits)
    return digits if international else None


def _without_others(text: str) -> str:
    """*text* without dates, times, amounts and service codes."""
    for other in (_CODE, _DATE_OR_TIME, _AMOUNT):
        text = other.sub("\n", text)
    return text


def _numbers(text: str, plan: Plan | None) -> Iterator[str]:
    """Every way to read a number of *plan* out of groups that stand together."""
    for run in _RUN.finditer(text):
        groups = _GROUP.findall(run[0])
        for first in range(len(groups)):
            for last in range(first, len(groups)):
                if any(group.startswith("+") for group in groups[first + 1 : last + 1]):
                    break
                number = _international("".join(groups[first : last + 1]), plan)
                if number is not None:
                    yield number


def _international(written: str, plan: Plan | None) -> str | None:
    """*written* as digits with country code; None if it is no number of *plan*."""
    digits = written.removeprefix("+")
    plus = written.startswith("+")
    if plan is None:
        return digits if plus and _INTERNATIONAL.fullmatch(digits) else None
    prefixes = [plan.country_code]
    if not plus:
        prefixes += ["00" + plan.country_code, plan.trunk, ""]
    for prefix in prefixes:
        national = digits.removeprefix(prefix) if digits.startswith(prefix) else ""
        if plan.mobile.fullmatch(national):
            return plan.country_code + national
    return None
