"""The Debian package: what is in it, that it is complete, and that it is always the same."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gsmbridge import __version__
from tests.config.test_key import NO_YAML

ROOT = Path(__file__).parents[2]
SCRIPTS = ("postinst", "prerm", "postrm")

pytestmark = pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="needs dpkg-deb")


def build(folder: Path, **environ: str) -> Path:
    command = [sys.executable, str(ROOT / "package" / "build_deb.py"), str(folder)]
    run = subprocess.run(
        command, env={**os.environ, **environ}, check=True, capture_output=True, text=True
    )
    return Path(run.stdout.strip())


def ask(*arguments: object) -> str:
    return subprocess.run(
        ["dpkg-deb", *map(str, arguments)], check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture(scope="module")
def deb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def unpacked(deb: Path) -> Path:
    """The package's files, and its maintainer scripts in DEBIAN."""
    folder = deb.parent / "unpacked"
    ask("--raw-extract", deb, folder)
    return folder


def test_the_same_sources_give_the_same_bytes(deb: Path, tmp_path: Path) -> None:
    umask = os.umask(0o077)
    try:
        again = build(tmp_path, TZ="Asia/Tokyo", LC_ALL="C", COLUMNS="40", PYTHONHASHSEED="7")
    finally:
        os.umask(umask)
    assert again.name == deb.name
    assert again.read_bytes() == deb.read_bytes()


def test_it_fits_every_architecture_and_needs_only_what_is_on_every_system(deb: Path) -> None:
    assert ask("--field", deb, "Architecture").strip() == "all"
    assert ask("--field", deb, "Depends").strip() == "python3 (>= 3.11), adduser"
    assert ask("--field", deb, "Version").strip() == __version__


def test_every_file_is_roots_and_writable_by_nobody_else(deb: Path) -> None:
    modes = {"/": "drwxr-xr-x", "bin/gsmbridge": "-rwxr-xr-x"}
    for line in ask("--contents", deb).splitlines():
        mode, owner, path = re.match(r"(\S+) (\S+) .* \./(.*)", line).groups()  # type: ignore[union-attr]
        assert owner == "root/root", line
        expected = next((modes[end] for end in modes if f"/{path}".endswith(end)), "-rw-r--r--")
        assert mode == expected, line


def test_nothing_in_it_is_compiled(unpacked: Path) -> None:
    names = [path.name for path in unpacked.rglob("*")]
    assert not [name for name in names if name.endswith((".so", ".pyc", ".pyd", ".exe"))]
    assert "__pycache__" not in names


def test_the_config_is_made_once_and_is_no_file_of_the_package(unpacked: Path) -> None:
    assert not (unpacked / "etc").exists()
    assert not (unpacked / "DEBIAN" / "conffiles").exists()
    made = unpacked / "usr/share/gsmbridge/config.yaml"
    assert made.read_bytes() == (ROOT / "config.yaml.example").read_bytes()


def gsmbridge(unpacked: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the packaged program with the packaged libraries alone."""
    launcher = (unpacked / "usr/bin/gsmbridge").read_text("utf-8")
    assert launcher.startswith("#!/usr/bin/python3 -I\n")
    code = launcher.replace('"/usr/lib', f'"{unpacked}/usr/lib')
    command = [sys.executable, "-I", "-S", "-B", "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_the_first_config_lacks_only_the_url_and_the_key(unpacked: Path) -> None:
    run = gsmbridge(unpacked, "check", "--config", unpacked / "usr/share/gsmbridge/config.yaml")
    mistakes = [re.sub(r"^\S+?:\d+: (\S+):.*", r"\1", line) for line in run.stderr.splitlines()]
    assert (run.returncode, mistakes) == (78, ["onlinesim.url", "onlinesim.key"])


@pytest.mark.parametrize("key", NO_YAML)
def test_a_line_that_is_no_yaml_shows_no_key_without_compiled_yaml_either(
    unpacked: Path, key: str, tmp_path: Path
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"onlinesim:\n  url: https://partner.test/\n  key: {key}\n", "utf-8")
    run = gsmbridge(unpacked, "check", "--config", config)
    assert run.returncode == 78
    assert "s3same" not in run.stderr + run.stdout


def test_the_packaged_program_runs_with_the_packaged_libraries_alone(unpacked: Path) -> None:
    run = gsmbridge(unpacked, "demo", "--modems", "2", "--messages", "2")
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_file_of_the_program_is_in_it(unpacked: Path) -> None:
    source = ROOT / "daemon" / "gsmbridge"
    packaged = unpacked / "usr/lib/gsmbridge/gsmbridge"
    for file in source.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            assert (packaged / file.relative_to(source)).exists(), file


def test_the_unit_starts_the_packaged_command_and_is_the_same_else(unpacked: Path) -> None:
    def settings(text: str) -> list[str]:
        return [line for line in text.splitlines() if line and not line.startswith("#")]

    packaged = settings((unpacked / "usr/lib/systemd/system/gsmbridge.service").read_text("utf-8"))
    source = settings((ROOT / "systemd" / "gsmbridge.service").read_text("utf-8"))
    assert "ExecStart=/usr/bin/gsmbridge run" in packaged
    assert [line for line in packaged if not line.startswith("ExecStart=")] == [
        line for line in source if not line.startswith("ExecStart=")
    ]


def test_the_unit_lets_no_core_file_be_written(unpacked: Path) -> None:
    unit = (unpacked / "usr/lib/systemd/system/gsmbridge.service").read_text("utf-8")
    assert "\nLimitCORE=0\n" in unit


def test_links_of_the_docs_lead_somewhere_in_the_package_too(unpacked: Path) -> None:
    packaged = unpacked / "usr/share/doc/gsmbridge"
    for file in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        place = packaged / file.relative_to(ROOT)
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", file.read_text("utf-8")):
            if (file.parent / link).exists():
                assert (place.parent / link).exists(), f"{file.name}: {link}"


def test_every_library_in_it_has_its_licence_told(unpacked: Path) -> None:
    told = (unpacked / "usr/share/doc/gsmbridge/copyright").read_text("utf-8")
    for folder in (unpacked / "usr/lib/gsmbridge").iterdir():
        if folder.is_dir() and folder.name != "gsmbridge" and folder.suffix != ".dist-info":
            assert f"usr/lib/gsmbridge/{folder.name}/*" in told


def test_checksums_are_right(unpacked: Path) -> None:
    sums = unpacked / "DEBIAN" / "md5sums"
    run = subprocess.run(["md5sum", "--check", "--quiet", sums], cwd=unpacked, check=False)
    assert run.returncode == 0
    beside = {"DEBIAN", "__pycache__"}  # the latter since the program was run there
    packed = {
        path for path in unpacked.rglob("*") if path.is_file() and not beside & set(path.parts)
    }
    assert len(sums.read_text().splitlines()) == len(packed)


@pytest.mark.parametrize("name", SCRIPTS)
def test_maintainer_scripts_are_sound(unpacked: Path, name: str) -> None:
    script = unpacked / "DEBIAN" / name
    assert script.stat().st_mode & 0o777 == 0o755
    assert "set -e\n" in script.read_text("utf-8")
    subprocess.run(["sh", "-n", script], check=True)
    if shutil.which("shellcheck"):
        subprocess.run(["shellcheck", script], check=True)


def test_purge_asks_nothing(unpacked: Path) -> None:
    for name in SCRIPTS:
        text = (unpacked / "DEBIAN" / name).read_text("utf-8")
        assert "debconf" not in text and not re.search(r"\bread\b", text)
