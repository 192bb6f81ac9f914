"""What a moment of the bridge is shown with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gsmbridge.journal.journal import Journal
from gsmbridge.journal.rules import Rules
from gsmbridge.service.web.snapshot import Snapshot, numbered
from tests.journal.desk import PHONE, RULES, Desk, seen
from tests.web.sight import CALM, READY

UNPROVED = replace(READY, sim=None)


def test_a_modem_has_the_number_of_now_and_the_one_it_was_told_while_nobody_knows(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        now = replace(CALM, modems=(replace(READY, sim=sim, phone="before"), UNPROVED))

        def shown(path: Path, rules: Rules) -> list[str | None]:
            found: Snapshot = numbered(now, path, rules)
            return [modem.phone for modem in found.modems]

        assert shown(desk.path, RULES) == [PHONE, UNPROVED.phone]
        assert shown(desk.path, Rules()) == [None, UNPROVED.phone]
        assert shown(tmp_path / "nowhere.db", RULES) == ["before", UNPROVED.phone]

    desk.work(main)
