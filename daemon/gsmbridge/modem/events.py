"""The events of the modem side. *modem* is the port's path in all of them."""

from __future__ import annotations

from gsmbridge.events import Kind, Level

PORT_UNUSABLE = Kind(
    "port_unusable",
    Level.WARNING,
    "601367cee4024e7087abdd10b5e7091c",
    "{modem} cannot be opened: {error}",
)
"""A port cannot be opened; told once until it can."""

PORT_USABLE = Kind(
    "port_usable",
    Level.NOTICE,
    "0af23ce86145434faf426b802240d067",
    "{modem} can be opened again",
)
"""Ends PORT_UNUSABLE."""

MODEM_APPEARED = Kind(
    "modem_appeared",
    Level.INFO,
    "8145ca1a4c2b456a8163b08ef778beda",
    "modem {model} (IMEI {imei}) with SIM {iccid} is ready, {used} of {total} slots used [{modem}]",
)
"""A modem was set up and its store read."""

MODEM_LOST = Kind(
    "modem_lost",
    Level.WARNING,
    "09b6f63e97534ca8b9e2a08591a81885",
    "modem gone: {error}; it is used again as soon as it is back. If nobody unplugged it, look at"
    " cable, hub and power [{modem}]",
)
"""The port of a working modem is gone."""

MODEM_TROUBLE = Kind(
    "modem_trouble",
    Level.NOTICE,
    "83f8ab24b3684d81b851b865f46e7ed1",
    "modem does not do what it should: {error}; recovery begins, its messages wait on the SIM"
    " [{modem}]",
)
"""The ladder of recovery begins."""

RECOVERY_STEP = Kind(
    "recovery_step",
    Level.INFO,
    "2f7e40ea3276f7bcaaa742014d1d6313",
    "trying to {rung}, attempt {attempt} [{modem}]",
)
"""A rung of the ladder begins; told the first time in one trouble, and of each reset."""

RECOVERY_FAILED = Kind(
    "recovery_failed",
    Level.INFO,
    "8105446956698ccb69bbbe6fb211f4e4",
    "to {rung} did not help: {error} [{modem}]",
)
"""Ends RECOVERY_STEP, where MODEM_RECOVERED does not."""

MODEM_DOWN = Kind(
    "modem_down",
    Level.WARNING,
    "a110aead5c79cf50e911dd1c94c5692c",
    "modem has not worked for {minutes} min: {error}; recovery goes on. Look at power, cable and"
    " hub [{modem}]",
)
"""After 1 and 15 minutes on the ladder."""

MODEM_DEAD = Kind(
    "modem_dead",
    Level.ERROR,
    "8451ceca21a45b2ff33cbc0579d930c4",
    "modem has not worked for {minutes} min, it is tried on: {error}. Unplug it and plug it in"
    " again; then try another cable, another socket, another modem [{modem}]",
)
"""After 1, 4 and 24 hours on the ladder, then daily."""

NETWORK_LOST = Kind(
    "network_lost",
    Level.WARNING,
    "7738833b00bb5e56740ac2a57e522209",
    "not registered in its network for {seconds} s ({registration}), no message can come. Look at"
    " its antenna; ask the operator whether the SIM is paid and not blocked [{modem}]",
)
"""Neither home nor roaming for a minute: no message can come."""

NETWORK_FOUND = Kind(
    "network_found",
    Level.NOTICE,
    "70e65a75367309247df09b1362821545",
    "registered in its network again ({registration}) [{modem}]",
)
"""Ends NETWORK_LOST."""

MODEM_SILENT = Kind(
    "modem_silent",
    Level.WARNING,
    "6a7757ca4919c58648dbcebfe11aa375",
    "no message for {hours:g} h while others of {operator} get theirs; it registers anew."
    " If that is all, ask the operator whether the SIM is paid [{modem}]",
)
"""Nothing came for modems.silent_after; told once until something comes."""

NOT_REGISTERED_ANEW = Kind(
    "not_registered_anew",
    Level.NOTICE,
    "379c028f25717541a7f8dad199272f6e",
    "registering anew did not end well: {error} [{modem}]",
)
"""The modem was gone, or deaf, while a silent SIM was registered anew."""

MODEM_HEARD = Kind(
    "modem_heard",
    Level.NOTICE,
    "44aa211f3e469ce30bc6fa5a8c6bdf3f",
    "messages come again [{modem}]",
)
"""Ends MODEM_SILENT."""

MODEM_RECOVERED = Kind(
    "modem_recovered",
    Level.NOTICE,
    "ace87e4db57e4d6685921827636da1ac",
    "modem works again after {seconds} s [{modem}]",
)
"""The ladder ends."""

MODEM_RESET = Kind(
    "modem_reset",
    Level.WARNING,
    "15e607eed04c4f5e84c6baec9c9eae10",
    "modem is reset with {command} [{modem}]",
)
"""A reset command was sent."""

MODEM_RESTARTED = Kind(
    "modem_restarted",
    Level.NOTICE,
    "b0348c7da27b41ad82bce7950df27d6e",
    "modem restarted by itself ({line}) [{modem}]",
)
"""Boot lines came unasked."""

MODEM_TWIN = Kind(
    "modem_twin",
    Level.NOTICE,
    "c92f56aa55384e75ac662c7e990a3f3a",
    "{modem} is another port of the modem at {other}; it stays closed",
)
"""One modem, two ports."""

MODEM_CRASHED = Kind(
    "modem_crashed",
    Level.ERROR,
    "a11c74832f2e4041a627209cac157f1f",
    "internal error, this modem starts again in 1 s; please report it: {error} [{modem}]",
)
"""A session ended with an error of the program."""

SIM_ABSENT = Kind(
    "sim_absent",
    Level.WARNING,
    "06c4c574f1d84edda5c8f1067caeca2c",
    "no usable SIM: {reason}; put it in, or clean its contacts. It is looked for by itself"
    " [{modem}]",
)
"""Begins; asked again every poll_interval."""

SIM_CHANGED = Kind(
    "sim_changed",
    Level.NOTICE,
    "e5b39bff7e6141ab8f87dd8ff56a9eaf",
    "SIM to be read anew: {reason} [{modem}]",
)
"""Another SIM, or a sign of one."""

SIM_CHECK_DIGIT = Kind(
    "sim_check_digit",
    Level.WARNING,
    "c32c579e22ee4cb59956c32e9cd5f09b",
    "ICCID {iccid} has a wrong check digit; compare it with the card and with numbers in the"
    " config [{modem}]",
)
"""Typing errors and misreads show so; it is used as it is."""

SIM_FILLING = Kind(
    "sim_filling",
    Level.WARNING,
    "eae9ca6a954c470ea7edec245e66c3db",
    "SIM store nearly full: {used} of {total}; `gsmbridge messages` shows what stays there and why"
    " [{modem}]",
)
"""80 % or more."""

SIM_FULL = Kind(
    "sim_full",
    Level.ERROR,
    "60065cf95deb4d8e8ab6e41b537b3c1b",
    "SIM store full, {total} slots: the network holds further messages back. `gsmbridge messages`"
    " shows what stays there: retry or discard it, or choose messages.sim_full [{modem}]",
)
"""No slot is free."""

SIM_ROOM = Kind(
    "sim_room",
    Level.NOTICE,
    "add89cb184a1471c82030da3513ed91d",
    "SIM store has room again: {used} of {total} [{modem}]",
)
"""Ends SIM_FILLING and SIM_FULL."""

PIN_SENT = Kind(
    "pin_sent",
    Level.NOTICE,
    "62a34f2ea46d4b2b8c26d86446166e31",
    "PIN sent to SIM {iccid} [{modem}]",
)
"""One try, journalled before."""

PIN_REFUSED = Kind(
    "pin_refused",
    Level.ERROR,
    "73cb1b23d7124b74a46c6b423d5f5087",
    "PIN of SIM {iccid} refused; it is not tried again until its row in numbers has another pin"
    " [{modem}]",
)
"""The SIM refused the PIN."""

PIN_WITHHELD = Kind(
    "pin_withheld",
    Level.ERROR,
    "e01c8a0586d34e4dbc7862e8f37a3142",
    "SIM locked: {reason}; switch its PIN off in a phone, or give the right pin in its row of"
    " numbers and reload [{modem}]",
)
"""No PIN, a refused one, too few tries, one whose answer was lost, or a PUK is wanted."""

SLOT_FREED = Kind(
    "slot_freed",
    Level.INFO,
    "8527ffa424ab4512b3bb1cd0f60bcfd9",
    "deleted {sms_id} from slot {slot} [{modem}]",
)
"""A slot was deleted and seen empty."""

SLOT_KEPT = Kind(
    "slot_kept",
    Level.NOTICE,
    "366972a41e234b39bed46439a96ebfbc",
    "slot {slot} not deleted for {sms_id}: {outcome}; it is looked at again by itself [{modem}]",
)
"""It held something else, or something came in between, or the delete did not take."""

READ_AGAIN = Kind(
    "read_again",
    Level.NOTICE,
    "03df4de4dc224e2f81dd86ff0bf64719",
    "listing not believed ({reason}), read again [{modem}]",
)
"""A damaged reply."""

READ_FAILED = Kind(
    "read_failed",
    Level.WARNING,
    "b064bfec0ac84d8cb5cd514508491021",
    "store could not be listed whole, it is tried again [{modem}]",
)
"""Some slots told neither a message nor that they are empty, or something came in between."""

DIRECT_UNATTRIBUTED = Kind(
    "direct_unattributed",
    Level.WARNING,
    "b4ead9d20bf948a189acb0b69aa6f57b",
    "message came past the store while the SIM was unsure; held without a number, see"
    " `gsmbridge messages --state unassigned`; `gsmbridge retry SMSID --as NUMBER` pushes it"
    " [{modem}]",
)
"""A +CMT whose SIM could not be proved."""

DIRECT_LOST = Kind(
    "direct_lost",
    Level.ERROR,
    "6cc453fa0eb545b789d5972841ebccd6",
    "too many messages came past the store while the journal cannot be written: {lost} lost."
    " Make room on its disk [{modem}]",
)
"""The bound of the memory was reached."""

NO_INDICATIONS = Kind(
    "no_indications",
    Level.WARNING,
    "320b44aef5c14fb08a5876aa67729f9f",
    "modem refuses every AT+CNMI: messages are found by polling, every modems.poll_interval"
    " [{modem}]",
)
"""No +CMTI from this modem."""
