"""What a disk may hold after a power cut; and nothing escapes who records what is done to it."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gsmbridge.farm.platter import (
    SECTOR,
    Created,
    Event,
    FolderSynced,
    Image,
    Platter,
    Removed,
    Renamed,
    Resized,
    Synced,
    Written,
    read,
)
from gsmbridge.farm.recorder import Unavailable, watching
from gsmbridge.journal.ids import HighWater

OLD, NEW = b"o" * 3 * SECTOR, b"n" * 3 * SECTOR


def images(*events: Event, base: Image | None = None) -> list[Image]:
    """What many cuts after *events* leave."""
    platter = Platter({"file": OLD} if base is None else base)
    for event in events:
        platter.do(event)
    return [platter.after_cut(random.Random(seed)) for seed in range(300)]


def test_what_was_synced_is_there() -> None:
    assert images(Written("file", 0, NEW), Synced("file")) == [{"file": NEW}] * 300


def test_of_a_write_that_was_not_synced_any_sectors_may_have_arrived() -> None:
    found = {image["file"] for image in images(Written("file", 0, NEW))}
    assert {OLD, NEW} < found
    assert any(content[:1] == b"o" and content[-1:] == b"n" for content in found), "any order"
    assert any(set(content) - set(OLD + NEW) for content in found), "garbage"


def test_nothing_beside_what_was_written_is_touched() -> None:
    for image in images(Written("file", 700, b"n" * 100)):
        content = image["file"]
        assert content[:700] + content[800:] == OLD[:700] + OLD[800:]


def test_a_file_that_grew_may_be_longer_without_what_was_written() -> None:
    found = {image["file"] for image in images(Written("file", len(OLD), NEW))}
    assert {OLD, OLD + NEW, OLD + bytes(len(NEW))} < found


def test_a_truncation_may_not_have_happened() -> None:
    assert {image["file"] for image in images(Resized("file", 0))} == {b"", OLD}


def test_a_new_name_is_there_for_certain_only_when_its_folder_is_synced() -> None:
    made = (Created("new"), Written("new", 0, NEW), Synced("new"))
    assert {"new" in image for image in images(*made)} == {True, False}
    assert all(image["new"] == NEW for image in images(*made, FolderSynced()))


def test_a_rename_happens_as_a_whole_or_not() -> None:
    base = {"file": OLD, "new": NEW}
    found = images(Renamed("new", "file"), base=base)
    assert all(image in (base, {"file": NEW}) for image in found)
    assert base in found and {"file": NEW} in found


def test_a_removal_may_not_have_happened() -> None:
    assert {len(image) for image in images(Removed("file"))} == {0, 1}


def test_what_is_recorded_is_what_is_in_the_folder(tmp_path: Path) -> None:
    platter = Platter({})
    try:
        with watching(tmp_path, platter.do):
            mark = HighWater(tmp_path / "ids")
            with closing(sqlite3.connect(tmp_path / "db", isolation_level=None)) as db:
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("CREATE TABLE numbers (number)")
                for number in range(60):
                    db.execute("INSERT INTO numbers VALUES (?)", (f"{number}" * 300,))
                    mark.write(number)
                assert platter.now() == read(tmp_path)
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                db.execute("DELETE FROM numbers")
                assert platter.now() == read(tmp_path)
            assert platter.now() == read(tmp_path)
    except Unavailable as reason:
        pytest.skip(str(reason))
    assert set(read(tmp_path)) == {"db", "ids"}
