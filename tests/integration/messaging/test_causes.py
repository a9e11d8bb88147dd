"""Held events as an operator sees them: by cause, narrowed down, and what was discarded before."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from shared.errors import Invalid
from shared.messaging import causes, held
from shared.messaging.envelope import Unreadable
from shared.messaging.reactions import NotYet
from shared.work import Call
from tests.integration.messaging.places import SOURCE, Consumer, HandClock, Source


@pytest.fixture
def holding(source: Source, consumer: Consumer, clock: HandClock) -> Consumer:
    """Three that await different programmes, one that failed, one behind it, one message."""

    def fail(with_: Callable[[], Exception], facts: int = 1) -> None:
        ids = source.record(uuid4(), facts)
        consumer.failing[ids[0]] = with_

    for _ in range(3):
        fail(lambda: NotYet(f"programme/{uuid4()} is not known\nsecond line"))
    fail(lambda: ValueError("100% of 3 is wrong"), facts=2)
    inbox = consumer.inbox()
    inbox.apply(source.envelopes())
    clock.advance(60)
    inbox.keep_unreadable(b"not JSON", Unreadable("not JSON"))
    return consumer


def seen(consumer: Consumer, see: Callable[..., Any], *arguments: Any) -> Any:
    with consumer.unit_of_work.reading(Call()) as work:
        return see(work.session, *arguments)


def test_what_differs_in_ids_and_numbers_only_is_one_cause(holding: Consumer) -> None:
    found = seen(holding, causes.causes, {})
    assert [(each["number"], each["state"], each["error"]) for each in found] == [
        (3, "not-yet", "NotYet: programme/… is not known"),
        (1, "failed", "ValueError: …% of … is wrong"),
        (1, "gap", "an event before it has not been applied"),
        (1, "dead", "Unreadable: not JSON"),
    ]
    assert {each["source"] for each in found} == {SOURCE}
    assert found[0]["oldest"] == "2026-03-01T12:00:00+00:00"


def test_the_example_of_a_cause_can_be_looked_at(holding: Consumer) -> None:
    for cause in seen(holding, causes.causes, {}):
        shown = seen(holding, held.shown, held.UUID(cause["id"]))
        assert (shown["state"], shown["type"]) == (cause["state"], cause["type"])


@pytest.mark.parametrize(
    ("wanted", "number"),
    [
        ({}, 6),
        ({"error": "notyet: programme"}, 3),
        ({"error": "100%"}, 1),
        ({"error": "%"}, 1),
        ({"state": "dead"}, 1),
        ({"type": "review_started"}, 5),
        ({"type": "review_started", "state": "failed"}, 1),
        ({"source": SOURCE}, 6),
        ({"source": "somebody"}, 0),
    ],
)
def test_it_is_narrowed_down_by_what_is_said_of_it(
    holding: Consumer, wanted: dict[str, str], number: int
) -> None:
    assert len(seen(holding, causes.listed, wanted, 100)["items"]) == number


def test_a_list_that_is_cut_says_how_many_more_there_are(holding: Consumer) -> None:
    cut = seen(holding, causes.listed, {}, 4)
    assert (len(cut["items"]), cut["more"]) == (4, 2)


def test_a_group_is_tried_again_and_the_rest_is_left(holding: Consumer, clock: HandClock) -> None:
    with holding.unit_of_work.begin(Call()) as work:
        which = causes.matching({"error": "is not known"})
        assert held.retry(work.session, None, clock.now(), which) == 3
    holding.failing.clear()
    holding.inbox().retry(not_yet=False)
    assert len(holding.facts()) == 3 + 2  # the failed one was due by itself, with the one behind
    assert holding.states() == ["dead"]


def test_what_was_discarded_is_listed_with_who_decided_it_and_why(
    holding: Consumer, clock: HandClock
) -> None:
    (noise,) = seen(holding, causes.listed, {"state": "dead"}, 1)["items"]
    with holding.unit_of_work.begin(Call()) as work:
        held.discard(work.session, noise["id"], reason="noise", by="ada", now=clock.now())
    found = seen(holding, causes.discarded, 10)
    (row,) = found["items"]
    assert (row["id"], row["reason"], row["discarded_by"]) == (noise["id"], "noise", "ada")
    assert (row["discarded_at"], found["more"]) == (clock.now(), 0)


def test_nothing_is_discarded_without_a_reason(holding: Consumer, clock: HandClock) -> None:
    (row,) = holding.held(held.State.DEAD)
    with pytest.raises(Invalid, match="why"), holding.unit_of_work.begin(Call()) as work:
        held.discard(work.session, row["id"], reason=" ", by="ada", now=clock.now())
    assert len(holding.held(held.State.DEAD)) == 1
