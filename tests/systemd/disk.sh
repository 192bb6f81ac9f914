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
    echo "$VAR /var ext4 loop,rw,errors=remount-ro 0 0" >>/etc/fstab
    echo "$FAILED" >/root/failed
    lab reboot
}

alarmed() { gsmbridge status | grep -q "ALARM.*journal can't be written"; }
in_trouble() { status_text | grep -q "journal can't be written"; }
calm() { ! gsmbridge status | grep -q ALARM; }
on_sims() { gsmbridge status --json | python3 -c \
    'import json, sys; print(sum(m["store"]["used"] or 0 for m in json.load(sys.stdin)["modems"]))'; }

fill() {
    dd if=/dev/zero of=/var/filling bs=1M 2>/dev/null
    dd if=/dev/zero of=/var/filling.rest bs=512 2>/dev/null
}
make_room() { rm -f /var/filling /var/filling.rest; }

# As an emergency has it: whatever is open for writing. /run is no disk and stays as it is. What is
# open goes on to be written, into memory, and fsync says nothing: nobody can know. What is opened
# anew is refused.
read_only() {
    echo u >/proc/sysrq-trigger
    within 30 not touch /var/probe
}
writable() {
    mount -o remount,rw /
    mount -o remount,rw /var
}

is_told() {
    check "it is an alarm" within 120 alarmed
    check "that systemctl status shows" within 30 in_trouble
    check "/healthz is not content" not healthy
}

# at_work WHAT BEGIN END [TOLD]: while the disk takes nothing, and afterwards.
at_work() {
    local process
    process=$(pid)
    say "$1 at work"
    "$2"
    send 6
    ${4:-true}
    sleep 75
    check "it runs on, past the watchdog's time" test "$(pid)" = "$process"
    check "nothing is pushed that could not be noted" not twice
    "$3"
    well_again "$process"
}

well_again() { # PROCESS
    check "then every message is pushed" within 180 all_pushed
    check "by the same process" test "$(pid)" = "$1"
    check "the alarm is over" within 60 calm
    check "nothing was pushed twice" not twice
    check "every SIM is empty" within 120 sims_empty
}

# at_start WHAT BEGIN END
at_start() {
    local process
    say "$1 at the start"
    systemctl stop gsmbridge
    "$2"
    send 4
    systemctl start --no-block gsmbridge
    check "it starts all the same" within 60 running
    is_told
    process=$(pid)
    sleep 75
    check "it runs on, past the watchdog's time" test "$(pid)" = "$process"
    "$3"
    well_again "$process"
}
sims_empty() { [ "$(on_sims)" = 0 ]; }

second_boot() {
    FAILED=$(cat /root/failed)
    check "/var is a disk of its own" mountpoint -q /var
    start_world
    check "every modem is up" within 120 modems_ready 3
    send 6
    check "every message is pushed" within 120 all_pushed
    at_work "a full /var" fill make_room is_told
    check "what is logged is logged again" within 30 logged "journal is written again"
    at_start "a full /var" fill make_room
    at_work "a read-only /var" read_only writable
    at_start "a read-only /var" read_only writable

    say "a /var whose file system fails"
    echo 1 >"/sys/fs/ext4/$(basename "$(findmnt -no SOURCE /var)")/trigger_fs_error"
    send 3
    is_told
    before=$(pid)
    sleep 75
    check "it runs on, past the watchdog's time" test "$(pid)" = "$before"
    echo "$FAILED" >/root/failed
    sync
    lab reboot
}

third_boot() {
    FAILED=$(cat /root/failed)
    start_world
    check "after a reboot every modem is up" within 120 modems_ready 3
    send 6
    check "every message is pushed" within 120 all_pushed
    check "there is no alarm" within 60 calm
    finish
}

case $LAB_BOOT in
1) first_boot ;;
2) second_boot ;;
*) third_boot ;;
esac
