"""What a consumer promises of the events that reach it: each once, in the order of its subject."""

import random
from uuid import uuid4

import pytest

from shared.events import base
from shared.messaging import held
from shared.messaging.envelope import Envelope, Unreadable
from shared.messaging.held import RETRY_AFTER, State
from shared.messaging.inbox import Inbox
from shared.messaging.reactions import NotYet
from shared.work import Call
from tests.integration.messaging.places import Consumer, HandClock, Source, forget

#: Longer than any delay before a next try, whatever chance adds to it.
LONG = 2 * RETRY_AFTER[-1]


def broken() -> Exception:
    return RuntimeError("the reaction is broken")


def too_early() -> Exception:
    return NotYet("another fact is needed first")


class Death(BaseException):
    """Ends a process: nothing in it goes on after it."""


def test_events_are_applied_in_the_order_of_their_subject(
    source: Source, consumer: Consumer
) -> None:
    facts = source.record(uuid4(), 5)
    consumer.inbox().apply(source.envelopes())
    assert consumer.facts() == facts


@pytest.mark.row("N1")
@pytest.mark.parametrize("seed", range(5))
def test_duplicates_and_disorder_change_nothing(
    source: Source, consumer: Consumer, seed: int
) -> None:
    chance = random.Random(seed)  # the seed is in the test's name
    subjects = [uuid4() for _ in range(4)]
    recorded = {subject: source.record(subject, 6) for subject in subjects}
    deliveries = [each for each in source.envelopes() for _ in range(chance.randint(1, 5))]
    chance.shuffle(deliveries)
    inbox = consumer.inbox()
    while deliveries:
        size = chance.randint(1, 20)
        inbox.apply(deliveries[:size])
        del deliveries[:size]
    assert {subject: consumer.facts(subject) for subject in subjects} == recorded
    assert consumer.held() == []


@pytest.mark.row("N1")
def test_a_gap_is_held_until_it_fills(source: Source, consumer: Consumer) -> None:
    subject = uuid4()
    facts = source.record(subject, 3)
    first, second, third = source.envelopes()
    consumer.inbox().apply([first, third])
    assert (consumer.facts(), consumer.states()) == (facts[:1], [State.GAP])
    consumer.inbox().apply([second])
    assert (consumer.facts(), consumer.states()) == (facts, [])


def test_events_that_come_in_the_wrong_order_together_are_all_applied(
    source: Source, consumer: Consumer
) -> None:
    facts = source.record(uuid4(), 3)
    consumer.inbox().apply(list(reversed(source.envelopes())))
    assert (consumer.facts(), consumer.states()) == (facts, [])


@pytest.mark.row("N1")
def test_an_older_event_of_a_subject_is_ignored(source: Source, consumer: Consumer) -> None:
    facts = source.record(uuid4(), 2)
    inbox = consumer.inbox()
    inbox.apply(source.envelopes())
    inbox.apply(source.envelopes()[:1])
    assert consumer.facts() == facts


def test_a_failing_event_holds_back_its_own_subject_only(
    source: Source, consumer: Consumer
) -> None:
    bad, good = uuid4(), uuid4()
    failing, _ = source.record(bad, 2)
    others = source.record(good, 2)
    consumer.failing[failing] = broken
    consumer.inbox().apply(source.envelopes())
    assert consumer.facts() == others
    assert consumer.states() == [State.FAILED, State.GAP]


def test_what_a_failing_event_wrote_is_taken_back(source: Source, consumer: Consumer) -> None:
    (failing,) = source.record(uuid4())
    consumer.failing[failing] = broken
    consumer.inbox().apply(source.envelopes())
    assert consumer.facts() == []


def test_a_failing_event_does_not_take_back_the_one_that_it_waited_for(
    source: Source, consumer: Consumer
) -> None:
    first, failing = source.record(uuid4(), 2)
    consumer.failing[failing] = broken
    earlier, later = source.envelopes()
    consumer.inbox().apply([later])
    consumer.inbox().apply([earlier])
    assert consumer.facts() == [first]
    assert [(row["sequence"], row["state"]) for row in consumer.held()] == [(2, State.FAILED)]


def test_a_failed_event_is_kept_with_its_reason(source: Source, consumer: Consumer) -> None:
    (failing,) = source.record(uuid4())
    consumer.failing[failing] = broken
    consumer.inbox().apply(source.envelopes())
    (row,) = consumer.held()
    assert (row["error_class"], row["error_text"]) == ("RuntimeError", "the reaction is broken")
    assert Envelope(row["envelope"]) == source.envelopes()[0]


def test_a_reason_that_no_database_can_store_is_kept_all_the_same(
    source: Source, consumer: Consumer
) -> None:
    (failing,) = source.record(uuid4())
    consumer.failing[failing] = lambda: RuntimeError("zero \x00 and half \ud800")
    consumer.inbox().apply(source.envelopes())
    assert consumer.states() == [State.FAILED]


def test_a_failed_event_is_not_tried_before_its_time(
    source: Source, consumer: Consumer, clock: HandClock
) -> None:
    (failing,) = source.record(uuid4())
    consumer.failing[failing] = broken
    inbox = consumer.inbox()
    inbox.apply(source.envelopes())
    clock.advance(RETRY_AFTER[0] * 0.7)
    assert inbox.retry(not_yet=False) == 0


def test_a_failed_event_that_works_again_is_applied_with_those_behind_it(
    source: Source, consumer: Consumer, clock: HandClock
) -> None:
    facts = source.record(uuid4(), 3)
    consumer.failing[facts[0]] = broken
    inbox = consumer.inbox()
    inbox.apply(source.envelopes())
    consumer.failing.clear()
    clock.advance(RETRY_AFTER[0] * 1.3)
    inbox.retry(not_yet=False)
    assert (consumer.facts(), consumer.states()) == (facts, [])


def test_a_failing_event_is_tried_on_schedule_and_is_dead_after_the_last_try(
    source: Source, consumer: Consumer, clock: HandClock
) -> None:
    (failing,) = source.record(uuid4())
    consumer.failing[failing] = broken
    inbox = consumer.inbox()
    inbox.apply(source.envelopes())
    waited = []
    while consumer.states() == [State.FAILED]:
        delay = (consumer.held()[0]["next_attempt_at"] - clock.now()).total_seconds()
        waited.append(delay)
        clock.advance(delay)
        inbox.retry(not_yet=False)
    assert waited == [pytest.approx(each, rel=0.21) for each in RETRY_AFTER]
    assert consumer.states() == [State.DEAD]
    clock.advance(LONG)
    assert inbox.retry(not_yet=True) == 0


def test_a_held_event_that_is_delivered_again_does_not_use_up_its_tries(
    source: Source, consumer: Consumer
) -> None:
    (failing,) = source.record(uuid4())
    consumer.failing[failing] = broken
    inbox = consumer.inbox()
    for _ in range(3):
        inbox.apply(source.envelopes())
    assert [row["attempts"] for row in consumer.held()] == [1]


def test_what_needs_a_fact_of_another_source_is_tried_when_that_one_advances(
    source: Source, consumer: Consumer
) -> None:
    facts = source.record(uuid4(), 2)
    consumer.failing[facts[0]] = too_early
    inbox = consumer.inbox()
    inbox.apply(source.envelopes())
    assert consumer.states() == [State.NOT_YET, State.GAP]
    consumer.failing.clear()
    inbox.retry(not_yet=True)
    assert consumer.facts() == facts


def test_what_needs_another_fact_waits_for_ever_rather_than_die(
    source: Source, consumer: Consumer, clock: HandClock
) -> None:
    (early,) = source.record(uuid4())
    consumer.failing[early] = too_early
    inbox = consumer.inbox()
    inbox.apply(source.envelopes())
    for _ in range(3 * len(RETRY_AFTER)):
        clock.advance(LONG)
        inbox.retry(not_yet=False)
    assert consumer.states() == [State.NOT_YET]


def test_a_consumer_rings_only_when_something_was_applied(
    source: Source, consumer: Consumer
) -> None:
    (early,) = source.record(uuid4())
    consumer.failing[early] = too_early
    rings: list[None] = []
    consumer.bell.heard_by.append(lambda: rings.append(None))
    inbox = consumer.inbox()
    inbox.apply(source.envelopes())
    inbox.retry(not_yet=True)
    assert rings == []
    consumer.failing.clear()
    inbox.retry(not_yet=True)
    assert len(rings) == 1


@pytest.mark.row("X5")
def test_an_event_of_an_unknown_version_is_dead_at_once(source: Source, consumer: Consumer) -> None:
    source.record(uuid4())
    (known,) = source.envelopes()
    consumer.inbox().apply([Envelope({**known.attributes, "type": f"{known.type}.v99"})])
    assert consumer.states() == [State.DEAD]


@pytest.mark.row("X5")
def test_an_event_of_a_newer_producer_is_taken_without_what_is_not_known_here(
    source: Source, consumer: Consumer
) -> None:
    """Within a version, fields are only added: who reads is upgraded later than who writes."""
    facts = source.record(uuid4(), 2)
    newer = [
        Envelope({**each.attributes, "data": {**each.data, "mood": "bright"}, "newattribute": "1"})
        for each in source.envelopes()
    ]
    consumer.inbox().apply(newer)
    assert (consumer.facts(), consumer.held()) == (facts, [])


@pytest.mark.row("X5")
def test_an_unknown_version_is_applied_with_all_behind_it_once_it_is_known(
    source: Source, consumer: Consumer, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = source.record(uuid4(), 2)
    first, second = source.envelopes()
    consumer.inbox().apply([Envelope({**first.attributes, "type": f"{first.type}.v99"}), second])
    assert consumer.states() == [State.DEAD, State.GAP]
    monkeypatch.setitem(base._published, (first.type, 99), type(first.event))
    with consumer.unit_of_work.begin(Call()) as work:
        held.retry(work.session, None, clock.now())
    consumer.inbox().retry(not_yet=False)
    assert (consumer.facts(), consumer.held()) == (facts, [])


@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_a_clock_that_is_an_hour_off_changes_neither_order_nor_effect(
    source: Source, consumer: Consumer, clock: HandClock, seconds: int
) -> None:
    """Order comes from the sequence, never from a moment."""
    subject = uuid4()
    facts = source.record(subject)
    clock.advance(seconds)
    facts += source.record(subject, 2)
    consumer.inbox().apply(source.envelopes()[::-1])
    assert (consumer.facts(), consumer.held()) == (facts, [])


@pytest.mark.row("X5")
def test_an_event_that_does_not_fit_its_schema_is_dead_at_once(
    source: Source, consumer: Consumer
) -> None:
    source.record(uuid4())
    (known,) = source.envelopes()
    consumer.inbox().apply([Envelope({**known.attributes, "data": {"partner_id": "nobody"}})])
    (row,) = consumer.held()
    assert (row["state"], row["error_class"]) == (State.DEAD, Unreadable.__name__)


def test_a_dead_event_that_somebody_retries_is_applied_with_those_behind_it(
    source: Source, consumer: Consumer, clock: HandClock
) -> None:
    facts = source.record(uuid4(), 2)
    consumer.failing[facts[0]] = lambda: Unreadable("for now")
    inbox = consumer.inbox()
    inbox.apply(source.envelopes())
    consumer.failing.clear()
    with consumer.unit_of_work.begin(Call()) as work:
        dead = consumer.held(State.DEAD)[0]["id"]
        assert held.retry(work.session, [dead], clock.now()) == 1
    inbox.retry(not_yet=False)
    assert (consumer.facts(), consumer.states()) == (facts, [])


def discarded(fact: str, source: Source, consumer: Consumer, clock: HandClock) -> Inbox:
    """The inbox that could not apply one event of all, upon which somebody discarded it."""
    consumer.failing[fact] = lambda: Unreadable("beyond repair")
    inbox = consumer.inbox()
    inbox.apply(source.envelopes())
    with consumer.unit_of_work.begin(Call()) as work:
        (dead,) = consumer.held(State.DEAD)
        held.discard(work.session, dead["id"], reason="sent in error", by="ada", now=clock.now())
    return inbox


def test_a_discarded_event_is_kept_with_the_reason_and_its_subject_goes_on(
    source: Source, consumer: Consumer, clock: HandClock
) -> None:
    facts = source.record(uuid4(), 3)
    inbox = discarded(facts[0], source, consumer, clock)
    inbox.retry(not_yet=False)
    assert (consumer.facts(), consumer.states()) == (facts[1:], [])


def test_what_was_discarded_stays_so_after_a_rebuild(
    source: Source, consumer: Consumer, clock: HandClock
) -> None:
    facts = source.record(uuid4(), 3)
    inbox = discarded(facts[1], source, consumer, clock)
    consumer.failing.clear()
    forget(consumer)
    inbox.apply(source.envelopes())
    assert (consumer.facts(), consumer.states()) == ([facts[0], facts[2]], [])


def test_an_event_behind_a_gap_cannot_be_discarded(
    source: Source, consumer: Consumer, clock: HandClock
) -> None:
    source.record(uuid4(), 3)
    consumer.inbox().apply(source.envelopes()[2:])
    (row,) = consumer.held()
    with pytest.raises(held.Conflict), consumer.unit_of_work.begin(Call()) as work:
        held.discard(work.session, row["id"], reason="why not", by="ada", now=clock.now())
    assert consumer.states() == [State.GAP]


def test_what_was_left_behind_a_filled_gap_by_a_crash_is_taken_up(
    source: Source, consumer: Consumer
) -> None:
    facts = source.record(uuid4(), 2)
    first, second = source.envelopes()
    inbox = consumer.inbox()
    inbox.apply([first])
    with consumer.unit_of_work.begin(Call()) as work:
        held.hold_gap(work.session, second, work.now)
    inbox.retry(not_yet=False)
    assert (consumer.facts(), consumer.states()) == (facts, [])


def test_a_message_that_is_no_event_is_kept_as_it_came(consumer: Consumer) -> None:
    raw = b"\x00\xff not JSON"
    consumer.inbox().keep_unreadable(raw, Unreadable("not JSON"))
    (row,) = consumer.held()
    assert (row["state"], row["raw"]) == (State.DEAD, raw)


def test_a_message_that_is_no_event_can_be_discarded(consumer: Consumer, clock: HandClock) -> None:
    consumer.inbox().keep_unreadable(b"\x00\xff", Unreadable("not JSON"))
    with consumer.unit_of_work.begin(Call()) as work:
        held.discard(
            work.session, consumer.held()[0]["id"], reason="noise", by="ada", now=clock.now()
        )
    assert consumer.held() == []


def test_what_ends_its_process_again_is_found_held_with_the_reason(
    source: Source, consumer: Consumer, clock: HandClock
) -> None:
    deadly, _ = source.record(uuid4(), 2)
    other = source.record(uuid4())
    consumer.failing[deadly] = Death
    with pytest.raises(Death):
        consumer.inbox().apply_warily(source.envelopes())
    consumer.inbox().apply_warily(source.envelopes())
    assert consumer.facts() == other
    (row, _) = consumer.held()
    assert (row["state"], row["error_class"], row["attempts"]) == (State.FAILED, "Unfinished", 1)


def test_what_ends_its_process_at_each_try_is_dead_after_the_last(
    source: Source, consumer: Consumer, clock: HandClock
) -> None:
    (deadly,) = source.record(uuid4())
    consumer.failing[deadly] = Death
    with pytest.raises(Death):
        consumer.inbox().apply_warily(source.envelopes())
    for _ in RETRY_AFTER:
        clock.advance(LONG)
        with pytest.raises(Death):
            consumer.inbox().retry(not_yet=False)
    clock.advance(LONG)
    assert consumer.inbox().retry(not_yet=False) == 0
    assert consumer.states() == [State.DEAD]


def test_an_attempt_that_was_noted_and_fails_counts_once(
    source: Source, consumer: Consumer
) -> None:
    (fact,) = source.record(uuid4())
    consumer.failing[fact] = broken
    consumer.inbox().apply_warily(source.envelopes())
    (row,) = consumer.held()
    assert (row["error_class"], row["attempts"]) == ("RuntimeError", 1)


def test_what_waited_long_for_others_is_not_dead_by_one_sudden_end(
    source: Source, consumer: Consumer, clock: HandClock
) -> None:
    (fact,) = source.record(uuid4())
    consumer.failing[fact] = too_early
    consumer.inbox().apply(source.envelopes())
    for _ in range(2 * len(RETRY_AFTER)):
        consumer.inbox().retry(not_yet=True)
    consumer.failing[fact] = Death
    with pytest.raises(Death):
        consumer.inbox().retry(not_yet=True)
    assert consumer.states() == [State.FAILED]


def test_what_is_applied_warily_leaves_nothing_behind(source: Source, consumer: Consumer) -> None:
    facts = source.record(uuid4(), 3)
    assert consumer.inbox().apply_warily(source.envelopes()) == 3
    assert consumer.inbox().apply_warily(source.envelopes()) == 0
    assert consumer.facts() == facts
    assert consumer.held() == []


def test_a_message_that_is_no_event_is_kept_once_however_often_it_comes(
    consumer: Consumer,
) -> None:
    for _ in range(2):
        consumer.inbox().keep_unreadable(b"not JSON", Unreadable("not JSON"))
    assert consumer.states() == [State.DEAD]
