"""A modem session against simulated modems, in simulated time."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from tests.modem.farm_bench import Bench

from gsmbridge.farm import personalities
from gsmbridge.farm.faults import once_on
from gsmbridge.farm.personalities import (
    ANSWERS,
    BROVI,
    FOXCONN,
    GENERIC,
    HUAWEI,
    QUECTEL,
    SIM800,
    SIM7600,
    Personality,
)
from gsmbridge.farm.sim import SimCard, Status, make_sim
from gsmbridge.iccid import same
from gsmbridge.message import Reading

ALL = tuple(
    value
    for name, value in sorted(vars(personalities).items())
    if isinstance(value, Personality) and name.isupper()
)


@pytest.mark.parametrize("personality", ALL, ids=lambda each: each.name)
def test_every_family_is_read_announced_and_freed(personality: Personality) -> None:
    bench = Bench()
    modem = bench.modem(personality)
    stored = bench.store(modem, "one")

    async def scenario() -> None:
        await asyncio.sleep(20)
        assert bench.intake.identities() == [stored]
        assert modem.sim is not None
        assert same(bench.intake.seen[-1].iccid or "", modem.sim.iccid)
        assert bench.intake.seen[-1].imsi == modem.sim.imsi
        arrived = bench.deliver(modem, "code 1234")
        await asyncio.sleep(5)
        assert bench.intake.identities(arrived=True) == [arrived]
        bench.intake.done |= {stored, arrived}
        bench.fleet.wake(1)
        await asyncio.sleep(20)
        assert len(bench.intake.freed_copies) == 2
        assert modem.sim.sms.used == 0
        assert bench.fleet.statuses()[0].phase == "ready"

    bench.run(scenario)


def test_stored_messages_are_recorded_as_one_complete_listing_oldest_first() -> None:
    bench = Bench()
    modem = bench.modem()
    young = bench.store(modem, "young", age=10)
    old = bench.store(modem, "old", age=1000)

    async def scenario() -> None:
        await asyncio.sleep(5)
        assert bench.intake.readings[0].complete
        assert bench.intake.identities() == [old, young]
        assert not bench.intake.identities(arrived=True)
        assert bench.intake.readings[0].used == 2

    bench.run(scenario)


def test_an_announced_message_is_recorded_within_milliseconds() -> None:
    bench = Bench()
    modem = bench.modem()

    async def scenario() -> None:
        await asyncio.sleep(5)
        identity = bench.deliver(modem, "code 1234")
        await asyncio.sleep(0.05)
        assert bench.intake.identities(arrived=True) == [identity]

    bench.run(scenario)


@pytest.mark.parametrize("announce", ["wrong", "minus_one", "twice", "never", "late"])
def test_a_message_is_found_however_it_is_announced(announce: str) -> None:
    bench = Bench()
    modem = bench.modem()

    async def scenario() -> None:
        await asyncio.sleep(5)
        modem.trouble.announce = announce
        identity = bench.deliver(modem, "code 1234")
        await asyncio.sleep(2 if announce not in ("never", "late") else 31)
        assert bench.intake.identities(arrived=True) == [identity]

    bench.run(scenario)


def test_a_slot_that_takes_another_message_between_re_read_and_delete_is_left_alone() -> None:
    bench = Bench()
    modem = bench.modem()
    first = bench.store(modem, "one")

    async def scenario() -> None:
        await asyncio.sleep(5)
        bench.intake.done.add(first)

        def overwrite(command: str) -> None:
            if command.startswith("AT+CMGR"):
                modem.dialogue.after.remove(overwrite)
                bench.store(modem, "two", at=0)
                modem.say('+CMTI: "SM",1')

        modem.dialogue.after.append(overwrite)
        bench.fleet.wake(1)
        await asyncio.sleep(10)
        assert bench.intake.freed_copies == []
        assert not [command for command in bench.sent(modem) if "CMGD" in command]
        assert bench.identity("two") in bench.intake.identities(arrived=True)

    bench.run(scenario)


def test_a_slot_that_holds_another_message_at_the_re_read_is_not_deleted() -> None:
    bench = Bench()
    modem = bench.modem()
    first = bench.store(modem, "one")

    async def scenario() -> None:
        await asyncio.sleep(5)
        second = bench.store(modem, "two", at=0)
        bench.intake.done.add(first)
        bench.fleet.wake(1)
        await asyncio.sleep(10)
        assert bench.intake.freed_copies == []
        assert modem.sim is not None
        assert modem.sim.sms.used == 1
        assert second in bench.intake.identities()

    bench.run(scenario)


def test_nothing_is_asked_between_the_re_read_and_the_delete() -> None:
    bench = Bench()
    modem = bench.modem()
    stored = bench.store(modem, "one")

    async def scenario() -> None:
        await asyncio.sleep(5)
        bench.intake.done.add(stored)
        bench.fleet.wake(1)
        await asyncio.sleep(5)
        sent = bench.sent(modem)
        delete = sent.index("AT+CMGD=1")
        assert sent[delete - 1] == "AT+CMGR=1"

    bench.run(scenario)


def test_a_slot_that_somebody_else_emptied_does_not_count_as_our_delete() -> None:
    bench = Bench()
    modem = bench.modem()
    stored = bench.store(modem, "one")

    async def scenario() -> None:
        await asyncio.sleep(5)
        assert modem.sim is not None
        modem.sim.sms.erase(0)
        bench.intake.done.add(stored)
        bench.fleet.wake(1)
        await asyncio.sleep(5)
        assert bench.intake.freed_copies == []
        assert not any(command.startswith("AT+CMGD") for command in bench.sent(modem))

    bench.run(scenario)


def test_a_sim_swapped_between_listing_and_its_check_yields_nothing() -> None:
    bench = Bench()
    modem = bench.modem()
    first = bench.store(modem, "for the first")

    def swap(command: str) -> None:
        if command.startswith("AT+CMGL"):
            modem.dialogue.after.remove(swap)
            modem.insert(make_sim(77), noticed=False)

    modem.dialogue.after.append(swap)

    async def scenario() -> None:
        await asyncio.sleep(10)
        assert first not in bench.intake.identities()
        assert bench.fleet.statuses()[0].iccid == make_sim(77).iccid

    bench.run(scenario)


def test_what_is_read_while_another_sim_is_in_for_a_moment_is_not_the_first_ones() -> None:
    bench = Bench()
    modem = bench.modem()
    first = modem.sim

    async def scenario() -> None:
        await asyncio.sleep(5)
        modem.insert(make_sim(77), noticed=False)
        other = bench.store(modem, "for the other")

        def put_back(command: str) -> None:
            if command.startswith(("AT+CMGR", "AT+CMGL")):
                modem.dialogue.after.remove(put_back)
                modem.insert(first, noticed=False)

        modem.dialogue.after.append(put_back)
        modem.say('+CMTI: "SM",1')
        await asyncio.sleep(10)
        assert bench.fleet.statuses()[0].sim == 1
        assert bench.intake.owner(other) == set()

    bench.run(scenario)


def test_what_was_read_is_not_believed_where_the_modem_reports_its_sim_during_the_check() -> None:
    bench = Bench()
    modem = bench.modem()

    async def scenario() -> None:
        await asyncio.sleep(5)
        before = bench.intake.readings[-1].appearance
        asked: list[str] = []

        def report(command: str) -> None:
            asked.append(command)
            if "CCID" in command and any("CMGR" in earlier for earlier in asked):
                modem.dialogue.after.remove(report)
                modem.say("+CPIN: NOT READY")

        modem.dialogue.after.append(report)
        identity = bench.deliver(modem, "code 1234")
        await asyncio.sleep(10)
        assert identity in bench.intake.identities()
        assert before not in {
            key[1] for key, value in bench.intake.slots.items() if value == identity
        }

    bench.run(scenario)


def test_what_was_announced_for_one_sim_makes_nothing_on_the_next_one_an_arrival() -> None:
    bench = Bench()
    modem = bench.modem()

    async def scenario() -> None:
        await asyncio.sleep(5)
        modem.insert(make_sim(77), noticed=False)
        old = bench.store(modem, "for an earlier client", at=0)
        modem.say('+CMTI: "SM",1')
        await asyncio.sleep(10)
        assert old in bench.intake.identities()
        assert old not in bench.intake.identities(arrived=True)

    bench.run(scenario)


def test_what_was_read_is_not_believed_where_no_sim_answers_after_it() -> None:
    bench = Bench()
    modem = bench.modem()

    def remove(command: str) -> None:
        if command.startswith("AT+CMGR"):
            modem.dialogue.after.remove(remove)
            modem.remove(noticed=False)

    async def scenario() -> None:
        await asyncio.sleep(5)
        modem.dialogue.after.append(remove)
        identity = bench.deliver(modem, "code 1234")
        await asyncio.sleep(10)
        assert not modem.dialogue.after
        assert identity not in bench.intake.identities()

    bench.run(scenario)


def test_a_copy_of_the_store_is_not_believed_after_a_silent_change_of_sim() -> None:
    bench = Bench()
    modem = bench.modem(HUAWEI)
    first = bench.store(modem, "for the first")

    async def scenario() -> None:
        await asyncio.sleep(10)
        assert bench.intake.owner(first) == {1}
        modem.insert(make_sim(77), noticed=False)
        await asyncio.sleep(60)
        assert bench.fleet.statuses()[0].iccid == make_sim(77).iccid
        assert bench.intake.owner(first) == {1}
        assert bench.sent(modem).count("AT+CFUN=0") == 2

    bench.run(scenario)


@pytest.mark.parametrize("back", [False, True], ids=["to a third", "back"])
def test_a_sim_swapped_while_another_is_started_anew_is_started_anew_too(back: bool) -> None:
    bench = Bench()
    modem = bench.modem(HUAWEI)
    first = modem.sim
    stored = bench.store(modem, "for the first")

    def swap(command: str) -> None:
        if command == "AT+CFUN=1":
            modem.dialogue.after.remove(swap)
            modem.insert(first if back else make_sim(78), noticed=False)

    async def scenario() -> None:
        await asyncio.sleep(20)
        assert bench.intake.owner(stored) == {1}
        modem.insert(make_sim(77), noticed=False)
        second = bench.store(modem, "for the second")
        modem.dialogue.after.append(swap)
        await asyncio.sleep(60)
        assert modem.sim is not None
        assert bench.fleet.statuses()[0].iccid == modem.sim.iccid != make_sim(77).iccid
        assert bench.intake.owner(second) == set()

    bench.run(scenario)


def test_what_came_for_a_sim_that_was_in_for_a_moment_is_not_believed_to_be_the_first_ones() -> (
    None
):
    bench = Bench()
    modem = bench.modem(HUAWEI)
    first = modem.sim

    def swap_back(command: str) -> None:
        if command == "AT^ICCID?":
            modem.dialogue.after.remove(swap_back)
            modem.insert(first, noticed=False)

    async def scenario() -> None:
        await asyncio.sleep(20)
        assert bench.fleet.statuses()[0].phase == "ready"
        modem.insert(make_sim(77), noticed=False)
        second = bench.store(modem, "for the second")
        modem.dialogue.after.append(swap_back)
        await asyncio.sleep(90)
        assert first is not None
        assert bench.fleet.statuses()[0].iccid == first.iccid
        assert bench.intake.owner(second) == set()

    bench.run(scenario)


@pytest.mark.parametrize("level", [0, 4])
def test_a_modem_found_switched_off_is_switched_on(level: int) -> None:
    bench = Bench()
    modem = bench.modem(HUAWEI)
    stored = bench.store(modem, "stored")
    modem.set_function(level)

    async def scenario() -> None:
        await asyncio.sleep(60)
        assert bench.fleet.statuses()[0].phase == "ready"
        assert bench.intake.identities() == [stored]

    bench.run(scenario)


@pytest.mark.parametrize("personality", [GENERIC, HUAWEI, QUECTEL], ids=lambda each: each.name)
def test_a_reported_change_of_sim_begins_a_new_appearance(personality: Personality) -> None:
    bench = Bench()
    modem = bench.modem(personality)
    other = make_sim(77)

    async def scenario() -> None:
        await asyncio.sleep(10)
        modem.remove()
        await asyncio.sleep(5)
        assert bench.fleet.statuses()[0].phase == "no-sim"
        modem.insert(other)
        await asyncio.sleep(40)
        status = bench.fleet.statuses()[0]
        assert (status.phase, status.iccid) == ("ready", other.iccid)
        identity = bench.deliver(modem, "for the second")
        await asyncio.sleep(1)
        assert bench.intake.owner(identity) == {status.sim}

    bench.run(scenario)


def test_a_message_that_arrives_in_mid_listing_is_read_after_it() -> None:
    bench = Bench()
    modem = bench.modem()
    stored = bench.store(modem, "one")
    arrived: list[str] = []

    def arrive(command: str) -> None:
        if command.startswith("AT+CMGL=4") and not arrived:
            arrived.append(bench.deliver(modem, "two"))

    modem.dialogue.before.append(arrive)

    async def scenario() -> None:
        await asyncio.sleep(5)
        assert set(bench.intake.identities()) == {stored, *arrived}
        assert bench.intake.identities(arrived=True) == arrived

    bench.run(scenario)


def test_the_same_bytes_in_the_same_slot_of_another_sim_are_not_deleted() -> None:
    bench = Bench()
    modem = bench.modem()
    first = bench.store(modem, "to everybody")

    async def scenario() -> None:
        await asyncio.sleep(5)
        modem.insert(make_sim(77), noticed=False)
        assert bench.store(modem, "to everybody") == first
        bench.intake.done.add(first)
        bench.intake.on_record = lambda reading: bench.intake.done.clear()
        bench.fleet.wake(1)
        await asyncio.sleep(10)
        assert bench.intake.owner(first) == {1, 2}
        assert not [command for command in bench.sent(modem) if "CMGD" in command]

    bench.run(scenario)


def test_a_slot_that_reads_empty_on_another_sim_does_not_count_as_deleted() -> None:
    bench = Bench()
    modem = bench.modem()
    first = bench.store(modem, "one")

    async def scenario() -> None:
        await asyncio.sleep(5)
        bench.intake.done.add(first)

        def swap(command: str) -> None:
            if command.startswith("AT+CMGR"):
                modem.dialogue.after.remove(swap)
                modem.insert(make_sim(77), noticed=False)

        modem.dialogue.after.append(swap)
        bench.fleet.wake(1)
        await asyncio.sleep(10)
        assert bench.intake.freed_copies == []

    bench.run(scenario)


def test_a_delete_that_does_nothing_is_repeated() -> None:
    bench = Bench()
    modem = bench.modem()
    identity = bench.store(modem, "one")

    async def scenario() -> None:
        await asyncio.sleep(5)
        modem.trouble.delete = "lie"
        bench.intake.done.add(identity)
        bench.fleet.wake(1)
        await asyncio.sleep(20)
        assert bench.intake.freed_copies == []
        modem.trouble.delete = ""
        await asyncio.sleep(15)
        assert bench.intake.freed_copies == [1]

    bench.run(scenario)


def test_a_delete_that_says_error_and_did_it_counts_as_done() -> None:
    bench = Bench()
    modem = bench.modem()
    identity = bench.store(modem, "one")

    async def scenario() -> None:
        await asyncio.sleep(5)
        modem.trouble.delete = "deny"
        bench.intake.done.add(identity)
        bench.fleet.wake(1)
        await asyncio.sleep(1)
        assert bench.intake.freed_copies == [1]
        assert sum("CMGD" in command for command in bench.sent(modem)) == 1

    bench.run(scenario)


def test_nothing_is_ever_deleted_in_bulk() -> None:
    bench = Bench()
    modem = bench.modem()
    bench.intake.done |= {bench.store(modem, f"message {number}") for number in range(15)}

    async def scenario() -> None:
        await asyncio.sleep(10)
        assert len(bench.intake.freed_copies) == 15
        deletes = [command for command in bench.sent(modem) if "CMGD" in command]
        assert len(deletes) == 15
        assert not any("," in command for command in deletes)

    bench.run(scenario)


def test_an_announced_message_is_served_between_two_deletes() -> None:
    bench = Bench()
    modem = bench.modem()
    bench.intake.done |= {bench.store(modem, f"message {number}") for number in range(10)}
    freed_before: list[int] = []
    bench.intake.on_record = lambda reading: (
        freed_before.append(len(bench.intake.freed_copies)) if reading.arrived else None
    )

    def arrive(command: str) -> None:
        if command.startswith("AT+CMGD"):
            modem.dialogue.after.remove(arrive)
            bench.deliver(modem, "code 1234")

    modem.dialogue.after.append(arrive)

    async def scenario() -> None:
        await asyncio.sleep(10)
        assert freed_before[0] <= 2
        assert len(bench.intake.freed_copies) == 10

    bench.run(scenario)


def test_a_store_whose_listing_is_refused_is_read_slot_by_slot() -> None:
    bench = Bench()
    modem = bench.modem(replace(GENERIC, listing_refused="+CMS ERROR: 303"))
    stored = [bench.store(modem, "one"), bench.store(modem, "two", at=7)]

    async def scenario() -> None:
        await asyncio.sleep(5)
        assert bench.intake.identities() == stored
        assert bench.intake.readings[0].complete

    bench.run(scenario)


@pytest.mark.parametrize("base", [0, 1])
def test_a_full_store_read_slot_by_slot_gives_its_first_and_its_last_message(base: int) -> None:
    bench = Bench()
    personality = replace(GENERIC, listing_refused="+CMS ERROR: 303", slot_base=base)
    modem = bench.modem(personality, make_sim(1, capacity=3))
    stored = [bench.store(modem, text) for text in ("first", "middle", "last")]

    async def scenario() -> None:
        await asyncio.sleep(5)
        assert bench.intake.identities() == stored
        bench.intake.done |= set(stored)
        bench.fleet.wake(1)
        await asyncio.sleep(20)
        assert sorted(bench.intake.freed_copies) == [base, base + 1, base + 2]
        assert modem.sim is not None
        assert modem.sim.sms.used == 0

    bench.run(scenario)


def test_an_announced_message_does_not_wait_for_the_end_of_a_pass_slot_by_slot() -> None:
    bench = Bench()
    modem = bench.modem(replace(GENERIC, listing_refused="+CMS ERROR: 303"))
    bench.store(modem, "one")
    passes_were_over: list[bool] = []

    def arrive(command: str) -> None:
        if command == "AT+CMGR=3":
            modem.dialogue.after.remove(arrive)
            bench.deliver(modem, "code 1234")

    def note(reading: Reading) -> None:
        if reading.arrived:
            passes_were_over.append("AT+CMGR=9" in bench.sent(modem))

    modem.dialogue.after.append(arrive)
    bench.intake.on_record = note

    async def scenario() -> None:
        await asyncio.sleep(10)
        assert passes_were_over == [False]

    bench.run(scenario)


@pytest.mark.parametrize("personality", [SIM800, SIM7600, QUECTEL], ids=lambda each: each.name)
def test_a_modem_that_restarts_by_itself_is_set_up_again(personality: Personality) -> None:
    bench = Bench()
    modem = bench.modem(personality)

    async def scenario() -> None:
        await asyncio.sleep(10)
        modem.reboot()
        await asyncio.sleep(60)
        assert bench.fleet.statuses()[0].phase == "ready"
        identity = bench.deliver(modem, "after the restart")
        await asyncio.sleep(0.5)
        assert identity in bench.intake.identities(arrived=True)

    bench.run(scenario)


def test_a_message_past_the_store_goes_to_the_sim_proved_before_and_after() -> None:
    bench = Bench()
    modem = bench.modem(replace(GENERIC, direct_class0=True))

    async def scenario() -> None:
        await asyncio.sleep(5)
        identity = bench.deliver(modem, "flash", message_class=0)
        await asyncio.sleep(0.5)
        reading = bench.intake.readings[-1]
        assert (reading.store, reading.sim, reading.arrived) == ("", 1, True)
        assert bench.intake.identities()[-1] == identity

    bench.run(scenario)


def test_a_message_past_the_store_is_held_where_the_sim_changed_right_after() -> None:
    bench = Bench()
    modem = bench.modem(replace(GENERIC, direct_class0=True))

    async def scenario() -> None:
        await asyncio.sleep(5)
        identity = bench.deliver(modem, "flash", message_class=0)
        modem.insert(make_sim(77), noticed=False)
        await asyncio.sleep(5)
        owners = {
            key for key, sim in bench.intake.sims.items() if sim in bench.intake.owner(identity)
        }
        assert all(owner.startswith("unproved") for owner in owners)
        assert owners

    bench.run(scenario)


@pytest.mark.parametrize("shown", [None, b"\x00\x04\x05\xd0"], ids=["lacking", "cut"])
def test_a_row_that_a_listing_lacks_or_garbles_is_read_again(shown: bytes | None) -> None:
    bench = Bench()
    modem = bench.modem()
    stored = [bench.store(modem, "one"), bench.store(modem, "two")]
    assert modem.sim is not None
    records = modem.sim.sms
    row = records.pdu(1)

    def spoil(command: str) -> None:
        if command == "AT+CMGL=4":
            modem.dialogue.before.remove(spoil)
            records.erase(1)
            if shown is not None:
                records.put(1, shown)

    def mend(command: str) -> None:
        if command == "AT+CMGL=4":
            modem.dialogue.after.remove(mend)
            records.put(1, row)

    modem.dialogue.before.append(spoil)
    modem.dialogue.after.append(mend)

    async def scenario() -> None:
        await asyncio.sleep(10)
        assert sorted(bench.intake.identities()) == sorted(stored)

    bench.run(scenario)


def test_a_message_that_a_modem_cuts_short_when_it_is_read_is_read_again() -> None:
    bench = Bench()
    modem = bench.modem()
    assert modem.sim is not None
    records = modem.sim.sms
    rows: list[bytes] = []

    def spoil(command: str) -> None:
        if command == "AT+CMGR=1":
            modem.dialogue.before.remove(spoil)
            rows.append(records.pdu(0))
            records.put(0, b"\x00\x04\x05\xd0")

    def mend(command: str) -> None:
        if command == "AT+CMGR=1":
            modem.dialogue.after.remove(mend)
            records.put(0, rows[0])

    async def scenario() -> None:
        await asyncio.sleep(10)
        modem.dialogue.before.append(spoil)
        modem.dialogue.after.append(mend)
        identity = bench.deliver(modem, "code")
        await asyncio.sleep(10)
        assert rows
        assert bench.intake.identities() == [identity]

    bench.run(scenario)


@pytest.mark.parametrize("error", ["+CMS ERROR: 320", "+CME ERROR: 100", "COMMAND NOT SUPPORT"])
def test_a_slot_that_gives_an_error_is_not_taken_for_an_empty_one(error: str) -> None:
    bench = Bench()
    modem = bench.modem(replace(GENERIC, listing_refused="+CMS ERROR: 303", empty_read=(error,)))
    identity = bench.store(modem, "code")

    async def scenario() -> None:
        await asyncio.sleep(10)
        assert bench.intake.identities() == [identity]
        assert not any(reading.complete for reading in bench.intake.readings if reading.slots)
        bench.intake.done.add(identity)
        bench.fleet.wake(1)
        await asyncio.sleep(200)
        assert "AT+CMGD=1" in bench.sent(modem)
        assert not bench.intake.freed_copies

    bench.run(scenario)


def test_a_sim_known_by_its_imsi_alone_is_proved_by_it() -> None:
    bench = Bench()
    nameless = {name: said for name, said in GENERIC.answers.items() if "iccid}" not in said[0]}
    modem = bench.modem(replace(GENERIC, answers=nameless))
    last = bench.store(modem, "of the first SIM")

    async def scenario() -> None:
        await asyncio.sleep(10)
        first = bench.intake.owner(last)
        assert len(first) == 1
        modem.insert(make_sim(77), noticed=False)
        identity = bench.deliver(modem, "of the second SIM")
        await asyncio.sleep(100)
        assert bench.intake.owner(identity)
        assert not bench.intake.owner(identity) & first

    bench.run(scenario)


def test_rows_that_were_not_received_are_left_alone() -> None:
    bench = Bench()
    modem = bench.modem()
    assert modem.sim is not None
    modem.sim.sms.put(3, bytes.fromhex("0001000B919780801850F00000021234"), None, Status.UNSENT)

    async def scenario() -> None:
        await asyncio.sleep(70)
        assert all(not reading.slots for reading in bench.intake.readings)
        listings = [command for command in bench.sent(modem) if command.startswith("AT+CMGL")]
        assert len(listings) == 2  # one of each store

    bench.run(scenario)


def test_a_silent_store_is_polled_with_two_commands_beside_the_network() -> None:
    bench = Bench()
    modem = bench.modem()

    async def scenario() -> None:
        await asyncio.sleep(20)
        before = len(bench.sent(modem))
        await asyncio.sleep(30)
        assert bench.sent(modem)[before:] == ["AT+CREG?", "AT+CCID", "AT+CPMS?"]

    bench.run(scenario)


def telling_its_iccid(sim: SimCard) -> Personality:
    """EF-ICCID can be read without the PIN (TS 31.102, 4.2.1)."""
    return replace(GENERIC, answers={**ANSWERS, "+CCID": (f"+CCID: {sim.iccid}",)})


def test_a_locked_sim_is_opened_with_its_pin() -> None:
    bench = Bench()
    sim = make_sim(1, pin="1234")
    modem = bench.modem(telling_its_iccid(sim), sim)
    bench.settings = replace(bench.settings, pin=lambda iccid: "1234")
    stored = bench.store(modem, "one")

    async def scenario() -> None:
        await asyncio.sleep(10)
        assert bench.intake.identities() == [stored]
        assert bench.intake.accepted == [make_sim(1).iccid]

    bench.run(scenario)


def test_a_locked_sim_is_opened_though_a_question_for_its_iccid_gets_no_answer() -> None:
    bench = Bench()
    bench.modem(replace(GENERIC, mute=("+CCID",)), make_sim(1, pin="1234"))
    bench.settings = replace(bench.settings, pin=lambda iccid: "1234")

    async def scenario() -> None:
        await asyncio.sleep(60)
        (status,) = bench.fleet.statuses()
        assert (status.phase, status.recoveries) == ("ready", ())
        assert bench.intake.accepted == [make_sim(1).iccid]

    bench.run(scenario)


def test_a_refused_pin_is_never_sent_again_and_another_one_is() -> None:
    bench = Bench()
    sim = make_sim(1, pin="1234")
    modem = bench.modem(telling_its_iccid(sim), sim)
    bench.settings = replace(bench.settings, pin=lambda iccid: "9999")

    async def scenario() -> None:
        await asyncio.sleep(3600)
        sent = [command for command in bench.sent(modem) if command.startswith("AT+CPIN=")]
        assert sent == ["AT+CPIN=9999"]
        assert bench.told.names().count("pin_refused") == 1
        assert bench.told.names().count("pin_withheld") <= 2
        assert bench.fleet.statuses()[0].phase == "pin"
        assert not any("1234" in str(event) or "9999" in str(event) for event in bench.told.events)
        assert "9999" not in str(bench.fleet.statuses())
        right = replace(bench.settings, pin=lambda iccid: "1234")
        bench.fleet.reload(right, bench)
        await asyncio.sleep(10)
        assert bench.fleet.statuses()[0].phase == "ready"

    bench.run(scenario)


def test_a_pin_that_is_not_answered_shows_nowhere() -> None:
    bench = Bench()
    sim = make_sim(1, pin="7391")
    modem = bench.modem(replace(telling_its_iccid(sim), latency={"+CPIN=": 100.0}), sim)
    bench.settings = replace(bench.settings, pin=lambda iccid: "7391")

    async def scenario() -> None:
        shown: list[str] = []
        for _ in range(60):
            await asyncio.sleep(1)
            shown.append(str(bench.fleet.statuses()))
        assert "AT+CPIN=7391" in bench.sent(modem)
        assert "no answer to AT+CPIN=" in str(shown)
        assert "7391" not in str(shown)
        assert "7391" not in str(bench.told.events)

    bench.run(scenario)


@pytest.mark.parametrize("told", [True, False])
def test_a_pin_whose_answer_was_lost_is_sent_again_only_if_no_try_is_gone(told: bool) -> None:
    bench = Bench()
    sim = make_sim(1, pin="1234")
    personality = telling_its_iccid(sim)
    if told:
        answers = {**personality.answers, "+CPINR": ("+CPINR: SIM PIN,3,3",)}
        personality = replace(personality, answers=answers)
    modem = bench.modem(personality, sim)
    bench.settings = replace(bench.settings, pin=lambda iccid: "1234")
    bench.intake.pins.append((sim.iccid, "1234"))  # by a process that died before the answer

    async def scenario() -> None:
        await asyncio.sleep(100)
        sent = [command for command in bench.sent(modem) if command.startswith("AT+CPIN=")]
        assert sent == ["AT+CPIN=1234"] * told
        status = bench.fleet.statuses()[0]
        assert status.phase == ("ready" if told else "pin")
        assert told or "its answer is not known" in status.last_error

    bench.run(scenario)


def test_a_refused_pin_is_never_sent_again_whatever_is_told_of_tries() -> None:
    bench = Bench()
    sim = make_sim(1, pin="1234")
    personality = telling_its_iccid(sim)
    answers = {**personality.answers, "+CPINR": ("+CPINR: SIM PIN,3,3",)}
    modem = bench.modem(replace(personality, answers=answers), sim)
    bench.settings = replace(bench.settings, pin=lambda iccid: "9999")

    async def scenario() -> None:
        await asyncio.sleep(300)
        sent = [command for command in bench.sent(modem) if command.startswith("AT+CPIN=")]
        assert sent == ["AT+CPIN=9999"]

    bench.run(scenario)


def test_a_huawei_tells_the_tries_for_its_pin_behind_those_for_its_puk() -> None:
    bench = Bench()
    sim = make_sim(1, pin="1234")
    answers = {**HUAWEI.answers, "^CPIN?": ("^CPIN: SIM PIN,2,10,2,10,3",)}
    modem = bench.modem(replace(HUAWEI, answers=answers), sim)
    bench.settings = replace(bench.settings, pin=lambda iccid: "1234")

    async def scenario() -> None:
        await asyncio.sleep(100)
        assert "AT^CPIN?" in bench.sent(modem)
        assert not [command for command in bench.sent(modem) if command.startswith("AT+CPIN=")]
        assert "only 2 tries are left" in bench.fleet.statuses()[0].last_error

    bench.run(scenario)


def test_a_sim_that_wants_its_puk_is_sent_nothing() -> None:
    bench = Bench()
    sim = make_sim(1, pin="1234")
    sim.tries = 0
    modem = bench.modem(telling_its_iccid(sim), sim)
    bench.settings = replace(bench.settings, pin=lambda iccid: "1234")

    async def scenario() -> None:
        await asyncio.sleep(100)
        assert not [command for command in bench.sent(modem) if command.startswith("AT+CPIN=")]
        assert "SIM PUK" in bench.fleet.statuses()[0].last_error

    bench.run(scenario)


def test_a_pin_is_not_sent_where_a_try_is_gone_already() -> None:
    bench = Bench()
    sim = make_sim(1, pin="1234")
    told = telling_its_iccid(sim)
    answers = {**told.answers, "+CPINR": ("+CPINR: SIM PIN,2,3",)}
    modem = bench.modem(replace(told, answers=answers), sim)
    bench.settings = replace(bench.settings, pin=lambda iccid: "1234")

    async def scenario() -> None:
        await asyncio.sleep(100)
        assert not [command for command in bench.sent(modem) if command.startswith("AT+CPIN=")]

    bench.run(scenario)


def test_a_busy_journal_holds_the_next_read_back() -> None:
    bench = Bench()
    modem = bench.modem()
    records: list[Reading] = []
    bench.intake.on_record = records.append
    gate = asyncio.Event()
    bench.intake.gate = gate
    bench.store(modem, "one")

    async def scenario() -> None:
        await asyncio.sleep(60)
        assert records == []
        assert sum("CMGL" in command for command in bench.sent(modem)) == 1
        gate.set()
        await asyncio.sleep(1)
        assert len(records) == 2  # of each store

    bench.run(scenario)


def test_a_full_store_is_told_once_and_its_end_too() -> None:
    bench = Bench()
    modem = bench.modem(sim=make_sim(1, capacity=10))
    identities = [bench.store(modem, f"message {number}") for number in range(10)]

    async def scenario() -> None:
        await asyncio.sleep(100)
        assert bench.told.names().count("sim_full") == 1
        bench.intake.done |= set(identities)
        bench.fleet.wake(1)
        await asyncio.sleep(60)
        assert bench.told.names().count("sim_room") == 1

    bench.run(scenario)


def test_the_same_message_in_two_slots_is_freed_from_both() -> None:
    bench = Bench()
    modem = bench.modem()
    one = bench.store(modem, "one")
    assert bench.store(modem, "one") == one
    bench.intake.done.add(one)

    async def scenario() -> None:
        await asyncio.sleep(10)
        assert modem.sim is not None
        assert modem.sim.sms.used == 0

    bench.run(scenario)


@pytest.mark.parametrize("family", [GENERIC, BROVI, FOXCONN], ids=lambda family: family.name)
def test_a_message_that_lands_in_the_modems_memory_is_found_and_freed_there(
    family: Personality,
) -> None:
    bench = Bench()
    modem = bench.modem(family)
    modem.write("ME", 5, bytes.fromhex("00") + bench.tpdu("of an earlier SIM"), None)

    async def scenario() -> None:
        await asyncio.sleep(5)
        modem.trouble.into_me = True
        identity = bench.deliver(modem, "code 1234")
        await asyncio.sleep(2)
        assert bench.intake.identities(arrived=True) == [identity]
        assert [reading.store for reading in bench.intake.readings if reading.arrived] == ["ME"]
        bench.intake.done.add(identity)
        bench.fleet.wake(1)
        await asyncio.sleep(2)
        assert modem.me.occupied() == [5]
        modem.trouble.into_me = False
        identity = bench.deliver(modem, "code 5678")
        await asyncio.sleep(0.1)
        assert identity in bench.intake.identities(arrived=True)

    bench.run(scenario)


def test_a_modem_with_nothing_but_its_own_memory_is_read_from_that() -> None:
    bench = Bench()
    modem = bench.modem(replace(GENERIC, stores=("ME",), default_store="ME"))
    modem.write("ME", 0, bytes.fromhex("00") + bench.tpdu("of an earlier SIM"), None)

    async def scenario() -> None:
        await asyncio.sleep(20)
        assert bench.intake.readings[0].store == "ME"
        assert not bench.intake.readings[0].arrived
        identity = bench.deliver(modem, "code 1234")
        await asyncio.sleep(0.5)
        assert bench.intake.identities(arrived=True) == [identity]

    bench.run(scenario)


def test_a_modem_that_takes_the_sims_store_and_stays_at_its_own_memory_is_read_from_that() -> None:
    """It says OK to every AT+CPMS."""
    bench = Bench()
    modem = bench.modem(replace(GENERIC, default_store="ME"))

    def stay(command: str) -> None:
        if command.startswith("AT+CPMS="):
            modem.settings.stores = ["ME"] * 3

    modem.dialogue.after.append(stay)

    async def scenario() -> None:
        await asyncio.sleep(30)
        (status,) = bench.fleet.statuses()
        assert (status.phase, status.store) == ("ready", "ME")
        identity = bench.deliver(modem, "code 1234")
        await asyncio.sleep(0.5)
        assert bench.intake.identities(arrived=True) == [identity]
        assert bench.intake.readings[-1].store == "ME"

    bench.run(scenario)


def test_a_restart_that_nobody_noticed_is_noticed_by_a_poll() -> None:
    bench = Bench()
    modem = bench.modem(replace(QUECTEL, boot=(), keeps_store=False))

    async def scenario() -> None:
        await asyncio.sleep(10)
        modem.reboot()
        await asyncio.sleep(60)
        identity = bench.deliver(modem, "code 1234")
        await asyncio.sleep(0.5)
        assert identity in bench.intake.identities(arrived=True)

    bench.run(scenario)


def test_a_sim_changed_between_its_iccid_and_its_own_number_is_seen_as_neither_mixture() -> None:
    bench = Bench()
    modem = bench.modem()
    other = make_sim(77)
    once_on(modem, "AT+CIMI", lambda: modem.insert(other, noticed=False))
    bench.run(lambda: asyncio.sleep(20))
    assert [sim.iccid for sim in bench.intake.seen] == [other.iccid]


def test_a_modem_that_starts_anew_while_its_sim_is_identified_is_set_up_again() -> None:
    bench = Bench()
    modem = bench.modem()
    once_on(modem, "AT+CIMI", lambda: modem.say("RDY"))
    bench.run(lambda: asyncio.sleep(30))
    assert sum(command.startswith("AT+CNMI=") for command in bench.sent(modem)) == 2


def test_a_message_whose_reading_is_thrown_into_doubt_has_arrived_all_the_same() -> None:
    bench = Bench()
    modem = bench.modem()

    async def scenario() -> None:
        await asyncio.sleep(10)
        once_on(modem, "AT+CMGR", lambda: modem.say("+CPIN: READY"))
        new = bench.deliver(modem, "code")
        await asyncio.sleep(10)
        assert bench.intake.identities(arrived=True) == [new]

    bench.run(scenario)


def test_a_slot_that_our_delete_emptied_is_freed_however_late_that_is_seen() -> None:
    bench = Bench()
    modem = bench.modem(
        replace(GENERIC, listing_refused="+CMS ERROR: 303", empty_read=("+CMS ERROR: 320",))
    )
    stored = bench.store(modem, "code")

    async def scenario() -> None:
        await asyncio.sleep(10)
        bench.intake.done.add(stored)
        bench.fleet.wake(1)
        await asyncio.sleep(8)
        assert "AT+CMGD=1" in bench.sent(modem)
        assert not bench.intake.freed_copies
        modem.personality = GENERIC
        await asyncio.sleep(60)
        assert bench.intake.freed_copies

    bench.run(scenario)


def test_a_slot_that_was_freed_costs_no_listing() -> None:
    bench = Bench()
    modem = bench.modem()
    stored = bench.store(modem, "code")

    async def scenario() -> None:
        await asyncio.sleep(5)
        bench.intake.done.add(stored)
        bench.fleet.wake(1)
        await asyncio.sleep(5)
        assert bench.intake.freed_copies
        before = bench.sent(modem).count("AT+CMGL=4")
        await asyncio.sleep(60)
        assert bench.sent(modem).count("AT+CMGL=4") == before

    bench.run(scenario)
