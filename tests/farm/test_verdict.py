"""The verdict finds each kind of broken promise in forged records, and no other."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from gsmbridge.farm.pushes import Push, of_lines, push
from gsmbridge.farm.truth import Event
from gsmbridge.farm.verdict import KINDS, Circumstances, Verdict, judge

PHONE, OTHER = "79080000001", "79080000002"


def sent(message: int, text: str = "code 1", to: str = PHONE, parts: Sequence[str] = ()) -> Event:
    parts = list(parts) or [text]
    pdus = [f"{message:04X}{number:02X}" for number in range(len(parts))]
    fields = {"message": message, "to": to, "sender": "Bank", "text": text}
    return Event(0.0, "sent", {**fields, "parts": parts, "pdus": pdus})


def on_sim(kind: str, at: float, message: int = 1, part: int = 1) -> Event:
    where = {"modem": "modem0", "iccid": "8970", "store": "SM", "slot": 1}
    return Event(at, kind, {**where, "message": message, "part": part})


def pushed(at: float, sms_id: int = 7, status: int | None = 200, **changes: Any) -> Push:
    names = ("text", "phone", "key")
    text, phone, key = (
        changes.pop(n, d) for n, d in zip(names, ("code 1", PHONE, "k"), strict=True)
    )
    body = {"smsId": sms_id, "phoneFrom": "Bank", "phone": phone, "text": text, "key": key}
    answered = None if status is None else at + 0.1
    facts = {
        "first_byte": at,
        "received": at,
        "status": status,
        "answered": answered,
        "ended": at + 0.1,
        "sent": status is not None,
    }
    return push(json.dumps(body), **{**facts, **changes})


STORED = [sent(1), on_sim("stored", 1.0)]
FREED = [*STORED, on_sim("deleted", 3.0)]


def kinds(verdict: Verdict) -> list[str]:
    return [violation.kind for violation in verdict.violations]


def test_a_message_stored_pushed_and_deleted_is_clean() -> None:
    verdict = judge(FREED, [pushed(2.0)])
    assert verdict.clean
    assert (verdict.sent, verdict.delivered, verdict.held, verdict.pushes) == (1, 1, 0, 1)


def test_a_message_that_still_lies_on_its_sim_is_held_not_lost() -> None:
    verdict = judge(STORED, [])
    assert verdict.clean
    assert (verdict.held, verdict.delivered) == (1, 0)


def test_a_message_that_no_modem_ever_had_is_waiting() -> None:
    assert judge([sent(1)], []).waiting == 1


def test_one_that_is_gone_without_a_push_is_lost_and_was_deleted_early() -> None:
    assert sorted(kinds(judge(FREED, []))) == ["deleted_early", "lost"]


def test_a_delete_before_the_200_is_early() -> None:
    assert kinds(judge(FREED, [pushed(3.5)])) == ["deleted_early"]


def test_a_delete_after_a_failure_alone_is_early() -> None:
    assert "deleted_early" in kinds(judge(FREED, [pushed(2.0, status=500)]))


def test_deletes_are_not_asked_about_where_the_operator_allows_them() -> None:
    assert kinds(judge(FREED, [pushed(3.5)], frees_unpushed=True)) == []


def test_a_push_after_a_known_200_is_a_repeat() -> None:
    assert kinds(judge(FREED, [pushed(2.0), pushed(20.0)])) == ["repeated"]


def test_a_push_after_a_200_whose_reply_was_cut_is_unavoidable() -> None:
    verdict = judge(FREED, [pushed(2.0, sent=False), pushed(20.0)])
    assert verdict.clean
    assert verdict.unavoidable_repeats == 1


def test_a_push_after_a_200_is_unavoidable_if_the_daemon_was_killed_just_then() -> None:
    verdict = judge(FREED, [pushed(2.0), pushed(20.0)], kills=[2.3])
    assert (verdict.clean, verdict.unavoidable_repeats) == (True, 1)
    assert kinds(judge(FREED, [pushed(2.0), pushed(20.0)], kills=[15.0])) == ["repeated"]


def test_a_push_after_a_terminal_error_is_noticed() -> None:
    pushes = [pushed(2.0, status=400, terminal=True), pushed(20.0)]
    assert kinds(judge(STORED, pushes)) == ["retried_refused"]


def test_a_refused_message_may_stay_but_not_go() -> None:
    refused = [pushed(2.0, status=400, terminal=True)]
    assert judge(STORED, refused).refused == 1
    assert judge(STORED, refused).clean
    assert kinds(judge(FREED, refused)) == ["deleted_early"]


def test_a_second_id_for_one_message_is_a_double() -> None:
    assert kinds(judge(FREED, [pushed(2.0, 7), pushed(2.5, 8)])) == ["doubled"]


def test_two_messages_that_say_the_same_may_have_two_ids() -> None:
    events = [*FREED, sent(2), on_sim("stored", 1.5, 2), on_sim("deleted", 3.1, 2)]
    assert judge(events, [pushed(2.0, 7), pushed(2.5, 8)]).clean
    assert "lost" in kinds(judge(events, [pushed(2.0, 7)]))


def test_the_same_octets_sent_again_are_one_message() -> None:
    again = Event(0.5, "sent", {**sent(1).fields, "message": 2})
    events = [*FREED, again, on_sim("stored", 4.0, 2), on_sim("deleted", 5.0, 2)]
    assert judge(events, [pushed(2.0)]).clean


def test_one_id_for_two_messages_is_reuse() -> None:
    events = [*STORED, sent(2, "code 2"), on_sim("stored", 1.0, 2)]
    found = kinds(judge(events, [pushed(2.0), pushed(20.0, text="code 2")]))
    assert "id_reused" in found
    assert "changed" in found


def test_another_body_in_the_second_attempt_is_a_change() -> None:
    first = pushed(2.0, status=500)
    second = push(
        json.dumps({"smsId": 7, "phone": PHONE, "phoneFrom": "Bank", "text": "code 1"}),
        first_byte=20.0,
        received=20.0,
    )
    assert kinds(judge(STORED, [first, second])) == ["changed"]


@pytest.mark.parametrize("lost_at, blamed", [(10.0, False), (1.0, True), (30.0, True)])
def test_what_was_forgotten_with_the_journal_is_excused_and_nothing_else(
    lost_at: float, blamed: bool
) -> None:
    forgetting = Circumstances(losses=[lost_at])
    again = judge(FREED, [pushed(2.0), pushed(20.0)], circumstances=forgetting)
    anew = judge(FREED, [pushed(2.0), pushed(20.0, sms_id=8)], circumstances=forgetting)
    other = [pushed(2.0, status=500), pushed(20.0, text="code 2")]
    changed = judge([*STORED, sent(2, "code 2")], other, circumstances=forgetting)
    assert kinds(again) == ["repeated"] * blamed
    assert kinds(anew) == ["doubled"] * blamed
    assert ("changed" in kinds(changed)) == blamed
    assert again.unavoidable_repeats == anew.unavoidable_repeats == (0 if blamed else 1)


def test_what_the_operator_discards_needs_no_push_and_what_he_retries_may_be_refused() -> None:
    gone = [*STORED, on_sim("deleted", 3.0)]
    assert set(kinds(judge(gone, []))) == {"lost", "deleted_early"}
    assert judge(gone, [], circumstances=Circumstances(discarded={1})).clean
    refused = [pushed(2.0, status=400, terminal=True), pushed(20.0)]
    assert judge(STORED, refused, circumstances=Circumstances(retried={7})).clean


def test_another_key_is_no_change() -> None:
    assert judge(STORED, [pushed(2.0, status=401, key="a"), pushed(20.0, key="b")]).clean


def test_a_text_that_nobody_sent_is_altered() -> None:
    assert kinds(judge(STORED, [pushed(2.0, text="code l")])) == ["altered"]


def test_a_body_that_is_no_push_is_altered() -> None:
    assert kinds(judge(STORED, [push("[]", first_byte=1.0, received=1.0)])) == ["altered"]


def test_a_push_under_another_sims_number_is_misattributed() -> None:
    assert kinds(judge(STORED, [pushed(2.0, phone=OTHER)])) == ["misattributed"]


def test_a_retry_before_the_interval_is_early() -> None:
    assert kinds(judge(STORED, [pushed(2.0, status=500), pushed(12.0)])) == ["early"]
    assert judge(STORED, [pushed(2.0, status=500), pushed(12.15)]).clean


def test_a_second_attempt_within_the_first_overlaps() -> None:
    slow = pushed(2.0, status=500, answered=20.0, ended=20.0)
    assert "overlapping" in kinds(judge(STORED, [slow, pushed(15.0)]))


def test_an_attempt_that_outlasted_the_clients_patience_does_not_overlap() -> None:
    stalled = pushed(2.0, status=None, ended=60.0)
    assert judge(STORED, [stalled, pushed(42.5)]).clean


def test_a_killed_daemons_attempt_does_not_overlap_the_next_ones() -> None:
    stalled = pushed(2.0, status=None, ended=60.0)
    assert judge(STORED, [stalled, pushed(20.0)], kills=[3.0]).clean


def test_a_push_with_gaps_covers_its_parts_only() -> None:
    events = [
        sent(1, "abc", parts=["a", "b", "c"]),
        on_sim("stored", 1.0),
        on_sim("stored", 1.0, part=3),
    ]
    verdict = judge(events, [pushed(2.0, text="a[…]c")])
    assert (verdict.clean, verdict.with_gaps, verdict.delivered) == (True, 1, 1)
    late = [*events, on_sim("stored", 5.0, part=2), on_sim("deleted", 6.0, part=2)]
    assert sorted(kinds(judge(late, [pushed(2.0, text="a[…]c")]))) == ["deleted_early", "lost"]
    assert judge(late, [pushed(2.0, text="a[…]c"), pushed(5.5, 8, text="[…]b[…]")]).clean
    assert kinds(judge(late, [pushed(2.0, text="a[…]c"), pushed(5.5, 8, text="abc")])) == [
        "doubled"
    ]


def test_what_the_network_overwrote_is_counted_not_blamed() -> None:
    verdict = judge([*STORED, on_sim("overwritten", 1.5)], [])
    assert (verdict.clean, verdict.overwritten) == (True, 1)


def test_what_was_handed_over_directly_and_not_pushed_is_counted() -> None:
    verdict = judge([sent(1), on_sim("direct", 1.0)], [])
    assert (verdict.clean, verdict.direct_lost) == (True, 1)


def test_the_table_names_every_kind() -> None:
    table = str(judge(FREED, []))
    assert all(kind in table for kind in KINDS)


@pytest.mark.parametrize("cut", [0, 1])
def test_a_partners_file_is_read_up_to_its_last_whole_line(cut: int) -> None:
    body = json.dumps(
        {"smsId": 7, "phone": PHONE, "phoneFrom": "Bank", "text": "ж"}, ensure_ascii=False
    )
    received = {
        "number": 1,
        "first_byte": 2.0,
        "received": 2.0,
        "body": body.encode().decode("latin-1"),
    }
    answer = {"number": 1, "status": 200, "answered": 2.1, "ended": 2.1, "sent": True}
    lines = [json.dumps(received) + "\n", json.dumps(answer) + "\n"[cut:]]
    (found,) = of_lines(lines)
    assert found.text == "ж"
    assert found.status == (None if cut else 200)
