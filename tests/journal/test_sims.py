"""Which SIM is which, however little of it a modem shows."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from gsmbridge.journal import own
from gsmbridge.journal.journal import Journal
from gsmbridge.journal.rules import Rules
from gsmbridge.journal.salvage import set_aside
from gsmbridge.message import SimSeen, State
from gsmbridge.numbers import Listed, Numbers
from tests.journal.desk import ICCID, PHONE, RULES, Desk, reading, rows, seen

OTHER = "89701012345678901249"
IMSI, IMSI2, IMSI3 = "250011234567890", "250019876543210", "250015555555555"
OWN = "79991112233"
WORD = "ABCDEFGHJKLM"


def test_a_sim_is_the_same_after_a_restart_in_another_modem(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    first = desk.work(lambda journal: seen(journal))
    assert desk.work(lambda journal: seen(journal, modem="modem1")) == first


def test_imsi_and_iccid_once_seen_together_are_one_sim_for_good(tmp_path: Path) -> None:
    async def main(journal: Journal) -> None:
        sim = await seen(journal, ICCID, imsi=IMSI)
        assert await seen(journal, None, imsi=IMSI) == sim
        assert await seen(journal, ICCID) == sim

    Desk(tmp_path).work(main)


def test_a_sim_known_by_its_imsi_alone_gets_its_iccid_later(tmp_path: Path) -> None:
    async def main(journal: Journal) -> None:
        sim = await seen(journal, None, imsi=IMSI)
        assert await seen(journal, ICCID, imsi=IMSI) == sim
        assert await seen(journal, ICCID) == sim

    Desk(tmp_path).work(main)


def test_two_rows_that_turn_out_to_be_one_sim_are_merged_with_their_messages(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)
    one, two = desk.another(), desk.another()

    async def main(journal: Journal) -> None:
        by_imsi = await seen(journal, None, imsi=IMSI)
        await journal.record(reading(by_imsi, {1: one}, complete=True))
        by_iccid = await seen(journal, ICCID)
        assert by_imsi != by_iccid
        await journal.record(reading(by_iccid, {2: two}, modem="modem1", complete=True))
        assert await seen(journal, ICCID, imsi=IMSI) == by_iccid
        assert await seen(journal, None, imsi=IMSI) == by_iccid
        await journal.record(reading(by_iccid, {1: one, 2: two}, appearance="a2", complete=True))

    desk.work(main)
    assert sorted(out.text for out in desk.office.outgoing) == ["text 1", "text 2"]
    assert {out.phone for out in desk.office.outgoing} == {PHONE}


def test_a_sim_that_was_listed_is_known_also_when_merged_with_one_that_was_not(
    tmp_path: Path,
) -> None:
    async def main(journal: Journal) -> None:
        by_imsi = await seen(journal, None, imsi=IMSI)
        await journal.record(reading(by_imsi, {}, complete=True))
        by_iccid = await seen(journal, ICCID, modem="modem1")
        state = await journal.sim_seen(SimSeen("modem1", ICCID, IMSI))
        assert state.sim == by_iccid
        assert state.listed

    Desk(tmp_path).work(main)


def test_a_sim_that_sends_a_word_of_ours_can_be_merged_and_the_word_is_known_on(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        by_iccid = await seen(journal, ICCID)
        by_imsi = await seen(journal, None, modem="modem1", imsi=IMSI)
        await journal.expect(WORD, by_imsi)
        assert await seen(journal, ICCID, modem="modem1", imsi=IMSI) == by_iccid
        other = await seen(journal, OTHER)
        await journal.record(reading(other, {1: desk.pdu(own.text_with(WORD))}, arrived=True))

    desk.work(main)
    assert not desk.office.outgoing
    assert [row["state"] for row in rows(desk)] == ["skipped"]


def test_a_card_with_several_imsis_whose_row_was_lost_is_merged_with_each_of_them(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)

    async def first(journal: Journal) -> None:
        for imsi in (IMSI, IMSI2):
            sim = await seen(journal, ICCID, imsi=imsi)
        await journal.record(reading(sim, {1: desk.another()}))

    async def then(journal: Journal) -> None:
        sim = await seen(journal, ICCID)
        assert await seen(journal, None, imsi=IMSI) != sim, "nothing tells it yet"
        assert await seen(journal, ICCID, imsi=IMSI) == sim
        assert await seen(journal, None, imsi=IMSI2) == sim

    desk.work(first)
    with closing(sqlite3.connect(desk.path)) as db:
        db.execute("DELETE FROM sims")
        db.commit()
    set_aside(desk.path, desk.clock.wall())
    desk.work(then)


def test_a_card_with_several_imsis_is_one_sim_by_each_of_them(tmp_path: Path) -> None:
    async def main(journal: Journal) -> None:
        sim = await seen(journal, ICCID, imsi=IMSI)
        assert await seen(journal, ICCID, imsi=IMSI2) == sim
        assert await seen(journal, None, imsi=IMSI) == sim
        assert await seen(journal, None, imsi=IMSI2) == sim

    Desk(tmp_path).work(main)


def test_a_number_listed_by_imsi_holds_whichever_imsi_the_card_shows(tmp_path: Path) -> None:
    desk = Desk(tmp_path, replace(RULES, numbers=Numbers((Listed(PHONE, imsi=IMSI),))))

    async def main(journal: Journal) -> None:
        for imsi in (IMSI, IMSI2, None):
            assert (await journal.sim_seen(SimSeen("m", ICCID, imsi))).phone == PHONE

    desk.work(main)


def test_of_several_imsis_that_are_listed_the_one_that_the_card_shows_gives_the_number(
    tmp_path: Path,
) -> None:
    rows = (Listed(PHONE, imsi=IMSI), Listed(OWN, imsi=IMSI2))
    desk = Desk(tmp_path, replace(RULES, numbers=Numbers(rows)))

    async def main(journal: Journal) -> None:
        async def phone(imsi: str | None) -> str | None:
            return (await journal.sim_seen(SimSeen("m", ICCID, imsi))).phone

        assert [await phone(IMSI) for _ in range(3)] == [PHONE] * 3
        assert [await phone(imsi) for imsi in (IMSI2, None, IMSI, IMSI2)] == [OWN, OWN, PHONE, OWN]
        assert await phone(IMSI3) is None, "either could be meant"

    desk.work(main)


def test_a_replaced_card_is_another_sim_and_keeps_the_number_listed_by_imsi(tmp_path: Path) -> None:
    desk = Desk(tmp_path, replace(RULES, numbers=Numbers((Listed(PHONE, imsi=IMSI),))))

    async def main(journal: Journal) -> None:
        old = await journal.sim_seen(SimSeen("m", ICCID, IMSI))
        new = await journal.sim_seen(SimSeen("m", OTHER, IMSI))
        assert new.sim != old.sim
        assert old.phone == new.phone == PHONE
        alone = await journal.sim_seen(SimSeen("m", None, IMSI))
        assert alone.sim == new.sim, "an IMSI alone means the card that showed it last"

    desk.work(main)


def test_a_shorter_iccid_matches_where_it_begins_exactly_one(tmp_path: Path) -> None:
    async def main(journal: Journal) -> None:
        sim = await seen(journal, ICCID[:18])
        assert await seen(journal, ICCID[:19]) == sim
        assert await seen(journal, ICCID) == sim
        assert await seen(journal, ICCID[:18]) == sim
        state = await journal.sim_seen(SimSeen("modem0", ICCID[:19], None))
        assert state.iccid == ICCID

    Desk(tmp_path).work(main)


def test_a_shorter_iccid_that_begins_two_is_neither(tmp_path: Path) -> None:
    async def main(journal: Journal) -> None:
        one = await seen(journal, ICCID)
        two = await seen(journal, ICCID[:19] + "9")
        assert one != two
        assert await seen(journal, ICCID[:19]) not in (one, two)
        assert await seen(journal, ICCID) == one

    Desk(tmp_path).work(main)


NEIGHBOUR = ICCID[:18] + "99"


def test_a_shorter_iccid_with_an_imsi_is_the_sim_that_showed_both(tmp_path: Path) -> None:
    async def main(journal: Journal) -> None:
        one = await seen(journal, ICCID, imsi=IMSI)
        assert await seen(journal, ICCID[:18], imsi=IMSI2) != one, "a neighbour, cut off"
        two = await seen(journal, NEIGHBOUR, imsi=IMSI3)
        assert two != one
        assert await seen(journal, ICCID[:19], imsi=IMSI) == one
        assert await seen(journal, ICCID[:18], imsi=IMSI3) != one

    Desk(tmp_path).work(main)


def test_neighbours_that_both_show_no_more_than_their_beginning_are_told_apart_by_imsi(
    tmp_path: Path,
) -> None:
    numbers = Numbers((Listed(PHONE, imsi=IMSI2),))
    desk = Desk(tmp_path, replace(RULES, numbers=numbers))

    async def main(journal: Journal) -> None:
        one = await journal.sim_seen(SimSeen("modem0", ICCID[:18], IMSI))
        two = await journal.sim_seen(SimSeen("modem1", ICCID[:18], IMSI2))
        assert (one.phone, two.phone) == (None, PHONE)
        assert await seen(journal, ICCID[:18], imsi=IMSI) == one.sim
        assert await seen(journal, ICCID[:18], imsi=IMSI2) == two.sim
        assert await seen(journal, NEIGHBOUR, imsi=IMSI2) == two.sim
        assert await seen(journal, ICCID, imsi=IMSI) == one.sim
        assert await seen(journal, NEIGHBOUR) == two.sim, "its ICCID became known"

    desk.work(main)


@pytest.mark.parametrize("listed", [ICCID[:18], ICCID])
def test_what_two_sims_show_alike_and_no_more_gives_neither_a_number(
    tmp_path: Path, listed: str
) -> None:
    desk = Desk(tmp_path, replace(RULES, numbers=Numbers((Listed(PHONE, iccid=listed),))))

    async def main(journal: Journal) -> None:
        one = await journal.sim_seen(SimSeen("modem0", ICCID[:18], IMSI))
        assert one.phone == PHONE, "nobody knows of the other yet"
        await journal.record(reading(one.sim, {1: desk.another()}))
        (out,) = desk.office.outgoing
        two = await journal.sim_seen(SimSeen("modem1", ICCID[:18], IMSI2))
        assert two.phone is None
        assert desk.office.gone == [out.sms_id]
        again = await journal.sim_seen(SimSeen("modem0", ICCID[:18], IMSI))
        assert (again.sim, again.phone) == (one.sim, None)
        whole = await journal.sim_seen(SimSeen("modem0", ICCID, IMSI))
        assert whole.sim == one.sim
        assert whole.phone == (PHONE if listed == ICCID else None)

    desk.work(main)


def test_a_listed_iccid_that_begins_two_sims_gives_neither_its_number(tmp_path: Path) -> None:
    desk = Desk(tmp_path, replace(RULES, numbers=Numbers((Listed(PHONE, iccid=ICCID[:18]),))))

    async def main(journal: Journal) -> None:
        one = await journal.sim_seen(SimSeen("modem0", ICCID, None))
        assert one.phone == PHONE
        await journal.record(reading(one.sim, {1: desk.another()}))
        (out,) = desk.office.outgoing
        two = await journal.sim_seen(SimSeen("modem1", NEIGHBOUR, None))
        assert two.phone is None
        assert desk.office.gone == [out.sms_id], "known at once, not at the next start"

    desk.work(main)


@pytest.mark.parametrize("listed", [ICCID[:18], ICCID])
def test_a_neighbour_shown_cut_off_and_the_one_listed_may_be_each_other(
    tmp_path: Path, listed: str
) -> None:
    desk = Desk(tmp_path, replace(RULES, numbers=Numbers((Listed(PHONE, iccid=listed),))))

    async def main(journal: Journal) -> None:
        cut = await journal.sim_seen(SimSeen("modem0", ICCID[:18], IMSI))
        assert cut.phone == PHONE
        await journal.record(reading(cut.sim, {1: desk.another()}))
        (out,) = desk.office.outgoing
        whole = await journal.sim_seen(SimSeen("modem1", ICCID, IMSI2))
        assert whole.sim != cut.sim
        assert whole.phone == (PHONE if listed == ICCID else None), "all of it listed is certain"
        assert desk.office.gone == [out.sms_id]

    desk.work(main)


def test_an_iccid_that_only_grew_takes_the_number_from_its_neighbour_at_once(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path, replace(RULES, numbers=Numbers((Listed(PHONE, iccid=ICCID[:18]),))))

    async def main(journal: Journal) -> None:
        await journal.sim_seen(SimSeen("modem1", None, IMSI2))
        one = await journal.sim_seen(SimSeen("modem0", ICCID, IMSI))
        await journal.record(reading(one.sim, {1: desk.another()}))
        (out,) = desk.office.outgoing
        assert (await journal.sim_seen(SimSeen("modem1", NEIGHBOUR, IMSI2))).phone is None
        assert desk.office.gone == [out.sms_id]

    desk.work(main)


def test_a_modem_has_changed_its_sim_until_one_is_completely_listed_and_no_other_seen(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)

    async def first(journal: Journal) -> None:
        state = await journal.sim_seen(SimSeen("modem0", ICCID, None))
        assert state.changed and not state.listed
        await journal.record(reading(state.sim, {}, complete=True))

    async def swapped(journal: Journal) -> int:
        state = await journal.sim_seen(SimSeen("modem0", OTHER, None))
        assert state.changed
        await journal.record(reading(state.sim, {}))
        return state.sim

    desk.work(first)
    desk.work(swapped, clean=False)

    async def listed(journal: Journal) -> None:
        sim = await swapped(journal)
        await journal.record(reading(sim, {}, complete=True))
        state = await journal.sim_seen(SimSeen("modem0", OTHER, None))
        assert not state.changed and state.listed
        assert (await journal.sim_seen(SimSeen("modem0", ICCID, None))).changed
        assert (await journal.sim_seen(SimSeen("modem0", OTHER, None))).changed

    desk.work(listed)


def test_a_sim_that_was_in_another_modem_meanwhile_has_changed_in_the_first(tmp_path: Path) -> None:
    """Should the first serve its store from a copy, it lacks what came while the SIM was away."""
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        state = await journal.sim_seen(SimSeen("modem0", ICCID, None))
        await journal.record(reading(state.sim, {}, complete=True))
        assert (await journal.sim_seen(SimSeen("modem1", ICCID, None))).changed
        assert (await journal.sim_seen(SimSeen("modem0", ICCID, None))).changed

    desk.work(main)


def test_a_number_stored_on_two_sims_belongs_to_neither(tmp_path: Path) -> None:
    desk = Desk(tmp_path, Rules())

    async def main(journal: Journal) -> None:
        one = await journal.sim_seen(SimSeen("modem0", ICCID, None, (OWN,)))
        assert one.phone == OWN
        await journal.record(reading(one.sim, {1: desk.another()}))
        (out,) = desk.office.outgoing
        two = await journal.sim_seen(SimSeen("modem1", OTHER, None, (OWN,)))
        assert two.phone is None
        assert desk.office.gone == [out.sms_id], "the claim counts at once, not at the next start"
        await journal.sim_seen(SimSeen("modem1", OTHER, None, ("79990000000",)))
        assert desk.office.outgoing[-1].phone == OWN

    desk.work(main)


def test_a_sim_that_tells_no_number_now_keeps_the_one_it_told(tmp_path: Path) -> None:
    desk = Desk(tmp_path, Rules())

    async def main(journal: Journal) -> None:
        await journal.sim_seen(SimSeen("modem0", ICCID, None, (OWN,)))
        assert (await journal.sim_seen(SimSeen("modem0", ICCID, None))).phone == OWN
        two = await journal.sim_seen(SimSeen("modem0", ICCID, None, (OWN, "79990000000")))
        assert two.phone is None

    desk.work(main)


async def may_send(
    journal: Journal, iccid: str = ICCID, pin: str = "1234", *, untouched: bool = False
) -> bool:
    return await journal.may_send_pin(iccid, pin, untouched=untouched)


def test_a_pin_is_never_sent_twice_unless_it_was_accepted(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert desk.work(may_send, clean=False)
    assert not desk.work(may_send)

    async def changed(journal: Journal) -> None:
        assert not await may_send(journal, ICCID[:19]), "the same card, shown shorter"
        assert await may_send(journal, pin="4321")
        await journal.pin_accepted(ICCID[:19])
        assert await may_send(journal, pin="4321")
        assert await may_send(journal, OTHER), "another card"

    desk.work(changed)


def test_a_pin_whose_answer_was_lost_is_sent_again_where_no_try_is_gone(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert desk.work(may_send, clean=False)

    async def main(journal: Journal) -> None:
        assert await may_send(journal, untouched=True)
        await journal.pin_refused(ICCID[:19])
        assert not await may_send(journal, untouched=True), "refused is refused"

    desk.work(main)


def test_a_sim_that_works_vouches_for_a_pin_whose_answer_was_lost_and_for_no_refused_one(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)

    async def main(journal: Journal) -> None:
        assert await may_send(journal)
        await seen(journal)
        assert await may_send(journal)
        await journal.pin_refused(ICCID)
        await seen(journal)
        assert not await may_send(journal)

    desk.work(main)


def test_a_number_that_a_sim_gets_later_serves_what_was_held(tmp_path: Path) -> None:
    desk = Desk(tmp_path, Rules())

    async def main(journal: Journal) -> None:
        sim = await seen(journal)
        await journal.record(reading(sim, {1: desk.another()}, arrived=True))
        assert not desk.office.outgoing
        await journal.sim_seen(SimSeen("modem0", ICCID, None, (OWN,)))
        (out,) = desk.office.outgoing
        assert out.phone == OWN and not out.frozen
        await journal.settle(out.sms_id, State.DELIVERED, 1, 200, "")

    desk.work(main)
