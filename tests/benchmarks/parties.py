"""The processes that take part in a measure, each on its own."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import psutil

T = TypeVar("T")

#: Seconds after which a measure that gets no further is given up.
PATIENCE = 1800.0


def until(
    condition: Callable[[], T], what: str, *, every: float = 0.1, patience: float = PATIENCE
) -> T:
    """The first true value of `condition`, which is looked at every `every` seconds."""
    deadline = time.monotonic() + patience
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {patience:.0f} s")
        time.sleep(every)
    return value


class Party:
    """A process running a module of this project. It takes orders as lines and logs to a file."""

    def __init__(self, log: Path, environment: Mapping[str, str], module: str, *arguments: str):
        self.log = log
        self._command = [sys.executable, "-W", "ignore", "-m", module, *arguments]
        self._environment = {**os.environ, "PYTHONUNBUFFERED": "1", **environment}
        self.start()

    def start(self) -> None:
        """Also again, after `kill`."""
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._seen = psutil.Process(self.process.pid)

    def order(self, *words: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write((" ".join(map(str, words)) + "\n").encode())
        self.process.stdin.flush()

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def says(self, words: str, times: int = 1) -> None:
        """Wait until it has said this so many times since its start."""

        def has_said() -> bool:
            self.check()
            return self.said().count(words) >= times

        until(has_said, f"{self._command[-1]} saying {words!r} (see {self.log})", every=0.02)

    def result(self) -> str:
        """Its last line, once it has ended."""
        until(lambda: self.process.poll() is not None, f"{self._command} ending", every=0.02)
        self.check()
        return self.said().strip().splitlines()[-1]

    def check(self) -> None:
        """Raises where the process ended with an error."""
        if self.process.poll():
            raise ChildProcessError(f"{' '.join(self._command)} failed:\n{self.said()[-3000:]}")

    @property
    def cpu_seconds(self) -> float:
        """Its own and its children's."""
        spent = [each.cpu_times() for each in (self._seen, *self._seen.children())]
        return float(sum(each.user + each.system for each in spent))

    @property
    def rss_mb(self) -> float:
        return float(self._seen.memory_info().rss) / 2**20

    def kill(self) -> None:
        """At once, as a power cut would."""
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        """In good order, with its children; by force where it does not end by itself."""
        children = self._seen.children() if self._seen.is_running() else []
        for each in (self.process, *children):
            with suppress(psutil.NoSuchProcess):
                each.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()
