"""`make release`: what it refuses, what it builds, and the bill of materials in it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from package.sbom import lock
from packaging.utils import canonicalize_name

from gsmbridge import __version__

ROOT = Path(__file__).parents[2]
TAG = f"v{__version__}"

in_git = pytest.mark.skipif(
    not (ROOT / ".git").exists() or not shutil.which("dpkg-deb"),
    reason="needs a clone of the repository, and dpkg-deb",
)


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def release(clone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(clone / "package" / "release.py"), str(clone / "dist")]
    return subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)


def cloned(folder: Path) -> Path:
    git(ROOT, "clone", "--quiet", "--no-tags", str(ROOT), str(folder))
    return folder


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return cloned(tmp_path / "clone")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a release."""
    clone = cloned(tmp_path_factory.mktemp("release") / "clone")
    git(clone, "tag", TAG)
    changelog = (clone / "CHANGELOG.md").read_text("utf-8")
    kind = ["--snapshot"] if "## Unreleased" in changelog else []
    done = release(clone, *kind)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "the same bytes" in done.stdout
    made = clone / "dist" / ("snapshot" if kind else "")
    return made.rename(clone / "made")


@in_git
def test_a_snapshot_leaves_the_release_that_is_there(clone: Path) -> None:
    (clone / "dist").mkdir()
    (clone / "dist" / "SHA256SUMS").write_text("of a release\n", "ascii")
    done = release(clone, "--snapshot")
    assert done.returncode == 0, done.stderr
    assert (clone / "dist" / "SHA256SUMS").read_text("ascii") == "of a release\n"
    assert len(list((clone / "dist" / "snapshot").iterdir())) == 5


def one(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


@in_git
def test_a_commit_without_its_tag_is_refused_in_a_line_that_tells_the_way(clone: Path) -> None:
    done = release(clone)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.endswith("or build a snapshot: make release ARGS=--snapshot\n")
    assert not (clone / "dist").exists()


@in_git
def test_what_is_not_committed_is_refused(clone: Path) -> None:
    (clone / "README.md").write_text("more\n", "utf-8")
    done = release(clone, "--snapshot")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "commit first" in done.stderr


@in_git
def test_a_release_is_sources_wheel_package_bill_and_checksums(built: Path) -> None:
    assert [path.suffix for path in sorted(built.iterdir())] == ["", ".whl", ".json", ".gz", ".deb"]
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=built, check=True)
    assert len((built / "SHA256SUMS").read_text("ascii").splitlines()) == 4


@in_git
def test_the_sources_are_all_of_the_commit_and_their_metadata(built: Path) -> None:
    kept = subprocess.run(
        ["git", "-C", str(built.parent), "ls-files"], check=True, capture_output=True, text=True
    ).stdout.split()
    with tarfile.open(one(built, "*.tar.gz")) as tar:
        names = [name.split("/", 1)[1] for name in tar.getnames()]
        owners = {(entry.uid, entry.gid, entry.mtime) for entry in tar}
    assert sorted(names) == sorted([*kept, "PKG-INFO"])
    assert len(owners) == 1


@in_git
def test_the_wheel_has_every_file_of_the_program(built: Path) -> None:
    names = set(zipfile.ZipFile(one(built, "*.whl")).namelist())
    source = built.parent / "daemon"
    for file in (source / "gsmbridge").rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            assert file.relative_to(source).as_posix() in names


@in_git
def test_the_bill_is_valid_and_names_all_that_the_package_holds(built: Path) -> None:
    text = one(built, "*.cdx.json").read_text("utf-8")
    valid = JsonStrictValidator(SchemaVersion.V1_6)
    assert valid.validate_str(text) is None
    assert valid.validate_str(text.replace('"library"', '"books"', 1)) is not None
    bill: dict[str, Any] = json.loads(text)
    listing = subprocess.run(
        ["dpkg-deb", "--contents", one(built, "*.deb")], check=True, capture_output=True, text=True
    ).stdout
    folders = set(re.findall(r"\./usr/lib/gsmbridge/([^/.]+)/\n", listing)) - {"gsmbridge"}
    told = {
        each["value"].rpartition("/")[2] for c in bill["components"] for each in c["properties"]
    }
    assert folders <= told


@in_git
def test_every_library_in_the_bill_has_version_licence_and_the_hashes_of_the_lock(
    built: Path,
) -> None:
    locked = lock((ROOT / "requirements" / "runtime.txt").read_text("utf-8"))
    bill = json.loads(one(built, "*.cdx.json").read_text("utf-8"))
    assert {canonicalize_name(each["name"]) for each in bill["components"]} == set(locked)
    for each in bill["components"]:
        version, hashes = locked[canonicalize_name(each["name"])]
        (files,) = each["externalReferences"]
        assert each["version"] == version
        assert sorted(digest["content"] for digest in files["hashes"]) == sorted(hashes)
        assert each["licenses"]


def test_what_runs_in_service_is_locked_by_hash_in_the_version_of_the_tests() -> None:
    locked = lock((ROOT / "requirements" / "runtime.txt").read_text("utf-8"))
    exact = (ROOT / "requirements" / "constraints.txt").read_text("utf-8")
    versions = {
        canonicalize_name(name): version
        for name, version in re.findall(r"^([\w.-]+)==(\S+)$", exact, re.MULTILINE)
    }
    assert {name: version for name, (version, _) in locked.items()} == {
        name: versions[name] for name in locked
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = {canonicalize_name(re.split("[<>=]", each)[0]) for each in project["dependencies"]}
    assert needed <= set(locked)
    assert all(hashes for _, hashes in locked.values())
    for script in (".ci/venv", "package/install"):
        assert "--require-hashes --requirement" in (ROOT / script).read_text("utf-8")
