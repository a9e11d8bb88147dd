"""The main job survives the death of what carries it at any moment: nothing lost, nothing twice."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from services.cli.operating import published
from services.platform import Caller, Platform
from services.registry import SERVICES
from shared import settings as configuration
from tests.office import until

#: The facts of the story, once it has been told to the end: each must be there exactly once.
DAYS_APPROVED, CERTIFICATES, PAYMENTS = 9, 5, 1

PATIENCE = 180.0


class Told:
    """A demo running as a process of its own, and what it has said so far."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "services", "demo", "--folder", str(folder), *arguments],
            env={**os.environ, "TERM": "dumb", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line

    def step(self) -> int:
        """The number of the step that is being played."""
        numbers = re.findall(r"^ ?(\d+)\. ", self.said, re.MULTILINE)
        return int(numbers[-1]) if numbers else 0

    def reaches(self, step: int) -> None:
        """Wait until this step is being played."""
        until(lambda: self.step() >= step, f"step {step}", PATIENCE)

    def ended(self) -> int:
        """Its exit code, once it has one."""
        until(lambda: self.process.poll() is not None, f"the end of:\n{self.said}", PATIENCE)
        return self.process.returncode

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def processes_of(self, service: str) -> list[psutil.Process]:
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [child for child in children if child.cmdline()[-2:] == ["run", service]]


@pytest.fixture
def events(tmp_path: Path) -> Callable[[], list[dict[str, Any]]]:
    """All that was published in a folder of the embedded profile, after its process has ended."""

    def read() -> list[dict[str, Any]]:
        settings = configuration.read({"ENTENTE_DATA_DIR": str(tmp_path)})
        platform = Platform(settings)
        platform.start(("127.0.0.1", 0))
        try:
            with Caller(settings) as calls:
                return list(published(calls, dict.fromkeys(SERVICES, 0), {}))
        finally:
            platform.stop()

    return read


def count(events: list[dict[str, Any]], type_: str) -> int:
    return sum(each["type"].startswith(type_ + ".v") for each in events)


def told_once(events: list[dict[str, Any]]) -> bool:
    return (
        count(events, "consultancy.days_approved") == DAYS_APPROVED
        and count(events, "faculty.certificate_issued") == CERTIFICATES
        and count(events, "finance.payment_recorded") == PAYMENTS
        and count(events, "contract.milestone_met") == 1
        and count(events, "finance.invoice_drafted") == 1
    )


@pytest.mark.row("N1")
@pytest.mark.soak
@pytest.mark.parametrize("crash", ["committed:40", "applied:30"])
def test_embedded_process_that_dies_twice_goes_on_where_it_stood(
    crash: str, tmp_path: Path, events: Any
) -> None:
    """First between two steps that belong together, then wherever it happens to be."""
    told = Told(tmp_path, ENTENTE_CRASH_AT=crash)
    assert told.ended() == -signal.SIGKILL, told.said
    told = Told(tmp_path)
    told.reaches(11)
    told.kill()
    told = Told(tmp_path)
    assert told.ended() == 0, told.said
    assert "complete" in told.said
    assert told_once(events())


@pytest.mark.soak
def test_each_service_killed_in_turn_the_story_goes_on(
    tmp_path: Path, postgres: Any, rabbitmq: Any
) -> None:
    """In the distributed profile a service that dies is started again, as by a container engine."""
    told = Told(tmp_path, "--profile", "distributed")
    killed = []
    try:
        for step, service in enumerate(SERVICES, start=5):
            told.reaches(step)
            for process in told.processes_of(service):
                process.kill()
                killed.append(service)
        assert told.ended() == 0, told.said
    finally:
        told.process.terminate()
        told.process.wait(30)
    assert set(killed) == set(SERVICES)
    assert "complete" in told.said
    facts = re.search(r"([\d,]+) facts", told.said)
    assert facts is not None
    assert json.loads(facts[1].replace(",", "")) == 107
