#!/usr/bin/python3 -IS
"""What smstools3 runs for each message (eventhandler): one POST for it, to the URL given.

It gets the kind of event and the file that holds the message: headers, an empty line, the text.
Each modem is named after the number that the config has for its port. What was taken by the server
is deleted. Nothing but what it needs is imported: it is started once for each message.
"""

import http.client
import json
import os
import sys

url, event, path = sys.argv[1:4]
if event != "RECEIVED":
    sys.exit(0)
with open(path, encoding="utf-8", errors="replace") as file:  # noqa: PTH123
    head, _, text = file.read().partition("\n\n")
headers = dict(line.split(": ", 1) for line in head.split("\n") if ": " in line)
body = {
    "action": "PUSH_SMS",
    "key": "k",
    "service": "rent",
    "smsId": 1,
    "phone": headers["Modem"],
    "phoneFrom": headers["From"],
    "text": text,
}
_, _, server, resource = url.split("/", 3)
connection = http.client.HTTPConnection(server, timeout=30)
connection.request("POST", "/" + resource, json.dumps(body), {"Content-Type": "application/json"})
if connection.getresponse().status != 200:
    sys.exit(1)
os.unlink(path)  # noqa: PTH108
