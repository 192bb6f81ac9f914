"""What the server answers, in every shape: what ends a message, what repeats it, and when."""

from __future__ import annotations

import json
from pathlib import Path

from gsmbridge.farm.partner_script import JSON, NAMED, Reply, Request
from tests.endtoend.scene import OK, answering, played, playing

TERMINAL = ("NO_OPERATION", "NO_OP", "BAD_SERVICE")
REPEATED = ("IGNORED", "SERVICE_BAN", "WRONG_KEY", "ACCOUNT_BLOCKED", "SOMETHING_NEW")
FIELDS = ("response", "error", "status", "message", "code", "result", "detail")


def shapes(token: str) -> list[Reply]:
    """The ways in which a token can ride on an answer."""
    documents = [
        token,
        {FIELDS[len(token) % 7]: f"ERROR_{token}"},
        {"error": {"code": token.lower()}},
        {"ok": False, "detail": f"{token}S"},
    ]
    shaped = [Reply(400, json.dumps(document), JSON) for document in documents]
    return [Reply(400, token), Reply(500, f"  error_{token.lower()}\r\n"), *shaped]


@played
async def test_terminal_tokens_end_a_message_in_every_shape_and_others_repeat_it(
    tmp_path: Path,
) -> None:
    replies = {
        f"{token} {number}": reply
        for token in (*TERMINAL, *REPEATED)
        for number, reply in enumerate(shapes(token))
    }
    terminal = {text for text in replies if text.split()[0] in TERMINAL}
    healthy: list[bool] = []

    def script(request: Request) -> Reply:
        return OK if healthy else replies[request.text]

    async with playing(tmp_path, 4, script=script, onlinesim={"max_in_flight": 64}) as scene:
        await scene.start()
        for number, text in enumerate(replies):
            scene.send(number % 4, text)
        repeated = [text for text in replies if text not in terminal]
        await scene.until(
            lambda: (
                all(scene.pushes(text) for text in terminal)
                and all(len(scene.pushes(text)) >= 2 for text in repeated)
            ),
            "the first repeats",
        )
        healthy.append(True)
        await scene.quiet(kept=len(terminal))
        assert {text for text in replies if len(scene.pushes(text)) == 1} == terminal
        assert all(scene.pushes(text)[-1].status == 200 for text in repeated)
        verdict = scene.verdict(lambda exchange: exchange.request.text in terminal)
        assert verdict.clean, verdict.violations
        states = list((await scene.states()).values())
        assert states.count("refused") == len(terminal)
        assert states.count("delivered") == len(repeated)


@played
async def test_only_a_200_delivers_and_no_page_that_echoes_the_message_refuses_it(
    tmp_path: Path,
) -> None:
    names = ("created", "no_content", "redirect", "echo_page", "half_status", "reset", "garbage",
             "closed", "huge", "unavailable")  # fmt: skip
    replies = {f"NO_OPERATION said {name}": NAMED[name] for name in names}

    def script(request: Request) -> Reply:
        return replies[request.text] if request.attempt == 1 else OK

    async with playing(tmp_path, 2, script=script) as scene:
        await scene.start()
        for number, text in enumerate(replies):
            scene.send(number % 2, text)
        await scene.quiet()
        verdict = scene.verdict(lambda exchange: False)
        assert verdict.clean, verdict.violations
        for text in replies:
            first, *again = scene.pushes(text)
            assert again and again[-1].status == 200
            assert {each.body for each in again} == {first.body}


@played
async def test_a_200_counts_whatever_comes_with_it_or_does_not(tmp_path: Path) -> None:
    names = ("error_in_200", "chunked", "until_close", "early_hints", "half_body", "endless")

    def script(request: Request) -> Reply:
        return NAMED[request.text]

    async with playing(tmp_path, 2, script=script) as scene:
        await scene.start()
        for number, name in enumerate(names):
            scene.send(number % 2, name)
        await scene.quiet()
        assert sorted(push.request.text for push in scene.pushes()) == sorted(names)


@played
async def test_no_attempt_comes_before_its_time(tmp_path: Path) -> None:
    replies = (Reply(500), NAMED["silent"], Reply(503, headers={"Retry-After": "2"}), OK)
    async with playing(
        tmp_path, 1, script=answering(*replies), onlinesim={"timeout": 1, "retry_interval": 1}
    ) as scene:
        await scene.start()
        scene.send(0, "patience")
        await scene.quiet()
        first, second, third, fourth = scene.pushes()
        assert first.ended and second.ended and third.ended
        assert second.first_byte - first.ended > 0.95
        assert third.first_byte - second.ended > 0.95
        assert fourth.first_byte - third.ended > 1.95
        assert scene.verdict().clean


@played
async def test_the_interval_holds_over_a_restart(tmp_path: Path) -> None:
    async with playing(
        tmp_path, 1, script=answering(Reply(500), OK), onlinesim={"retry_interval": 2}
    ) as scene:
        await scene.start()
        scene.send(0, "patience")
        await scene.pushed(1)
        await scene.kill()
        await scene.start()
        await scene.quiet()
        first, second = scene.pushes()
        assert first.ended and second.first_byte - first.ended > 1.95


@played
async def test_a_message_that_the_server_chokes_on_holds_back_no_other(tmp_path: Path) -> None:
    def script(request: Request) -> Reply:
        return NAMED["silent"] if request.text == "poison" else OK

    async with playing(tmp_path, 1, script=script, onlinesim={"timeout": 2}) as scene:
        await scene.start()
        scene.send(0, "poison")
        await scene.partner.arrived(1)
        for number in range(10):
            scene.send(0, f"behind it {number}")
        await scene.until(
            lambda: all(scene.pushes(f"behind it {number}") for number in range(10)), "the others"
        )
        await scene.quiet(kept=1)
