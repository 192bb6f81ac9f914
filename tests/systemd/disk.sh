#!/bin/bash
# /var on a disk of its own, which gets full and read-only, at work and at the start: the daemon goes
# on by itself, and nothing is lost or pushed twice. Runs inside the lab.
set -u
RECORD=/run/pushes
# shellcheck source=tests/systemd/lib.sh
. /lab/src/tests/systemd/lib.sh

VAR=/var.img

first_boot() {
    install_gsmbridge
    configure
    say "/var becomes a disk of its own"
    truncate --size 220M $VAR
    mkfs.ext4 -q -m 0 $VAR
    mount -o loop $VAR /mnt
    systemctl stop systemd-journald 2>/dev/null
    cp -a /var/. /mnt/
    umount /mnt
    echo "$VAR /var ext4 loop,rw 0 0" >>/etc/fstab
    echo "$FAILED" >/root/failed
    lab reboot
}

alarmed() { gsmbridge status | grep -q "ALARM.*journal can't be written"; }
calm() { ! gsmbridge status | grep -q ALARM; }
on_sims() { gsmbridge status --json | python3 -c \
    'import json, sys; print(sum(m["store"]["used"] or 0 for m in json.load(sys.stdin)["modems"]))'; }

fill() {
    dd if=/dev/zero of=/var/filling bs=1M 2>/dev/null
    dd if=/dev/zero of=/var/filling.rest bs=512 2>/dev/null
}
make_room() { rm -f /var/filling /var/filling.rest; }

# As an emergency has it: whatever is open for writing. /run is no disk and stays as it is.
read_only() {
    echo u >/proc/sysrq-trigger
    within 30 not touch /var/probe
}
writable() {
    mount -o remount,rw /
    mount -o remount,rw /var
}

# trouble WHAT BEGIN END: while the disk takes nothing, and afterwards.
trouble() {
    local process
    process=$(pid)
    say "$1 at work"
    "$2"
    send 6
    check "it is an alarm" within 120 alarmed
    check "that systemctl status shows" grep -q "journal can't be written" <(status_text)
    sleep 10
    check "it runs on" test "$(pid)" = "$process"
    check "with signs of life" running
    check "nothing is pushed that could not be noted" not twice
    check "/healthz is not content" not healthy
    "$3"
    check "then every message is pushed" within 180 all_pushed
    check "by the same process" test "$(pid)" = "$process"
    check "the alarm is over" within 60 calm
    check "nothing was pushed twice" not twice
    check "every SIM is empty" within 120 sims_empty

    say "$1 at the start"
    systemctl stop gsmbridge
    "$2"
    send 4
    systemctl start --no-block gsmbridge
    check "it starts all the same" within 90 running
    check "with the alarm" within 60 alarmed
    process=$(pid)
    sleep 5
    "$3"
    check "then every message is pushed" within 180 all_pushed
    check "by the same process" test "$(pid)" = "$process"
    check "the alarm is over" within 60 calm
    check "nothing was pushed twice" not twice
    check "every SIM is empty" within 120 sims_empty
}
sims_empty() { [ "$(on_sims)" = 0 ]; }

second_boot() {
    FAILED=$(cat /root/failed)
    check "/var is a disk of its own" mountpoint -q /var
    start_world
    check "every modem is up" within 120 modems_ready 3
    send 6
    check "every message is pushed" within 120 all_pushed
    trouble "a full /var" fill make_room
    check "what is logged is logged again" within 30 logged "journal is written again"
    trouble "a read-only /var" read_only writable
    df -h /var
    finish
}

case $LAB_BOOT in
1) first_boot ;;
*) second_boot ;;
esac
