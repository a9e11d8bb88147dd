"""Rows 3 and 6: the broker is restarted, killed, wiped or away; or says everything again."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.reliability.kit.small import LISTENERS, TELLERS
from tests.reliability.kit.stage import RECOVERY, Stage, flat

soak = pytest.mark.soak


def restart(broker: Any) -> None:
    broker.restart()


def wipe(broker: Any) -> None:
    broker.wipe()
    broker.start()


@pytest.mark.parametrize("fault", [pytest.param(restart, marks=soak), wipe])
def test_a_broker_that_goes_and_comes_under_load(
    stage: Stage, fault: Callable[[Any], None]
) -> None:
    """In good order; or with all its data deleted, queues, bindings and messages: these come back
    by catch-up. Facts are told all the while."""
    with stage.telling():
        fault(stage.broker)
        stage.hears_all(stage.tell(20))


@pytest.mark.parametrize("number", [200, pytest.param(50_000, marks=soak)])
def test_a_broker_that_is_down_for_long(stage: Stage, number: int) -> None:
    """Processes start without it, facts are told without it; the backlog leaves when it is back.
    In full it is that of a day."""
    stage.stop(*TELLERS, *LISTENERS)
    stage.broker.stop()
    stage.start()
    told = stage.tell(number, subjects=number // 50)
    assert stage.left()["partner"] == len(flat(told))
    stage.broker.start()
    stage.hears_all(told, patience=RECOVERY + number / 50)


@soak
def test_a_service_first_started_when_100_000_events_exist(stage: Stage) -> None:
    """It was never there: no queue, no progress. It learns everything from the first event on."""
    stage.stop("finance")
    for teller in TELLERS:
        stage.lose_queue("finance", teller)
    told = stage.tell(100_000, subjects=5_000)
    stage.forget("finance")
    stage.start("finance")
    stage.hears_all(told, patience=1_800)


def test_everything_delivered_again_and_shuffled(stage: Stage) -> None:
    """Every message of the last while comes one to five times more, in any order, while new facts
    are told. Each had its effect once."""
    stage.tell(200)
    with stage.telling():
        for teller in TELLERS:
            stage.deliver_again(teller, stage.logged(teller)[-200:])
        stage.hears_all(stage.tell(20))


def test_a_queue_that_is_deleted_under_its_listener(stage: Stage) -> None:
    """The broker says so, and the listener declares it again; what was told
    meanwhile is fetched."""
    with stage.telling():
        stage.lose_queue("finance", "partner")
        stage.hears_all(stage.tell(20))
