"""Where the story plays: the whole platform in this process, or a process for each service."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import eventlet
import requests

from services.control import sole_owner
from services.platform import Caller, Platform, upgrade_databases
from services.registry import SERVICES
from shared import settings as configuration
from shared.messaging.service_calls import ServiceCalls
from shared.settings import Settings

#: Seconds in which the platform has to be ready.
PATIENCE = 60.0


@contextmanager
def embedded(settings: Settings) -> Iterator[ServiceCalls]:
    """Everything in this process."""
    with sole_owner(settings.data_dir):
        upgrade_databases(settings)
        platform = Platform(settings)
        platform.start()
        try:
            with Caller(settings, "demo") as calls:
                yield calls
        finally:
            platform.stop()


@contextmanager
def distributed(settings: Settings, environment: dict[str, str]) -> Iterator[ServiceCalls]:
    """A process for each service, started again whenever it ends, until the block is left."""
    upgrade_databases(settings)
    logs = settings.data_dir / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    troupe = {name: _Process(name, environment, logs / f"{name}.log") for name in SERVICES}
    keeper = eventlet.spawn(_keep_running, troupe)
    try:
        with Caller(settings, "demo") as calls:
            await_ready(settings.address)
            yield calls
    finally:
        keeper.kill()
        for process in troupe.values():
            process.stop()


class _Process:
    """One service in a process of its own."""

    def __init__(self, name: str, environment: dict[str, str], log: Path) -> None:
        self._command = [sys.executable, "-m", "services", "run", name]
        # One port for operators cannot be that of seven processes.
        self._environment = {**os.environ, "ENTENTE_OPERATIONS_PORT": "", **environment}
        self._log = log
        self._start()

    def _start(self) -> None:
        with self._log.open("a") as log:
            self._running = subprocess.Popen(
                self._command, env=self._environment, stdout=log, stderr=log
            )

    def keep(self) -> None:
        if self._running.poll() is not None:
            self._start()

    def stop(self) -> None:
        self._running.terminate()
        try:
            self._running.wait(15)
        except subprocess.TimeoutExpired:
            self._running.kill()


def _keep_running(troupe: dict[str, _Process]) -> None:
    """What a container engine's restart policy does."""
    while True:
        for process in troupe.values():
            process.keep()
        eventlet.sleep(0.2)


def await_ready(address: str) -> None:
    """Return once a platform's gateway and all that it needs answer. Raises WrongSetting."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            if requests.get(f"{address}/readyz", timeout=5).ok:
                return
        except (requests.ConnectionError, requests.Timeout):
            pass
        time.sleep(0.2)
    raise configuration.WrongSetting(
        f"The platform at {address} was not ready within {PATIENCE:.0f} s."
    )
