"""Everything of a release, made of the sources that this file lies in: `artefacts.py FOLDER`.

Needs no network and no git. The same sources, SOURCE_DATE_EPOCH and tools (setuptools, dpkg-deb,
zlib) give the same bytes, wherever and by whom it is run.
"""

from __future__ import annotations

import gzip
import io
import logging
import os
import sys
import tarfile
import warnings
import zipfile
from collections.abc import Iterable
from contextlib import redirect_stdout
from pathlib import Path

import build_deb
import sbom
from setuptools import build_meta

import gsmbridge

ROOT = Path(__file__).parents[1]


def build(folder: Path, epoch: int) -> list[Path]:
    """Sources, wheel, Debian package and bill of materials, into *folder*."""
    sources = sorted(path for path in ROOT.rglob("*") if path.is_file())
    wheel = _wheel(folder)
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        info = archive.read(metadata)
    made = [_sdist(folder, sources, info, epoch), wheel, build_deb.build(folder, epoch)]
    bill = folder / f"gsmbridge-{gsmbridge.__version__}.cdx.json"
    needs = build_deb.requirements()
    bill.write_text(sbom.document(gsmbridge.__version__, needs, epoch, made), "utf-8")
    return [*made, bill]


def _wheel(folder: Path) -> Path:
    os.umask(0o022)  # modes are part of the wheel
    os.chdir(ROOT)
    logging.disable()
    with redirect_stdout(io.StringIO()), warnings.catch_warnings(action="ignore"):
        name: str = build_meta.build_wheel(str(folder))
    return folder / name


def _sdist(folder: Path, sources: Iterable[Path], info: bytes, epoch: int) -> Path:
    """What the repository holds, and the metadata that makes it a source distribution (PEP 643)."""
    name = f"gsmbridge-{gsmbridge.__version__}"
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        _add(tar, f"{name}/PKG-INFO", info, 0o644, epoch)
        for path in sources:
            mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
            inside = f"{name}/{path.relative_to(ROOT).as_posix()}"
            _add(tar, inside, path.read_bytes(), mode, epoch)
    sdist = folder / f"{name}.tar.gz"
    sdist.write_bytes(gzip.compress(packed.getvalue(), 9, mtime=0))
    return sdist


def _add(tar: tarfile.TarFile, name: str, content: bytes, mode: int, epoch: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = len(content), mode, epoch
    tar.addfile(entry, io.BytesIO(content))


if __name__ == "__main__":
    build(Path(sys.argv[1]), int(os.environ["SOURCE_DATE_EPOCH"]))
