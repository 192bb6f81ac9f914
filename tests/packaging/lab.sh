#!/bin/bash
# The package's life on a real Debian with systemd: installed, configured, upgraded with
# messages in its journal, removed, purged. Runs inside the lab: tests/systemd/run
# tests/packaging/lab.sh. With PREVIOUS=FILE the upgrade is from that package.
set -u
# shellcheck source=tests/systemd/lib.sh
. /lab/src/tests/systemd/lib.sh

CONFIG=/etc/gsmbridge/config.yaml
KEY_FILE=/etc/gsmbridge/onlinesim-key
CATALOG=/lab/src/systemd/gsmbridge.catalog

mode() { stat --format '%a %U:%G' "$1"; }
active() { systemctl is-active --quiet gsmbridge; }
enabled() { systemctl is-enabled --quiet gsmbridge; }
catalog() { journalctl --list-catalog | grep -c ' gsmbridge: '; }
states() {
    python3 -c 'import json, sys
for m in json.load(open(sys.argv[1]))["messages"]:
    print(m["sms_id"], m["state"], m["phone"], m["attempts"], m["received"])' "$1"
}
link() { ls /dev/gsmbridge/*-port0; }

make_tools
say "install"
check "it installs" install_version 1.0
check "it tells that the config is to be completed" told "not started"
check "url and key, nothing else" test "$(grep -c 'config.yaml:[0-9]*:' /run/told)" = 2
check "so does check" not gsmbridge check
check "it does not run yet" not active
check "it is enabled" enabled
check "the config is closed to others" test "$(mode $CONFIG)" = "640 root:gsmbridge"
check "the journal's folder is" test "$(mode /var/lib/gsmbridge)" = "750 gsmbridge:gsmbridge"
check "the key's file is root's and empty" test "$(mode $KEY_FILE) $(cat $KEY_FILE)" = "600 root:root "
check "the account is in dialout" grep -q dialout <(id gsmbridge)
check "man has the page" test -e /usr/share/man/man1/gsmbridge.1.gz
check "journalctl -x knows every event" test "$(catalog)" = "$(grep -c '^-- ' $CATALOG)"
check "the demo runs" gsmbridge demo --modems 2 --messages 4

say "udev"
check "a bridge gets no name" not link
echo 'SUBSYSTEM=="tty", ATTRS{idVendor}=="0403", ENV{GSMBRIDGE}="1"' >/etc/udev/rules.d/70-local.rules
udevadm control --reload && udevadm trigger --subsystem-match=tty --action=change && udevadm settle
check "unless it is asked for" link

# The first config, with KEY as its line of the key, the stand-in as partner and the farm's ports.
complete() {
    sed -i "s|url: https://….*|url: http://127.0.0.1:8099/v1/PUSH_SMS_RENT|
        s|^  key: ….*|$1|
        s|retry_interval: 10|retry_interval: 2|
        s|\"/dev/ttyUSB\*\"|\"/dev/ttyUSB*\", \"/run/world/ports/modem[01]\"|" $CONFIG
}

say "a config without a key, and none in its file"
complete ""
check "check only warns" gsmbridge check
check "it installs again" install_version 1.0
check "and is not started" told "not started"
check "the reason is told" told "warning: onlinesim.key"
printf '%s' "$KEY" >$KEY_FILE
check "with the key in its file it starts" systemctl start gsmbridge
check "and runs" within 30 active

say "an upgrade with messages"
if [ -e /lab/previous.deb ]; then
    dpkg --purge gsmbridge
    dpkg --install /lab/previous.deb
    complete "  key: $KEY"
fi
start_world
systemctl restart gsmbridge
check "its modems are up" within 60 modems_ready 3
send 6
check "messages are pushed" within 60 all_pushed
sleep 3
gsmbridge messages --json >/root/before.json
cp $CONFIG /root/config.yaml
before=$(pid)

check "the newer one installs" install_version 1.1
check "the service runs" active
check "it is another process" test "$(pid)" != "$before"
check "of the newer version" grep -q 'gsmbridge 1.1: running' <(gsmbridge status)
check "the config is as it was" cmp /root/config.yaml $CONFIG
[ -e /lab/previous.deb ] || check "and the key" test "$(cat $KEY_FILE)" = "$KEY"
check "and what the journal holds" cmp <(states /root/before.json) <(states <(gsmbridge messages --json))
send 4
check "messages are pushed" within 60 all_pushed
check "none for a second time" not twice
journalctl -u gsmbridge -o cat EVENT=journal_upgraded

say "upgrade with a config that has a mistake"
before=$(pid)
echo 'numbersx: 1' >>$CONFIG
check "it installs" install_version 1.0
check "the mistake is told" told numbersx
check "the old process runs on" test "$(pid)" = "$before"
cp /root/config.yaml $CONFIG

say "upgrade of a stopped service"
systemctl stop gsmbridge
check "it installs" install_version 1.1
check "it stays stopped" not active

say "remove"
systemctl start gsmbridge
check "it is removed" dpkg --remove gsmbridge
check "it does not run" not active
check "config and journal stay" test -e $CONFIG -a -e /var/lib/gsmbridge/journal.db
check "and the file of the key" test "$(mode $KEY_FILE)" = "600 root:root"
check "nothing of the program stays" not test -e /usr/lib/gsmbridge
check "journalctl -x has forgotten it" test "$(catalog)" = 0
check "it can be installed again" install_version 1.1
check "and started" systemctl start gsmbridge

say "purge"
check "it is purged, without a question" dpkg --purge gsmbridge </dev/null
check "nothing is left" test -z "$(find / -xdev -name '*gsmbridge*' \
    -not -path '/lab/*' -not -path '/opt/lab/*' -not -path '/root/*' -not -path '/proc/*')"

say "a config that was there before"
install -d -m 0750 /etc/gsmbridge
install -m 0640 /root/config.yaml $CONFIG
grep -q "^  key:" $CONFIG || sed -i "s/^  retry_interval/  key: $KEY\n  retry_interval/" $CONFIG
chgrp -R gsmbridge /etc/gsmbridge
check "it installs" install_version 1.1
check "and starts by itself" active
finish
