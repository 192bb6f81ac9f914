"""`gsmbridge run`."""

from __future__ import annotations

from argparse import Namespace

from gsmbridge.cli.command import Command


def _run(args: Namespace) -> int:
    import signal

    # What comes before the loop can take it waits: by default it would kill us.
    signals = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        from gsmbridge.service.daemon import run

        return run(args.config)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


COMMAND = Command(
    name="run",
    help="the daemon, in the foreground",
    description="Read SMS from all modems and push each to Onlinesim until stopped.\n\n"
    "SIGTERM and SIGINT finish what is in flight, commit, and end it within 10 s.\n"
    "SIGHUP reads the config again; a wrong one is refused with its mistakes, and\n"
    "the old one stays.",
    examples=("gsmbridge run", "gsmbridge run --config ./config.yaml"),
    statuses=(
        (0, "stopped as asked"),
        (1, "cannot run: another run holds the journal, for example"),
        (78, "wrong config; systemd does not start it again"),
    ),
    run=_run,
)
