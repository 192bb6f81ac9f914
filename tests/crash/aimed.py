"""`gsmbridge run`, by a process that kills itself at one point. The program is as it is in service;
only what `service.bridge.Surroundings` passes in is looked at on its way.

    python -m tests.crash.aimed --config FILE --point "freed: in its commit" --report FILE
"""

from __future__ import annotations

import argparse
import signal
import sys

from gsmbridge.service.alarm_watch import AlarmWatch
from gsmbridge.service.bridge import Bridge, Surroundings
from gsmbridge.service.daemon import SIGNALS, _Daemon
from tests.crash import launch
from tests.crash.aim import Aim
from tests.crash.points import BY_NAME
from tests.crash.surrounds import aimed


class _Aimed(_Daemon):
    aim: Aim
    needs: str

    def _build(self, around: Surroundings) -> tuple[Bridge, AlarmWatch]:
        self.aim.reached("start: nothing is open")
        return super()._build(aimed(around, self.aim, self.needs))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash.aimed", description=__doc__)
    parser.add_argument("--config", required=True)
    parser.add_argument("--point", required=True, choices=sorted(BY_NAME))
    parser.add_argument("--nth", type=int, default=1, help="how often it must be reached")
    parser.add_argument("--after", type=float, default=1e-5, help="seconds into what takes a while")
    parser.add_argument("--report", required=True, help="file that is told when and where")
    options = parser.parse_args(arguments)
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # as the command does
    daemon = launch.daemon(_Aimed, options.config)
    daemon.aim = Aim(options.point, options.nth, options.after, options.report)
    daemon.needs = BY_NAME[options.point].needs
    return launch.serve(daemon)


if __name__ == "__main__":
    sys.exit(main())
