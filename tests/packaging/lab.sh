#!/bin/bash
# The package's life on a real Debian with systemd: built there, installed, configured, upgraded,
# removed, purged. Runs inside the lab: tests/systemd/run tests/packaging/lab.sh
set -u
# shellcheck source=tests/systemd/lib.sh
. /lab/src/tests/systemd/lib.sh

CONFIG=/etc/gsmbridge/config.yaml

build() { # VERSION
    cp -R /lab/src "/root/$1"
    sed -i "s/^__version__ = .*/__version__ = \"$1\"/" "/root/$1/daemon/gsmbridge/__init__.py"
    PYTHONPATH=/root/$1/daemon /root/venv/bin/python "/root/$1/package/build_deb.py" /root
}

install_version() { dpkg --install "/root/gsmbridge_$1_all.deb" >/run/told 2>&1; }
told() { grep -q -- "$1" /run/told; }
mode() { stat --format '%a %U:%G' "$1"; }
active() { systemctl is-active --quiet gsmbridge; }
enabled() { systemctl is-enabled --quiet gsmbridge; }
main_pid() { systemctl show --value --property MainPID gsmbridge; }
link() { ls /dev/gsmbridge/*-port0; }

say "build"
python3 -m venv /root/venv
/root/venv/bin/pip install --quiet --disable-pip-version-check /lab/src
check "a package is built here" build 1.0
check "and a newer one" build 1.1

say "install"
check "it installs" install_version 1.0
check "it tells that the config is to be completed" told "not started"
check "url and key, nothing else" test "$(grep -c 'config.yaml:[0-9]*:' /run/told)" = 2
check "it does not run yet" not active
check "it is enabled" enabled
check "the config is closed to others" test "$(mode $CONFIG)" = "640 root:gsmbridge"
check "the journal's folder is" test "$(mode /var/lib/gsmbridge)" = "750 gsmbridge:gsmbridge"
check "the account is in dialout" grep -q dialout <(id gsmbridge)
check "man has the page" test -e /usr/share/man/man1/gsmbridge.1.gz
check "the demo runs" gsmbridge demo --modems 2 --messages 4

say "udev"
check "a bridge gets no name" not link
echo 'SUBSYSTEM=="tty", ATTRS{idVendor}=="0403", ENV{GSMBRIDGE}="1"' >/etc/udev/rules.d/70-local.rules
udevadm control --reload && udevadm trigger --subsystem-match=tty --action=change && udevadm settle
check "unless it is asked for" link

say "a service that runs"
sed -i 's|url: https://….*|url: http://127.0.0.1:9/v1/PUSH_SMS_RENT|; s|  key: …|  key: lab-key-0123456789|' $CONFIG
cp $CONFIG /root/config.yaml
check "the config is complete now" gsmbridge check
check "it starts" systemctl start gsmbridge
before=$(main_pid)

say "upgrade"
check "the newer one installs" install_version 1.1
check "the service runs" active
check "it is another process" test "$(main_pid)" != "$before"
check "of the newer version" grep -q 'gsmbridge 1.1: running' <(gsmbridge status)
check "the config is as it was" cmp /root/config.yaml $CONFIG

say "upgrade with a config that has a mistake"
before=$(main_pid)
echo 'numbersx: 1' >>$CONFIG
check "it installs" install_version 1.0
check "the mistake is told" told numbersx
check "the old process runs on" test "$(main_pid)" = "$before"
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
check "nothing of the program stays" not test -e /usr/lib/gsmbridge
check "it can be installed again" install_version 1.1
check "and started" systemctl start gsmbridge

say "purge"
check "it is purged, without a question" dpkg --purge gsmbridge </dev/null
check "nothing is left" test -z "$(find / -xdev -name '*gsmbridge*' \
    -not -path '/lab/*' -not -path '/root/*' -not -path '/proc/*')"

say "a config that was there before"
install -d -m 0750 /etc/gsmbridge
install -m 0640 /root/config.yaml $CONFIG
chgrp -R gsmbridge /etc/gsmbridge
check "it installs" install_version 1.1
check "and starts by itself" active
finish
