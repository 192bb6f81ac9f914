"""What the forwarding loop tells. Nothing here carries text of a message or of an answer (I8)."""

from __future__ import annotations

from gsmbridge.events import Kind, Level
from gsmbridge.onlinesim.answer import Alarm

DELIVERED = Kind(
    "delivered",
    Level.INFO,
    "e30f64ca7cd560fbe398f65b21d7269d",
    "pushed {sms_id} for {phone}, attempt {attempt}, {ms} ms",
)
DELIVERED_WITH_ERROR = Kind(
    "delivered_with_error",
    Level.WARNING,
    "a9e320c1043ecc004de8817fe672d4a5",
    "push of {sms_id} was answered with status 200 and error {error}; it counts as delivered",
)
REFUSED = Kind(
    "refused",
    Level.NOTICE,
    "c5f7ff5272313bbcc60cbbb28e57be53",
    "push of {sms_id} for {phone} refused, attempt {attempt}: {error} (HTTP {http_status})"
    " in {ms} ms, not sent again",
)
FAILED = Kind(
    "failed",
    Level.NOTICE,
    "b81cf69d8069dd46164199bb101adca6",
    "push of {sms_id} failed, attempt {attempt}: {reason} in {ms} ms, next in {next_s:g} s",
)
FAULT = Kind(
    "forwarding_fault",
    Level.ERROR,
    "90372b1bd85667d51aca2250fd604bc5",
    "unexpected {error} while pushing {sms_id} ({where}); please report this."
    " The message stays queued",
)
UNREACHABLE = Kind(
    "partner_unreachable",
    Level.ERROR,
    "7064dddf0ea3c0e47f6e2cbd72f1d412",
    "partner unreachable ({reason}), {waiting} waiting;"
    " `gsmbridge doctor` tells what is in the way",
)
REACHABLE = Kind(
    "partner_reachable",
    Level.NOTICE,
    "0ac03c03c7443a42d78e076b5d587dd4",
    "partner answers again after {seconds:.0f} s, {waiting} waiting",
)
ALARM = Kind(
    "partner_alarm",
    Level.ERROR,
    "85e23341f7b9a1d42aa8deb5dacd1b94",
    "partner answers {reason} to {sms_id}: {hint}. Everything is kept and repeated",
)
ALARM_ENDED = Kind(
    "partner_alarm_ended",
    Level.NOTICE,
    "8ce5a1060f520acf9d78ec4ea11073b6",
    "partner accepts pushes again: {alarm} alarm is over, {waiting} waiting",
)
PAUSED = Kind(
    "forwarding_paused",
    Level.ERROR,
    "cbce678562c4e352617ee688f87a1e4f",
    "journal can't be written: no push begins, {waiting} waiting",
)
RESUMED = Kind(
    "forwarding_resumed",
    Level.NOTICE,
    "0a28df42ca1382b6bad6c29fdc04eb19",
    "journal can be written again: pushes go on, {waiting} waiting",
)
UNCOMMITTED = Kind(
    "verdict_uncommitted",
    Level.ERROR,
    "f36695b8f73edfb74e7936ef10d1c0f8",
    "the answer to push {sms_id} could not be committed before the end; it will be pushed again",
)

ALARM_HINTS = {
    Alarm.KEY: "the API key is wrong or missing; put the partner's key into onlinesim.key, reload",
    Alarm.ACCOUNT: "the account is blocked or may not push; ask the partner's support",
    Alarm.ACCESS: "API access is switched off; switch it on in the partner's profile",
    Alarm.ADDRESS: "API access is not open to this host's IP address; add it in the profile",
    Alarm.URL: "onlinesim.url is not the partner's push address; ask the partner's support",
}
