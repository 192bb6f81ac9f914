"""Events of the journal."""

from gsmbridge.events import Kind, Level

RECEIVED = Kind(
    "received",
    Level.INFO,
    "6f0c1f8f5f2b4a37a7c0e1e9b5f3d201",
    "received {sms_id} for {phone} from {phone_from}, {parts} [{modem}]",
)
HELD = Kind(
    "held",
    Level.WARNING,
    "2d1b8f0e6c5d4a0f9a3c7be0d8f4a102",
    "{state} {sms_id} from {phone_from}: {reason} [{modem}]",
)
SKIPPED = Kind(
    "skipped",
    Level.INFO,
    "0b7a3c5e9d8f41c2b6e4f1a09c2d7e03",
    "skipped {sms_id}: {reason} [{modem}]",
)
PART = Kind(
    "part",
    Level.INFO,
    "a4c92e7d1b6f4e58b0d3f5c8e7a16b04",
    "part {part} of {total} of {sms_id} from {phone_from} [{modem}]",
)
AGAIN = Kind(
    "again",
    Level.NOTICE,
    "c8e5f7a2d4b34916a8f0b2c6d9e31f05",
    "redelivered: the network sent {sms_id} again, which is {state} [{modem}]",
)
GAPS = Kind(
    "gaps",
    Level.WARNING,
    "e1d6b8c3f5a74d2fb9c0a4e7d8f25306",
    "parts of {sms_id} from {phone_from} did not come: {have} of {total} are pushed",
)
UNWRITABLE = Kind(
    "journal_unwritable",
    Level.ERROR,
    "93a7e5d1c4f24b8ea6f0d2b7c8e94108",
    "journal can't be written: {reason}. Messages stay on the SIMs. Make room (df -h) or see to"
    " the disk (dmesg); everything resumes by itself then",
)
WRITABLE = Kind(
    "journal_writable",
    Level.NOTICE,
    "7c4e8f2b9d1a4635b8e0c3f5a7d62909",
    "journal is written again",
)
SALVAGED = Kind(
    "journal_salvaged",
    Level.ERROR,
    "d5f1a9c7e3b84206a4d8f0b6c2e7950a",
    "journal was corrupt: set aside as {aside}; {messages} messages were carried over."
    " See to the disk (dmesg)",
)
UPGRADED = Kind(
    "journal_upgraded",
    Level.NOTICE,
    "4b7d0e93c6a84f15b2e8d1a90f3c570d",
    "journal brought from schema {old} to {new}; as it was before it stays a day in {copy}",
)
NUMBER_CHANGED = Kind(
    "number_changed",
    Level.WARNING,
    "18e6c4d9f7b2435aa0c5e8d3b1f6740b",
    "held {sms_id}: it was attempted for {phone}, its SIM is now {now}; "
    "`gsmbridge retry {sms_id}` pushes it for {phone} all the same",
)
CLOCK_NOT_SET = Kind(
    "clock_not_set",
    Level.ERROR,
    "f0b3d7e9a5c14826b1d8f4c6e0a2730c",
    "the clock of this host is not set; waiting up to 60 s for it: smsIds begin with"
    " the date. `timedatectl` tells whether a time server answers",
)
