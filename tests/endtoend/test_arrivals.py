"""Messages that lie there at the start, and messages that come."""

from __future__ import annotations

from pathlib import Path

from gsmbridge.farm.sim import Label
from tests.endtoend.scene import QUICK, QUICK_HUAWEI, played, playing

DAY = 86400.0


@played
async def test_what_lies_on_an_unknown_sim_is_pushed_unless_it_is_old(tmp_path: Path) -> None:
    async with playing(tmp_path, 1) as scene:
        scene.put(0, "for an earlier client", age=2 * DAY)
        scene.put(0, "for today's client", age=60.0)
        await scene.start()
        await scene.quiet(kept=1)
        assert [push.request.text for push in scene.pushes()] == ["for today's client"]
        (old,) = [i for i, state in (await scene.states()).items() if state == "stale"]
        assert (await scene.command("retry", str(old)))[0] == 0
        await scene.quiet()
        assert [push.request.text for push in scene.pushes()][1:] == ["for an earlier client"]
        assert scene.verdict().clean


@played
async def test_on_a_known_sim_no_message_is_too_old(tmp_path: Path) -> None:
    async with playing(tmp_path, 1) as scene:
        await scene.start()
        await scene.stop()
        scene.put(0, "came while nobody looked", age=2 * DAY)
        await scene.start()
        await scene.quiet()
        assert len(scene.pushes("came while nobody looked")) == 1


@played
async def test_a_burst_over_all_modems_arrives_whole_and_once(tmp_path: Path) -> None:
    async with playing(tmp_path, 4, families=(QUICK, QUICK_HUAWEI)) as scene:
        await scene.start()
        for number in range(60):
            scene.send(number % 4, f"code {number}", f"Sender{number % 7}")
        await scene.quiet()
        await scene.pushed(60)
        verdict = scene.verdict()
        assert verdict.clean, verdict.violations
        assert (verdict.delivered, verdict.pushes) == (60, 60)


@played
async def test_parts_make_one_message_in_every_alphabet_and_order(tmp_path: Path) -> None:
    texts = ["latin {} [] € " * 30, "кириллица и 🙂 " * 20, "short"]
    async with playing(tmp_path, 1) as scene:
        await scene.start()
        network, to = scene.farm.network, scene.farm.sims[0].msisdn
        for text in texts:
            network.send_parts(to, reversed(network.compose(text, wide=True)), "Farm", text)
        await scene.quiet()
        assert sorted(push.request.text for push in scene.pushes()) == sorted(texts)


@played
async def test_missing_parts_are_waited_for_then_marked(tmp_path: Path) -> None:
    text = "0123456789" * 40
    async with playing(tmp_path, 1, messages={"multipart_timeout": 1}) as scene:
        await scene.start()
        network, to = scene.farm.network, scene.farm.sims[0].msisdn
        parts = network.compose(text)
        message, _ = network.record(to, parts, "Farm", text)
        network.repeat(to, parts[0].tpdu, Label(message, 1))
        network.repeat(to, parts[2].tpdu, Label(message, 3))
        await scene.quiet()
        (push,) = scene.pushes()
        assert push.request.text == parts[0].text + "[…]" + parts[2].text


@played
async def test_a_full_sim_is_drained_and_then_takes_what_the_network_held_back(
    tmp_path: Path,
) -> None:
    async with playing(tmp_path, 1, capacity=5) as scene:
        for number in range(12):
            scene.send(0, f"waiting {number}")
        assert scene.farm.network.waiting() == 7
        await scene.start()
        await scene.quiet()
        await scene.pushed(12)
        assert {push.request.text for push in scene.pushes()} == {f"waiting {n}" for n in range(12)}
        assert scene.verdict().clean


@played
async def test_a_redelivery_is_deleted_and_not_pushed_again(tmp_path: Path) -> None:
    async with playing(tmp_path, 1) as scene:
        await scene.start()
        network, to = scene.farm.network, scene.farm.sims[0].msisdn
        (part,) = network.compose("only once")
        message = network.send_parts(to, [part], "Farm", "only once")
        await scene.quiet()
        network.repeat(to, part.tpdu, Label(message))
        await scene.hears("redelivered")
        await scene.quiet()
        assert len(scene.pushes()) == 1


@played
async def test_without_indications_the_poll_finds_messages(tmp_path: Path) -> None:
    async with playing(tmp_path, 1, modems={"poll_interval": 0.5}) as scene:
        await scene.start()
        scene.strike_fault(0, "announce", how="never")
        scene.send(0, "unannounced")
        await scene.quiet()
        assert len(scene.pushes("unannounced")) == 1


@played
async def test_wrong_and_repeated_indications_find_messages(tmp_path: Path) -> None:
    async with playing(tmp_path, 1) as scene:
        await scene.start()
        for how in ("wrong", "minus_one", "twice"):
            scene.strike_fault(0, "announce", how=how)
            scene.send(0, how)
            await scene.quiet()
            assert len(scene.pushes(how)) == 1
