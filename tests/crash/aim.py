"""The trigger of a daemon that kills itself at one point."""

from __future__ import annotations

import os
import signal
import time


class Aim:
    """Kills this process, by SIGKILL, when *point* is reached for the *nth* time.

    What lies within a system call has no place of its own to be reached: there a timer of the
    kernel is set, whose signal ends the process like SIGKILL does (nothing of ours runs on it).
    """

    def __init__(self, point: str, nth: int, after: float, report: str) -> None:
        """*after*: seconds that the timer runs. *report*: the file that is told of the strike."""
        self._point = point
        self._left = nth
        self._after = after
        self.block_reserved = False
        """This process has reserved a block of ids."""
        self.bodies = 0
        """Answers with 200 under way whose body is not read yet."""
        self._report = os.open(report, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC)

    def meant(self, point: str) -> bool:
        """Whether *point* is the one, for the last time."""
        if point != self._point or self._left <= 0:
            return False
        self._left -= 1
        return self._left == 0

    def reached(self, point: str) -> None:
        """Something is at *point*."""
        if self.meant(point):
            self.strike(point)

    def begins(self, point: str) -> None:
        """A call that *point* lies within begins."""
        if self.meant(point):
            self._tell(point, self._after)
            signal.setitimer(signal.ITIMER_REAL, self._after)

    def strike(self, point: str) -> None:
        """The end, now."""
        self._tell(point, 0.0)
        os.kill(os.getpid(), signal.SIGKILL)

    def _tell(self, point: str, after: float) -> None:
        os.write(self._report, f"{time.monotonic() + after!r} {point}\n".encode())
