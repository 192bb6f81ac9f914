"""What loading costs: modules, processor time and memory of a fresh interpreter, before any work.

    python bench/imports.py [--runs 9]

Processor time is the process's own, from its start until everything is imported: the least of some
runs, which a busy machine disturbs least. Memory is PSS; a library that other processes have too
counts in proportion. Modules are compiled before, as the package has them compiled when it is
installed.
"""

from __future__ import annotations

import argparse
import compileall
import platform
import subprocess
import sys
from pathlib import Path
from statistics import median

import gsmbridge

REPORT = """
import resource, sys
used = resource.getrusage(resource.RUSAGE_SELF)
pss = next(line.split()[1] for line in open("/proc/self/smaps_rollup") if line[:4] == "Pss:")
print(len(sys.modules), (used.ru_utime + used.ru_stime) * 1e3, int(pss) * 1.024e-3)
"""
COMMAND = "import gsmbridge.cli.main as main; main.parser();"
RUN = f"{COMMAND} import gsmbridge.service.daemon;"
WHAT = {
    "Python alone": "",
    "asyncio": "import asyncio;",
    "`gsmbridge --help`": f"{COMMAND} main.parser().format_help();",
    "`gsmbridge status`, daemon running": f"{COMMAND} import json, gsmbridge.cli.table;"
    " import gsmbridge.config.load, gsmbridge.service.ask, gsmbridge.service.unit;",
    "`gsmbridge run`": RUN,
    "  with `metrics.listen`": f"{RUN} import gsmbridge.service.web.site;",
    "  with an `https` URL": f"{RUN} import ssl; context = ssl.create_default_context();",
    "  sending an SMS (`identify --via`)": f"{RUN} import gsmbridge.sms.submit, gsmmodem.pdu;",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    compileall.compile_dir(str(Path(gsmbridge.__file__).parent), quiet=2)
    print(f"Python {platform.python_version()}, {platform.machine()}\n")
    print("| | modules | processor time | memory |\n|---|---|---|---|")
    for what, code in WHAT.items():
        command = [sys.executable, "-c", code + REPORT]
        said = [subprocess.check_output(command).split() for _ in range(runs)]
        modules, cpu, pss = (list(map(float, each)) for each in zip(*said, strict=True))
        print(f"| {what} | {modules[0]:g} | {min(cpu):.0f} ms | {median(pss):.1f} MB |", flush=True)


if __name__ == "__main__":
    main()
