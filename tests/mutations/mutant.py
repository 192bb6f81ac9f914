"""What a mutation is: one mistake put into the program, and the tests that must notice it."""

from __future__ import annotations

from collections.abc import Sequence
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


def table(mutants: Sequence[Mutant]) -> str:
    """The mistakes and what notices each, for the docs."""
    lines = ["| breaks | mistake | noticed by |", "|---|---|---|"]
    for mutant in mutants:
        tests = ", ".join(f"`{_short(test)}`" for test in mutant.tests)
        lines.append(f"| {mutant.promise} | {mutant.what} | {tests} |")
    return "\n".join(lines)


def _short(test: str) -> str:
    """A node id without what only the machine needs."""
    path, _, name = test.partition("::")
    words = name.split("[")[0].split("::")[0].removeprefix("test_").replace("_", " ")
    return f"{path.removesuffix('.py')}: {words}"
