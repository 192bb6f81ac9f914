"""Set-ups that are sound but for one thing, and the doctor who has to find that one."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
import yaml

from gsmbridge import RELEASED
from gsmbridge.doctor.access import User
from gsmbridge.doctor.examine import examine, seen
from gsmbridge.doctor.finding import Finding, Level, ok
from gsmbridge.doctor.machine import Machine, Unit
from gsmbridge.farm.partner import Partner
from gsmbridge.farm.partner_script import Reply
from gsmbridge.journal import database
from tests.endtoend.scene import Scene, played, playing
from tests.onlinesim.certificates import Authority

SOUND_UNIT = {
    "LoadState": "loaded",
    "ActiveState": "active",
    "UnitFileState": "enabled",
    "Result": "success",
    "ExecMainStatus": "0",
    "User": "gsmbridge",
    "SupplementaryGroups": "dialout",
    "LimitNOFILE": "8192",
}
STRANGER = User("gsmbridge", 4711, frozenset({4711}))


@dataclass(frozen=True, slots=True)
class Host(Machine):
    """A host whose service runs as *service*, with its own log, unit and clock."""

    service: User | None = None

    def user(self, unit: Unit | None, pid: int | None) -> User | None:
        return self.service


@dataclass
class Setup:
    """What can be broken, beside the scene's own config, farm and partner."""

    scene: Scene
    authority: Authority
    unit: dict[str, str] = field(default_factory=lambda: dict(SOUND_UNIT))
    kernel: str = "usb 1-1.2: new high-speed USB device number 7 using xhci_hcd\n"
    service: User | None = field(
        default_factory=lambda: User("gsmbridge", os.geteuid(), frozenset(os.getgroups()))
    )
    loads: str = ""
    """What `systemctl cat` shows."""
    off: float = 0.0
    """Seconds that the host's clock is ahead."""
    partners: list[Partner] = field(default_factory=list)

    @property
    def proc(self) -> Path:
        return self.scene.folder / "proc"

    def process(self, pid: int, name: str, *holding: str) -> None:
        """A process that runs, with devices that it has open."""
        (self.proc / str(pid) / "fd").mkdir(parents=True)
        (self.proc / str(pid) / "comm").write_text(name + "\n")
        for number, device in enumerate(holding, 3):
            (self.proc / str(pid) / "fd" / str(number)).symlink_to(device)

    def rewrite(self, section: str, **keys: Any) -> None:
        self.scene.rewrite(lambda config: config.setdefault(section, {}).update(keys))

    async def serve_tls(self, name: str, alt_name: str, trusted: bool = True) -> None:
        """Have the partner at an https URL, with a certificate for *alt_name*."""
        partner = Partner()
        self.partners.append(partner)
        url = await partner.start(tls=self.authority.server(name, alt_name))
        ca_file = self.authority.ca_file if trusted else None
        self.rewrite("onlinesim", url=url.replace("127.0.0.1", "localhost"), ca_file=ca_file)

    async def examine(self) -> list[Finding]:
        def output(words: Sequence[str]) -> str | None:
            if words[:2] == ["systemctl", "cat"]:
                return self.loads
            if words[0] == "systemctl":
                return "".join(f"{name}={value}\n" for name, value in self.unit.items())
            return self.kernel

        self.proc.mkdir(exist_ok=True)
        host = Host(
            proc=self.proc,
            udev=(self.scene.folder / "rules.d",),
            output=output,
            wall=lambda: time.time() + self.off,
            service=self.service,
        )
        # in a thread: the simulated modems live in this one
        return await asyncio.to_thread(lambda: list(examine(str(self.scene.config), {}, host)))


@asynccontextmanager
async def setup(folder: Path, authority: Authority, **more: Any) -> AsyncIterator[Setup]:
    async with playing(folder, 1, **more) as scene:
        (folder / "state").mkdir(mode=0o750)
        built = Setup(scene, authority)
        yield built
        for partner in built.partners:
            await partner.close()


def bad(findings: Sequence[Finding]) -> list[Finding]:
    """All that is not well, but that no daemon runs here."""
    return [
        each
        for each in findings
        if each.level is not Level.OK and each.what != "the daemon does not run"
    ]


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.create(tmp_path_factory.mktemp("certificates"))


@played
async def test_a_sound_setup_is_found_sound(tmp_path: Path, authority: Authority) -> None:
    async with setup(tmp_path, authority) as sound:
        await sound.serve_tls("good", "DNS:localhost")
        found = await sound.examine()
        assert bad(found) == []
        assert {each.check for each in found} >= {
            "config", "service", "journal", "space", "partner", "clock", "ports", "programs",
            "files", "usb", "modems", "store", "numbers", "messages",
        }  # fmt: skip
        (look,) = sound.partners[0].exchanges
        assert look.head.startswith(b"HEAD / ") and look.body == b""  # nothing was pushed
        assert not sound.scene.journal.exists()


# ---- broken, one by one ------------------------------------------------------------------

Break = Callable[[Setup], Any]
BROKEN: dict[str, tuple[Break, str, Level, str]] = {}


def broken(check: str, level: Level, what: str) -> Callable[[Break], Break]:
    """A way to break a set-up, and the line that has to tell of it."""

    def register(act: Break) -> Break:
        BROKEN[act.__name__] = act, check, level, what
        return act

    return register


@broken("config", Level.FAIL, "config.yaml: no such file")
def config_is_missing(it: Setup) -> None:
    it.scene.config.unlink()


@broken("config", Level.FAIL, "onlinesim.key: is a placeholder")
def key_is_a_placeholder(it: Setup) -> None:
    it.rewrite("onlinesim", key="…")


@broken("key", Level.FAIL, "onlinesim.key: is missing")
def key_is_missing(it: Setup) -> None:
    it.scene.rewrite(lambda config: config["onlinesim"].pop("key"))


def _with_credential(it: Setup) -> Path:
    file = it.scene.folder / "onlinesim-key"
    it.loads = f"LoadCredential=onlinesim-key:{file}\n"
    it.scene.rewrite(lambda config: config["onlinesim"].pop("key"))
    return file


@broken("key", Level.FAIL, "onlinesim-key is empty")
def neither_config_nor_credential_has_the_key(it: Setup) -> None:
    _with_credential(it).touch()


@broken("key", Level.FAIL, "onlinesim-key is not there")
def the_credential_is_gone(it: Setup) -> None:
    _with_credential(it)


@broken("key", Level.WARN, "can't be seen by this user")
def the_credential_is_not_ours_to_see(it: Setup) -> None:
    _with_credential(it)
    it.loads = "LoadCredentialEncrypted=onlinesim-key\n"


@broken("key", Level.FAIL, "everybody can read it")
def the_credential_is_open_to_all(it: Setup) -> None:
    file = _with_credential(it)
    file.write_text("sesame")
    file.chmod(0o644)


@broken("config", Level.FAIL, "is in line")
def two_rows_with_one_iccid(it: Setup) -> None:
    it.scene.rewrite(
        lambda config: config["numbers"].append(
            {"phone": "79000000000", "iccid": config["numbers"][0]["iccid"]}
        )
    )


@broken("config", Level.FAIL, "everybody can read it")
def config_with_the_key_is_open_to_all(it: Setup) -> None:
    it.scene.config.chmod(0o644)


@broken("config", Level.FAIL, "user gsmbridge can't read it")
def config_is_not_the_services_to_read(it: Setup) -> None:
    it.service = STRANGER


def _with_key_file(it: Setup) -> Path:
    file = it.scene.folder / "key"
    file.write_text("sesame\n")
    it.scene.rewrite(lambda config: config["onlinesim"].update(key_file=str(file)))
    it.scene.rewrite(lambda config: config["onlinesim"].pop("key"))
    return file


@broken("key", Level.FAIL, "no such file")
def key_file_is_missing(it: Setup) -> None:
    _with_key_file(it).unlink()


@broken("key", Level.FAIL, "everybody can read it")
def key_file_is_open_to_all(it: Setup) -> None:
    _with_key_file(it).chmod(0o644)


@broken("key", Level.FAIL, "user gsmbridge can't read it")
def key_file_is_not_the_services_to_read(it: Setup) -> None:
    _with_key_file(it).chmod(0o600)
    it.service = STRANGER


@broken("service", Level.FAIL, "its user gsmbridge does not exist")
def the_services_user_does_not_exist(it: Setup) -> None:
    it.service = None


@broken("service", Level.FAIL, "it failed (exit-code, status 78)")
def the_service_failed(it: Setup) -> None:
    it.unit.update(ActiveState="failed", Result="exit-code", ExecMainStatus="78")


@broken("service", Level.WARN, "does not start with the host")
def the_service_is_not_enabled(it: Setup) -> None:
    it.unit.update(UnitFileState="disabled")


@broken("service", Level.WARN, "is not installed")
def the_unit_is_not_installed(it: Setup) -> None:
    it.unit.update(LoadState="not-found", UnitFileState="")


@broken("journal", Level.WARN, "there is no folder")
def the_journals_folder_is_missing(it: Setup) -> None:
    (it.scene.folder / "state").rmdir()


@broken("journal", Level.FAIL, "user gsmbridge can't write there")
def the_journals_folder_is_not_the_services(it: Setup) -> None:
    it.service = STRANGER


@broken("journal", Level.WARN, "others may look into it")
def the_journals_folder_is_open_to_all(it: Setup) -> None:
    (it.scene.folder / "state").chmod(0o755)


def _journal(it: Setup) -> sqlite3.Connection:
    database.prepare_directory(it.scene.journal)
    db = database.connect(it.scene.journal)
    it.scene.journal.chmod(0o640)
    return db


@broken("journal", Level.FAIL, "everybody can read it")
def the_journal_is_open_to_all(it: Setup) -> None:
    _journal(it).close()
    it.scene.journal.chmod(0o644)


@broken("journal", Level.FAIL, "schema 99")
def the_journal_is_newer(it: Setup) -> None:
    with closing(_journal(it)) as db:
        db.execute("PRAGMA user_version = 99")


@broken("journal", Level.FAIL, "journal.db")
def the_journal_is_corrupt(it: Setup) -> None:
    _journal(it).close()
    it.scene.journal.write_bytes(b"nothing that SQLite wrote" * 400)
    it.scene.journal.chmod(0o640)


@broken("journal", Level.FAIL, "made with host_index 1 and host_count 2")
def the_journal_is_another_hosts(it: Setup) -> None:
    with closing(_journal(it)) as db:
        db.execute("INSERT INTO meta VALUES ('host_index', '1'), ('host_count', '2')")


@broken("journal", Level.FAIL, "in use by process 4711, which does not answer")
def somebody_holds_the_journal_and_does_not_answer(it: Setup) -> object:
    _journal(it).close()
    lock = (it.scene.folder / "state" / "journal.db.lock").open("w")
    lock.write("4711\n")
    lock.flush()
    os.fchmod(lock.fileno(), 0o640)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock  # held as long as somebody refers to it


@broken("partner", Level.FAIL, "connection refused")
def nothing_listens_at_the_url(it: Setup) -> None:
    it.rewrite("onlinesim", url="http://127.0.0.1:9/push")


@broken("partner", Level.FAIL, "certificate refused: Hostname mismatch")
async def the_certificate_is_for_another_name(it: Setup) -> None:
    await it.serve_tls("elsewhere", "DNS:elsewhere.example")


@broken("partner", Level.FAIL, "certificate refused")
async def the_certificate_is_of_an_unknown_authority(it: Setup) -> None:
    await it.serve_tls("unknown", "DNS:localhost", trusted=False)


@broken("partner", Level.FAIL, "ca_file")
async def the_ca_file_is_missing(it: Setup) -> None:
    await it.serve_tls("good", "DNS:localhost")
    it.rewrite("onlinesim", ca_file="/none/ca.pem")


@broken("clock", Level.FAIL, "ahead of the server's")
def the_clock_is_ahead(it: Setup) -> None:
    date = formatdate(time.time(), usegmt=True)
    it.scene.partner.script = lambda _: Reply(headers={"Date": date})
    it.off = 7200.0


@broken("clock", Level.FAIL, "before this program was made")
def the_clock_was_never_set(it: Setup) -> None:
    it.off = RELEASED - 86400.0 - time.time()


@broken("ports", Level.FAIL, "no port matches")
def no_port_matches(it: Setup) -> None:
    it.rewrite("modems", ports=["/none/ttyUSB*"])


@broken("ports", Level.FAIL, "user gsmbridge can't open it")
def the_service_may_not_open_its_ports(it: Setup) -> None:
    it.service = STRANGER


@broken("ports", Level.FAIL, "held by minicom (pid 99)")
def another_program_holds_a_port(it: Setup) -> None:
    (port,) = (it.scene.folder / "ports").iterdir()
    it.process(99, "minicom", os.path.realpath(port))


@broken("programs", Level.WARN, "ModemManager runs")
def modemmanager_runs(it: Setup) -> None:
    it.process(98, "ModemManager")


@broken("programs", Level.WARN, "brltty runs")
def brltty_runs(it: Setup) -> None:
    it.process(97, "brltty")


@broken("files", Level.FAIL, "may open 64 files")
def too_few_descriptors(it: Setup) -> None:
    it.unit["LimitNOFILE"] = "64"


@broken("usb", Level.FAIL, "a hub switched a port off")
def the_hub_has_bad_power(it: Setup) -> None:
    it.kernel += "usb 1-1.2: disabled by hub (EMI?), re-enabling...\n" * 3


@broken("modems", Level.FAIL, "does not answer")
def a_modem_does_not_answer(it: Setup) -> None:
    it.rewrite("modems", command_timeout=0.2)
    it.scene.strike_fault(0, "hang")


@broken("modems", Level.FAIL, "the SIM is locked (the SIM wants SIM PIN)")
def a_sim_wants_its_pin(it: Setup) -> None:
    it.scene.farm.sims[0].pin = "1234"


@broken("modems", Level.FAIL, "no usable SIM")
def a_modem_has_no_sim(it: Setup) -> None:
    it.scene.farm.modems[0].sim = None


@broken("numbers", Level.FAIL, "has no number")
def a_sim_has_no_number(it: Setup) -> None:
    it.scene.rewrite(lambda config: config.update(numbers=[]))


@broken("numbers", Level.FAIL, "79000000000: its SIM 8970101234567890123 is ready in no modem")
def the_sim_of_a_number_is_in_no_modem(it: Setup) -> None:
    row = {"phone": "79000000000", "iccid": "8970101234567890123"}
    it.scene.rewrite(lambda config: config["numbers"].append(row))


@broken("numbers", Level.FAIL, "two rows are this SIM")
def two_rows_are_one_sim_by_iccid_and_imsi(it: Setup) -> None:
    row = {"phone": "79000000000", "imsi": it.scene.farm.sims[0].imsi}
    it.scene.rewrite(lambda config: config["numbers"].append(row))


@broken("store", Level.WARN, "17 of 20 slots used")
def a_sim_is_nearly_full(it: Setup) -> None:
    for number in range(17):
        it.scene.put(0, f"message {number}")


@broken("store", Level.FAIL, "full, the network holds messages back")
def a_sim_is_full(it: Setup) -> None:
    for number in range(20):
        it.scene.put(0, f"message {number}")


@broken("messages", Level.WARN, "1 unassigned: waits for a person")
def a_message_waits_for_a_person(it: Setup) -> None:
    with closing(_journal(it)) as db:
        db.execute("INSERT INTO sims (sim, first_seen, last_seen) VALUES (1, 0, 0)")
        db.execute(
            "INSERT INTO messages (sms_id, sim, state, phone_from, order_at, received_at,"
            " newest_at, boot) VALUES (7, 1, 'unassigned', '', 0, 0, 0, '')"
        )


@pytest.mark.parametrize("name", BROKEN)
@played
async def test_what_is_broken_is_found(name: str, tmp_path: Path, authority: Authority) -> None:
    act, check, level, what = BROKEN[name]
    async with setup(tmp_path, authority) as it:
        kept = act(it)
        if asyncio.iscoroutine(kept):
            await kept
        found = [each for each in bad(await it.examine()) if each.check == check]
        matching = [each for each in found if what in each.what and each.level is level]
        assert matching, found
        assert all(each.todo for each in found), "each says what to do"
        del kept


def test_many_ways_to_break_a_farm_are_tried() -> None:
    assert len(BROKEN) >= 35


def test_what_this_user_may_not_look_at_is_told_and_the_rest_goes_on() -> None:
    def check() -> Iterator[Finding]:
        yield ok("journal", "so far")
        raise PermissionError(errno.EACCES, "Permission denied", "/var/lib/gsmbridge/journal.db")

    first, second = seen(check())
    assert first.level is Level.OK
    assert second.level is Level.WARN and second.todo == "use sudo"
    assert second.what == "/var/lib/gsmbridge/journal.db: this user may not look at it"


# ---- beside the daemon --------------------------------------------------------------------


@played
async def test_while_the_daemon_runs_the_ports_stay_closed(
    tmp_path: Path, authority: Authority
) -> None:
    async with setup(tmp_path, authority, modems={"poll_interval": 1}) as it:
        await it.scene.start()
        status, out, error = await it.scene.command("doctor")
        assert error == ""
        assert "the daemon runs and answers" in out
        assert "1 of 1 ready" in out
        assert not it.scene.said("modem gone")
        assert status in (0, 1)  # this machine itself may have its faults


@played
async def test_json_tells_the_same(tmp_path: Path, authority: Authority) -> None:
    async with setup(tmp_path, authority) as it:
        it.scene.rewrite(lambda config: config["onlinesim"].pop("key"))
        status, out, _ = await it.scene.command("doctor", "--json")
        document = yaml.safe_load(out)
        assert status == 1
        assert document["worst"] == "fail"
        (key,) = [each for each in document["findings"] if each["check"] == "key"]
        assert list(key) == ["check", "level", "what", "todo"]
        assert key["level"] == "fail" and "is missing" in key["what"]
