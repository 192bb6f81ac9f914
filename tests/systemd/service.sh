#!/bin/bash
# The service's life under a real systemd, from the first start to a reboot. Runs inside the lab.
set -u
# shellcheck source=tests/systemd/lib.sh
. /lab/src/tests/systemd/lib.sh

up_again() { [ "$(restarts)" -gt "$1" ] && running && healthy; }
explained() { journalctl --unit gsmbridge --catalog | grep -q -- "$1"; }
exposure() {
    systemd-analyze security --no-pager "$1" | sed -n 's/.*exposure level.*: \([0-9.]*\) .*/\1/p'
}
low() { awk "BEGIN { exit !($1 <= 1.5) }"; }
status_of_end() { [ "$(systemctl show --value -p ExecMainStatus gsmbridge)" = "$1" ]; }

# Whether the key is nowhere that anybody else could look. The configs' folder and the credential
# itself are where it belongs.
look_for_the_key() {
    check "not in systemctl show" not grep -q "$KEY" <(systemctl show gsmbridge)
    check "not in systemctl status" not grep -q "$KEY" <(systemctl status --no-pager --full gsmbridge)
    check "not in any process" not grep -aql "$KEY" /proc/[0-9]*/cmdline /proc/[0-9]*/environ
    check "not in the log, with all fields" not grep -q "$KEY" <(journalctl --output export)
    check "not in the files of the log" not grep -raq "$KEY" /var/log /run/log
    check "not in its files" not grep -raq "$KEY" /var/lib/gsmbridge /run/gsmbridge
    for command in "status --json" status "messages --json" check "doctor --json" "scan --json"; do
        # shellcheck disable=SC2086  # words
        check "not in gsmbridge $command" not grep -q "$KEY" <(gsmbridge $command 2>&1)
    done
    for page in / /metrics /healthz /none; do
        check "not in $page" not grep -q "$KEY" <(fetch $page 2>&1)
    done
    check "the user of the service alone may read it" \
        not runuser -u nobody -- cat /run/credentials/gsmbridge.service/onlinesim-key 2>/dev/null
}

by_drop_in() {
    printf '[Service]\n%s\n' "$1" >/etc/systemd/system/gsmbridge.service.d/key.conf
    systemctl daemon-reload
}

first_boot() {
    install_gsmbridge
    say "the unit"
    systemd-analyze verify gsmbridge.service 2>&1 | tee /run/verified
    check "systemd-analyze verify has nothing to say" not test -s /run/verified
    check "exposure is 1.5 at most: $(exposure gsmbridge)" low "$(exposure gsmbridge)"

    say "a config without url and key"
    systemctl start gsmbridge
    check "it does not run by that" not running
    sleep 8
    check "nor again and again" test "$(restarts)" = 0
    check "its exit status is 78" status_of_end 78

    say "no key at all"
    configure
    for what in empty missing; do
        if [ $what = empty ]; then
            : >/etc/gsmbridge/onlinesim-key
        else
            rm /etc/gsmbridge/onlinesim-key
        fi
        systemctl reset-failed gsmbridge
        systemctl start gsmbridge
        check "with the credential $what it ends with status 78" status_of_end 78
        check "and systemctl status says why" \
            grep -q "onlinesim.key: is missing" <(systemctl status --no-pager --full gsmbridge)
        check "gsmbridge check warns and does not fail" gsmbridge check
        check "the doctor says what to do" grep -q "put it there" <(gsmbridge doctor)
    done

    say "start"
    configure
    chmod 0600 /etc/gsmbridge/onlinesim-key
    systemctl reset-failed gsmbridge
    start_world
    systemctl enable --quiet gsmbridge
    check "systemctl start waits for READY=1" systemctl start gsmbridge
    check "it runs" running
    check "every modem is up, the one on USB too" within 120 modems_ready 3
    check "gsmbridge check has nothing to say as root" test -z "$(gsmbridge check 2>&1 >/dev/null)"
    systemctl status --no-pager gsmbridge | grep Status
    send 12
    check "every message is pushed" within 120 all_pushed
    check "/healthz is content" within 20 healthy

    say "the key is nowhere"
    look_for_the_key

    say "what the log says of itself"
    check "every event is explained" within 20 explained "Message [0-9]* was delivered"
    check "nothing needs a person" test -z "$(journalctl -u gsmbridge -p warning -o cat --since -30s)"

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
    check "systemctl reload has come to its end" within 10 running
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

    say "journald takes nothing"
    systemctl kill --signal STOP systemd-journald
    send 8
    check "every message is pushed" within 120 all_pushed
    systemctl kill --signal CONT systemd-journald
    check "it is the same process" test "$(pid)" = "$before"
    send 2
    check "what comes then is logged" within 30 \
        sh -c "journalctl -u gsmbridge -o json --since -20s | grep -q slot_freed"

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

    say "the key elsewhere"
    rm /etc/gsmbridge/onlinesim-key
    install -d -m 0700 /etc/credstore /etc/credstore.encrypted
    printf '%s' "$KEY" >/etc/credstore/onlinesim-key
    by_drop_in "LoadCredential=onlinesim-key"
    check "a drop-in has it in /etc/credstore" systemctl restart gsmbridge
    check "and it is well" within 60 healthy
    rm /etc/credstore/onlinesim-key
    sealed=/etc/credstore.encrypted/onlinesim-key
    printf '%s' "$KEY" | systemd-creds encrypt --name=onlinesim-key - $sealed
    by_drop_in "LoadCredentialEncrypted=onlinesim-key:$sealed"
    check "or sealed to this machine" systemctl restart gsmbridge
    check "and it is well" within 60 healthy
    check "gsmbridge check finds it with the service" test -z "$(gsmbridge check 2>&1 >/dev/null)"
    rm $sealed /etc/systemd/system/gsmbridge.service.d/key.conf
    systemctl daemon-reload
    sed -i "s/^  retry_interval/  key: $KEY\n  retry_interval/" /etc/gsmbridge/config.yaml
    check "or in the config, with no file at all" systemctl restart gsmbridge
    check "and it is well" within 60 healthy
    look_for_the_key

    say "stop"
    systemctl stop gsmbridge
    check "it ends by itself, with status 0" status_of_end 0
    echo "$FAILED" >/var/lib/lab/failed
    lab reboot
}

second_boot() {
    say "after a reboot"
    FAILED=$(cat /var/lib/lab/failed)
    # shellcheck disable=SC2034  # of lib.sh
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
