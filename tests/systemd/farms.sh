#!/bin/bash
# Two farms on one host, by the template unit, with one port that both want. Runs inside the lab.
set -u
# shellcheck source=tests/systemd/lib.sh
. /lab/src/tests/systemd/lib.sh

FARMS="north south"
PORTS=/run/world/ports

of() { gsmbridge "$2" --config "/etc/gsmbridge/$1/config.yaml" "${@:3}"; }
delivered() { [ "$(of "$1" status --json | python3 -c \
    'import json, sys; print(json.load(sys.stdin)["queue"]["delivered"])')" -ge 1 ]; }
names_the_holder() { journalctl -u gsmbridge@south -o cat | grep -q "modem1 cannot be opened: .*in use"; }
state() { systemctl is-active --quiet "gsmbridge@$1"; }
cannot_write() { status_text gsmbridge@south | grep -q "journal can't be written"; }
can_write() { status_text gsmbridge@south | grep -q "^1 of 2 modems up, 0 messages waiting$"; }
both() { state north && state south; }

# Ports in YAML: each has one modem, and both want the third.
ports_of() {
    if [ "$1" = north ]; then
        echo "[$PORTS/modem0, $PORTS/modem1]"
    else
        echo "[$PORTS/modem1, \"/dev/ttyUSB*\"]"
    fi
}

install_gsmbridge
systemctl disable --now --quiet gsmbridge

say "two farms"
metrics=9108
for farm in $FARMS; do
    folder=/etc/gsmbridge/$farm
    install -d -m 0750 -g gsmbridge "$folder"
    write_config "$folder/config.yaml" "$(ports_of "$farm")" $metrics
    echo "journal: {path: /var/lib/gsmbridge-$farm/journal.db}" >>"$folder/config.yaml"
    install -m 0600 /dev/null "$folder/onlinesim-key"
    printf '%s' "$KEY-$farm" >"$folder/onlinesim-key"
    metrics=$((metrics + 1))
    check "$farm: the config is valid" of "$farm" check
    systemd-analyze verify "gsmbridge@$farm.service" 2>&1 | tee /run/verified
    check "$farm: systemd-analyze verify has nothing to say" not test -s /run/verified
done
start_world
for farm in $FARMS; do
    check "$farm starts" systemctl enable --now --quiet "gsmbridge@$farm"
    sleep 10
done
exposure=$(systemd-analyze security --no-pager gsmbridge@north |
    sed -n 's/.*exposure level.*: \([0-9.]*\) .*/\1/p')
check "exposure is 1.5 at most: $exposure" awk "BEGIN { exit !($exposure <= 1.5) }"
check "north has two modems" within 60 modems_ready 2 gsmbridge@north
check "the port that both want is told by the other" within 60 names_the_holder
send 12
check "every message is pushed" within 120 all_pushed
for farm in $FARMS; do
    check "$farm has pushed its own" within 60 delivered "$farm"
    check "$farm: the commands reach it" grep -q ": running for" <(of "$farm" status)
    check "$farm: its socket is its own" test -S "/run/gsmbridge-$farm/control.sock"
    check "$farm: with its own key" grep -aq "$KEY-$farm" "$RECORD"
done
check "north is asked for metrics" fetch /metrics
ORIGIN=http://127.0.0.1:9109
check "and so is south" fetch /metrics
check "neither may look into the other's journal" \
    not nsenter --target "$(systemctl show --value -p MainPID gsmbridge@north)" --mount \
    touch /var/lib/gsmbridge-south/probe
of south doctor
check "the doctor of one farm looks at its unit" \
    grep -q "the daemon runs and answers" <(of south doctor)

say "one ends, the other serves on"
systemctl stop gsmbridge@north
send 6
check "the port that both want is taken over" within 60 modems_ready 2 gsmbridge@south
check "south runs" state south
check "its status says that north does not run" grep -q "not running" <(of north status)
systemctl start gsmbridge@north
check "what waited is pushed" within 120 all_pushed
check "nothing was pushed twice" not twice

say "one journal for two"
cp /etc/gsmbridge/south/config.yaml /root/south.yaml
sed -i 's/gsmbridge-south/gsmbridge-north/' /etc/gsmbridge/south/config.yaml
systemctl restart gsmbridge@south
check "the second may not write it, and says so" within 30 cannot_write
check "the first serves on" modems_ready 2 gsmbridge@north
cp /root/south.yaml /etc/gsmbridge/south/config.yaml
check "put right, it starts" systemctl restart gsmbridge@south
check "and is well" within 60 can_write

say "upgrade, removal, purge"
before=$(systemctl show --value -p MainPID gsmbridge@north)
check "a newer package installs" install_version 1.1
cat /run/told
check "both farms run" within 60 both
check "by another process" test "$(systemctl show --value -p MainPID gsmbridge@north)" != "$before"
check "of the newer version" grep -q "gsmbridge 1.1: running" <(of north status)
check "it is removed" dpkg --remove gsmbridge
check "no farm runs" not systemctl is-active --quiet gsmbridge@north gsmbridge@south
check "their journals stay" test -e /var/lib/gsmbridge-north/journal.db
check "it is purged" dpkg --purge gsmbridge
check "nothing is left" test -z "$(find /etc /var/lib /run -xdev -name '*gsmbridge*')"
finish
