"""A process gives signs of life as long as all its loops go round, and no longer."""

import faulthandler
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import eventlet
import pytest
from eventlet.support.greenlets import GreenletExit
from structlog.testing import capture_logs

from services.pulse import GRACE, Pulse
from tests.office import until

PATIENCE = 0.2


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """In how many seconds the watchdog was told to end the process, each time that it was."""
    found: list[float] = []

    def arm(seconds: float, **how: Any) -> None:
        assert how == {"exit": True}
        found.append(seconds)

    monkeypatch.setattr(faulthandler, "dump_traceback_later", arm)
    return found


@contextmanager
def beating(pulse: Pulse) -> Iterator[None]:
    running = eventlet.spawn(pulse.beat)
    yield
    running.kill()


def test_while_all_go_round_the_file_is_touched_and_the_end_put_off(
    ends: list[float], tmp_path: Path
) -> None:
    file = tmp_path / "pulse"
    with beating(Pulse(lambda: {"relay": time.monotonic()}, PATIENCE, file)):
        until(lambda: len(ends) > 3 and file.exists(), "several signs of life")
    assert min(ends) > 0.9 * PATIENCE


def test_the_end_comes_when_the_slowest_has_stood_still_for_too_long(
    ends: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By us, who can still act: the watchdog would come later."""
    still, codes = time.monotonic(), []

    def end(code: int) -> None:
        codes.append((code, time.monotonic() - still))
        raise GreenletExit

    monkeypatch.setattr(os, "_exit", end)
    rounds = Pulse(lambda: {"relay": time.monotonic(), "partner": still}, 2 * PATIENCE, None)
    with capture_logs() as said, beating(rounds):
        until(lambda: codes, "the end")
    assert {(each["event"], each["loop"]) for each in said} == {("standing still", "partner")}
    ((code, after),) = codes
    assert code == 1
    assert after > 2 * PATIENCE
    assert ends == sorted(ends, reverse=True)
    assert ends[-1] > 0


def test_a_file_that_cannot_be_touched_ends_nothing(ends: list[float], tmp_path: Path) -> None:
    nowhere = tmp_path / "none" / "pulse"
    with (
        capture_logs() as said,
        beating(Pulse(lambda: {"relay": time.monotonic()}, PATIENCE, nowhere)),
    ):
        until(lambda: len(said) > 1, "it being said, again and again")
    assert said[0]["event"] == "no sign of life given"


def test_a_process_that_was_told_to_stop_is_given_its_time(ends: list[float]) -> None:
    pulse = Pulse(lambda: {"relay": 0.0}, PATIENCE, None)
    pulse.end()
    pulse.beat()
    assert ends == [GRACE]
