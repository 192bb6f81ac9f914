import json

from hypothesis import given, settings
from hypothesis import strategies as st

from gsmbridge.message import Outgoing
from gsmbridge.onlinesim.request import request_body

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)


def test_the_body_is_that_of_the_document() -> None:
    message = Outgoing(355, "79088081050", "Instagram", "Your verification code is 800142", 0.0)
    assert request_body(message, "API_KEY") == (
        b'{"smsId":355,"phoneFrom":"Instagram","phone":"79088081050",'
        b'"text":"Your verification code is 800142","action":"PUSH_SMS",'
        b'"key":"API_KEY","service":"rent"}'
    )


@settings(max_examples=60, deadline=None)
@given(
    st.builds(
        Outgoing, st.integers(1, 2**31 - 1), TEXTS, TEXTS, TEXTS, st.just(0.0), st.booleans()
    ),
    TEXTS,
)
def test_whatever_was_sent_arrives(message: Outgoing, key: str) -> None:
    body = request_body(message, key)
    assert json.loads(body.decode("ascii")) == {
        "smsId": message.sms_id,
        "phoneFrom": message.phone_from,
        "phone": message.phone,
        "text": message.text,
        "action": "PUSH_SMS",
        "key": key,
        "service": "rent",
    }


def test_the_attempt_number_changes_no_byte() -> None:
    first = Outgoing(7, "79", "me", "hi", 0.0, fresh=True)
    later = Outgoing(7, "79", "me", "hi", 0.0, attempts=9, due=5.0)
    assert request_body(first, "k") == request_body(later, "k")
