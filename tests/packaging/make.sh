#!/bin/bash
# `make install` and `make uninstall` on a real Debian with systemd: twice, with a service that runs,
# and what stays. Runs inside the lab.
set -u
# shellcheck source=tests/systemd/lib.sh
. /lab/src/tests/systemd/lib.sh

CATALOG=/lab/src/systemd/gsmbridge.catalog

# What it has put on the system, but for the environment itself.
installed() {
    find /etc /usr /var/lib -xdev -name '*gsmbridge*' -not -path '/usr/lib/python3*' \
        -printf '%p %m %u:%g\n' | sort
}
catalog() { journalctl --list-catalog | grep -c ' gsmbridge: '; }
make_it() { make --silent -C /lab/src "$1" >/run/told 2>&1; }

say "make install"
make_tools
check "it installs" make_it install
cat /run/told
check "it tells what the config lacks" told "onlinesim.url"
check "it does not run yet" not running
check "it is enabled" systemctl is-enabled --quiet gsmbridge
systemd-analyze verify gsmbridge.service gsmbridge@north.service 2>&1 | tee /run/verified
check "systemd-analyze verify has nothing to say" not test -s /run/verified
check "journalctl -x knows every event" test "$(catalog)" = "$(grep -c '^-- ' $CATALOG)"
check "the command is found" gsmbridge --version
installed >/root/first
configure
start_world
check "it starts" systemctl start gsmbridge
check "its modems are up" within 60 modems_ready 3
send 4
check "messages are pushed" within 60 all_pushed

say "make install again"
before=$(pid)
sha256sum /etc/gsmbridge/* >/root/sums
check "it installs" make_it install
check "config and key are as they were" sha256sum --check --quiet /root/sums
check "nothing else has come or changed" diff <(grep -v journal.db /root/first) \
    <(installed | grep -v journal.db)
check "the service runs, by another process" test "$(pid)" != "$before"
check "its modems are up" within 60 modems_ready 3
send 4
check "messages are pushed" within 60 all_pushed
check "none for a second time" not twice

say "make uninstall"
cp /etc/gsmbridge/config.yaml /root/config.yaml
check "it goes" make_it uninstall
check "it does not run" not running
check "config and key stay" sha256sum --check --quiet /root/sums
check "and the journal" test -s /var/lib/gsmbridge/journal.db
check "nothing else does" test -z "$(installed | grep -v '^/etc/gsmbridge\|^/var/lib/gsmbridge')"
check "nor the environment" not test -e /opt/gsmbridge
check "journalctl -x has forgotten it" test "$(catalog)" = 0
check "again is no error" make_it uninstall
check "it can be installed again" make_it install
check "and started" systemctl start gsmbridge
check "it knows what was" grep -q "delivered 8" <(gsmbridge status)
finish
