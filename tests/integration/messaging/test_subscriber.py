"""From one service's commit to the other's: over both stores and both transports."""

import json
from collections.abc import Callable
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from kombu import Queue

from shared.messaging import broker
from shared.messaging.embedded import Transport
from shared.messaging.envelope import CONTENT_TYPE
from shared.messaging.held import State
from shared.messaging.outgoing import sole_owner
from shared.messaging.reactions import NotYet
from tests.integration.messaging.places import (
    CONSUMER,
    SOURCE,
    AtWork,
    Consumer,
    HandClock,
    Source,
    forget,
    publish,
)
from tests.office import until

QUEUE = broker.queue_of(CONSUMER, SOURCE)


def declare_queue(uri: str) -> None:
    with broker.connect(uri) as connection:
        QUEUE(connection.channel()).declare()


def send(uri: str, body: bytes | str, content_type: str = CONTENT_TYPE) -> None:
    """Send a message to the consumer, as somebody might who is no relay of ours."""
    declare_queue(uri)
    publish(uri, SOURCE, body, content_type)


def left_in_queue(uri: str) -> int:
    with broker.connect(uri) as connection:
        declared = connection.channel().queue_declare(QUEUE.name, passive=True)
        return int(declared.message_count)


def purge(uri: str) -> int:
    with broker.connect(uri) as connection:
        return int(connection.channel().queue_purge(QUEUE.name) or 0)


@pytest.mark.row("N1")
def test_every_fact_takes_effect_once_and_in_order(
    source: Source, consumer: Consumer, amqp_uri: str
) -> None:
    subjects = [uuid4() for _ in range(5)]
    with AtWork(source.relay(amqp_uri), consumer.subscriber(amqp_uri)):
        recorded: dict[Any, list[str]] = {subject: [] for subject in subjects}
        for _ in range(6):
            for subject in subjects:
                recorded[subject] += source.record(subject, 2)
        until(lambda: len(consumer.facts()) >= 60, "60 facts")
    assert {subject: consumer.facts(subject) for subject in subjects} == recorded
    assert consumer.held() == []


def test_what_is_applied_is_acknowledged(source: Source, consumer: Consumer, amqp_uri: str) -> None:
    source.record(uuid4(), 30)
    with AtWork(source.relay(amqp_uri), consumer.subscriber(amqp_uri)):
        until(lambda: len(consumer.facts()) == 30, "30 facts")
        until(lambda: source.unpublished() == 0, "all being published")
    assert purge(amqp_uri) == 0


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"not JSON \xff", CONTENT_TYPE),
        ("[1, 2]", CONTENT_TYPE),
        ("[" * 100_000, CONTENT_TYPE),
        ("{}", CONTENT_TYPE),
        ("{}", "application/json"),
    ],
    ids=["not-json", "no-object", "endless-nesting", "no-event", "wrong-content-type"],
)
def test_what_is_no_event_is_kept_as_it_came_and_others_flow_on(
    source: Source, consumer: Consumer, amqp_uri: str, body: bytes | str, content_type: str
) -> None:
    send(amqp_uri, body, content_type)
    facts = source.record(uuid4(), 2)
    with AtWork(source.relay(amqp_uri), consumer.subscriber(amqp_uri)):
        until(lambda: consumer.facts() == facts, "the facts")
        until(consumer.held, "the message being kept")
    (row,) = consumer.held()
    assert row["state"] == State.DEAD
    assert row["raw"] == (body if isinstance(body, bytes) else body.encode())


@pytest.mark.parametrize("wrong", ["content-type", "source", "unstorable", "subject"])
def test_an_event_that_came_the_wrong_way_is_dead_and_others_flow_on(
    source: Source, consumer: Consumer, amqp_uri: str, wrong: str
) -> None:
    source.record(uuid4())
    attributes = dict(source.envelopes()[0].attributes)
    if wrong == "source":
        attributes["source"] = "/contract"
    if wrong == "unstorable":
        attributes["data"] = {"partner_id": "\x00"}
    if wrong == "subject":
        attributes["subject"] = "partner/" + "long" * 100
    send(
        amqp_uri, json.dumps(attributes), "text/plain" if wrong == "content-type" else CONTENT_TYPE
    )
    with AtWork(source.relay(amqp_uri), consumer.subscriber(amqp_uri)):
        until(lambda: len(consumer.facts()) == 1, "the fact, from its own relay")
        until(lambda: consumer.states() == [State.DEAD], "the message being kept")


def test_a_purged_queue_heals_by_catch_up(
    source: Source, consumer: Consumer, amqp_uri: str
) -> None:
    declare_queue(amqp_uri)
    facts = source.record(uuid4(), 5)
    with AtWork(source.relay(amqp_uri)):
        until(lambda: source.unpublished() == 0, "all being published")
    purge(amqp_uri)
    with AtWork(consumer.subscriber(amqp_uri)):
        until(lambda: consumer.facts() == facts, "the facts")


def test_a_subscriber_that_comes_later_learns_what_was_before_it(
    source: Source, consumer: Consumer, amqp_uri: str
) -> None:
    facts = source.record(uuid4(), 5)
    with AtWork(source.relay(amqp_uri)):
        until(lambda: source.unpublished() == 0, "all being published")
    with AtWork(consumer.subscriber(amqp_uri)):
        until(lambda: consumer.facts() == facts, "the facts")


@pytest.mark.parametrize("transport", ["embedded"], indirect=True)
def test_a_broker_that_forgot_everything_heals_by_catch_up(
    source: Source, consumer: Consumer, amqp_uri: str
) -> None:
    subject = uuid4()
    declare_queue(amqp_uri)
    facts = source.record(subject, 3)
    with AtWork(source.relay(amqp_uri)):
        until(lambda: source.unpublished() == 0, "all being published")
    Transport.reset()
    with AtWork(source.relay(amqp_uri), consumer.subscriber(amqp_uri)):
        facts += source.record(subject, 3)
        until(lambda: consumer.facts() == facts, "the facts")


def test_a_gap_that_does_not_fill_is_fetched(
    source: Source, consumer: Consumer, amqp_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.messaging.subscriber.GAP_PATIENCE", 0.1)
    declare_queue(amqp_uri)
    subject = uuid4()
    with AtWork(consumer.subscriber(amqp_uri)):
        facts = source.record(subject, 2)
        until(lambda: left_in_queue(amqp_uri) == 0, "nothing being there yet")
        facts += source.record(subject)
        with AtWork(source.relay("embedded://")):  # elsewhere: nothing arrives from it
            until(lambda: source.unpublished() == 0, "all being published")
        send(amqp_uri, source.envelopes()[2].to_json())
        until(lambda: consumer.facts() == facts, "the facts")
    assert consumer.held() == []


def test_what_needs_a_fact_of_another_source_follows_it(
    source: Source,
    other_source: Source,
    new_database: Callable[[str], Any],
    clock: HandClock,
    amqp_uri: str,
) -> None:
    consumer = Consumer(
        new_database("both"), clock, {SOURCE: source, other_source.name: other_source}
    )
    needy = source.record(uuid4(), 2)
    needed: list[str] = []
    consumer.failing[needy[0]] = lambda: NotYet("the contract is not known")
    loops = [
        source.relay(amqp_uri),
        other_source.relay(amqp_uri),
        consumer.subscriber(amqp_uri),
        consumer.subscriber(amqp_uri, other_source.name),
    ]
    with AtWork(*loops):
        until(lambda: consumer.states() == [State.NOT_YET, State.GAP], "both being held")
        consumer.failing.clear()
        needed = other_source.record(uuid4())
        until(lambda: consumer.facts() == needed + needy, "all facts")


def test_two_processes_on_one_queue_keep_the_order_of_each_subject(
    source: Source,
    consumer: Consumer,
    amqp_uri: str,
    store: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if store == "sqlite":
        pytest.skip("a SQLite database belongs to one process")
    # Small batches, so that both take part.
    monkeypatch.setattr("shared.messaging.subscriber.BATCH", 5)
    subjects = [uuid4() for _ in range(4)]
    recorded: dict[Any, list[str]] = {subject: [] for subject in subjects}
    second = Consumer(consumer.database, consumer.clock, {SOURCE: source})
    with AtWork(source.relay(amqp_uri), consumer.subscriber(amqp_uri), second.subscriber(amqp_uri)):
        for _ in range(15):
            for subject in subjects:
                recorded[subject] += source.record(subject, 2)
        until(lambda: len(consumer.facts()) >= 120, "120 facts")
    assert {subject: consumer.facts(subject) for subject in subjects} == recorded
    assert consumer.held() == []


def test_a_backlog_is_taken_from_the_queue_before_the_source_is_asked_for_it(
    source: Source, consumer: Consumer, amqp_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise all of it would come twice; and none for a while, where the source is down.

    The broker gives no more before a batch is acknowledged: then nothing has come, and more will.
    """
    monkeypatch.setattr("shared.messaging.subscriber.BATCH", 5)
    monkeypatch.setattr("shared.messaging.subscriber.PREFETCH", 5)
    declare_queue(amqp_uri)
    with AtWork(source.relay(amqp_uri)):
        source.record(uuid4(), 17)
        until(lambda: source.unpublished() == 0, "all being published")
    here: list[int] = []

    def asked(*arguments: Any) -> dict[str, Any]:
        here.append(len(consumer.facts()))
        return window(*arguments)

    window = consumer.log_at_hand.window
    monkeypatch.setattr(consumer.log_at_hand, "window", asked)
    with AtWork(consumer.subscriber(amqp_uri)):
        until(lambda: here != [], "the comparison")
    assert here[0] == 17


def test_who_is_woken_does_not_take_that_for_a_silent_queue(
    source: Source, consumer: Consumer, amqp_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where parts change hands: the backlog is about to come."""
    monkeypatch.setattr("shared.messaging.subscriber.SILENCE", 3600.0)
    asked: list[Any] = []
    monkeypatch.setattr(consumer.log_at_hand, "window", lambda *arguments: asked.append(arguments))
    subscriber = consumer.subscriber(amqp_uri)

    def wake() -> None:
        before = subscriber.last_round
        subscriber._awake.set()
        until(lambda: subscriber.last_round > before, "another round")

    with AtWork(subscriber):
        for _ in range(3):
            wake()
    assert asked == []


def test_what_was_published_before_the_queue_was_there_comes_though_it_was_marked_later(
    source: Source, consumer: Consumer, amqp_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first comparison does not find it in the log as published, and no queue had it."""
    monkeypatch.setattr("shared.messaging.subscriber.GAP_PATIENCE", 0.2)
    monkeypatch.setattr("shared.messaging.subscriber.CATCH_UP_EVERY", 3600.0)
    facts = source.record(uuid4(), 2)
    subscriber = consumer.subscriber(amqp_uri)
    with AtWork(subscriber):
        until(lambda: not subscriber._is_first_look, "the first comparison")
        with sole_owner(source.database) as outgoing:
            assert outgoing is not None
            outgoing.note(outgoing.next(10), source.clock.now())
            outgoing.next()
        until(lambda: consumer.facts() == facts, "the facts")


def test_a_rebuild_in_the_middle_of_traffic_brings_every_fact_back_in_order(
    source: Source, consumer: Consumer, amqp_uri: str
) -> None:
    subjects = [uuid4() for _ in range(3)]
    recorded: dict[Any, list[str]] = {subject: [] for subject in subjects}
    subscriber = consumer.subscriber(amqp_uri)
    with AtWork(source.relay(amqp_uri), subscriber):
        for round in range(12):
            for subject in subjects:
                recorded[subject] += source.record(subject)
            if round in (4, 8):
                until(lambda: len(consumer.facts()) > 6, "some having come")
                forget(consumer)
                subscriber.look_now()
        until(lambda: len(consumer.facts()) == 36 and not consumer.held(), "all being back")
    assert {subject: consumer.facts(subject) for subject in subjects} == recorded


def test_a_failed_event_is_tried_again_by_itself(
    source: Source, consumer: Consumer, clock: HandClock, amqp_uri: str
) -> None:
    facts = source.record(uuid4(), 2)
    consumer.failing[facts[0]] = lambda: RuntimeError("for now")
    subscriber = consumer.subscriber(amqp_uri)
    with AtWork(source.relay(amqp_uri), subscriber):
        until(lambda: consumer.states() == [State.FAILED, State.GAP], "both being held")
        consumer.failing.clear()
        clock.advance(2)
        subscriber.look_now()
        until(lambda: consumer.facts() == facts, "the facts")


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_nobody_waits_for_the_end_of_a_wait(
    consumer: Consumer, amqp_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not who asks a subscriber to look after what is held, nor who stops it."""
    monkeypatch.setattr(broker, "ROUND", 600.0)
    monkeypatch.setattr(broker, "ROUND_IN_ONE_PROCESS", 600.0)
    subscriber = consumer.subscriber(amqp_uri)
    running = Thread(target=subscriber.run, daemon=True)
    running.start()
    until(lambda: not subscriber._is_first_look, "its first look")
    before = subscriber.last_round
    subscriber.look_now()
    until(lambda: subscriber.last_round > before, "it having looked")
    subscriber.stop()
    until(lambda: not running.is_alive(), "its end")


def test_a_fact_that_nobody_listens_for_yet_is_not_lost(source: Source, amqp_uri: str) -> None:
    facts = source.record(uuid4())
    with AtWork(source.relay(amqp_uri)):
        until(lambda: source.unpublished() == 0, "all being published")
    assert [str(each.data["partner_id"]) for each in source.envelopes()] == facts


@pytest.mark.parametrize("transport", ["rabbitmq"], indirect=True)
@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("events", "lasting"), [(8, 0.5), (1, 4.0)])
def test_a_broker_hears_of_a_subscriber_that_is_long_at_work(
    source: Source,
    consumer: Consumer,
    amqp_uri: str,
    monkeypatch: pytest.MonkeyPatch,
    events: int,
    lasting: float,
) -> None:
    """A catch-up, or one event, may take longer than the broker waits for a heartbeat, which is
    2 s here. It would hang up and deliver everything again, which would take longer still."""
    monkeypatch.setattr(broker, "HEARTBEAT", 1)
    monkeypatch.setattr("shared.messaging.broker.ROUND", 0.2)
    monkeypatch.setattr("shared.messaging.catch_up.BATCH", 1)
    subscriber = consumer.subscriber(amqp_uri)
    losses: list[object] = []
    monkeypatch.setattr(subscriber, "_come_back", lambda *what: losses.append(what))
    facts = source.record(uuid4(), events)
    with AtWork(source.relay(amqp_uri)):
        until(lambda: source.unpublished() == 0, "all being published")
    consumer.lasting = lasting
    with AtWork(subscriber):
        until(lambda: consumer.facts() == facts, "the facts")
    assert losses == []


@pytest.mark.parametrize("transport", ["rabbitmq"], indirect=True)
def test_a_queue_that_is_there_with_other_arguments_is_said_with_what_to_do(amqp_uri: str) -> None:
    other = Queue(QUEUE.name, bindings=QUEUE.bindings, durable=True)
    with broker.connect(amqp_uri) as connection:
        broker.declared(other, connection)
        with pytest.raises(broker.OtherQueue, match=f"{QUEUE.name} is there .* Delete it"):
            broker.declared(QUEUE, connection)


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
@pytest.mark.parametrize("transport", ["rabbitmq"], indirect=True)
def test_facts_come_from_the_log_while_the_queue_cannot_be_had(
    source: Source, consumer: Consumer, amqp_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RabbitMQ 3.10 may refuse a queue that was deleted, until it is started again."""
    monkeypatch.setattr("shared.messaging.subscriber.PAUSE", 0.1)
    monkeypatch.setattr("shared.messaging.subscriber.GAP_PATIENCE", 0.1)
    other = Queue(QUEUE.name, bindings=QUEUE.bindings, durable=True)
    with broker.connect(amqp_uri) as connection:
        broker.declared(other, connection)
        with AtWork(source.relay(amqp_uri), consumer.subscriber(amqp_uri)):
            facts = source.record(uuid4(), 2)
            until(lambda: consumer.facts() == facts, "the facts")
            other(connection.channel()).delete()
            facts += source.record(uuid4(), 1)
            until(lambda: consumer.facts() == facts, "the next, from the queue again")


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
@pytest.mark.parametrize("transport", ["rabbitmq"], indirect=True)
def test_a_binding_that_was_taken_away_comes_back_with_what_was_missed(
    source: Source, consumer: Consumer, amqp_uri: str
) -> None:
    subscriber = consumer.subscriber(amqp_uri)
    with AtWork(source.relay(amqp_uri), subscriber):
        facts = source.record(uuid4(), 1)
        until(lambda: consumer.facts() == facts, "the first fact")
        with broker.connect(amqp_uri) as connection:
            for each in QUEUE.bindings:
                each.unbind(QUEUE(connection.channel()))
        facts += source.record(uuid4(), 1)
        until(lambda: source.unpublished() == 0, "the second being published, to nobody")
        subscriber.look_now()
        until(lambda: consumer.facts() == facts, "the second fact")
    with broker.connect(amqp_uri) as connection:
        before = connection.channel().queue_declare(QUEUE.name, passive=True).message_count
        broker.ConfirmedPublisher(connection, SOURCE).publish(source.envelopes())
        after = connection.channel().queue_declare(QUEUE.name, passive=True).message_count
    assert after - before == len(facts)
