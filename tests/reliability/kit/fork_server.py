"""Processes that start at once, because they are forked from one that has imported everything."""

import os
import signal
import time
from typing import IO

from tests.reliability.kit.line_server import LineServer


class ForkServer(LineServer):
    """Starts `main` of one module, in a process of its own each time; they end with it."""

    def __init__(self, module: str, said: IO[bytes] | None = None) -> None:
        """said: where the processes' logs go; None: to our own."""
        super().__init__("tests.reliability.kit.fork_server_process", module, said=said)

    def start(self, *arguments: str, **environment: str) -> "Forked":
        """environment: beside our own."""
        started = {"start": arguments, "environment": {**os.environ, **environment}}
        return Forked(self, self.tell(started))


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
