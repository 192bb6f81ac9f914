#!/usr/bin/python3 -IS
"""What gammu-smsd runs for each message (RunOnReceive): one POST for it, to the URL given.

The message is in the environment (gammu-smsd-run(7)). PHONE_ID is the number that the config has
for this port. Nothing but what it needs is imported: it is started once for each message.
"""

import http.client
import json
import os
import sys


def text() -> str:
    """All parts together, as gammu joined them."""
    kind = "DECODED" if os.environ.get("DECODED_PARTS", "0") != "0" else "SMS"
    count = int(os.environ["DECODED_PARTS" if kind == "DECODED" else "SMS_MESSAGES"])
    return "".join(os.environ.get(f"{kind}_{part}_TEXT", "") for part in range(1, count + 1))


body = {
    "action": "PUSH_SMS",
    "key": "k",
    "service": "rent",
    "smsId": 1,
    "phone": os.environ["PHONE_ID"],
    "phoneFrom": os.environ["SMS_1_NUMBER"],
    "text": text(),
}
_, _, server, path = sys.argv[1].split("/", 3)
connection = http.client.HTTPConnection(server, timeout=30)
connection.request("POST", "/" + path, json.dumps(body), {"Content-Type": "application/json"})
sys.exit(0 if connection.getresponse().status == 200 else 1)
