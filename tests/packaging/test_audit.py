"""`make audit`: a hole, an all-clear, and what is neither."""

from __future__ import annotations

import json

from package.audit import FOUND, UNKNOWN, Findings, take, verdict

PINS = ["h11==0.16.0", "boolean.py==5.0", "PyYAML==6.0.4"]


def answer(*dependencies: dict[str, object]) -> str:
    return json.dumps({"dependencies": dependencies, "fixes": []})


def clean(name: str, version: str) -> dict[str, object]:
    return {"name": name, "version": version, "vulns": []}


def test_all_known_and_no_hole_is_an_all_clear() -> None:
    findings = Findings()
    take(findings, answer(clean("h11", "0.16.0"), clean("boolean-py", "5.0")))
    take(findings, answer(clean("pyyaml", "6.0.4")))
    assert verdict(findings, PINS) == (
        0,
        ["3 libraries checked, 0 holes known, 0 libraries not checked"],
    )


def test_a_hole_is_named_with_what_mends_it() -> None:
    findings = Findings()
    hole = {"id": "CVE-2025-43859", "fix_versions": ["0.16.0"], "aliases": []}
    take(findings, answer({"name": "h11", "version": "0.14.0", "vulns": [hole]}))
    status, lines = verdict(findings, ["h11==0.14.0", *PINS[1:]])
    assert status == FOUND
    assert lines[0] == "h11==0.14.0: CVE-2025-43859, mended in 0.16.0"


def test_what_no_source_knows_is_no_all_clear() -> None:
    findings = Findings()
    skipped = {"name": "pyyaml", "version": "6.0.4", "skip_reason": "not found"}
    take(findings, answer(clean("h11", "0.16.0"), skipped))
    take(findings, "")
    status, lines = verdict(findings, PINS)
    assert status == UNKNOWN
    assert lines[0] == "not checked, pypi and osv did not tell: boolean.py==5.0, PyYAML==6.0.4"


def test_where_no_source_can_be_reached_nothing_is_claimed() -> None:
    findings = Findings()
    take(findings, "")
    assert verdict(findings, PINS) == (
        UNKNOWN,
        [
            "not checked, pypi and osv did not tell: all",
            "0 libraries checked, 0 holes known, 3 libraries not checked",
        ],
    )
