"""Whatever the partner does: the promises on pushes hold, and one seed replays one history."""

from __future__ import annotations

import asyncio
import random
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from gsmbridge.message import State
from tests.forwarding.rig import Request, Rig, Says, message

INTERVAL = 10.0


def moody(seed: int) -> Rig:
    """A partner with every mood, that comes to reason after 300 s."""
    rng = random.Random(seed)
    silence = rng.choice([0.0, 0.2, 0.9])

    def script(request: Request) -> Says:
        delay = rng.choice([0.0, 0.01, 0.3, 2.0])
        if request.began > 300 or rng.random() < 0.3:
            return Says(delay=delay, body_delay=rng.choice([0.0, 5.0]))
        if rng.random() < silence:
            return Says(silent="timeout", delay=rng.choice([0.0, 30.0]))
        if rng.random() < 0.1:
            return Says(bug=ValueError("bug"), delay=delay)
        status, token = rng.choice(
            [(500, None), (400, "IGNORED"), (401, None), (400, "NO_OPERATION"), (201, None)]
        )
        return Says(status, token, delay=delay, body_delay=rng.choice([0.0, 1.0]))

    rig = Rig(script, max_in_flight=rng.choice([1, 4, 16]))

    async def story() -> None:
        for sms_id in range(1, 61):
            phone = f"7900{rng.randrange(8):07d}"
            rig.add(message(sms_id, phone, fresh=rng.random() < 0.5, frozen=rng.random() < 0.5))
            await asyncio.sleep(rng.choice([0.0, 0.0, 3.0]))
            rig.journal.is_writable = rng.random() > 0.1
        rig.journal.is_writable = True
        await asyncio.sleep(900)

    rig.play(story())
    return rig


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_every_message_ends_and_none_is_pushed_after_its_verdict_or_too_early(seed: int) -> None:
    rig = moody(seed)
    assert sorted(rig.journal.settled) == list(range(1, 61))
    for sms_id, (state, _) in rig.journal.settled.items():
        attempts = rig.partner.of(sms_id)
        for before, after in pairwise(attempts):
            assert before.ended is not None
            assert after.began - before.ended >= INTERVAL - 1e-6
        assert state in (State.DELIVERED, State.REFUSED)
        assert len(attempts) - 1 == sum(f.sms_id == sms_id for f in rig.journal.failures)
    stats = rig.dispatcher.stats()
    assert (stats.waiting, stats.in_flight, stats.settling) == (0, 0, 0)
    assert stats.attempts == len(rig.partner.requests)


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_one_seed_replays_one_history(seed: int) -> None:
    first, second = moody(seed), moody(seed)
    assert first.partner.requests == second.partner.requests
    assert first.told.lines == second.told.lines
