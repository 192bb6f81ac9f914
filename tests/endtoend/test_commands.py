"""The commands, beside a running daemon and without one."""

from __future__ import annotations

import json
from pathlib import Path

from gsmbridge.farm.partner_script import NAMED, Reply, Request
from tests.endtoend.scene import OK, QUICK, QUICK_HUAWEI, played, playing

COMMANDS = ("status", "messages", "scan")


@played
async def test_status_tells_of_the_last_sms_that_lay_on_a_sim_and_after_a_restart(
    tmp_path: Path,
) -> None:
    async with playing(tmp_path, 2, families=(QUICK,)) as scene:
        scene.put(0, "lay there", "Telegram")
        for _ in range(2):
            await scene.start()
            await scene.quiet()
            status = await scene.asked("status")
            heard, mute = (modem["last_sms"] for modem in status["modems"])
            assert heard == status["numbers"][0]["last_sms"] is not None
            assert mute is None
            await scene.stop()


@played
async def test_status_messages_and_scan_tell_of_a_running_daemon(tmp_path: Path) -> None:
    async with playing(tmp_path, 2, families=(QUICK, QUICK_HUAWEI)) as scene:
        await scene.start()
        scene.send(0, "one", "Telegram")
        await scene.quiet()
        status = await scene.asked("status")
        assert (status["running"], status["pid"]) == (True, scene.pid)
        assert [modem["phase"] for modem in status["modems"]] == ["ready", "ready"]
        assert {modem["iccid"] for modem in status["modems"]} == {
            sim.iccid for sim in scene.farm.sims
        }
        assert status["queue"]["delivered"] == 1
        (message,) = (await scene.asked("messages"))["messages"]
        assert (message["state"], message["phone"], message["phone_from"]) == (
            "delivered",
            scene.farm.sims[0].msisdn,
            "Telegram",
        )
        assert "text" not in message
        scanned = (await scene.asked("scan"))["modems"]
        assert [modem["phone"] for modem in scanned] == [sim.msisdn for sim in scene.farm.sims]
        for command in COMMANDS:
            code, out, error = await scene.command(command)
            assert (code, error) == (0, "") and out.strip()


@played
async def test_the_same_commands_answer_while_nothing_runs(tmp_path: Path) -> None:
    async with playing(tmp_path, 1) as scene:
        for command in ("status", "messages"):
            assert (await scene.command(command))[0] == 0, "before the first start"
        await scene.start()
        scene.send(0, "one")
        await scene.quiet()
        await scene.stop()
        status = await scene.asked("status")
        assert (status["running"], status["pid"], status["queue"]["delivered"]) == (False, None, 1)
        assert "not running" in (await scene.command("status"))[1]
        (message,) = (await scene.asked("messages", "--text"))["messages"]
        assert message["text"] == "one"
        (modem,) = (await scene.asked("scan"))["modems"]
        assert modem["iccid"] == scene.farm.sims[0].iccid


@played
async def test_a_modem_is_shown_with_the_number_that_its_sim_is_given(tmp_path: Path) -> None:
    async with playing(tmp_path, 2) as scene:
        one, other = scene.farm.sims

        async def shown(command: str) -> list[tuple[str | None, str | None]]:
            modems = (await scene.asked(command))["modems"]
            return [(modem["phone"], modem["phone_source"]) for modem in modems]

        def listed(iccid: str, *, enabled: bool = True) -> None:
            row = {"phone": one.msisdn, "iccid": iccid, "enabled": enabled}
            scene.rewrite(lambda config: config.update(numbers=[row]))

        async def reloaded() -> None:
            before = scene.said("config reloaded")
            scene.reload()
            await scene.hears("config reloaded", before + 1)

        other.iccid = one.iccid[:18] + "9"
        listed(one.iccid[:18])
        await scene.start()
        of_both = [(None, None)] * 2
        assert await shown("status") == await shown("scan") == of_both
        listed(one.iccid)
        await reloaded()
        of_one = [(one.msisdn, "config"), (None, None)]
        assert await shown("status") == await shown("scan") == of_one
        listed(one.iccid, enabled=False)
        await reloaded()
        assert await shown("status") == of_both
        await scene.stop()
        assert await shown("scan") == of_both
        listed(one.iccid)
        assert await shown("scan") == of_one
        listed(one.iccid[:18])
        assert await shown("scan") == of_both


@played
async def test_messages_can_be_chosen(tmp_path: Path) -> None:
    def script(request: Request) -> Reply:
        return NAMED["no_operation"] if request.text == "unwanted" else OK

    async with playing(tmp_path, 2, script=script) as scene:
        await scene.start()
        scene.send(0, "unwanted")
        scene.send(1, "wanted")
        await scene.quiet(kept=1)
        await scene.pushed(2)

        async def texts(*options: str) -> list[str]:
            document = await scene.asked("messages", "--text", *options)
            return sorted(row["text"] for row in document["messages"])

        assert await texts() == ["unwanted", "wanted"]
        assert await texts("--state", "refused") == ["unwanted"]
        assert await texts("--phone", scene.farm.sims[1].msisdn) == ["wanted"]
        assert await texts("--since", "2h") == ["unwanted", "wanted"]


@played
async def test_retry_sends_a_refused_message_again_but_never_a_delivered_one(
    tmp_path: Path,
) -> None:
    def script(request: Request) -> Reply:
        return NAMED["no_operation"] if request.attempt == 1 and request.text == "no" else OK

    async with playing(tmp_path, 1, script=script) as scene:
        await scene.start()
        scene.send(0, "no")
        scene.send(0, "yes")
        await scene.quiet(kept=1)
        await scene.pushed(2)
        ids = {push.request.text: str(push.request.sms_id) for push in scene.pushes()}
        assert (await scene.command("retry", ids["yes"]))[0] == 1
        assert (await scene.command("retry", "4711"))[0] == 1
        assert (await scene.command("retry", "x"))[0] == 2
        assert (await scene.command("retry", ids["no"]))[0] == 0
        await scene.quiet()
        assert len(scene.pushes("yes")) == 1
        first, second = scene.pushes("no")
        assert first.body == second.body


@played
async def test_discard_frees_the_slot_and_nothing_else_does(tmp_path: Path) -> None:
    async with playing(tmp_path, 1, script=lambda _: NAMED["unavailable"]) as scene:
        await scene.start()
        scene.send(0, "not wanted any more")
        scene.send(0, "kept")
        await scene.pushed(2)
        sms_id = scene.pushes("not wanted any more")[0].request.sms_id
        assert (await scene.command("discard", str(sms_id)))[0] == 0
        await scene.quiet(kept=1)
        assert (await scene.states())[sms_id] == "discarded"
        scene.partner.script = lambda _: OK
        await scene.quiet()
        assert len(scene.pushes("kept")) > 1


@played
async def test_orders_given_while_nothing_runs_are_carried_out_at_the_next_start(
    tmp_path: Path,
) -> None:
    async with playing(tmp_path, 1, script=lambda _: NAMED["no_operation"]) as scene:
        await scene.start()
        scene.send(0, "again please")
        scene.send(0, "away with it")
        await scene.pushed(2)
        await scene.hears("refused", 2)
        await scene.stop()
        ids = {push.request.text: str(push.request.sms_id) for push in scene.pushes()}
        assert (await scene.command("retry", ids["again please"]))[0] == 0
        assert (await scene.command("discard", ids["away with it"]))[0] == 0
        scene.partner.script = lambda _: OK
        await scene.start()
        await scene.quiet()
        assert len(scene.pushes("again please")) == 2
        assert len(scene.pushes("away with it")) == 1


@played
async def test_json_is_one_document_whatever_a_sender_writes(tmp_path: Path) -> None:
    evil = "\x1b[2J\r\nreceived 1 for 2 from 3\u2028{}"
    async with playing(tmp_path, 1) as scene:
        await scene.start()
        before = len(scene.lines)
        scene.send(0, evil)
        await scene.quiet()
        assert not any(line.startswith("received 1 ") for line in scene.lines[before:])
        code, out, _ = await scene.command("messages", "--text", "--json")
        assert code == 0 and len(json.loads(out)["messages"]) == 1
        assert "\x1b" not in (await scene.command("messages", "--text"))[1]
