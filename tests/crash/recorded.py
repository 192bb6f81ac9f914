"""`gsmbridge run`, by a process that records what it does to the journal's folder. The program is
as it is in service; each sync takes as long as an SD card's.

    python -m tests.crash.recorded --config FILE --log FILE --die-after 40
"""

from __future__ import annotations

import argparse
import faulthandler
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gsmbridge.farm.recorder import watching
from gsmbridge.journal.disk import JournalFile
from gsmbridge.journal.writer import Disk, Operation
from gsmbridge.service.alarm_watch import AlarmWatch
from gsmbridge.service.bridge import Bridge, Surroundings
from gsmbridge.service.daemon import _Daemon
from tests.crash import launch
from tests.crash.disklog import Recorder, Returned


class _Told:
    """The journal's file; the log is told of each commit that returns."""

    def __init__(self, disk: Disk, told: Callable[[Returned], None]) -> None:
        self._disk = disk
        self._told = told
        self.recover = disk.recover
        self.scrub = disk.scrub

    def transact(self, operations: Sequence[Operation]) -> list[Any]:
        results = self._disk.transact(operations)
        self._told(Returned())
        return results


class _Recorded(_Daemon):
    recorder: Recorder
    synchronous: str

    def _build(self, around: Surroundings) -> tuple[Bridge, AlarmWatch]:
        if self.synchronous:
            assert isinstance(around.disk, JournalFile)
            around.disk._synchronous = self.synchronous
        told = _Told(around.disk, self.recorder.write)
        return super()._build(replace(around, disk=told))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash.recorded", description=__doc__)
    parser.add_argument("--config", required=True)
    parser.add_argument("--log", required=True, help="what is done to the folder")
    parser.add_argument("--die-after", type=int, default=0, help="events")
    parser.add_argument("--sync", type=float, default=0.005, help="seconds of each")
    parser.add_argument("--synchronous", default="", help="otherwise than in service")
    options = parser.parse_args(arguments)
    faulthandler.enable()  # what it does to the files goes through foreign functions
    daemon = launch.daemon(_Recorded, options.config)
    daemon.synchronous = options.synchronous
    daemon.recorder = Recorder(options.log, options.die_after, options.sync)
    with watching(Path(daemon._config.journal.path).parent, daemon.recorder.event):
        return launch.serve(daemon)


if __name__ == "__main__":
    sys.exit(main())
