"""A lane keeps its order whatever is taken out of its middle, and however numbers step aside."""

from __future__ import annotations

from gsmbridge.forwarding.lane import Lane

A, B = "79000000001", "79000000002"


def anyone(phone: str) -> bool:
    return True


def drain(lane: Lane) -> list[int]:
    taken = []
    while (sms_id := lane.take(anyone)) is not None:
        taken.append(sms_id)
    return taken


def test_message_put_in_again_has_its_new_place_only() -> None:
    lane = Lane()
    for key, sms_id in ((1.0, 1), (2.0, 2), (3.0, 3)):
        lane.push(key, A, sms_id)
    lane.discard(2)
    lane.push(9.0, A, 2)
    assert drain(lane) == [1, 3, 2]
    assert len(lane) == 0


def test_smaller_key_of_the_same_number_overtakes() -> None:
    lane = Lane()
    lane.push(5.0, A, 1)
    lane.push(3.0, B, 2)
    lane.push(1.0, A, 3)
    assert drain(lane) == [3, 2, 1]


def test_number_without_room_steps_aside_until_called_back() -> None:
    lane = Lane()
    lane.push(1.0, A, 1)
    lane.push(2.0, B, 2)
    assert lane.take(lambda phone: phone == B) == 2
    lane.push(0.5, A, 3)
    assert lane.take(anyone) is None
    lane.call_back(A)
    assert drain(lane) == [3, 1]


def test_number_set_aside_and_emptied_is_there_again_when_called_back() -> None:
    lane = Lane()
    lane.push(1.0, A, 1)
    assert lane.take(lambda phone: False) is None
    lane.discard(1)
    lane.call_back_all()
    lane.push(1.0, A, 2)
    assert drain(lane) == [2]


def test_message_in_front_may_leave() -> None:
    lane = Lane()
    for sms_id in range(1, 6):
        lane.push(float(sms_id), A, sms_id)
    for sms_id in (1, 2, 4):
        lane.discard(sms_id)
    assert drain(lane) == [3, 5]
