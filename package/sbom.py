"""The bill of materials of a release, in CycloneDX's JSON: the program, and each library that it
needs and that its Debian package holds, with version, licence and the hashes that the lock accepts.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import Distribution, distribution
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.factory.license import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashType, Property, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCK = Path(__file__).parents[1] / "requirements" / "runtime.txt"
LIB = "usr/lib/gsmbridge"
_LOCKED = re.compile(r"^([\w.-]+)==(\S+)((?:\s*\\\n\s*--hash=sha256:[0-9a-f]{64})+)", re.MULTILINE)

SPDX = {"BSD": "BSD-3-Clause", "LGPLv3+": "LGPL-3.0-or-later"}
"""What older metadata calls a licence, and its name in SPDX's list; others are named alike."""


def lock(text: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """By name, canonical: the version, and the SHA-256 of each file that may be installed."""
    return {
        canonicalize_name(name): (version, tuple(re.findall("[0-9a-f]{64}", hashes)))
        for name, version, hashes in _LOCKED.findall(text)
    }


def document(version: str, needs: Iterable[str], epoch: int, artefacts: Iterable[Path]) -> str:
    """The document, for the same arguments always the same. SystemExit: a library that is
    installed is not the one of the lock."""
    program = Component(
        name="gsmbridge",
        version=version,
        type=ComponentType.APPLICATION,
        bom_ref=f"pkg:pypi/gsmbridge@{version}",
        purl=PackageURL("pypi", name="gsmbridge", version=version),
        licenses=[LicenseFactory().make_from_string("MIT")],
        external_references=[_artefact(path) for path in artefacts],
    )
    bom = Bom(
        serial_number=uuid5(NAMESPACE_URL, str(program.purl)),
        metadata=BomMetaData(
            component=program, timestamp=datetime.fromtimestamp(epoch, UTC), tools=[]
        ),
    )
    locked = lock(LOCK.read_text("utf-8"))
    libraries: dict[str, Distribution] = dict(_closure(needs, locked))
    components = {name: _library(each, locked[name][1]) for name, each in libraries.items()}
    for name, component in components.items():
        bom.components.add(component)
        bom.register_dependency(component, [components[need] for need in _needs(libraries[name])])
    bom.register_dependency(program, [components[canonicalize_name(need)] for need in needs])
    output = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6)
    return output.output_as_string(indent=2) + "\n"


def _artefact(path: Path) -> ExternalReference:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(path.name),
        hashes=[HashType.from_hashlib_alg("sha256", digest)],
    )


def _closure(
    needs: Iterable[str], locked: Mapping[str, tuple[str, tuple[str, ...]]]
) -> Iterator[tuple[str, Distribution]]:
    """Libraries by canonical name, with what they need themselves."""
    seen: set[str] = set()
    waiting: list[str] = [canonicalize_name(need) for need in needs]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        library = distribution(name)
        if locked.get(name, ("",))[0] != library.version:
            sys.exit(f"{name} {library.version} is not what {LOCK.name} says: make clean, again")
        yield name, library
        waiting.extend(_needs(library))


def _needs(library: Distribution) -> list[str]:
    parsed = (Requirement(each) for each in library.requires or ())
    return sorted(
        canonicalize_name(each.name)
        for each in parsed
        if each.marker is None or each.marker.evaluate({"extra": ""})
    )


def _library(library: Distribution, hashes: Iterable[str]) -> Component:
    purl = PackageURL("pypi", name=canonicalize_name(library.name), version=library.version)
    folders = (library.read_text("top_level.txt") or "").split()
    return Component(
        name=library.name,
        version=library.version,
        type=ComponentType.LIBRARY,
        bom_ref=str(purl),
        purl=purl,
        licenses=[LicenseFactory().make_from_string(licence(library))],
        properties=[Property(name="gsmbridge:deb", value=f"{LIB}/{each}") for each in folders],
        external_references=[
            ExternalReference(
                type=ExternalReferenceType.DISTRIBUTION,
                url=XsUri(str(purl)),
                comment="every file that the lock accepts",
                hashes=[HashType.from_hashlib_alg("sha256", each) for each in hashes],
            )
        ],
    )


def licence(library: Distribution) -> str:
    """A library's licence as an SPDX expression. SystemExit: its metadata has none in one line."""
    said = library.metadata["License-Expression"] or library.metadata["License"] or ""
    if not said or "\n" in said:
        sys.exit(f"{library.name} does not name its licence in a line: put it into {__file__}")
    return SPDX.get(said, said)
