"""What time drives happens without anybody asking for it."""

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import eventlet
import pytest
from sqlalchemy.exc import OperationalError

from shared import timekeeper
from shared.clock import FixedClock
from shared.database import Database
from shared.desk import Desk
from shared.operations import Operations
from shared.permissions import Permissions
from shared.timekeeper import Timekeeper
from shared.work import UnitOfWork, Work
from tests.office import until

DAY = date(2026, 3, 1)


class Ran:
    """A rule that notes when it ran, and fails as often as it is told to."""

    def __init__(self) -> None:
        self.at: list[datetime] = []
        self.failures: list[Exception] = []

    def __call__(self, work: Work) -> None:
        if self.failures:
            raise self.failures.pop()
        self.at.append(work.now)


@pytest.fixture
def rule() -> Ran:
    return Ran()


@pytest.fixture
def keeper(database: Database, rule: Ran) -> Iterator[Timekeeper]:
    operations = Operations("library", permissions=Permissions({}, {}))
    operations.daily(rule)
    clock = FixedClock.at(DAY)
    desk = Desk(operations, UnitOfWork(database, clock, ZoneInfo("UTC"), None))
    made = Timekeeper(desk, clock)
    yield made
    made.stop()


def test_rules_run_at_the_start_as_at_the_present_day(keeper: Timekeeper, rule: Ran) -> None:
    running = eventlet.spawn(keeper.run)
    until(lambda: rule.at, "the rule having run")
    keeper.stop()
    running.wait()
    assert [moment.date() for moment in rule.at] == [DAY]


def test_rules_run_again_and_again(
    keeper: Timekeeper, rule: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timekeeper, "EVERY", 0.01)
    eventlet.spawn(keeper.run)
    until(lambda: len(rule.at) >= 3, "three runs")


@pytest.mark.parametrize(
    "failure", [ValueError("a fault"), OperationalError("select", {}, Exception("away"))]
)
def test_a_failure_does_not_end_the_keeping_of_time(
    keeper: Timekeeper, rule: Ran, failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timekeeper, "PAUSE", 0.01)
    rule.failures.append(failure)
    eventlet.spawn(keeper.run)
    until(lambda: rule.at, "the rule having run after its failure")
