"""Measure how fast it is, beside its peers, on real servers.

    python -m tests.benchmarks [names …] [--quick]

Prints a table and keeps the figures in build/benchmarks.json. With names, only those measures run
and the other figures stay as they were.
"""

import argparse
import os
import tempfile
import time
import traceback
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from tests.benchmarks import figures
from tests.benchmarks.ground import Ground
from tests.benchmarks.scale import FULL, QUICK

MEASURES = [
    "backlog",
    "sequential",
    "latency",
    "rpc",
    "api",
    "scaling",
    "embedded",
    "importing",
    "rebuild",
]


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", choices=[*MEASURES, []], help=", ".join(MEASURES))
    parser.add_argument("--quick", action="store_true", help="one short round: a first impression")
    parser.add_argument("--page", action="store_true", help="put the table into its page")
    given = parser.parse_args()
    if given.page and given.names:
        parser.error("the page tells of a whole run: leave out either --page or the names")
    names = given.names or MEASURES
    scale = QUICK if given.quick else FULL
    failed = []
    afresh = not given.names
    with (
        tempfile.TemporaryDirectory(prefix="entente-bench-", ignore_cleanup_errors=True) as folder,
        Ground(Path(folder)) as ground,
    ):
        for name in names:
            began = time.monotonic()
            try:
                found = import_module(f"tests.benchmarks.measures.{name}").measure(ground, scale)
            except Exception:  # noqa: BLE001  # the others are measured all the same
                traceback.print_exc()
                failed.append(name)
                continue
            figures.keep(found, afresh=afresh)
            afresh = False
            print(f"{name}, {time.monotonic() - began:.0f} s\n{figures.table(found)}\n", flush=True)
    if not afresh:
        table = figures.table(figures.keep({}, afresh=False))
        print(f"{table}\nKept in {figures.KEPT}.")
        if given.page:
            figures.put_into_page(f"{_when(quick=given.quick)}\n\n{table}")
    if failed:
        print(f"Not measured: {', '.join(failed)}")
    return bool(failed)


def _when(*, quick: bool) -> str:
    extent = "one short round" if quick else "the median of three rounds"
    day = datetime.now(UTC).date()
    return f"From the last whole run: {extent}, {day:%d %B %Y}, {os.cpu_count()} cores."


if __name__ == "__main__":
    raise SystemExit(main())
