"""Service centre time stamp: TP-SCTS, 23.040, 9.2.3.11."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

_CENTURY_PIVOT = 90
_FARTHEST_ZONE = 14 * 4
"""Quarters of an hour: no place on earth is farther from UTC."""


def time_stamp(scts: bytes) -> datetime | None:
    """Seven octets as an aware datetime.

    None if a digit exceeds 9, there is no such date or the zone is absurd: some centres send zeros.
    """
    digits = [digit for octet in scts for digit in (octet & 0x0F, octet >> 4)]
    negative = digits[12] & 0x08
    digits[12] &= 0x07
    if max(digits) > 9:
        return None
    year, month, day, hour, minute, second, quarters = (
        10 * tens + units for tens, units in zip(digits[::2], digits[1::2], strict=True)
    )
    if quarters > _FARTHEST_ZONE:
        return None
    year += 1900 if year >= _CENTURY_PIVOT else 2000
    zone = timezone(timedelta(minutes=15 * (-quarters if negative else quarters)))
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
