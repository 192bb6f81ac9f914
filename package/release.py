"""Build a release of the last commit: `make release`, into dist/.

The commit bears the tag of its version, and CHANGELOG.md has that version with its date. Built
twice, the second time elsewhere and otherwise; nothing is handed out unless the bytes are the same.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import changelog

ROOT = Path(__file__).parents[1]
NOBODY = 65534
FIRST = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONHASHSEED": "0"}
SECOND = {"LC_ALL": "C", "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7", "COLUMNS": "40"}


@dataclass(frozen=True, slots=True)
class Source:
    """A commit, and what is built of it."""

    commit: str
    version: str
    released: int
    """Unix time; the date of everything that is built."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="make release", description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="where to; what was there goes")
    parser.add_argument(
        "--snapshot",
        action="store_true",
        help="build what bears no tag, as a development version, into snapshot/ there",
    )
    options = parser.parse_args()
    if shutil.which("dpkg-deb") is None:
        sys.exit("make release: needs dpkg-deb (Debian has it; Fedora: the package dpkg)")
    source = _source()
    problem = None if options.snapshot else _unfit(source)
    if problem:
        sys.exit(f"make release: {problem}, or build a snapshot: make release ARGS=--snapshot")
    folder = options.folder
    if options.snapshot:
        folder /= "snapshot"  # where a release is, it stays
        version = f"{source.version}.dev0+g{source.commit[:7]}"
        source = Source(source.commit, version, source.released)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        first = _round(source, Path(one), FIRST, 0o022, None)
        user = _somebody_else()
        second = _round(source, Path(other), SECOND, 0o077, user)
        if _sums(first) != _sums(second):
            sys.exit("make release: built twice, and not the same:\n" + _sums(first, second))
        _hand_out(first, folder)
    otherwise = "another folder, umask, locale and time zone"
    as_whom = ", by another user" if user is not None else ""
    print(f"in {folder}, built twice, the second time in {otherwise}{as_whom}: the same bytes")


def _source() -> Source:
    """The last commit. SystemExit: something would be left out."""
    if _git("status", "--porcelain", "--untracked-files=no"):
        sys.exit("make release: commit first: what is not committed would be left out")
    text = _git("show", "HEAD:daemon/gsmbridge/__init__.py").decode()
    version = re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    released = re.search(r"^RELEASED = (\d+)$", text, re.MULTILINE)
    if version is None or released is None:
        sys.exit("make release: no version or no date in daemon/gsmbridge/__init__.py")
    return Source(_git("rev-parse", "HEAD").decode().strip(), version[1], int(released[1]))


def _unfit(source: Source) -> str | None:
    """Why this commit is no release."""
    text = _git("show", "HEAD:CHANGELOG.md").decode()
    try:
        mistake = changelog.mistake(text, source.version, source.released)
    except ValueError as error:
        mistake = f"CHANGELOG.md: {error}"
    if mistake:
        return mistake
    tag = f"v{source.version}"
    if tag in _git("tag", "--points-at", "HEAD").decode().split():
        return None
    return f"commit {source.commit[:7]} has no tag {tag}: git tag {tag}"


def _round(
    source: Source, place: Path, environ: Mapping[str, str], umask: int, user: int | None
) -> Path:
    """Build all in *place*; the folder of what was built."""
    tree, made = place / "gsmbridge", place / "made"
    for each in (tree, made):
        each.mkdir()
    archive = _git("archive", source.commit)
    subprocess.run(["tar", "--extract"], input=archive, cwd=tree, check=True)
    for path in tree.rglob("*"):  # modes are part of the wheel
        path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
    init = tree / "daemon" / "gsmbridge" / "__init__.py"
    text = init.read_text("utf-8")
    init.write_text(re.sub(r'(?m)^(__version__ = ").+(")$', rf"\g<1>{source.version}\2", text))
    if user is not None:
        for path in (place, *place.rglob("*")):
            shutil.chown(path, user, user)
    fixed = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(tree / "daemon"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "SOURCE_DATE_EPOCH": str(source.released),
    }
    command = [sys.executable, str(tree / "package" / "artefacts.py"), str(made)]
    subprocess.run(
        command,
        check=True,
        cwd=place,
        env={**fixed, **environ},
        umask=umask,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )
    return made


def _somebody_else() -> int | None:
    """Another user to build as; None where there is none who may run this interpreter."""
    if os.geteuid() != 0:
        return None
    command = [sys.executable, "-c", ""]
    try:
        done = subprocess.run(command, user=NOBODY, check=False, stderr=subprocess.DEVNULL)
    except PermissionError:
        return None
    return NOBODY if done.returncode == 0 else None


def _sums(*folders: Path) -> str:
    """As sha256sum prints them."""
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for folder in folders
        for path in sorted(folder.iterdir())
    )


def _hand_out(made: Path, folder: Path) -> None:
    sums = _sums(made)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(made, folder)
    (folder / "SHA256SUMS").write_text(sums, "ascii")
    sys.stdout.write(sums)


def _git(*arguments: str) -> bytes:
    done = subprocess.run(["git", *arguments], cwd=ROOT, check=False, capture_output=True)
    if done.returncode != 0:
        told = done.stderr.decode(errors="replace").strip()
        sys.exit(f"make release: git {arguments[0]}: {told}")
    return done.stdout


if __name__ == "__main__":
    main()
