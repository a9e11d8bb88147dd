"""What a source promises of the facts that it commits: each is published, in order, and chained."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from kombu import Connection, Consumer
from sqlalchemy import event, text, update
from sqlalchemy.exc import DBAPIError

from shared.database import Database
from shared.messaging import broker, log_reader
from shared.messaging import relay as relaying
from shared.messaging.broker import ConfirmedPublisher
from shared.messaging.envelope import CONTENT_TYPE, Envelope
from shared.messaging.outgoing import Outgoing, sole_owner
from shared.messaging.parts import routing_key
from shared.messaging.tables import event_log
from tests.integration.messaging.places import CONSUMER, SOURCE, AtWork, HandClock, Source
from tests.office import until


class Listener:
    """Hears all that a source publishes, as a queue of its own would."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.messages: list[Any] = []
        channel = connection.channel()
        self._queue = broker.queue_of(CONSUMER, SOURCE)
        self._queue(channel).declare()
        self._consumer = Consumer(
            channel, [self._queue], on_message=self.messages.append, no_ack=True
        )
        self._consumer.consume()

    @property
    def envelopes(self) -> list[Envelope]:
        return [Envelope.parse(message.body) for message in self.messages]

    def hear(self, number: int) -> list[Envelope]:
        """Wait until so many messages have come."""

        def enough() -> bool:
            with suppress(TimeoutError):
                self._connection.drain_events(timeout=0.05)
            return len(self.messages) >= number

        until(enough, f"{number} messages")
        return self.envelopes


@pytest.fixture
def listener(amqp_uri: str) -> Iterator[Listener]:
    with broker.connect(amqp_uri) as connection:
        yield Listener(connection)


class RefusingPublisher:
    """A broker that takes every event but those of some subjects."""

    def __init__(self, *subjects: str) -> None:
        self.refused = set(subjects)
        self.taken: list[Envelope] = []

    def publish(self, envelopes: Sequence[Envelope]) -> list[bool]:
        verdicts = [each.subject not in self.refused for each in envelopes]
        self.taken += [each for each, taken in zip(envelopes, verdicts, strict=True) if taken]
        return verdicts


class CountingPublisher(RefusingPublisher):
    """Counts how often the events of each subject are tried."""

    def __init__(self, *subjects: str) -> None:
        super().__init__(*subjects)
        self.tries: Counter[str] = Counter()

    def publish(self, envelopes: Sequence[Envelope]) -> list[bool]:
        self.tries.update(each.subject for each in envelopes)
        return super().publish(envelopes)

    def stay_connected(self) -> None:
        """It has no connection."""

    def renew(self) -> None:
        """It has no channel."""


class RefusingChannel(CountingPublisher):
    """A channel that refuses a subject for as long as it is the same one."""

    def renew(self) -> None:
        self.refused.clear()


@pytest.mark.row("X5")
def test_what_is_committed_is_published(source: Source, listener: Listener, amqp_uri: str) -> None:
    source.record(uuid4(), 3)
    with AtWork(source.relay(amqp_uri)):
        assert listener.hear(3) == source.envelopes()
        until(lambda: source.unpublished() == 0, "all being marked")


def test_what_is_rolled_back_is_never_published(
    source: Source, listener: Listener, amqp_uri: str
) -> None:
    class Changed(Exception):
        pass

    def fail_after_recording() -> None:
        with source.database.transaction() as session:
            session.execute(event_log.insert().values(_row()))
            raise Changed

    with AtWork(source.relay(amqp_uri)):
        with pytest.raises(Changed):
            fail_after_recording()
        kept = source.record(uuid4())
        heard = listener.hear(1)
    assert [str(each.data["partner_id"]) for each in heard] == kept


@pytest.mark.row("X5")
def test_a_published_event_says_that_it_is_a_cloud_event_and_survives_the_broker(
    source: Source, listener: Listener, amqp_uri: str
) -> None:
    source.record(uuid4())
    with AtWork(source.relay(amqp_uri)):
        listener.hear(1)
    (message,) = listener.messages
    assert message.content_type == CONTENT_TYPE
    assert message.properties["delivery_mode"] == 2
    (envelope,) = source.envelopes()
    key = routing_key("partner.review_started.v1", envelope.subject)
    assert message.delivery_info["routing_key"] == key


def test_a_commit_wakes_the_relay(
    source: Source, listener: Listener, amqp_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "SWEEP", 3600)
    with AtWork(source.relay(amqp_uri)):
        listener.hear(0)
        source.record(uuid4())
        listener.hear(1)


def test_more_than_a_batch_is_published_in_order(
    source: Source, listener: Listener, amqp_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "BATCH", 7)
    subjects = [uuid4() for _ in range(3)]
    for _ in range(4):
        for subject in subjects:
            source.record(subject, 2)
    with AtWork(source.relay(amqp_uri)):
        heard = listener.hear(24)
    assert [(each.subject, each.sequence) for each in heard] == [
        (each.subject, each.sequence) for each in source.envelopes()
    ]


def test_a_refused_event_holds_back_its_own_subject_only(source: Source) -> None:
    refused, taken = uuid4(), uuid4()
    source.record(refused, 2)
    source.record(taken, 2)
    publisher = RefusingPublisher(f"partner/{refused}")
    _sweep(source, publisher)
    assert {each.subject for each in publisher.taken} == {f"partner/{taken}"}
    assert source.unpublished() == 2


def test_refused_events_are_not_tried_again_with_every_commit(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every other queue gets an event once more with each try."""
    refused = uuid4()
    publisher = CountingPublisher(f"partner/{refused}")
    monkeypatch.setattr(relaying, "ConfirmedPublisher", lambda *_: publisher)
    monkeypatch.setattr(relaying, "PAUSE", 3600.0)
    source.record(refused, 1)
    with AtWork(source.relay("embedded://")):
        for _ in range(20):
            source.record(uuid4(), 1)
            until(lambda: source.unpublished() == 1, "all others being published")
    assert publisher.tries[f"partner/{refused}"] == 1


def test_refused_events_are_tried_again_by_and_by(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = CountingPublisher(f"partner/{(refused := uuid4())}")
    _publish_through(publisher, monkeypatch)
    source.record(refused, 2)
    with AtWork(source.relay("embedded://")):
        until(lambda: publisher.tries[f"partner/{refused}"] > 2, "it being tried again")
        publisher.refused.clear()
        until(lambda: source.unpublished() == 0, "it being taken")


def test_refused_events_are_tried_again_over_another_channel(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of RabbitMQ's that first met a queue without a leader refuses all that is for it."""
    publisher = RefusingChannel(f"partner/{(refused := uuid4())}")
    _publish_through(publisher, monkeypatch)
    source.record(refused, 2)
    with AtWork(source.relay("embedded://")):
        until(lambda: source.unpublished() == 0, "it being taken")


def test_refused_events_hold_back_no_other_subject_however_many_they_are(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "BATCH", 3)
    refused, taken = uuid4(), uuid4()
    source.record(refused, 7)
    source.record(taken, 2)
    _sweep(source, RefusingPublisher(f"partner/{refused}"))
    assert source.unpublished() == 7


def test_an_event_that_overtook_a_refused_one_is_published_again_after_it(source: Source) -> None:
    subject = uuid4()
    source.record(subject, 2)

    class RefusingTheFirst(RefusingPublisher):
        def publish(self, envelopes: Sequence[Envelope]) -> list[bool]:
            super().publish(envelopes)
            return [each.sequence != 1 for each in envelopes]

    _sweep(source, RefusingTheFirst())
    assert source.unpublished() == 2
    publisher = RefusingPublisher()
    _sweep(source, publisher)
    assert [each.sequence for each in publisher.taken] == [1, 2]
    assert source.unpublished() == 0


_END_THE_LOCK_HOLDER = """
select pg_terminate_backend(pid, 5000) from pg_locks join pg_database on pg_database.oid = database
where locktype = 'advisory' and granted and datname = current_database()
"""


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_a_relay_that_has_lost_its_lock_marks_nothing(source: Source) -> None:
    source.record(uuid4(), 3)
    with sole_owner(source.database) as lost:
        assert lost is not None
        lost.note(lost.next(10), source.clock.now())
        with source.database.transaction() as session:
            session.execute(text(_END_THE_LOCK_HOLDER))
        with sole_owner(source.database) as taken_over:
            assert taken_over is not None
            taken_over.note(taken_over.next(10), source.clock.now())
            taken_over.next()
        with pytest.raises(DBAPIError):
            lost.next()
    assert log_reader.broken_link(source.database) is None
    assert log_reader.window(source.database, 0, 100)["until"] == 3


def test_what_the_next_relay_publishes_is_chained_to_what_the_last_one_did(source: Source) -> None:
    for _ in range(2):
        source.record(uuid4(), 3)
        _sweep(source, RefusingPublisher())
    assert log_reader.broken_link(source.database) is None
    assert log_reader.window(source.database, 0, 100)["until"] == 6


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_what_was_published_does_not_slow_down_who_looks_for_what_was_not(source: Source) -> None:
    """It stays in PostgreSQL's index until the next vacuum, which may be a day away."""
    source.record(uuid4(), 2000)
    look = text(
        "explain (analyze, format json) select * from event_log "
        "where published_at is null order by position limit 500"
    )
    with sole_owner(source.database) as outgoing:
        assert outgoing is not None
        while rows := outgoing.next(500):
            outgoing.note(rows, source.clock.now())
        with outgoing._reading() as session:
            first, second = (session.scalar(look)[0]["Plan"] for _ in range(2))
    assert second["Shared Hit Blocks"] < 10 < first["Shared Hit Blocks"]


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
class TestDistanceOfRounds:
    def test_each_fact_of_a_round_puts_off_the_next(
        self, source: Source, amqp_uri: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(relaying, "SPACING", 0.2)
        monkeypatch.setattr(relaying, "LONGEST_SPACING", 60.0)
        rounds: list[tuple[float, int]] = []

        def timed(outgoing: Outgoing, *arguments: Any) -> Sequence[Any]:
            began = time.monotonic()
            rows = reads(outgoing, *arguments)
            rounds.append((began, len(rows)))
            return rows

        reads = Outgoing.next
        monkeypatch.setattr(Outgoing, "next", timed)
        source.record(uuid4(), 3)
        with AtWork(source.relay(amqp_uri)):
            until(lambda: source.unpublished() == 0, "all being published")
        (first, _), (second, _) = next(each for each in pairwise(rounds) if each[0][1] == 3)
        assert second - first > 0.4  # for one fact alone it would be 0.2

    def test_but_not_for_long(
        self, source: Source, amqp_uri: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(relaying, "SPACING", 3600.0)
        source.record(uuid4(), 3)
        with AtWork(source.relay(amqp_uri)):
            until(lambda: source.unpublished() == 0, "all being published and marked")


def test_a_window_leaves_out_nothing_that_is_published_while_it_is_read(source: Source) -> None:
    """Each statement of the reader finds one more event published than the one before it."""

    def publish_one() -> None:
        with sole_owner(source.database) as outgoing:
            assert outgoing is not None
            outgoing.note(outgoing.next(1), source.clock.now())
            outgoing.next()

    for _ in range(4):
        source.record(uuid4())
    publish_one()
    with after_each_statement(source.database, publish_one):
        window = log_reader.window(source.database, 0, 100)
    assert len(window["subjects"]) == window["until"]
    assert window["more_to_come"]
    for _ in range(window["until"], 3):
        publish_one()
    with after_each_statement(source.database, publish_one):  # the first publishes the last event
        window = log_reader.window(source.database, 3, 100)
    assert window["until"] == 4 or window["more_to_come"]


@contextmanager
def after_each_statement(database: Database, act: Callable[[], None]) -> Iterator[None]:
    acting: list[bool] = []

    def hear(*_: object) -> None:
        if not acting:
            acting.append(True)
            act()
            acting.clear()

    event.listen(database.engine, "after_cursor_execute", hear)
    try:
        yield
    finally:
        event.remove(database.engine, "after_cursor_execute", hear)


@pytest.mark.row("X2")
def test_the_chain_of_an_untouched_log_holds(source: Source) -> None:
    for _ in range(3):
        source.record(uuid4(), 2)
    _sweep(source, RefusingPublisher())
    assert log_reader.broken_link(source.database) is None


@pytest.mark.row("X2")
@pytest.mark.parametrize(
    "forgery",
    [
        {"data": {"partner_id": str(uuid4())}},
        {"metadata": {"actor": "somebody else"}},
        {"type": "partner.approved"},
        {"hash": "0" * 64},
    ],
)
def test_the_chain_breaks_where_a_row_is_altered(source: Source, forgery: dict[str, Any]) -> None:
    source.record(uuid4(), 4)
    _sweep(source, RefusingPublisher())
    with source.database.transaction() as session:
        session.execute(update(event_log).where(event_log.c.link == 2).values(forgery))
    assert log_reader.broken_link(source.database) == 2


@pytest.mark.row("X2")
def test_the_chain_breaks_where_a_row_is_removed(source: Source) -> None:
    source.record(uuid4(), 4)
    _sweep(source, RefusingPublisher())
    with source.database.transaction() as session:
        session.execute(event_log.delete().where(event_log.c.link == 3))
    assert log_reader.broken_link(source.database) == 3


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_of_two_relays_one_is_active_and_the_other_takes_over(
    source: Source, listener: Listener, amqp_uri: str
) -> None:
    first, second = source.relay(amqp_uri), source.relay(amqp_uri)
    publishing: list[object] = []
    for relay in (first, second):
        relay._relay = _noting(relay, publishing)  # type: ignore[method-assign]
    with AtWork(first, second):
        until(lambda: publishing, "one relay being active")
        source.record(uuid4(), 5)
        listener.hear(5)
        active = list(publishing)
        publishing[0].stop()  # type: ignore[attr-defined]
        until(lambda: len(publishing) == 2, "the other taking over")
        source.record(uuid4(), 5)
        listener.hear(10)
    assert len(active) == 1
    assert publishing[0] is not publishing[1]
    assert len(listener.messages) == 10


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_a_relay_whose_lock_was_lost_with_its_session_makes_room(
    source: Source, amqp_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database ended the session; whoever takes the lock then must not have a rival."""
    monkeypatch.setattr(relaying, "PAUSE", 0.1)
    first, second = source.relay(amqp_uri), source.relay(amqp_uri)
    active: list[object] = []
    for relay in (first, second):
        relay._relay = _noting(relay, active)  # type: ignore[method-assign]
    with AtWork(first, second):
        until(lambda: active, "one relay being active")
        with source.database.reading() as session:
            assert session.execute(text(_END_THE_LOCK_HOLDER)).all() == [(True,)]
        until(lambda: len(active) == 2, "a relay having the lock again")
        source.record(uuid4(), 5)
        until(lambda: source.unpublished() == 0, "all being published")
    assert log_reader.broken_link(source.database) is None


def _noting(relay: Any, active: list[object]) -> Any:
    original = relay._relay

    def noting(outgoing: Outgoing, connection: Connection) -> None:
        active.append(relay)
        original(outgoing, connection)

    return noting


def _publish_through(publisher: CountingPublisher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Instead of a broker's, and without the pauses that spare one."""
    monkeypatch.setattr(relaying, "ConfirmedPublisher", lambda *_: publisher)
    for pause in ("PAUSE", "SWEEP", "SWEEP_OF_SOLE_OWNER"):
        monkeypatch.setattr(relaying, pause, 0.02)


def _sweep(source: Source, publisher: RefusingPublisher) -> None:
    """One round of the relay, against a broker that may refuse."""
    relay = source.relay("embedded://")
    held_back: set[str] = set()
    with sole_owner(source.database) as outgoing:
        assert outgoing is not None
        while rows := outgoing.next(relaying.BATCH, held_back):
            published = relay._publish(rows, publisher, held_back)  # type: ignore[arg-type]
            outgoing.note(published, source.clock.now())


def _row() -> dict[str, Any]:
    return {
        "id": uuid4(),
        "subject": f"partner/{uuid4()}",
        "sequence": 1,
        "type": "partner.review_started",
        "version": 1,
        "data": {},
        "metadata": {},
        "recorded_at": HandClock().now(),
    }


def test_a_renewed_publisher_knows_what_was_taken(rabbitmq: Any) -> None:
    with broker.connect(rabbitmq.uri) as connection:
        publisher = ConfirmedPublisher(connection, SOURCE)
        envelopes = [Envelope.of_row(SOURCE, _row()) for _ in range(3)]
        assert publisher.publish(envelopes) == [True] * 3
        publisher.renew()
        assert publisher.publish(envelopes) == [True] * 3


def test_a_broker_that_does_not_confirm_in_time_is_not_believed(
    rabbitmq: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "CONFIRM_TIMEOUT", 1.2)
    monkeypatch.setattr(broker, "HEARTBEAT", 1)  # which the broker goes on to send
    with broker.connect(rabbitmq.uri) as connection:
        publisher = ConfirmedPublisher(connection, SOURCE)
        publisher._unconfirmed.add(999)  # as if the broker had kept silent about it
        with pytest.raises(broker.NotConfirmed):
            publisher.publish([])
