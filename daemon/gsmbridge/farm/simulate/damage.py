"""What happens to a journal's file while nobody has it open."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

PAGE = 4096


class Damage:
    """To one journal. Its mark of ids lies in a file beside it, and stays."""

    KINDS = ("corrupt", "page", "removed", "restored")

    def __init__(self, journal: Path, rng: random.Random) -> None:
        self._journal = journal
        self._copy = journal.with_name("copy.db")
        self._rng = rng

    def back_up(self) -> None:
        """Make the copy that `restored` goes back to."""
        if not self._journal.exists():
            return
        with (
            closing(sqlite3.connect(self._journal)) as journal,
            closing(sqlite3.connect(self._copy)) as copy,
        ):
            journal.backup(copy)

    def do(self, kind: str) -> None:
        """One of `KINDS`; nothing where there is no journal, or no copy, yet."""
        if self._journal.exists():
            getattr(self, kind)()

    def corrupt(self) -> None:
        """Its beginning is gone."""
        self._overwrite(0)

    def page(self) -> None:
        """Any other page is noise."""
        pages = self._journal.stat().st_size // PAGE
        if pages > 1:
            self._overwrite(self._rng.randrange(1, pages))

    def removed(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            self._journal.with_name(self._journal.name + suffix).unlink(missing_ok=True)

    def restored(self) -> None:
        """From an older copy."""
        if self._copy.exists():
            self.removed()
            self._journal.write_bytes(self._copy.read_bytes())

    def _overwrite(self, page: int) -> None:
        with self._journal.open("r+b") as file:
            file.seek(page * PAGE)
            file.write(self._rng.randbytes(PAGE))
