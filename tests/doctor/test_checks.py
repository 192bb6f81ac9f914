"""Checks by themselves, and the facts of the machine that they go by."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from gsmbridge.config.schema import Config, Number, Onlinesim
from gsmbridge.doctor import files, host, messages, modems
from gsmbridge.doctor.access import READ, SEARCH, WRITE, User, obstacle
from gsmbridge.doctor.finding import Level
from gsmbridge.doctor.machine import Machine, output

DATE = "Tue, 15 Dec 2026 12:00:00 GMT"
NOON = 1797336000.0
MODEM = {
    "path": "/dev/ttyUSB3", "phase": "ready", "iccid": "8970101234567890123", "imsi": None,
    "phone": "79088081050", "registration": "home", "last_error": "",
    "store": {"memory": "SM", "used": 3, "total": 20},
}  # fmt: skip


def test_access_goes_by_owner_then_group_then_others(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch(0o600)
    file.chmod(0o640)
    status = file.stat()
    owner = User("o", status.st_uid, frozenset()) if status.st_uid else User("o", 0, frozenset())
    assert owner.may(status, READ | WRITE)
    group = User("g", 4711, frozenset({status.st_gid}))
    assert group.may(status, READ) and not group.may(status, WRITE)
    assert not User("x", 4711, frozenset({4711})).may(status, READ)


def test_the_folder_in_the_way_is_named(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir(0o700)
    (inner / "file").touch()
    stranger = User("x", 4711, frozenset({4711}))
    blocked = obstacle(stranger, inner / "file", READ)
    assert blocked is not None and inner.is_relative_to(blocked)
    assert not stranger.may(blocked.stat(), SEARCH)


@pytest.mark.parametrize(
    ("off", "level"),
    [(0, Level.OK), (29, Level.OK), (-29, Level.OK), (60, Level.WARN), (-7200, Level.FAIL)],
)
def test_the_clock_is_compared_with_the_servers(off: float, level: Level) -> None:
    assert host.clock(NOON + off, DATE).level is level


@pytest.mark.parametrize("date", [None, "", "yesterday", "Tue, 99 Dec 2026 99:00:00 GMT"])
def test_a_server_without_a_sensible_date_says_nothing(date: str | None) -> None:
    assert host.clock(NOON, date).level is Level.OK


@pytest.mark.parametrize(
    "line",
    [
        "usb 1-1.3: device descriptor read/64, error -71",
        "usb 1-1.3: device not accepting address 9, error -110",
        "usb usb1-port2: disabled by hub (EMI?), re-enabling...",
        "usb 1-1-port4: over-current condition",
        "usb 1-1-port4: unable to enumerate USB device",
        "xhci_hcd 0000:00:14.0: Not enough host controller resources for new device state.",
        "hwmon hwmon1: Undervoltage detected!",
    ],
)
def test_lines_of_the_kernel_that_tell_of_bad_power_are_known(line: str) -> None:
    assert [each.level for each in host.kernel([line])] == [Level.WARN]
    assert [each.level for each in host.kernel([line] * 5)] == [Level.FAIL]


def test_a_log_that_cant_be_read_is_no_failure() -> None:
    assert [each.level for each in host.kernel(None)] == [Level.OK]


def test_thieves_are_no_matter_where_udev_keeps_them_away() -> None:
    assert [e.level for e in host.programs(["ModemManager"], [], False)] == [Level.WARN]
    assert [e.level for e in host.programs(["ModemManager"], [], True)] == [Level.OK]
    assert [e.level for e in host.programs(["bash"], [], False)] == [Level.OK]


@pytest.mark.parametrize(
    ("free", "few", "level"),
    [
        (1 << 30, False, Level.OK),
        (100 << 20, False, Level.WARN),
        (1 << 20, False, Level.FAIL),
        (1 << 30, True, Level.FAIL),
    ],
)
def test_the_journal_needs_room(free: int, few: bool, level: Level) -> None:
    assert files.judge_room(Path("/var"), free, few).level is level


def test_a_farm_of_several_needs_a_journal_of_its_own() -> None:
    config = Config(onlinesim=Onlinesim(url="https://partner.test/"))
    (told,) = files.journal_of_farm("north", config)
    assert told.level is Level.FAIL and "gsmbridge-north/journal.db" in told.todo
    assert not list(files.journal_of_farm("", config))


def levels(*found: dict[str, Any], days: float | None = None) -> list[tuple[str, Level]]:
    sims = [{"iccid": MODEM["iccid"], "imsi": None, "full_in_days": days}]
    rows = (Number(phone="79088081050", iccid="8970101234567890123"),)
    every = [
        *modems.modems(found),
        *modems.stores(found, sims),
        *modems.numbers(rows, found),
    ]
    return [(each.check, each.level) for each in every if each.level is not Level.OK]


def test_modems_are_judged_by_what_is_said_of_them() -> None:
    assert levels(MODEM) == []
    assert ("network", Level.FAIL) in levels({**MODEM, "registration": "denied"})
    assert ("modems", Level.WARN) in levels({**MODEM, "phase": "setup"})
    assert ("modems", Level.FAIL) in levels({**MODEM, "phase": "recovering"})


def test_a_sim_that_is_full_soon_is_told_with_its_pace() -> None:
    assert levels(MODEM, days=30.0) == []
    assert levels(MODEM, days=4.0) == [("store", Level.WARN)]
    sims = [{"iccid": MODEM["iccid"], "imsi": None, "full_in_days": 4.2}]
    (told,) = modems.stores([MODEM], sims)
    assert "full in about 4 days at its present pace" in told.what


def test_a_message_that_waits_for_long_is_told() -> None:
    (told,) = messages.waiting({"queue": {"pending": 3}, "oldest_pending_s": 400.0})
    assert told.level is Level.WARN
    alarms = [
        {"kind": "partner_key", "what": "the API key is wrong"},
        {"kind": "modem_down", "what": "told by the modem's own line"},
    ]
    (alarm,) = messages.alarms({"standing": alarms})
    assert alarm.what == "the API key is wrong"


# ---- the machine -------------------------------------------------------------------------


def saying(text: str | None) -> Any:
    def answer(words: Sequence[str]) -> str | None:
        return text

    return answer


def test_the_unit_is_read_from_systemctl() -> None:
    told = "LoadState=loaded\nUser=gsmbridge\nSupplementaryGroups=dialout tty\n"
    assert Machine(output=saying(told)).unit("gsmbridge.service") == {
        "LoadState": "loaded",
        "User": "gsmbridge",
        "SupplementaryGroups": "dialout tty",
    }
    assert Machine(output=saying(None)).unit("gsmbridge.service") is None


def test_the_user_of_a_running_service_is_the_processs(tmp_path: Path) -> None:
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "status").write_text(
        "Name:\tgsmbridge\nUid:\t1\t4711\t1\t1\nGid:\t1\t4712\t1\t1\nGroups:\t20 4713 \n"
    )
    user = Machine(proc=tmp_path).user({"LoadState": "loaded", "User": "none"}, 7)
    assert user is not None
    assert (user.uid, user.gids) == (4711, frozenset({4712, 20, 4713}))


def test_the_user_of_a_unit_is_looked_up() -> None:
    machine = Machine()
    root = machine.user({"LoadState": "loaded", "User": "", "SupplementaryGroups": ""}, None)
    assert root is not None and root.uid == 0
    assert machine.user({"LoadState": "loaded", "User": "no-such-user"}, None) is None
    myself = machine.user(None, None)
    assert myself is not None and myself.uid == os.geteuid()


def test_the_limit_of_files_is_the_processs_else_the_units(tmp_path: Path) -> None:
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "limits").write_text(
        "Limit     Soft Limit   Hard Limit  Units\nMax open files   1024   4096   files\n"
    )
    machine = Machine(proc=tmp_path)
    assert machine.descriptors(None, 7) == 1024
    assert machine.descriptors({"LimitNOFILE": "8192"}, None) == 8192
    assert machine.descriptors({"LimitNOFILE": "8192"}, 8) == 8192
    assert machine.descriptors(None, None) > 0


def test_a_program_that_is_missing_fails_or_hangs_says_nothing() -> None:
    assert output(["/none/such"]) is None
    assert output(["false"]) is None
    assert output(["echo", "hello"]) == "hello\n"
