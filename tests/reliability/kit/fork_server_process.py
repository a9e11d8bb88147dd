"""The process behind `fork_server`: `python -m tests.reliability.kit.fork_server_process MODULE`.

It imports the module, then reads one command a line from its standard input, as JSON, and answers
each with a line: the pid for ``{"start": [arguments], "environment": {…}}``, how a process ended
for ``{"poll": pid}``. It ends when its input does, and kills what it started.
"""

import importlib
import json
import os
import signal
import sys
from typing import Any

from eventlet import hubs


def serve() -> dict[str, Any] | None:
    """In a forked process: what it is to be; in the server itself: None, when its input ends."""
    running: set[int] = set()
    while line := sys.stdin.readline():
        command = json.loads(line)
        if "poll" in command:
            answer = _ended(command["poll"])
            if answer is not None:
                running.discard(command["poll"])
        else:
            answer = os.fork()
            if answer == 0:
                return dict(command)
            running.add(answer)
        print(json.dumps(answer), flush=True)
    for pid in running:
        os.kill(pid, signal.SIGKILL)
    return None


def _ended(pid: int) -> int | None:
    done, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if done else None


def become(command: dict[str, Any]) -> None:
    """As if this process had been started with these settings; who read them reads them again."""
    os.environ.clear()
    os.environ.update(command["environment"])
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(nothing, stream)
    # Not the hub from before the fork: its `epoll` is one for all, and each would be woken by what
    # comes for the others, upon which eventlet begins a wait, with its time limit, anew.
    hubs.use_hub()
    importlib.reload(importlib.import_module("shared.messaging.crash_points"))


if __name__ == "__main__":
    module = importlib.import_module(sys.argv[1])
    if part := serve():
        become(part)
        module.main(*part["start"])
