"""A few MiB kept beside the journal and given up when the disk is full, so that verdicts and frees
can still be committed then."""

from __future__ import annotations

import os
from pathlib import Path

from gsmbridge.journal.files import adopt

SIZE = 4 * 1024 * 1024


class Reserve:
    """The reserve file."""

    def __init__(self, path: Path, size: int = SIZE) -> None:
        self.path = path
        self.size = size

    def keep(self) -> None:
        """Have the reserve. OSError where the disk has no room for it."""
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o640)
        try:
            if os.fstat(fd).st_blocks * 512 < self.size:
                os.posix_fallocate(fd, 0, self.size)
        finally:
            os.close(fd)
        adopt(self.path)

    def give_up(self) -> bool:
        """Free its room. False if there was none to free."""
        try:
            self.path.unlink()
        except FileNotFoundError:
            return False
        except OSError:  # read-only file system: there is nothing to gain
            return False
        return True
