"""SQLite's file system, watched."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import ctypes
import sqlite3
import sys
import tempfile
import threading
from pathlib import Path

from gsmbridge.farm import vfs

made = []
both = threading.Barrier(2)


class Meeting(vfs.Shim):
    # Two threads make a table of methods at the same time.
    def _table(self, methods):
        made.append(super()._table(methods))
        both.wait(10.0)
        return made[both.wait(10.0)]


class Watch:
    def create(self, name): ...
    def take(self, name): ...
    def remove(self, name): ...
    def tell(self, event): ...


watch = Watch()
try:
    shim = Meeting(lambda path: (watch, path) if path.endswith(".db") else None)
except vfs.Unavailable as error:
    sys.exit(f"unavailable: {error}")


def look(path):
    with_both.append(sqlite3.connect(path, check_same_thread=False))
    with_both[-1].execute("PRAGMA user_version")


with_both = []
with tempfile.TemporaryDirectory() as folder:
    paths = [f"{folder}/{number}.db" for number in range(2)]
    threads = [threading.Thread(target=look, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = shim._tables.values()
    for table in made:
        if not any(table is each for each in kept):  # nobody has it any more: freed, as it were
            ctypes.memset(ctypes.addressof(table), 0, ctypes.sizeof(table))
    for db in with_both:
        db.execute("CREATE TABLE written (x)")
        db.close()
"""


def test_threads_may_open_their_first_files_at_the_same_time() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0 or ended.stderr.startswith("unavailable"), ended
