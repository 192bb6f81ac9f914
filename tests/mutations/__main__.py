"""Puts one mistake after another into a copy of the program and sees that tests notice each.

The checkout itself is never touched. Exit 0: every mistake was noticed; 1: one was not; 2: a
mistake can't be put in any more, or the tests fail without any.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.mutations.mutant import Mutant, Outdated
from tests.mutations.mutants import MUTANTS

ROOT = Path(__file__).parents[2]
LEFT_BEHIND = shutil.ignore_patterns(".git", ".venv", "dist", "build", ".*_cache", "__pycache__")
PATIENCE = 300.0
"""Seconds that the tests of one mistake may take; one that hangs them is noticed too."""
FAILED = re.compile(r"^(?:FAILED|ERROR) tests/(\S+)", re.MULTILINE)


class Workshop:
    """A copy of the checkout in which the program may be spoilt."""

    def __init__(self, folder: Path) -> None:
        self._root = folder / "checkout"
        shutil.copytree(ROOT, self._root, ignore=LEFT_BEHIND, symlinks=True)
        self._package = self._root / "daemon" / "gsmbridge"

    def spoilt(self, mutant: Mutant) -> tuple[list[str], list[str]]:
        """The tests that failed with the mistake in, and those that passed though they must not."""
        path = self._package / mutant.file
        sound = path.read_bytes()
        try:
            mutant.spoil(self._package)
            noticed: list[str] = []
            missed: list[str] = []
            for test in mutant.tests:
                failed = self.failing([test])
                noticed += failed
                missed += [] if failed else [test]
            return noticed, missed
        finally:
            path.write_bytes(sound)

    def failing(self, tests: Sequence[str]) -> list[str]:
        """Run *tests* up to the first that fails; which one that was."""
        command = [sys.executable, "-B", "-m", "pytest", "-x", "-p", "no:cacheprovider"]
        command += [f"tests/{test}" for test in tests]
        environ = {**os.environ, "PYTHONPATH": str(self._root / "daemon")}
        with subprocess.Popen(
            command,
            cwd=self._root,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as run:
            try:
                told, _ = run.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(run.pid, 9)
                return [f"no end after {PATIENCE:.0f} s"]
        if run.returncode in (0, 1):
            return FAILED.findall(told) if run.returncode else []
        raise SystemExit(f"{' '.join(command)} exits {run.returncode}:\n{told}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    parser.add_argument("word", nargs="*", help="only mistakes whose line holds one of these")
    parser.add_argument("--tests", nargs="+", help="these below tests/ instead of the named ones")
    parser.add_argument("--list", action="store_true", help="list the mistakes and end")
    args = parser.parse_args()
    chosen = [m for m in MUTANTS if not args.word or any(w in _line(m) for w in args.word)]
    if not chosen:
        parser.error(f"no mistake's line holds {' or '.join(args.word)}; --list shows them")
    if args.list:
        print("\n".join(_line(mutant) for mutant in chosen))
        return 0
    with tempfile.TemporaryDirectory(prefix="gsmbridge-mutants-") as folder:
        workshop = Workshop(Path(folder))
        tests = sorted({test for mutant in chosen for test in args.tests or mutant.tests})
        if failed := workshop.failing(tests):
            print(f"without any mistake, this fails: {failed[0]}", file=sys.stderr)
            return 2
        return _all(workshop, chosen, args.tests)


def _all(workshop: Workshop, mutants: Sequence[Mutant], instead: Sequence[str] | None) -> int:
    survived = outdated = 0
    for mutant in mutants:
        began = time.monotonic()
        tried = mutant if not instead else _with_tests(mutant, instead)
        try:
            noticed, missed = workshop.spoilt(tried)
        except Outdated as error:
            outdated += 1
            print(f"OUTDATED  {error}", flush=True)
            continue
        survived += bool(missed)
        word = "MISSED" if missed else "noticed"
        print(f"{word:9} {time.monotonic() - began:5.1f} s  {_line(mutant)}", flush=True)
        print("".join(f"{'':19}by {test}\n" for test in noticed), end="")
        print("".join(f"{'':19}NOT by {test}\n" for test in missed), end="", flush=True)
    print(f"mistakes: {len(mutants)}, missed: {survived}, outdated: {outdated}")
    return 2 if outdated else min(survived, 1)


def _with_tests(mutant: Mutant, tests: Sequence[str]) -> Mutant:
    return Mutant(
        mutant.promise, mutant.what, mutant.file, mutant.old, mutant.new, tests=tuple(tests)
    )


def _line(mutant: Mutant) -> str:
    return f"{mutant.promise:8} {mutant.what}"


if __name__ == "__main__":
    sys.exit(main())
