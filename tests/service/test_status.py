"""What `status` makes of what is known."""

from __future__ import annotations

from dataclasses import replace

from gsmbridge.config.schema import Config, Number, Onlinesim
from gsmbridge.config.secret import Secret
from gsmbridge.service import status

CONFIG = Config(onlinesim=Onlinesim(url="https://onlinesim.example", key=Secret("key")))


def test_a_number_is_where_its_sim_is_however_much_of_the_iccid_a_modem_shows() -> None:
    listed = Number(phone="79080000000", iccid="8970101234567890123")
    disabled = Number(phone="79080000001", imsi="250011234567890", enabled=False)
    config = replace(CONFIG, numbers=(listed, disabled))
    modems = [
        {"path": "a", "iccid": "89701012345678901230", "imsi": None, "phone": listed.phone},
        {"path": "b", "iccid": None, "imsi": disabled.imsi, "phone": None, "last_sms": 5.0},
    ]
    one, other = status.numbers(config, modems, [])
    assert (one["modem"], one["last_sms"]) == ("a", None)
    assert (other["modem"], other["last_sms"]) == ("b", 5.0)
