"""Processes that start at once, because they are forked from one that has imported everything."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import IO, Any, Self


class ForkServer:
    """Starts `main` of one module, in a process of its own each time."""

    def __init__(self, module: str, said: IO[bytes] | None = None) -> None:
        """said: where the processes' logs go; None: to our own."""
        self._turn = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.kit.fork_server_process", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
        )

    def start(self, *arguments: str, **environment: str) -> "Forked":
        """environment: beside our own."""
        started = {"start": arguments, "environment": {**os.environ, **environment}}
        return Forked(self, self.tell(started))

    def tell(self, command: Mapping[str, Any]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._turn:
            self._process.stdin.write(json.dumps(command).encode() + b"\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()  # upon which it ends, and all that it started
        self._process.wait()


class Forked:
    """One such process; has what a story uses of `subprocess.Popen`."""

    def __init__(self, server: ForkServer, pid: int) -> None:
        self._server = server
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """How it ended, negative where by a signal; None while it runs."""
        if self.returncode is None:
            self.returncode = self._server.tell({"poll": self.pid})
        return self.returncode

    def wait(self, seconds: float = 60) -> int:
        """How it ended; TimeoutError if it still runs after so long."""
        deadline = time.monotonic() + seconds
        while (ended := self.poll()) is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"process {self.pid} still runs after {seconds} s")
            time.sleep(0.01)
        return ended

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """As a power cut would."""
        self.send_signal(signal.SIGKILL)
