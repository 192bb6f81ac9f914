"""Build the Debian package: `make deb`.

The libraries that gsmbridge needs go along as pure Python, in the versions it is tested with, so
that it installs without compiler and network. Only dpkg-deb is needed; the same sources give the
same bytes (SOURCE_DATE_EPOCH, by default the date of the release).
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path

import changelog
import completion
import manual

import gsmbridge

ROOT = Path(__file__).parents[1]
DEBIAN = Path(__file__).with_name("debian")
SCRIPTS = ("postinst", "prerm", "postrm")

LIB = "usr/lib/gsmbridge"
DOC = "usr/share/doc/gsmbridge"

PURE_WITHOUT = {"pyyaml"}
"""Libraries that do without their compiled modules, only slower."""
COMPILED = (".so", ".pyd")
LEFT_OUT = ("__pycache__", ".pyc")
OF_METADATA = ("METADATA", "AUTHORS", "COPYING", "LICENSE", "NOTICE")
"""What stays of a library's dist-info: its licence, and the version that scanners look for."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the package."""

    path: str
    content: bytes
    mode: int = 0o644


def entries(epoch: int) -> Iterator[Entry]:
    """Every file of the package."""
    yield Entry("usr/bin/gsmbridge", (DEBIAN / "launcher").read_bytes(), 0o755)
    yield from _tree(ROOT / "daemon" / "gsmbridge", f"{LIB}/gsmbridge")
    for name in requirements():
        yield from _library(distribution(name))
    for name in ("gsmbridge.service", "gsmbridge@.service"):
        yield Entry(f"usr/lib/systemd/system/{name}", unit(name).encode())
    yield _copy("systemd/gsmbridge.catalog", "usr/lib/systemd/catalog/gsmbridge.catalog")
    yield _copy("systemd/90-gsmbridge.rules", "usr/lib/udev/rules.d/90-gsmbridge.rules")
    yield _copy("config.yaml.example", "usr/share/gsmbridge/config.yaml")
    yield Entry("usr/share/man/man1/gsmbridge.1.gz", _gzip(manual.page(epoch).encode()))
    yield Entry("usr/share/bash-completion/completions/gsmbridge", completion.bash().encode())
    yield from _documents(epoch)


def _documents(epoch: int) -> Iterator[Entry]:
    """The documentation, laid out as in the sources so that its links lead somewhere."""
    for name in ("README.md", "config.yaml.example", "systemd/99-gsmbridge-usb-reset.rules"):
        yield _copy(name, f"{DOC}/{name}")
    yield from _tree(ROOT / "docs", f"{DOC}/docs")
    yield Entry(f"{DOC}/copyright", (DEBIAN / "copyright").read_bytes())
    history = changelog.debian(changelog.FILE.read_text("utf-8"), version(), epoch)
    yield Entry(f"{DOC}/changelog.gz", _gzip(history.encode()))


def unit(name: str) -> str:
    """A unit, with the command where the package puts it."""
    text = (ROOT / "systemd" / name).read_text("utf-8")
    text = re.sub(r"\A(#.*\n)+", "", text)  # how it comes here otherwise
    found = re.subn(r"^(ExecStart=)\S+", r"\1/usr/bin/gsmbridge", text, flags=re.MULTILINE)
    if found[1] != 1:
        sys.exit(f"systemd/{name}: there is not one ExecStart= in it")
    return found[0]


def version() -> str:
    """Debian's form of the version: what comes before a release sorts before it."""
    public, plus, local = gsmbridge.__version__.partition("+")
    return re.sub(r"\.?(a|b|rc|dev)(?=\d)", r"~\1", public) + plus + local


def _copy(source: str, path: str) -> Entry:
    return Entry(path, (ROOT / source).read_bytes())


def _tree(folder: Path, path: str) -> Iterator[Entry]:
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if file.is_file() and not any(part in name for part in LEFT_OUT):
            yield Entry(f"{path}/{name}", file.read_bytes())


def requirements() -> list[str]:
    """Names of the libraries that the program needs, and that the package holds."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = (re.match(r"[\w.-]+", each) for each in project["dependencies"])
    return sorted(name[0] for name in names if name)


def _library(library: Distribution) -> Iterator[Entry]:
    """An installed library's files but what is compiled, its commands and its metadata."""
    for file in sorted(library.files or (), key=str):
        name = file.as_posix()
        if name.startswith("..") or any(part in name for part in LEFT_OUT):
            continue
        if name.endswith(COMPILED):
            if library.name.lower() not in PURE_WITHOUT:
                sys.exit(f"{library.name} needs {name}, which is compiled: see PURE_WITHOUT")
            continue
        if ".dist-info/" in name and not Path(name).name.startswith(OF_METADATA):
            continue
        yield Entry(f"{LIB}/{name}", Path(str(file.locate())).read_bytes())


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, 9, mtime=0)


def _write(root: Path, entry: Entry) -> None:
    path = root / entry.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(entry.content)
    path.chmod(entry.mode)


def _control(files: list[Entry]) -> Iterator[Entry]:
    kib = sum(-(-len(each.content) // 1024) for each in files)
    text = (DEBIAN / "control").read_text("utf-8")
    text = text.replace("@VERSION@", version()).replace("@SIZE@", str(kib))
    yield Entry("DEBIAN/control", text.encode())
    digests = ((hashlib.md5(each.content, usedforsecurity=False), each.path) for each in files)
    sums = (f"{digest.hexdigest()}  {path}\n" for digest, path in digests)
    yield Entry("DEBIAN/md5sums", "".join(sums).encode())
    for name in SCRIPTS:
        yield Entry(f"DEBIAN/{name}", (DEBIAN / name).read_bytes(), 0o755)


def build(folder: Path, epoch: int) -> Path:
    """Build the package into *folder*; its path."""
    files = sorted(entries(epoch), key=lambda each: each.path)
    deb = folder / f"gsmbridge_{version()}_all.deb"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary) / "root"
        for each in (*files, *_control(files)):
            _write(root, each)
        for path in (*root.rglob("*"), root):
            if path.is_dir():
                path.chmod(0o755)
            os.utime(path, (epoch, epoch))
        # One thread: how xz cuts its blocks depends on their number.
        environ = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch), "DPKG_DEB_THREADS_MAX": "1"}
        command = ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(root), str(deb)]
        subprocess.run(command, check=True, env=environ, stdout=subprocess.DEVNULL)
    return deb


if __name__ == "__main__":
    into = Path(sys.argv[1]) if sys.argv[1:] else ROOT / "dist"
    print(build(into, int(os.environ.get("SOURCE_DATE_EPOCH", gsmbridge.RELEASED))))
