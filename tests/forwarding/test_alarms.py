"""When an alarm about key, account or URL begins and ends."""

from __future__ import annotations

from gsmbridge.forwarding.alarms import QUIET_FOR, Alarms
from gsmbridge.onlinesim.answer import Alarm


def test_a_good_answer_for_another_message_ends_an_alarm_only_after_a_quiet_while() -> None:
    alarms = Alarms()
    assert alarms.bad(1, Alarm.KEY, 0.0)
    alarms.forget(1)
    assert alarms.good(2, QUIET_FOR - 1.0) == ()
    assert alarms.good(2, QUIET_FOR) == (Alarm.KEY,)
    assert alarms.standing() == ()


def test_an_alarming_answer_begins_the_quiet_while_anew_and_no_second_alarm() -> None:
    alarms = Alarms()
    assert alarms.bad(1, Alarm.KEY, 0.0)
    assert not alarms.bad(3, Alarm.KEY, 30.0)
    assert alarms.good(2, QUIET_FOR) == ()
    assert alarms.good(2, 30.0 + QUIET_FOR) == (Alarm.KEY,)


def test_a_good_answer_for_the_message_that_was_alarmed_ends_the_alarm_at_once() -> None:
    alarms = Alarms()
    alarms.bad(1, Alarm.KEY, 0.0)
    assert alarms.good(1, 1.0) == (Alarm.KEY,)
