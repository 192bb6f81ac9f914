# shellcheck shell=bash
# Sourced by the scripts here, inside the lab (see `run`): to install the checkout, to have a
# simulated farm and the partner's stand-in beside it, and to say what holds and what doesn't.
KEY=lab-key-7f3a9c51e2
BIN=/opt/gsmbridge/bin
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

install_gsmbridge() {
    say "install"
    useradd --system --user-group --no-create-home --home-dir /var/lib/gsmbridge \
        --shell /usr/sbin/nologin gsmbridge
    python3 -m venv /opt/gsmbridge
    $BIN/pip install --quiet --disable-pip-version-check /lab/src
    cp /lab/src/systemd/gsmbridge.service /etc/systemd/system/
    install -d -m 0750 -g gsmbridge /etc/gsmbridge
    install -d -m 0700 /etc/credstore
    printf '%s' "$KEY" >/etc/credstore/onlinesim-key
    chmod 0600 /etc/credstore/onlinesim-key
    systemctl daemon-reload
}

configure() {
    cat >/etc/gsmbridge/config.yaml <<CONFIG
onlinesim:
  url: http://127.0.0.1:8099/v1/PUSH_SMS_RENT
  retry_interval: 2
modems:
  ports: [/run/world/ports/modem0, /run/world/ports/modem1, "/dev/ttyUSB*"]
  poll_interval: 5
metrics:
  listen: 127.0.0.1:9108
  page: true
CONFIG
    chgrp gsmbridge /etc/gsmbridge/config.yaml
    chmod 0640 /etc/gsmbridge/config.yaml
}

# Three modems: two on ptys, which belong to the service's user, the third behind a USB adapter.
# Their SIMs know their numbers. Orders go to descriptor 9.
start_world() {
    install -d -o gsmbridge -g gsmbridge /run/world /run/world/ports
    mkfifo /run/world/orders
    exec 9<>/run/world/orders
    (cd / && exec $BIN/python -m gsmbridge.farm.partner --port 8099 --record /var/lib/lab/pushes) &
    (cd / && exec runuser -u gsmbridge -- $BIN/python -m gsmbridge.farm --dir /run/world/ports \
        --modems 3 --own-numbers --seed "$LAB_BOOT" <&9 9>&- >/run/world/told) &
    within 120 grep -q ready /run/world/told
    socat /run/world/ports/modem2,raw,echo=0 /dev/virtio-ports/lab.usb0 &
}

send() {
    SENT=$((SENT + $1))
    echo "{\"do\": \"burst\", \"messages\": $1, \"rate\": 2}" >&9
}
SENT=0

# Different smsIds that the stand-in was sent. Its record tells bytes; each smsId comes early in one.
pushed() { grep -ao 'smsId[^,]*' /var/lib/lab/pushes | sort -u | wc -l; }
all_pushed() { [ "$(pushed)" -ge "$SENT" ]; }
healthy() {
    $BIN/python -c 'import urllib.request as u; u.urlopen("http://127.0.0.1:9108/healthz")'
}
running() { systemctl is-active --quiet gsmbridge; }
pid() { systemctl show --value --property MainPID gsmbridge; }
restarts() { systemctl show --value --property NRestarts gsmbridge; }
status_text() { systemctl show --value --property StatusText gsmbridge; }
finish() { exit $FAILED; }
