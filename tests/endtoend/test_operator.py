"""What the operator sees of the real daemon: alarms that reach somebody, a message's history."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from gsmbridge.farm.partner_script import Reply
from tests.endtoend.scene import OK, answering, played, playing

FORBIDDEN = Reply(status=403, body="ERROR_WRONG_KEY")


def told(folder: Path) -> list[dict[str, Any]]:
    """What the alarm program was given so far."""
    files = sorted((folder / "told").glob("*.json"))
    return [json.loads(file.read_text()) for file in files]


def changes(folder: Path, which: str) -> set[tuple[str, str]]:
    return {(a["kind"], a["subject"]) for notice in told(folder) for a in notice[which]}


def program(folder: Path) -> list[str]:
    """A program that keeps what it is given."""
    (folder / "told").mkdir()
    script = folder / "tell.py"
    script.write_text(
        "import os, sys, time, pathlib\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "assert 'GSMBRIDGE_SUBJECT' in os.environ\n"
        "draft = folder / 'draft'\n"
        "draft.write_text(sys.stdin.read())\n"
        "draft.rename(folder / f'{time.time():020.6f}.json')\n"
    )
    return [sys.executable, str(script), str(folder / "told")]


@played
async def test_alarms_reach_somebody_and_so_does_their_end(tmp_path: Path) -> None:
    alarms = {"command": program(tmp_path), "interval": 1, "down_after": 1}
    async with playing(tmp_path, 2, script=lambda _: FORBIDDEN, alarms=alarms) as scene:
        await scene.start()
        scene.send(0, "secret 4711")
        scene.ptys.unplug(scene.farm.modems[1])
        phone = scene.farm.sims[1].msisdn
        expected = {("partner_key", ""), ("number_missing", phone)}
        await scene.until(lambda: changes(tmp_path, "began") == expected, "the beginning is told")
        status = await scene.asked("status")
        assert {(a["kind"], a["subject"]) for a in status["standing"]} == expected
        assert status["alarms"] == [alarm["what"] for alarm in status["standing"]]
        assert scene.said("alarm: ") == 2
        scene.partner.script = lambda _: OK
        scene.ptys.plug(scene.farm.modems[1], "modem7")
        await scene.until(lambda: changes(tmp_path, "ended") == expected, "the end is told")
        await scene.until(lambda: scene.said("alarm is over after") == 2, "the end is logged")
        assert "4711" not in str(told(tmp_path))


@played
async def test_the_running_daemon_tells_one_messages_life(tmp_path: Path) -> None:
    script = answering(Reply(status=503), OK)
    async with playing(tmp_path, 1, script=script) as scene:
        await scene.start()
        scene.send(0, "a message")
        await scene.quiet()
        (sms_id,) = await scene.states()
        (message,) = (await scene.asked("messages", "--id", str(sms_id)))["messages"]
        assert [step["kind"] for step in message["steps"]] == [
            "read", "whole", "failed", "answered 200", "freed",
        ]  # fmt: skip
        assert message["steps"][2]["status"] == 503
        assert all(step["ms"] is not None for step in message["steps"][2:4])
        status, out, _ = await scene.command("messages", "--id", str(sms_id))
        assert status == 0
        assert "attempt 1 failed (HTTP 503" in out
        assert "attempt 2 delivered it (HTTP 200" in out
