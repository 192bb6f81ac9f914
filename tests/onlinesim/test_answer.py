import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsmbridge.errors import PartnerError
from gsmbridge.onlinesim.answer import (
    KNOWN_TOKENS,
    TERMINAL_ERRORS,
    TOKEN_FIELDS,
    Alarm,
    Answer,
    Delivered,
    Refused,
    Retry,
    decide,
    read_answer,
    unanswered,
)


def token_of(body: bytes | None, *more: str) -> str | None:
    return read_answer(400, (), body, more).token


@pytest.mark.parametrize(
    "body",
    [
        b"NO_OPERATION",
        b" NO_OPERATION\r\n",
        b"\xef\xbb\xbfNO_OPERATION",
        b"no_operation",
        b"ERROR_NO_OPERATION",
        b"Error_No_Operations",
        b'"NO_OPERATION"',
        b'"NO_OPERATIONS"',
        b'{"data": {"error": "NO_OPERATION"}}',
        b'{"error": {"code": "error_no_operation", "text": "x"}}',
        b'{"status": 400, "Error": "NO_OPERATION"}',
        b'{"status": "error", "message": "NO_OPERATION"}',
        *(json.dumps({field: "NO_OPERATION"}).encode() for field in TOKEN_FIELDS),
    ],
)
def test_a_whole_token_is_found_wherever_it_may_stand(body: bytes) -> None:
    assert token_of(body) == "NO_OPERATION"


@pytest.mark.parametrize(
    "body",
    [
        None,
        b"",
        b"NO_OPERATION: number is not rented",
        b"<html>NO_OPERATION</html>",
        b"NO_OPERATION NO_OPERATION",
        b"NO_OPERATIO",
        b"XNO_OPERATION",
        b"NO_OPERATIONSS",
        b"ERROR_ERROR_NO_OPERATION",
        b'{"text": "NO_OPERATION"}',
        b'{"error": "your text was NO_OPERATION"}',
        b'{"a": {"b": {"error": "NO_OPERATION"}}}',
        b'{"error": ["NO_OPERATION"]}',
        b'["NO_OPERATION"]',
        b'{"error": "NO_OPERATION"',
        b'{"NO_OPERATION": "error"}',
        b"[" * 60_000,
        b"1" * 60_000,
        b"null",
        b"\xff\xfeN\x00O\x00",
    ],
)
def test_anything_else_is_no_token(body: bytes | None) -> None:
    assert token_of(body) is None


def test_an_unknown_token_is_not_handed_on() -> None:
    assert token_of(b"800142") is None
    assert token_of(b'{"error": "SOMETHING_NEW"}') is None


def test_a_configured_token_is_known_in_any_spelling() -> None:
    for configured in ("SOMETHING_NEW", "error_something_new"):
        assert token_of(b'{"error": "Something_News"}', configured) == "SOMETHING_NEW"


def test_a_field_at_the_top_wins_over_one_below() -> None:
    assert token_of(b'{"data": {"error": "NO_OPERATION"}, "error": "IGNORED"}') == "IGNORED"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_any_body_is_read_without_an_error(body: bytes) -> None:
    assert token_of(body) in {None, *KNOWN_TOKENS}


@settings(max_examples=60, deadline=None)
@given(st.recursive(st.none() | st.text(), lambda inner: st.dictionaries(st.text(), inner)))
def test_any_json_is_read_without_an_error(value: object) -> None:
    assert token_of(json.dumps(value).encode()) in {None, *KNOWN_TOKENS}


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"30", 30),
        (b" 7 ", 7),
        (b"0", 0),
        (b"007", 7),
        (b"0099", 99),
        (b"100", 100),
        (b"119", 119),
        (b"120", 120),
        (b"121", 120),
        (b"9" * 5000, 120),
        (b"", None),
        (b"1.5", None),
        (b"-1", None),
        (b"+1", None),
        (b"Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("٣".encode(), None),
    ],
)
def test_retry_after_counts_in_whole_seconds(value: bytes, seconds: int | None) -> None:
    assert read_answer(503, [(b"Retry-After", value)], b"").retry_after == seconds


def test_two_retry_after_count_as_none() -> None:
    headers = [(b"retry-after", b"5"), (b"retry-after", b"6")]
    assert read_answer(503, headers, b"").retry_after is None


def verdict(answer: Answer, *terminal: str) -> Delivered | Refused | Retry:
    return decide(answer, terminal or TERMINAL_ERRORS, 10.0)


def test_only_200_is_delivered() -> None:
    assert verdict(Answer(200)) == Delivered()
    for status in (201, 202, 204, 206, 299, 301, 304, 400, 404, 500, 599, 999):
        assert isinstance(verdict(Answer(status)), Retry)


def test_an_error_in_a_200_is_delivered_all_the_same() -> None:
    assert verdict(Answer(200, "NO_OPERATION")) == Delivered("NO_OPERATION")


@pytest.mark.parametrize("token", ["NO_OPERATION", "NO_OP", "BAD_SERVICE"])
@pytest.mark.parametrize("status", [201, 302, 400, 401, 403, 404, 429, 500])
def test_a_terminal_error_ends_it_under_any_other_status(token: str, status: int) -> None:
    assert verdict(Answer(status, token)) == Refused(status, token)


@pytest.mark.parametrize("token", ["IGNORED", "SERVICE_BAN"])
def test_other_errors_are_repeated_unless_configured(token: str) -> None:
    assert verdict(Answer(400, token)) == Retry(10.0, token, 400)
    assert verdict(Answer(400, token), "NO_OP", f"ERROR_{token}") == Refused(400, token)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("asked", "after"), [(None, 10), (0, 10), (3, 10), (30, 30), (120, 120)])
def test_the_server_can_ask_for_a_longer_pause(
    status: int, asked: int | None, after: float
) -> None:
    assert verdict(Answer(status, None, asked)) == Retry(after, "http", status)


def test_a_pause_asked_for_with_another_status_does_not_count() -> None:
    assert verdict(Answer(500, None, 60)) == Retry(10.0, "http", 500)


def test_a_retry_interval_above_the_limit_stands() -> None:
    assert decide(Answer(503, None, 120), (), 300.0) == Retry(300.0, "http", 503)


@pytest.mark.parametrize(
    ("answer", "alarm"),
    [
        (Answer(401, "WRONG_KEY"), Alarm.KEY),
        (Answer(500, "NO_KEY"), Alarm.KEY),
        (Answer(403, "ACCOUNT_BLOCKED"), Alarm.ACCOUNT),
        (Answer(403, "API_ACCESS_DISABLED"), Alarm.ACCESS),
        (Answer(403, "API_ACCESS_IP"), Alarm.ADDRESS),
        (Answer(404, "REQUEST_NOT_FOUND"), Alarm.URL),
        (Answer(401), Alarm.KEY),
        (Answer(403), Alarm.ACCOUNT),
        (Answer(405), Alarm.ACCOUNT),
        (Answer(301), Alarm.URL),
        (Answer(404), None),
        (Answer(500), None),
        (Answer(403, "IGNORED"), None),
    ],
)
def test_what_the_operator_must_mend_is_an_alarm_and_retried(
    answer: Answer, alarm: Alarm | None
) -> None:
    result = verdict(answer)
    assert isinstance(result, Retry)
    assert result.alarm == alarm
    assert result.after == 10.0


def test_no_alarm_for_a_delivery_or_a_refusal() -> None:
    assert Answer(200, "WRONG_KEY").alarm is None
    assert Answer(403, "NO_OPERATION").alarm is None


def test_an_attempt_without_an_answer_is_repeated() -> None:
    assert unanswered(PartnerError("timeout", "x"), 10.0) == Retry(10.0, "timeout")
