import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sms import encode

from gsmbridge.sms.parts import (
    AloneAfterGaps,
    Begins,
    Candidate,
    Duplicate,
    Joins,
    Stage,
    content,
    decide,
    key,
)
from gsmbridge.sms.pdu import decode
from gsmbridge.sms.text import render
from gsmbridge.sms.udh import Concat


def part(number, total=3):
    return Concat(7, 8, total, number)


def collecting(message, stamp=None, **present):
    return Candidate(message, Stage.COLLECTING, numbered(present), stamp)


def whole(message, stamp=None, **present):
    return Candidate(message, Stage.WHOLE, numbered(present), stamp)


def gaps(message, stamp=None, **present):
    return Candidate(message, Stage.GAPS, numbered(present), stamp)


def numbered(present):
    return {int(name[1:]): text for name, text in present.items()}


def test_the_first_part_begins_a_message():
    assert decide(part(2), "b", None, []) == Begins(completes=False)
    assert decide(part(1, total=1), "a", None, []) == Begins(completes=True)


def test_a_missing_part_joins():
    assert decide(part(2), "b", None, [collecting(1, p1="a")]) == Joins(1, completes=False)
    assert decide(part(2), "b", None, [collecting(1, p1="a", p3="c")]) == Joins(1, completes=True)


def test_the_same_part_again_is_a_duplicate():
    assert decide(part(1), "a", None, [collecting(1, p1="a")]) == Duplicate(1)
    assert decide(part(1), "a", None, [whole(1, p1="a", p2="b", p3="c")]) == Duplicate(1)
    assert decide(part(1), "a", None, [gaps(1, p1="a")]) == Duplicate(1)


def test_other_user_data_under_the_same_number_begins_a_message():
    assert decide(part(1), "x", None, [collecting(1, p1="a")]) == Begins(completes=False)
    assert decide(part(1), "x", None, [whole(1, p1="a", p2="b", p3="c")]) == Begins(False)
    assert decide(part(1), "x", None, [gaps(1, p1="a")]) == Begins(completes=False)


def test_a_part_after_a_push_with_gaps_goes_alone():
    assert decide(part(2), "b", None, [gaps(1, p1="a")]) == AloneAfterGaps(1)
    assert decide(part(3), "c", None, [gaps(1, p1="a"), gaps(2, p2="b")]) == AloneAfterGaps(1)


def test_a_message_being_collected_goes_before_one_that_went_with_gaps():
    known = [gaps(1, p1="a"), collecting(2, p1="x")]
    assert decide(part(2), "b", None, known) == Joins(2, completes=False)


def test_time_stamps_choose_between_messages_that_lack_the_part():
    known = [collecting(1, 100.0, p1="a"), collecting(2, 160.0, p1="x")]
    assert decide(part(2), "b", 161.0, known) == Joins(2, completes=False)
    assert decide(part(2), "b", 101.0, known) == Joins(1, completes=False)
    late = [gaps(1, 100.0, p1="a"), collecting(2, 160.0, p1="x")]
    assert decide(part(2), "b", 101.0, late) == AloneAfterGaps(1)


def test_time_stamps_choose_between_having_and_lacking_the_part():
    known = [whole(1, 100.0, p1="a", p2="b", p3="c"), collecting(2, 160.0, p2="y")]
    assert decide(part(1), "a", 160.0, known) == Joins(2, completes=False)
    assert decide(part(1), "a", 100.0, known) == Duplicate(1)
    assert decide(part(1), "a", None, known) == Duplicate(1)


def test_without_time_stamps_the_oldest_goes_first():
    known = [collecting(1, p1="a"), collecting(2, p1="x")]
    assert decide(part(2), "b", None, known) == Joins(1, completes=False)
    assert decide(part(2), "b", 5.0, known) == Joins(1, completes=False)


def test_keys_tell_sender_reference_width_and_total_apart():
    keys = {
        key(sender, Concat(reference, width, total, 1))
        for sender, reference, width, total in itertools.product(
            ["+79", "Bank"], [1, 256], [8, 16], [2, 3]
        )
    }
    assert len(keys) == 16
    assert key("Bank", part(1)) == key("Bank", part(3))


def test_content_is_what_a_part_says_and_how_it_is_written():
    same = [
        encode.gsm7("code", header=encode.concat(2, 1)),
        encode.gsm7("code", header=encode.concat16(2, 1), scts=b"\xff" * 7, smsc="00"),
    ]
    other = [
        encode.gsm7("Code"),
        encode.gsm7("code", locking=1),
        encode.gsm7("code", single=1),
        encode.deliver(b"code"),
        encode.ucs2("code"),
    ]
    assert content(decode(same[0])) == content(decode(same[1]))
    assert len({content(decode(pdu)) for pdu in same + other}) == 6


class Store:
    """The least that can carry the decisions out."""

    def __init__(self):
        self.messages = []

    def take(self, pdu):
        message = decode(pdu)
        known = [
            Candidate(
                index,
                Stage.WHOLE if len(parts) == message.concat.total else Stage.COLLECTING,
                {number: content(one) for number, one in parts.items()},
                min(one.scts.timestamp() for one in parts.values()),
            )
            for index, (name, parts) in enumerate(self.messages)
            if name == key(message.sender, message.concat)
        ]
        decision = decide(message.concat, content(message), message.scts.timestamp(), known)
        match decision:
            case Begins():
                parts = {message.concat.number: message}
                self.messages.append((key(message.sender, message.concat), parts))
            case Joins(index, _):
                self.messages[index][1][message.concat.number] = message

    def texts(self):
        return sorted(
            render([parts.get(i) for i in range(1, int(name.split("/")[2]) + 1)])
            for name, parts in self.messages
        )


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_parts_in_any_order_make_the_message(order):
    pdus = [encode.gsm7(f"part {i} ", header=encode.concat(4, i)) for i in range(1, 5)]
    store = Store()
    for index in order:
        store.take(pdus[index])
        store.take(pdus[index])
    assert store.texts() == ["part 1 part 2 part 3 part 4 "]


@given(st.permutations(range(12)))
def test_messages_of_several_senders_do_not_mix(order):
    pdus = [
        encode.ucs2(f"{digits}.{i} ", header=header(3, i), sender=encode.number(digits))
        for digits in ("100", "200")
        for header in (encode.concat, encode.concat16)
        for i in (1, 2, 3)
    ]
    store = Store()
    for index in order:
        store.take(pdus[index])
    assert store.texts() == ["100.1 100.2 100.3 "] * 2 + ["200.1 200.2 200.3 "] * 2


def test_a_reference_used_again_makes_another_message():
    store = Store()
    for words in ("first", "other"):
        for i in (1, 2):
            store.take(encode.gsm7(f"{words}{i}", header=encode.concat(2, i)))
    assert store.texts() == ["first1first2", "other1other2"]
