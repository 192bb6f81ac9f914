"""What is installed beside the program: man page, completion, udev rules, scripts."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from gsmbridge.at.sysfs import BRIDGE_VENDORS
from gsmbridge.cli.main import COMMANDS
from gsmbridge.dialects.families import FAMILIES

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "package"
RULES = ("90-gsmbridge.rules", "99-gsmbridge-usb-reset.rules")


def made_by(script: str) -> str:
    command = [sys.executable, str(PACKAGE / script)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def options_of(command: str) -> list[str]:
    """Long options but --help, by what its help says."""
    run = subprocess.run(
        [sys.executable, "-m", "gsmbridge", command, "--help"],
        check=True,
        capture_output=True,
        text=True,
    )
    return re.findall(r"^  (?:-\w, )?(--(?!help)[\w-]+)", run.stdout, re.MULTILINE)


@pytest.fixture(scope="module")
def completion() -> str:
    return made_by("completion.py")


def completed(completion: str, *words: str) -> list[str]:
    """What bash offers for the last of the *words*."""
    script = (
        f"{completion}\nCOMP_WORDS=(gsmbridge {' '.join(repr(word) for word in words)})\n"
        f"COMP_CWORD={len(words)}\n_gsmbridge\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n"
    )
    run = subprocess.run(["bash", "-c", script], check=True, capture_output=True, text=True)
    return run.stdout.split()


def test_the_man_page_tells_each_command_and_option() -> None:
    page = made_by("manual.py").replace("\\-", "-")
    for command in COMMANDS:
        assert f".SS gsmbridge {command.name}" in page
        for example in command.examples:
            assert example.replace("'", "\\(aq") in page
    for option in ("--config FILE", "--ussd [CODE]", "--since T", "--modems N"):
        assert f".B {option}\n" in page
    for command in COMMANDS:
        part = page.partition(f".SS gsmbridge {command.name}")[2].partition(".SS ")[0]
        assert all(f"\n.B {each}" in part for each in options_of(command.name)), command.name


@pytest.mark.skipif(not shutil.which("man"), reason="needs man")
def test_the_man_page_is_sound_roff(tmp_path: Path) -> None:
    page = tmp_path / "gsmbridge.1"
    page.write_text(made_by("manual.py"), "utf-8")
    run = subprocess.run(
        ["man", "--warnings", "-l", page], capture_output=True, text=True, check=True
    )
    assert not run.stderr


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
def test_commands_options_and_values_are_completed(completion: str) -> None:
    assert {command.name for command in COMMANDS} <= set(completed(completion, ""))
    assert completed(completion, "sc") == ["scan"]
    for command in COMMANDS:
        offered = completed(completion, command.name, "--")
        assert set(offered) == {"--help", *options_of(command.name)}, command.name
    assert "--verify" in completed(completion, "identify", "--")
    assert completed(completion, "messages", "--state", "una") == ["unassigned"]
    assert completed(completion, "messages", "--phone", "") == []
    assert completed(completion, "nonsense", "--") == []
    found = completed(completion, "check", "--config", str(ROOT / "README"))
    assert found == [str(ROOT / "README.md")]


@pytest.mark.parametrize(("name", "times"), [*zip(RULES, (2, 1), strict=True)])
def test_udev_rules_know_the_makers_that_the_dialects_know_and_no_bridges(
    name: str, times: int
) -> None:
    text = (ROOT / "systemd" / name).read_text("utf-8")
    makers = {vendor for family in FAMILIES for vendor in family.vendors}
    lists = re.findall(r'ATTRS?\{idVendor\}=="([0-9a-f|]+)"', text)
    told = [vendor for each in lists for vendor in each.split("|")]
    assert sorted(told) == sorted([*makers] * times)
    assert not set(told) & set(BRIDGE_VENDORS)


@pytest.mark.parametrize("name", RULES)
def test_udev_rules_jump_only_to_labels_that_are_below(name: str) -> None:
    lines = (ROOT / "systemd" / name).read_text("utf-8").splitlines()
    labels = {}
    for number, line in enumerate(lines):
        if label := re.match(r'LABEL="(\w+)"', line):
            labels[label[1]] = number
    for number, line in enumerate(lines):
        for target in re.findall(r'GOTO="(\w+)"', line):
            assert labels[target] > number


@pytest.mark.parametrize("name", ["install", "uninstall"])
def test_scripts_are_sound(name: str) -> None:
    script = PACKAGE / name
    subprocess.run(["sh", "-n", script], check=True)
    if shutil.which("shellcheck"):
        subprocess.run(["shellcheck", script], check=True)


@pytest.mark.parametrize("name", ["install", "uninstall"])
def test_who_is_not_root_installs_nothing(name: str) -> None:
    assert "must be run as root" in (PACKAGE / name).read_text("utf-8")


def test_every_file_of_the_program_is_in_a_wheel_too(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    source = ROOT / "daemon" / "gsmbridge"
    shutil.copytree(source, tmp_path / "daemon" / "gsmbridge")
    code = "from setuptools import build_meta as b; print(b.build_wheel('.'))"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    packed = zipfile.ZipFile(tmp_path / run.stdout.splitlines()[-1]).namelist()
    for file in source.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            assert f"gsmbridge/{file.relative_to(source)}" in packed
