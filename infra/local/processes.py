"""Detached server processes that are known, and ended, by a record in their own folder."""

import contextlib
import json
import os
import pwd
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

# Below the range from which systems give ports to outgoing connections, so that a server which
# was stopped for a test finds its port still free when it comes back.
PORTS = range(20_000, 32_000)


class ServerUnavailable(Exception):
    """A server cannot be had on this machine; the text says what to do about it."""


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listens on now."""
    for port in random.sample(PORTS, k=200):
        if port_is_free(port):
            return port
    raise ServerUnavailable(f"no free port between {PORTS.start} and {PORTS.stop}")


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def claim_port(port: int, owner: str) -> None:
    """Return when our server can listen on `port`; ServerUnavailable if another program does."""
    # Just after a stop the system may hold the port for a moment, for connections that are closing.
    wait_until(
        lambda: port_is_free(port),
        10,
        f"port {port} of {owner} is taken by another program: stop it, or remove that folder",
    )


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Return as soon as `condition` holds; ServerUnavailable says `what` when it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise ServerUnavailable(f"{what} (waited {seconds:.0f} s)")
        time.sleep(0.05)


class DetachedProcess:
    """One process that outlives its starter, found again through the file `record`.

    The record holds pid and start time, so that a pid which the system has given to somebody
    else since is never taken for ours.
    """

    def __init__(self, record: Path) -> None:
        self.record = record

    def launch(
        self,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
        core: int | None = None,
    ) -> None:
        """Start `command` in a session of its own, output appended to `log`; as root, as `user`.

        core: any number, which chooses one of the machine's cores to keep to.
        """
        with log.open("ab") as output:
            started = subprocess.Popen(
                list(command),
                env=None if environment is None else dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd="/",
                **identity_of(user),
            )
        if core is not None and sys.platform == "linux":
            cores = sorted(os.sched_getaffinity(0))
            os.sched_setaffinity(started.pid, {cores[core % len(cores)]})
        # The child is left to itself: without this, Python warns about it and keeps its handle.
        started.returncode = 0
        self.adopt(started.pid)

    def adopt(self, pid: int) -> None:
        """Make the process `pid` the recorded one."""
        with contextlib.suppress(psutil.NoSuchProcess):
            text = json.dumps({"pid": pid, "started": psutil.Process(pid).create_time()})
            self.record.write_text(text)

    @property
    def process(self) -> psutil.Process | None:
        """The recorded process while it lives, else None."""
        try:
            known = json.loads(self.record.read_text())
            process = psutil.Process(known["pid"])
            if abs(process.create_time() - known["started"]) > 1:
                return None
            if process.status() == psutil.STATUS_ZOMBIE:
                _reap(process.pid)
                return None
        except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
            return None
        return process

    @property
    def pid(self) -> int | None:
        process = self.process
        return None if process is None else process.pid

    def end(self, number: signal.Signals, seconds: float = 30) -> None:
        """Send the signal and wait until the process and all its children are gone.

        What is still there after `seconds`, and on SIGKILL every child too, is killed by its pid.
        """
        process = self.process
        if process is None:
            return
        family = [process, *_children(process)]
        targets = family if number == signal.SIGKILL else [process]
        for member in targets:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.send_signal(number)
        deadline = time.monotonic() + seconds
        while any(_lives(member) for member in family):
            if time.monotonic() > deadline:
                for member in family:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        member.kill()
                deadline += 5
            time.sleep(0.02)
        self.record.unlink(missing_ok=True)


def identity_of(user: str | None) -> dict[str, Any]:
    """Arguments that make a subprocess run wholly as `user`; None: as whoever starts it."""
    if user is None:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def allow_passage(folder: Path) -> None:
    """Let other users pass through the folders that lead to `folder`, without reading them.

    Needed where root keeps the checkout in its own home but the server must run as another user.
    """
    for parent in folder.resolve().parents:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o001)


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _lives(process: psutil.Process) -> bool:
    try:
        if process.is_running() and process.status() == psutil.STATUS_ZOMBIE:
            _reap(process.pid)
            return False
        return process.is_running()
    except psutil.NoSuchProcess:
        return False


def _reap(pid: int) -> None:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
