"""Rows 1, 2 and 5: processes that end at the worst moment, come back, or are two instead of one.

Who dies at a named point is shown, point by point, in `test_crash_points`; here they die under
load, and several at once.
"""

import signal
from functools import partial
from uuid import uuid4

import pytest

from shared.messaging import outgoing
from tests.office import until
from tests.reliability.kit.facts import Burst
from tests.reliability.kit.small import LISTENERS, TELLERS, Listener
from tests.reliability.kit.stage import Stage, flat


@pytest.mark.parametrize(
    ("name", "point"),
    [
        ("partner", "published"),
        pytest.param("finance", "applied", marks=pytest.mark.soak),
    ],
)
def test_a_service_that_dies_in_the_midst_of_load(stage: Stage, name: str, point: str) -> None:
    """It ends between two steps that belong together: published and not marked, applied and not
    acknowledged. The second time round changes nothing."""
    stage.kill(name)
    stage.start(name, crash_at=f"{point}:2")
    with stage.telling():
        stage.dies(name)
        stage.start(name)
        stage.hears_all(stage.tell(20))


def test_every_process_killed_at_once(stage: Stage) -> None:
    """As when the machine loses power under load."""
    with stage.telling():
        until(lambda: stage.listeners["finance"].heard() > 0, "load being carried")
        stage.kill(*TELLERS, *LISTENERS)
        stage.start()
        stage.hears_all(stage.tell(20))


def test_two_relays_of_one_teller(stage: Stage) -> None:
    """Two processes of a service run side by side: one relays, and the other takes over at once
    when the first is killed in the midst of a backlog. The chain has each fact once."""
    second = stage.extra("partner")
    told = stage.tell(300)
    stage.kill("partner")
    stage.hears_all([*told, *stage.tell(20)])
    second.send_signal(signal.SIGTERM)
    second.wait(10)


def test_the_session_that_holds_the_relays_lock_is_killed(stage: Stage) -> None:
    """A database that ends the session gives the lock away, and the relay that had it is not told.
    It notices, and there is one relay again."""
    second = stage.extra("partner")
    with stage.telling():
        until(lambda: lock_holders(stage), "one relay being active")
        end_lock_holders(stage)
        until(lambda: lock_holders(stage), "one relay being active again")
        stage.hears_all(stage.tell(20))
    second.send_signal(signal.SIGTERM)
    second.wait(10)


def test_a_listener_that_stands_still_and_goes_on(stage: Stage) -> None:
    """Its process is stopped for longer than the broker waits for a heartbeat, as in a suspended
    machine; others hear everything meanwhile, and it connects anew."""
    stage.signal(signal.SIGSTOP, "finance")
    told = stage.tell(50)
    until(partial(has_heard, stage, "insight", told), "insight hearing")
    stage.signal(signal.SIGCONT, "finance")
    stage.hears_all(told)


def test_two_processes_of_one_listener(stage: Stage) -> None:
    """They share its queue under load, one is killed in the midst of it, and a third joins: each
    subject's order holds, and nothing is counted twice."""
    others = [stage.extra("finance")]
    with stage.telling(every=0.005):
        stage.hears_all(stage.tell(100, subjects=3))
        stage.kill("finance")
        others.append(stage.extra("finance"))
        stage.hears_all(stage.tell(100, subjects=3))
    for each in others:
        each.send_signal(signal.SIGTERM)
        each.wait(10)


def test_a_rolling_restart(stage: Stage) -> None:
    """Every process is ended in good order and started again, one after the other, under load."""
    with stage.telling():
        for name in (*TELLERS, *LISTENERS):
            stage.stop(name)
            stage.start(name)
        stage.hears_all(stage.tell(20))


def test_a_service_ended_in_the_midst_of_a_handler(stage: Stage) -> None:
    """It is asked to end while a handler takes its time: it ends within ten seconds, the fact has
    its effect or none, and it comes again."""
    slow = Burst(uuid4(), (uuid4(),))
    stage.listeners["finance"].give_trouble("dawdle", *slow.facts)
    stage.tellers["partner"].tell(slow)
    until(lambda: stage.is_busy("finance"), "the handler being at work")
    stage.stop("finance", seconds=10)
    stage.listeners["finance"].mend()
    stage.start("finance")
    stage.hears_all([slow])


@pytest.mark.parametrize("number", [100, pytest.param(5_000, marks=pytest.mark.soak)])
def test_a_listener_that_comes_late(stage: Stage, number: int) -> None:
    """It was down while much was told, and its queue was lost meanwhile; it catches up."""
    stage.stop("finance")
    told = stage.tell(number)
    stage.lose_queue("finance", "partner")
    stage.start("finance")
    stage.hears_all(told)


def test_a_listener_that_comes_and_goes(stage: Stage) -> None:
    """It dies as soon as it has begun, again and again, under load. Each time it is further."""
    finance = stage.listeners["finance"]
    with stage.telling(every=0.02):
        for _ in range(4):
            before = finance.heard()
            until(partial(has_more, finance, before), "finance hearing something")
            stage.kill("finance")
            stage.start("finance")
        stage.hears_all(stage.tell(20))


def has_more(listener: Listener, before: int) -> bool:
    return listener.heard() > before


def has_heard(stage: Stage, listener: str, told: list[Burst]) -> bool:
    return stage.listeners[listener].has_heard(flat(told))


LOCKS = (
    "from pg_locks join pg_database on pg_database.oid = pg_locks.database "
    f"where locktype = 'advisory' and classid = {outgoing._LOCK} and datname = current_database()"
)


def lock_holders(stage: Stage) -> list[int]:
    return stage.query("partner", f"select pid {LOCKS} and granted")


def end_lock_holders(stage: Stage) -> None:
    assert stage.query("partner", f"select pg_terminate_backend(pid)::int {LOCKS} and granted")
