"""Rows 7 and 8: events that cannot be applied, for now or for ever.

They hold back their own subject and nobody else; they say why; they are not tried in a hurry; and
one command tries them again once the cause is mended.
"""

from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from shared.messaging.envelope import CONTENT_TYPE
from tests.integration.messaging.places import publish
from tests.office import until
from tests.reliability.kit.facts import Burst
from tests.reliability.kit.ledger import MOST_ATTEMPTS
from tests.reliability.kit.small import Listener
from tests.reliability.kit.stage import Stage


def burst(number: int) -> Burst:
    """So many facts of a new subject."""
    return Burst(uuid4(), tuple(uuid4() for _ in range(number)))


def hears(listener: Listener, *bursts: Burst) -> bool:
    """Whether everything in these bursts has taken effect."""
    return listener.has_heard([fact for each in bursts for fact in each.facts])


def holds(listener: Listener, *states: str) -> bool:
    return listener.states() == [*states]


def test_an_event_that_kills_its_process_each_time(stage: Stage) -> None:
    """The process is started again as often as it dies. Soon the event is held, with the reason,
    and all others flow on: neither the broker nor catch-up makes the process die for ever."""
    finance, fatal = stage.listeners["finance"], burst(2)
    finance.give_trouble("die", fatal.facts[0])
    stage.tellers["partner"].tell(fatal)
    others = stage.tell(100)
    deaths = stage.kept_alive_until(
        lambda: hears(finance, *others) and len(finance.states()) == 2, "finance"
    )
    assert deaths >= 1
    finance.mend()
    stage.kept_alive_until(lambda: stage.retries_held("finance"), "finance")
    until(lambda: hears(finance, fatal), "the event and the one behind it, after the mend")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"not JSON \xff", CONTENT_TYPE),
        (b"{}", CONTENT_TYPE),
        (b"{}", "text/plain"),
    ],
    ids=["not JSON", "no event", "wrong content type"],
)
def test_a_message_that_is_no_event(stage: Stage, body: bytes, content_type: str) -> None:
    """It is kept as it came, once however often it comes, and all others flow on."""
    finance = stage.listeners["finance"]
    for _ in range(2):
        publish(stage.broker.uri, "partner", body, content_type)
    others = stage.tell(30)
    until(lambda: hears(finance, *others), "the others")
    until(lambda: finance.states() == ["dead"], "the message being kept")
    discard_all(stage)


@pytest.mark.parametrize(
    "distortion",
    [{"type": "partner.moved_to_the_moon"}, {"version": 99}],
    ids=["unknown type", "unknown version"],
)
def test_an_event_that_nobody_understands(stage: Stage, distortion: dict[str, Any]) -> None:
    """A teller is ahead of its listeners. The event is dead at once, with the reason; those behind
    it wait until somebody has decided; all other subjects flow on."""
    strange, others = burst(2), stage.tell(30)
    stage.tellers["partner"].tell(strange, **distortion)
    for listener in stage.listeners.values():
        until(partial(hears, listener, *others), "the others")
        until(partial(holds, listener, "dead", "gap"), "the events being held")
        assert listener.held()[0]["error_class"] == "Unreadable"
    discard_all(stage)


def test_a_handler_that_always_fails_for_one_subject_among_many(stage: Stage) -> None:
    """Its first event is tried so many times and no more, then waits for somebody; those behind it
    wait for it; all other subjects flow on. One command replays it once the cause is mended."""
    keeper, fated = stage.listeners["finance"], burst(3)
    keeper.give_trouble("fail", fated.facts[0])
    stage.tellers["partner"].tell(fated)
    others = stage.tell(300, subjects=100)
    until(lambda: hears(keeper, *others), "the others")
    until(partial(holds, keeper, "dead", "gap", "gap"), "all tries being used up")
    until(lambda: keeper.held()[0]["error_class"] == "Refused", "the last try having failed")
    assert [row["attempts"] for row in keeper.held()] == [MOST_ATTEMPTS, 0, 0]
    keeper.mend()
    assert stage.retries_held("finance")
    until(lambda: hears(keeper, fated), "what was held")


def test_a_handler_that_fails_for_a_while(stage: Stage) -> None:
    """It is tried again by itself, and succeeds without anybody's doing."""
    finance, fated = stage.listeners["finance"], burst(3)
    finance.give_trouble("fail", fated.facts[1])
    stage.tellers["partner"].tell(fated)
    until(lambda: finance.states() == ["failed", "gap"], "the event being held")
    finance.mend()
    until(lambda: hears(finance, fated), "the event and the one behind it")


def test_a_fact_that_waits_for_another_source(stage: Stage) -> None:
    """As long as it must; it is taken up when something new is known of the other source."""
    finance, fated = stage.listeners["finance"], burst(2)
    finance.give_trouble("not-yet", fated.facts[0])
    stage.tellers["partner"].tell(fated)
    until(lambda: finance.states() == ["not-yet", "gap"], "the event being held")
    finance.mend()
    stage.tell(1, "consultancy")
    until(lambda: hears(finance, fated), "the event and the one behind it")


def discard_all(stage: Stage) -> None:
    """What an operator does with what should never have come."""
    with stage.calls() as calls:
        for name, listener in stage.listeners.items():
            until(partial(listener.held), "it being held")
            for row in listener.held():
                calls.call(name, "discard_held", id=str(row["id"]), reason="sent by a test")
