"""Messages wait for their SIM, and find it."""

from __future__ import annotations

import random

from gsmbridge.farm.farm import Farm, build
from gsmbridge.farm.personalities import GENERIC, SIM800, Personality
from gsmbridge.farm.sim import make_sim
from gsmbridge.farm.truth import Truth
from gsmbridge.farm.virtual import World


def farm(
    count: int = 2, capacity: int = 3, pace: float = 0.0, family: Personality = GENERIC
) -> tuple[World, Farm]:
    world = World(1)
    made = build(
        world,
        count,
        rng=random.Random(1),
        truth=Truth(lambda: world.now),
        wall=lambda: 1_800_000_000.0 + world.now,
        families=[family],
        capacity=capacity,
        pace=pace,
    )
    for modem in made.modems:
        modem.start()
    return world, made


def order(made: Farm) -> list[tuple[int, int]]:
    return [
        (event.fields["message"], event.fields["part"])
        for event in made.truth.events
        if event.kind == "stored"
    ]


def test_messages_for_a_full_sim_wait_and_come_in_order_when_there_is_room() -> None:
    world, made = farm()
    sim = made.sims[0]
    for number in range(6):
        made.network.send(sim.msisdn, f"message {number}")
    assert (sim.sms.used, made.network.waiting(sim.msisdn)) == (3, 3)
    made.modems[0].receive(b"AT+CMGD=2\rAT+CMGD=3\r")
    world.run_until(world.now + 0.1)
    assert order(made) == [(1, 1), (2, 1), (3, 1), (4, 1), (5, 1)]
    assert made.network.waiting() == 1


def test_the_service_centre_tries_a_sim_that_stays_full_less_and_less_often() -> None:
    world, made = farm(family=SIM800)
    world.run_until(world.now + 20.0)
    said: list[float] = []
    made.modems[0].emit = lambda data: said.append(world.now) if b"SMS FULL" in data else None
    start = world.now
    for number in range(4):
        made.network.send(made.sims[0].msisdn, f"message {number}")
    world.run_until(start + 3 * 3600.0)
    assert [round(at - start) for at in said] == [0, 60, 180, 420, 900, 1860, 3780, 7380]
    made.modems[0].receive(b"AT+CMGD=1\r")
    world.run_until(world.now + 0.1)
    assert made.network.waiting() == 0, "of room it hears at once"


def test_messages_that_come_for_a_full_sim_do_not_put_its_next_retry_off() -> None:
    world, made = farm(family=SIM800)
    world.run_until(world.now + 20.0)
    start = world.now
    for number in range(2000):
        made.network.send(made.sims[0].msisdn, f"message {number}")
    said: list[float] = []
    made.modems[0].emit = lambda data: said.append(world.now) if b"SMS FULL" in data else None
    world.run_until(start + 200.0)
    assert [round(at - start) for at in said] == [60, 180]


def test_messages_for_a_pulled_sim_wait_until_it_is_in_some_modem() -> None:
    world, made = farm()
    sim = made.sims[0]
    made.modems[0].remove()
    made.network.send(sim.msisdn, "hello")
    assert made.network.waiting() == 1
    made.modems[1].remove()
    made.modems[1].insert(sim)
    world.run_until(world.now + 5.0)
    assert (made.network.waiting(), sim.sms.used) == (0, 1)
    stored = [event for event in made.truth.events if event.kind == "stored"]
    assert stored[0].fields["modem"] == "modem1"
    assert stored[0].fields["iccid"] == sim.iccid


def test_messages_for_a_modem_that_is_off_wait_until_it_has_booted() -> None:
    world, made = farm()
    made.modems[0].power_off()
    made.network.send(made.sims[0].msisdn, "hello")
    made.modems[0].power_on()
    world.run_until(world.now + 1.0)
    assert made.network.waiting() == 1
    world.run_until(world.now + 10.0)
    assert made.network.waiting() == 0


def test_a_message_for_an_unknown_number_waits_for_ever() -> None:
    world, made = farm()
    made.network.send("70000000000", "hello")
    world.run_until(world.now + 1000.0)
    assert made.network.waiting() == 1


def test_the_service_centre_tries_again_by_itself() -> None:
    world, made = farm(capacity=1)
    sim = made.sims[0]
    made.network.send(sim.msisdn, "one")
    made.network.send(sim.msisdn, "two")
    sim.sms.erase(0)  # freed without a word to the network
    world.run_until(world.now + 61.0)
    assert made.network.waiting() == 0


def test_parts_arrive_in_order_at_the_channels_pace() -> None:
    world, made = farm(capacity=5, pace=2.0)
    made.network.send(made.sims[0].msisdn, "x" * 400)
    began = world.now
    world.run_until(began + 10.0)
    stored = [event.at - began for event in made.truth.events if event.kind == "stored"]
    assert stored == [0.0, 2.0, 4.0]
    assert order(made) == [(1, 1), (1, 2), (1, 3)]


def test_the_record_knows_what_was_sent() -> None:
    _, made = farm()
    made.network.send(made.sims[0].msisdn, "привет", "+491701234567")
    (sent,) = [event for event in made.truth.events if event.kind == "sent"]
    assert sent.fields["to"] == "79080000000"
    assert sent.fields["sender"] == "+491701234567"
    assert sent.fields["parts"] == ["привет"]
    assert len(sent.fields["pdus"]) == 1


def test_two_farms_of_one_seed_are_the_same() -> None:
    def history() -> list[object]:
        world, made = farm()
        for sim in made.sims:
            made.network.send(sim.msisdn, "long " * 100)
        world.run_until(world.now + 100)
        return [(event.at, event.kind, event.fields) for event in made.truth.events]

    assert history() == history()


def test_every_card_has_identities_of_its_own() -> None:
    sims = [make_sim(number) for number in range(512)]
    for names in ("iccid", "imsi", "msisdn"):
        assert len({getattr(sim, names) for sim in sims}) == 512
    assert {len(sim.iccid) for sim in sims} == {19}
