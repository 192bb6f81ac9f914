"""Certificates for the TLS tests, made with the openssl command."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority of the tests' own, and what it signs."""

    folder: Path

    @classmethod
    def create(cls, folder: Path) -> Authority:
        _openssl(folder, "req -x509 -subj /CN=ca -days 30 -keyout ca.key -out ca.pem", NEW_KEY)
        return cls(folder)

    @property
    def ca_file(self) -> str:
        return str(self.folder / "ca.pem")

    def server(self, name: str, alt_name: str, days: int = 30) -> ssl.SSLContext:
        """A server context whose certificate is for *alt_name* and valid for *days*."""
        _openssl(self.folder, f"req -subj /CN={name} -keyout {name}.key -out {name}.csr", NEW_KEY)
        (self.folder / f"{name}.ext").write_text(f"subjectAltName={alt_name}\n")
        _openssl(
            self.folder,
            f"x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial"
            f" -days {days} -extfile {name}.ext -out {name}.pem",
        )
        return self.context(name)

    def context(self, name: str) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        return context


NEW_KEY = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"


def _openssl(folder: Path, command: str, more: str = "") -> None:
    arguments = ["openssl", *command.split(), *more.split()]
    subprocess.run(arguments, cwd=folder, check=True, capture_output=True)
