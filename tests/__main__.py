"""`python -m tests [--jobs N] [arguments for pytest]`: the suite on all cores.

Starts a pytest for each core, each with servers of its own; they share the files
(`tests.file_queue`) and their reports become one. pytest-xdist cannot do it: its workers hang
once eventlet has patched them.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from tempfile import TemporaryDirectory
from threading import Lock

from tests import file_queue

_COUNT = re.compile(r"(\d+) (failed|passed|skipped|deselected|xfailed|xpassed|warning|error)s?\b")
_RULE = re.compile(r"=+ .+ =+$")
_CLOSING = re.compile(r"=+ .+ in [0-9.]+s")


class Run:
    """One pytest of several: passes on its progress, and keeps its report for the end."""

    _printing = Lock()

    def __init__(self, queue: str, arguments: list[str]) -> None:
        command = [sys.executable, "-m", "pytest", "-p", file_queue.__name__]
        command += [
            f"{file_queue.OPTION}={queue}",
            "--no-header",
            "-o",
            "console_output_style=classic",
        ]
        self._process = subprocess.Popen(
            [*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._report: list[str] = []

    def follow(self) -> int:
        """Until it has ended; returns its exit code."""
        assert self._process.stdout is not None
        rules = 0
        for line in self._process.stdout:
            rules += bool(_RULE.match(line))
            # The first rule opens the session, the second the report.
            if rules >= 2:
                self._report.append(line)
            elif rules == 0 or ".py " in line:
                with self._printing:
                    print(line, end="", flush=True)
        return self._process.wait()

    @property
    def report(self) -> str:
        """All but the closing line."""
        return "".join(line for line in self._report if not _CLOSING.match(line))

    @property
    def outcome(self) -> Counter[str]:
        """How many tests passed, failed, …; an error where it ended without saying so."""
        for line in self._report:
            if _CLOSING.match(line):
                return Counter({word: int(number) for number, word in _COUNT.findall(line)})
        return Counter(error=1)


def together(outcomes: list[Counter[str]], seconds: float) -> str:
    """The closing line of all runs, as one pytest would write it."""
    total = sum(outcomes, Counter[str]())
    # Every run collects everything.
    total["deselected"] = max(each["deselected"] for each in outcomes)
    order = ("failed", "passed", "skipped", "deselected", "xfailed", "xpassed", "warning", "error")
    plural = {"warning": "warnings", "error": "errors"}
    words = [
        f"{total[each]} {plural.get(each, each) if total[each] > 1 else each}"
        for each in order
        if total[each]
    ]
    return f" {', '.join(words) or 'no tests ran'} in {seconds:.2f}s ".center(80, "=")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests", description=__doc__)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    ours, arguments = parser.parse_known_args()
    began = time.monotonic()
    with TemporaryDirectory(prefix="entente-tests-") as queue:
        runs = [Run(queue, arguments) for _ in range(ours.jobs)]
        with ThreadPoolExecutor(len(runs)) as threads:
            codes = list(threads.map(Run.follow, runs))
    for run in runs:
        print(run.report, end="")
    print(together([run.outcome for run in runs], time.monotonic() - began))
    return max(codes, key=abs)


if __name__ == "__main__":
    sys.exit(main())
