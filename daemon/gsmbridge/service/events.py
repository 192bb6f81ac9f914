"""Events of the service as a whole."""

from gsmbridge.events import Kind, Level

STARTED = Kind(
    "started",
    Level.NOTICE,
    "3e8c5a1f7b9d4e26a4f0c8d2b6e19301",
    "gsmbridge {version} started: journal {journal}, {waiting} messages waiting",
)
STOPPING = Kind(
    "stopping",
    Level.NOTICE,
    "8d4b7f2e6a1c49f5b3e0d9c7a5f28402",
    "stopping: what is in flight gets up to 8 s",
)
MOVED = Kind(
    "journal_moved",
    Level.WARNING,
    "3e8d51f0a7c94b62b90f6d1c24e87a15",
    "this journal comes from another machine; its smsIds go on far from there. If the other one"
    " still runs with a copy of it, give each host a place of its own (host_index, host_count) and"
    " a new journal",
)
STOPPED = Kind("stopped", Level.NOTICE, "c5a9e3d7f1b24860a8c4f6e2d0b71503", "stopped")
RELOADED = Kind("reloaded", Level.NOTICE, "f7d2b6a8c4e14953b0f5d1e9c3a82604", "config reloaded")
RELOAD_REFUSED = Kind(
    "reload_refused",
    Level.ERROR,
    "a1f6c8e4d2b74039a5e7f3c9b1d60705",
    "the new config is refused, the old one stays: {mistake}",
)
NEEDS_RESTART = Kind(
    "needs_restart",
    Level.WARNING,
    "d9c3e7b5f1a84260b4d8f0c6e2a97806",
    "changed, but takes effect only after a restart: {keys}",
)
TASK_CRASHED = Kind(
    "task_crashed",
    Level.ERROR,
    "b6e0d4f8c2a74915a3c9e7d5f1b82907",
    "{task} failed and is started again (this is a fault of the program): {error}",
)
NO_METRICS = Kind(
    "no_metrics",
    Level.WARNING,
    "e4a8c2f6d0b94753b7f1e5c3a9d60a08",
    "metrics can't be served on {address}: {reason}; tried again every {seconds:g} s",
)
NO_CONTROL = Kind(
    "no_control",
    Level.ERROR,
    "5c2e8a4f6d0b4197b3f7e1c9a5d80b09",
    "status, messages, retry and discard can't reach this daemon: {reason}",
)
IDENTIFY_SMS = Kind(
    "identify_sms",
    Level.NOTICE,
    "0f6b2d8e4a9c41f7b5d3e1a7c9f80b0a",
    "identify: SIM {iccid} sends one SMS to {to} [{modem}]",
)
IDENTIFY_USSD = Kind(
    "identify_ussd",
    Level.NOTICE,
    "7a3e9c5d1b8f42a6b0d4f6e2c8a91b0b",
    "identify: SIM {iccid} asks its network {code} [{modem}]",
)
ALARM = Kind(
    "alarm",
    Level.WARNING,
    "d7340fc9bcf24a84b3b836f9872794b1",
    "alarm: {what}",
)
ALARM_ENDED = Kind(
    "alarm_ended",
    Level.NOTICE,
    "9b6fd29eb2bb4b128c2eb02e4fad305a",
    "alarm is over after {seconds} s: {what}",
)
ALARM_UNTOLD = Kind(
    "alarm_untold",
    Level.ERROR,
    "9757f9bda6a74888bbb24b06ba96d7ed",
    "alarms can't be told by alarms.{way}: {reason}; tried again every alarms.interval",
)
ALARM_TOLD_AGAIN = Kind(
    "alarm_told_again",
    Level.NOTICE,
    "65df3890ba804b25851118aedc4ee5a5",
    "alarms are told by alarms.{way} again",
)
DAILY = Kind(
    "daily",
    Level.NOTICE,
    "d703476b01534293b4994dd562a6cace",
    "last 24 h: {received} received, {delivered} delivered, {refused} refused;"
    " now {waiting} waiting, {held} held; {wrong}",
)
KINDS = (
    STARTED,
    STOPPING,
    STOPPED,
    RELOADED,
    RELOAD_REFUSED,
    NEEDS_RESTART,
    TASK_CRASHED,
    NO_METRICS,
    NO_CONTROL,
    IDENTIFY_SMS,
    IDENTIFY_USSD,
    ALARM,
    ALARM_ENDED,
    ALARM_UNTOLD,
    ALARM_TOLD_AGAIN,
    DAILY,
)
