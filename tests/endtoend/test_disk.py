"""A journal that can't be written: nothing is lost, nothing is said twice, it goes on by itself."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from tests.endtoend.scene import Scene, played, playing


def limit_files(scene: Scene, octets: int) -> None:
    """No file of the daemon may grow beyond *octets*: as good as a full disk."""
    _, hard = resource.prlimit(scene.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(scene.pid, resource.RLIMIT_FSIZE, (octets, hard))


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs Linux")
@played
async def test_with_the_disk_full_nothing_is_read_and_everything_follows_later(
    tmp_path: Path,
) -> None:
    async with playing(tmp_path, 2) as scene:
        await scene.start()
        scene.send(0, "before")
        await scene.quiet()
        limit_files(scene, 1024)
        for number in range(6):
            scene.send(number % 2, f"while it is full {number}")
        await scene.hears("journal can't be written")
        assert [push.request.text for push in scene.pushes()] == ["before"]
        assert any("journal" in alarm for alarm in (await scene.asked("status"))["alarms"])
        limit_files(scene, resource.RLIM_INFINITY)
        await scene.quiet()
        await scene.hears("journal is written again")
        verdict = scene.verdict()
        assert verdict.clean, verdict.violations
        assert verdict.delivered == verdict.pushes == 7


@played
async def test_a_broken_journal_is_set_aside_and_nothing_is_pushed_under_an_old_id(
    tmp_path: Path,
) -> None:
    async with playing(tmp_path, 1) as scene:
        await scene.start()
        scene.send(0, "before")
        await scene.quiet()
        await scene.stop()
        scene.journal.write_bytes(b"this is no database" * 1000)
        scene.send(0, "after")
        await scene.start()
        await scene.quiet()
        first, second = scene.pushes()
        assert second.request.sms_id > first.request.sms_id
        await scene.hears("journal was corrupt")
        assert [path for path in scene.journal.parent.iterdir() if "corrupt" in path.name]
