"""The floor: the simplest program that does the same, a plain python-gsmmodem-new script.

    python bench/floor.py URL PORT...

No journal, no retry, no check of the SIM, no number: the callback makes one POST, and the library
deletes the message when it returns. One process, and threads as the library makes them. It prints
a line for each modem that is ready.
"""

from __future__ import annotations

import sys
import threading

import requests
from gsmmodem.modem import GsmModem, ReceivedSms


def serve(url: str, port: str) -> None:
    """Connect, take what is stored, then leave it to the library's threads."""
    session = requests.Session()

    def received(sms: ReceivedSms) -> None:
        body = {
            "smsId": 1,
            "phoneFrom": sms.number,
            "phone": port,
            "text": sms.text,
            "action": "PUSH_SMS",
            "key": "k",
            "service": "rent",
        }
        session.post(url, json=body, timeout=30)

    modem = GsmModem(port, 115200, smsReceivedCallbackFunc=received, requestDelivery=False)
    modem.connect()
    # The library prefers the modem's own memory; messages are to lie on the SIM, as everywhere.
    modem.write('AT+CPMS="SM","SM","SM"')
    modem._smsMemReadDelete = "SM"
    print("ready\n", end="", flush=True)  # in one piece: others print too
    modem.processStoredSms()
    threading.Event().wait()


def main() -> None:
    url, *ports = sys.argv[1:]
    for port in ports:
        threading.Thread(target=serve, args=(url, port)).start()


if __name__ == "__main__":
    main()
