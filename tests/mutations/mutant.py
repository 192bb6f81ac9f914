"""What a mutation is: one mistake put into the program, and the tests that must notice it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class Outdated(Exception):
    """The text to be replaced is not found exactly once: the program has changed since."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mistake, as *old* text of *file* replaced by *new*."""

    promise: str
    """The invariant that it breaks, such as I2; or another word for what suffers."""
    what: str
    """The mistake in words; unique."""
    file: str
    """Relative to the package."""
    old: str
    new: str
    tests: tuple[str, ...]
    """Node ids below tests/. Each must fail while the mistake is in."""

    def spoil(self, package: Path) -> None:
        """Put the mistake into *package*. Outdated where that isn't possible."""
        path = package / self.file
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        if (times := text.count(self.old)) != 1:
            raise Outdated(f"{self.file} holds the old text {times} times, not once: {self.what}")
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")
