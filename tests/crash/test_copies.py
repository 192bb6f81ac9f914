"""One journal twice: two daemons on it, a backup put back, a card that was copied."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from gsmbridge.farm.partner_script import Reply
from gsmbridge.farm.stage import Daemon
from gsmbridge.message import State
from gsmbridge.service.machine import identity
from tests.endtoend.scene import OK, Scene, answering, played, playing


def by_folder_link(state: Path, elsewhere: Path) -> Path:
    elsewhere.symlink_to(state)
    return elsewhere / "journal.db"


def by_file_link(state: Path, elsewhere: Path) -> Path:
    elsewhere.mkdir()
    (elsewhere / "other.db").symlink_to(state / "journal.db")
    return elsewhere / "other.db"


def by_dots(state: Path, elsewhere: Path) -> Path:
    return state / ".." / state.name / "journal.db"


WAYS = {"its folder's link": by_folder_link, "its link": by_file_link, "dots": by_dots}


async def second_on(scene: Scene, journal: Path) -> tuple[int, str]:
    """What becomes of another daemon on *journal*: exit status, and what it says."""
    config = scene.folder / "second.yaml"
    text = scene.config.read_text().replace(str(scene.journal), str(journal))
    assert str(journal) in text
    config.write_text(text)
    config.chmod(0o600)
    lines: list[str] = []
    daemon = Daemon(config, lines.append)
    await daemon.start()
    assert daemon.process is not None
    try:
        async with asyncio.timeout(20):
            status = await daemon.process.wait()
    finally:
        await daemon.end(signal.SIGKILL)
    return status, "\n".join(lines)


@pytest.mark.parametrize("way", WAYS)
@played
async def test_a_second_daemon_is_refused_also_where_another_path_leads_to_the_journal(
    way: str, tmp_path: Path
) -> None:
    async with playing(tmp_path) as scene:
        await scene.start()
        journal = WAYS[way](scene.journal.parent, tmp_path / "elsewhere")
        status, said = await second_on(scene, journal)
        assert status == 1
        assert f"in use by process {scene.pid}" in said
        scene.send(0, "still served")
        await scene.pushed(1)
        await scene.quiet()


@contextmanager
def bound(folder: Path, to: Path) -> Iterator[None]:
    """*folder* seen at *to* as well; skips the test where that isn't allowed."""
    to.mkdir()
    command = ["mount", "--bind", str(folder), str(to)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("mounting is not allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(to)], check=True)


@played
async def test_a_second_daemon_is_refused_through_a_bind_mount(tmp_path: Path) -> None:
    async with playing(tmp_path) as scene:
        await scene.start()
        with bound(scene.journal.parent, tmp_path / "mounted"):
            status, said = await second_on(scene, tmp_path / "mounted" / "journal.db")
        assert status == 1
        assert f"in use by process {scene.pid}" in said


@played
async def test_a_journal_behind_a_link_keeps_all_its_files_where_it_is(tmp_path: Path) -> None:
    async with playing(tmp_path) as scene:
        disk = tmp_path / "disk"
        disk.mkdir()
        scene.journal.parent.mkdir()
        scene.journal.symlink_to(disk / "journal.db")
        await scene.start()
        scene.send(0, "through the link")
        await scene.pushed(1)
        await scene.quiet()
        await scene.kill()
        assert {"journal.db", "journal.db.ids", "journal.db.lock"} <= names(disk)
        assert names(scene.journal.parent) <= {"journal.db", "control.sock"}
        await scene.start()
        assert scene.verdict().clean


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def back_up(scene: Scene, to: Path) -> None:
    """As docs/operations.md says: with SQLite's own backup, while the daemon works."""
    with closing(sqlite3.connect(scene.journal)) as db, closing(sqlite3.connect(to)) as target:
        db.backup(target)


def put_back(scene: Scene, backup: Path) -> None:
    for file in scene.journal.parent.glob("journal.db*"):
        file.unlink()
    shutil.copy(backup, scene.journal)


@played
async def test_a_backup_put_back_gives_no_id_twice_and_pushes_again_only_what_waited_in_it(
    tmp_path: Path,
) -> None:
    """The limit: what waited when the backup was made, and was delivered since, is pushed once
    more, with the same smsId and bytes. Nobody can know."""
    async with playing(tmp_path, script=answering(Reply(500), OK)) as scene:
        await scene.start()
        scene.send(0, "delivered before")
        await scene.pushed(2)
        await scene.quiet()
        scene.send(0, "waits in the backup")
        await scene.until(lambda: bool(scene.pushes("waits in the backup")), "its first attempt")
        await asyncio.sleep(0.3)
        back_up(scene, tmp_path / "backup.db")
        await scene.quiet()
        scene.send(1, "came and went since")
        await scene.quiet()
        assert await scene.stop() == 0
        put_back(scene, tmp_path / "backup.db")
        known = len(scene.pushes())
        await scene.start()
        scene.send(1, "new")
        await scene.pushed(known + 3)
        await scene.quiet()
        again = {push.request.text for push in scene.pushes()[known:]}
        assert again == {"waits in the backup", "new"}
        verdict = scene.verdict()
        assert {each.kind for each in verdict.violations} <= {"repeated"}
        repeated = scene.pushes("waits in the backup")
        assert len({push.body for push in repeated}) == 1
        ids = {push.request.text: push.request.sms_id for push in scene.pushes()}
        assert len(set(ids.values())) == len(ids) == 4
        assert set((await scene.states()).values()) == {State.DELIVERED}


@pytest.mark.skipif(not identity(), reason="nothing tells which machine this is")
@played
async def test_a_copied_card_in_another_machine_gives_out_other_ids_and_says_so(
    tmp_path: Path,
) -> None:
    async with playing(tmp_path) as scene:
        await scene.start()
        scene.send(0, "on the first machine")
        await scene.quiet()
        assert await scene.stop() == 0
        assert not scene.said("comes from another machine")
        with closing(sqlite3.connect(scene.journal)) as db:  # the copy was made elsewhere
            assert db.execute("UPDATE meta SET value = 'x' WHERE key = 'machine'").rowcount == 1
            db.commit()
        await scene.start()
        assert scene.said("comes from another machine") == 1
        scene.send(0, "on the second machine")
        await scene.quiet()
        first, second = (push.request.sms_id for push in scene.pushes())
        assert second - first > 365 * 86400
        await scene.kill()
        await scene.start()
        assert scene.said("comes from another machine") == 1
        assert scene.verdict().clean
