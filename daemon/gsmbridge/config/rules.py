"""What must hold between keys."""

from __future__ import annotations

from typing import Any

from gsmbridge.config.checks import is_loopback, is_loopback_host
from gsmbridge.config.document import Mistakes


def check(
    sections: dict[str, dict[str, Any]], rows: list[dict[str, Any]], mistakes: Mistakes
) -> None:
    """Add what is wrong between keys; values that are wrong by themselves are absent."""
    _partner(sections["onlinesim"], mistakes)
    _page(sections["metrics"], mistakes)
    for index, row in enumerate(rows):
        _row(f"numbers[{index}]", row, mistakes)
    for name in ("phone", "imsi", "iccid"):
        _unique(name, rows, mistakes)


def _partner(values: dict[str, Any], mistakes: Mistakes) -> None:
    url = values.get("url", "")
    if url.startswith("http:") and not is_loopback(url) and not values.get("allow_http", True):
        mistakes.add(
            "onlinesim.url",
            "is http, which sends the key openly",
            "give an https:// URL, or set allow_http: true",
        )
    index, count = values.get("host_index", 0), values.get("host_count", 1000)
    if index >= count:
        mistakes.add(
            "onlinesim.host_index",
            f"is {index} with host_count {count}",
            f"give a whole number from 0 to {count - 1}",
        )


def _page(values: dict[str, Any], mistakes: Mistakes) -> None:
    if not values.get("page", False) or "listen" not in values:
        return
    if values["listen"] is None:
        mistakes.add(
            "metrics.page", "is true with nowhere to serve it", "give metrics.listen an address"
        )
    elif not is_loopback_host(values["listen"][0]) and not values.get("page_anywhere", True):
        mistakes.add(
            "metrics.page",
            "would show numbers and modems to whoever reaches metrics.listen",
            "listen on 127.0.0.1, or set page_anywhere: true",
        )


def _row(where: str, row: dict[str, Any], mistakes: Mistakes) -> None:
    iccid, imsi = row.get("iccid", ""), row.get("imsi", "")
    if iccid is None and imsi is None:
        mistakes.add(where, "names no SIM", "give iccid or imsi")
    if row.get("pin") is not None and iccid is None:
        mistakes.add(f"{where}.pin", "is given without iccid", "give the iccid of the SIM too")


def _unique(name: str, rows: list[dict[str, Any]], mistakes: Mistakes) -> None:
    """One value, one row. An ICCID written without its last digits is the same as one with them."""
    whole: dict[str, int] = {}
    begun: dict[str, int] = {}
    for index, row in enumerate(rows):
        value = row.get(name)
        if value is None:
            continue
        starts = [value[:length] for length in range(18, len(value))]
        first = next((whole[form] for form in [value, *starts] if form in whole), begun.get(value))
        whole.setdefault(value, index)
        for start in starts:
            begun.setdefault(start, index)
        if first is not None:
            mistakes.add(
                f"numbers[{index}].{name}",
                f"{value} is in line {mistakes.line(f'numbers[{first}].{name}')} already",
                f"each {name} belongs to one row",
            )
