"""The body of a push: the partner's `PUSH_SMS_RENT`, version 1."""

from __future__ import annotations

import json

from gsmbridge.message import Outgoing


def request_body(message: Outgoing, key: str) -> bytes:
    """The JSON body that carries *message*: the same bytes each time, but for *key* (I4).

    Field order is fixed. Characters beyond ASCII are sent as JSON escapes, so that no gateway on
    the way can recode them. The number is sent as journalled: settings that change it are applied
    before that.
    """
    fields = {
        "smsId": message.sms_id,
        "phoneFrom": message.phone_from,
        "phone": message.phone,
        "text": message.text,
        "action": "PUSH_SMS",
        "key": key,
        "service": "rent",
    }
    return json.dumps(fields, ensure_ascii=True, separators=(",", ":")).encode("ascii")
