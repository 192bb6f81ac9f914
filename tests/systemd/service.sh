#!/bin/bash
# The service's life under a real systemd, from the first start to a reboot. Runs inside the lab.
set -u
. /lab/src/tests/systemd/lib.sh

up_again() { [ "$(restarts)" -gt "$1" ] && running && healthy; }
modems_ready() { status_text | grep -q "^$1 of $1 modems up"; }
logged() { journalctl --unit gsmbridge --output cat | grep -q -- "$1"; }

first_boot() {
    install_gsmbridge
    say "the unit"
    systemd-analyze verify gsmbridge.service 2>&1 | tee /run/verified
    check "systemd-analyze verify has nothing to say" not test -s /run/verified
    exposure=$(systemd-analyze security --no-pager gsmbridge | sed -n 's/.*exposure level.*: \([0-9.]*\) .*/\1/p')
    check "exposure is 1.5 at most: $exposure" awk "BEGIN { exit !($exposure <= 1.5) }"

    say "a wrong config"
    systemctl start gsmbridge
    check "it is not started without a config" not running
    sleep 8
    check "nor again and again" test "$(restarts)" = 0
    check "its exit status is 78" test "$(systemctl show --value -p ExecMainStatus gsmbridge)" = 78

    say "start"
    configure
    systemctl reset-failed gsmbridge
    start_world
    systemctl enable --quiet gsmbridge
    check "systemctl start waits for READY=1" systemctl start gsmbridge
    check "it runs" running
    check "every modem is up, the one on USB too" within 120 modems_ready 3
    systemctl status --no-pager gsmbridge | grep Status
    send 12
    check "every message is pushed" within 120 all_pushed
    check "/healthz is content" within 20 healthy

    say "the key is nowhere"
    check "not in systemctl show" not grep -q "$KEY" <(systemctl show gsmbridge)
    check "not in the process" not grep -aq "$KEY" "/proc/$(pid)/cmdline" "/proc/$(pid)/environ"
    check "not in the log" not grep -q "$KEY" <(journalctl --output export)
    check "not in its files" not grep -raq "$KEY" /var/lib/gsmbridge /run/gsmbridge
    check "not in status" not grep -q "$KEY" <($BIN/gsmbridge status --json)

    say "a USB modem is pulled out and put back"
    lab unplug 0
    check "it is missed" within 60 modems_ready 2
    lab plug 0
    check "it is found again" within 120 modems_ready 3

    say "kill -9"
    before=$(restarts)
    kill -9 "$(pid)"
    send 6
    check "it is started again" within 120 up_again "$before"
    check "every message is pushed" within 120 all_pushed

    say "a config that is wrong at a reload"
    before=$(pid)
    cp /etc/gsmbridge/config.yaml /root/config.yaml
    echo "nonsense: true" >>/etc/gsmbridge/config.yaml
    systemctl reload gsmbridge
    check "it is refused, with the reason" within 30 logged "the new config is refused.*nonsense"
    check "the old one serves on" test "$(pid)" = "$before"
    cp /root/config.yaml /etc/gsmbridge/config.yaml
    systemctl reload gsmbridge
    check "a right one is taken" within 30 logged "config reloaded"

    say "journald is restarted"
    systemctl restart systemd-journald
    send 4
    check "every message is pushed" within 120 all_pushed
    check "and logged, with its fields" within 30 \
        sh -c "journalctl -u gsmbridge -o json --since -60s | grep -q SMS_ID"

    say "a daemon that hangs"
    mkdir -p /etc/systemd/system/gsmbridge.service.d
    printf '[Service]\nWatchdogSec=20\n' >/etc/systemd/system/gsmbridge.service.d/quick.conf
    systemctl daemon-reload
    systemctl restart gsmbridge
    before=$(restarts)
    kill -STOP "$(pid)"
    check "the watchdog ends it, and it comes back" within 180 up_again "$before"
    send 4
    check "every message is pushed" within 120 all_pushed

    say "no credential, the key in the config"
    rm /etc/credstore/onlinesim-key
    sed -i "s/^  retry_interval/  key: $KEY\n  retry_interval/" /etc/gsmbridge/config.yaml
    check "it starts all the same" systemctl restart gsmbridge
    check "and is well" within 60 healthy

    say "stop"
    systemctl stop gsmbridge
    check "it ends by itself, with status 0" \
        test "$(systemctl show --value -p ExecMainStatus gsmbridge)" = 0
    echo "$FAILED" >/var/lib/lab/failed
    lab reboot
}

second_boot() {
    say "after a reboot"
    FAILED=$(cat /var/lib/lab/failed)
    SENT=$(pushed)
    start_world
    check "it runs" within 120 running
    check "every modem is up" within 120 modems_ready 3
    send 6
    check "every message is pushed" within 120 all_pushed
    finish
}

case $LAB_BOOT in
1) first_boot ;;
*) second_boot ;;
esac
