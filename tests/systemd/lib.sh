# shellcheck shell=bash
# Sourced by the scripts here, inside the lab (see `run`): to install the checkout's package, to have
# a simulated farm and the partner's stand-in beside it, and to say what holds and what doesn't.
KEY=lab-key-7f3a9c51e2
RECORD=${RECORD:-/var/lib/lab/pushes}
ORIGIN=http://127.0.0.1:9108
FAILED=0

say() { printf '\n== %s\n' "$*"; }

# check WHAT COMMAND…: whether COMMAND succeeds.
check() {
    local what=$1
    shift
    if "$@"; then
        echo "ok    $what"
    else
        echo "FAIL  $what"
        FAILED=1
    fi
}

not() { ! "$@"; }

# within SECONDS COMMAND…: wait until COMMAND succeeds. Seconds of a machine in software emulation.
within() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.5
    done
}

# The farm and the stand-in have a copy of their own of what is in the package.
make_tools() {
    dpkg-deb --extract /lab/1.0.deb /opt/lab
    mv /opt/lab/usr/lib/gsmbridge/* /opt/lab
}
lab_python() { PYTHONPATH=/opt/lab python3 -B "$@"; }

install_version() { dpkg --install "/lab/$1.deb" >/run/told 2>&1; }
told() { grep -q -- "$1" /run/told; }

install_gsmbridge() {
    say "install"
    make_tools
    check "the package installs" install_version 1.0
}

# write_config FILE PORTS METRICS: a config without a key; PORTS as in YAML.
write_config() {
    cat >"$1" <<CONFIG
onlinesim:
  url: http://127.0.0.1:8099/v1/PUSH_SMS_RENT
  retry_interval: 2
modems:
  ports: $2
  poll_interval: 5
metrics:
  listen: 127.0.0.1:$3
  page: true
CONFIG
    chgrp gsmbridge "$1"
    chmod 0640 "$1"
}

configure() {
    write_config /etc/gsmbridge/config.yaml \
        '[/run/world/ports/modem0, /run/world/ports/modem1, "/dev/ttyUSB*"]' 9108
    printf '%s' "$KEY" >/etc/gsmbridge/onlinesim-key
}

# Three modems: two on ptys, which belong to the service's user, the third behind a USB adapter.
# Their SIMs know their numbers. Orders go to descriptor 9.
start_world() {
    install -d -o gsmbridge -g gsmbridge /run/world /run/world/ports
    mkfifo /run/world/orders
    exec 9<>/run/world/orders
    (cd / && lab_python -m gsmbridge.farm.partner --port 8099 --record "$RECORD") &
    (cd / && PYTHONPATH=/opt/lab exec runuser -u gsmbridge -- python3 -m gsmbridge.farm \
        --dir /run/world/ports --modems 3 --own-numbers --seed "$LAB_BOOT" \
        <&9 9>&- >/run/world/told) &
    within 120 grep -q ready /run/world/told
    socat /run/world/ports/modem2,raw,echo=0 /dev/virtio-ports/lab.usb0 &
}

send() {
    SENT=$((SENT + $1))
    echo "{\"do\": \"burst\", \"messages\": $1, \"rate\": 2}" >&9
}
SENT=0

# smsIds of the requests that the stand-in got: its record has two lines for each, this of the first.
ids() {
    sed -n 's/^{"event": "received", "number": [0-9]*, "smsId": \([0-9]*\),.*/\1/p' "$RECORD"
}
pushed() { ids | sort -u | wc -l; }
all_pushed() { [ "$(pushed)" -ge "$SENT" ]; }
twice() { [ -n "$(ids | sort | uniq -d)" ]; }
fetch() { python3 -c "import urllib.request as u; print(u.urlopen('$ORIGIN$1').read().decode())"; }
healthy() { fetch /healthz; }
running() { systemctl is-active --quiet gsmbridge; }
pid() { systemctl show --value --property MainPID gsmbridge; }
restarts() { systemctl show --value --property NRestarts gsmbridge; }
status_text() { systemctl show --value --property StatusText "${1:-gsmbridge}"; }
modems_ready() { status_text "${2:-gsmbridge}" | grep -q "^$1 of $1 modems up"; }
logged() { journalctl --unit gsmbridge --output cat | grep -q -- "$1"; }
finish() { exit $FAILED; }
