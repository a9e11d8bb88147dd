"""What breaks: the broker, or the database of one side. What must hold: nothing is lost by it."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from infra.local import postgres as local_postgres
from infra.local import rabbitmq as local_rabbitmq
from shared.database import Database, is_down
from shared.messaging import amqp_connection, broker, relay, subscriber
from tests.integration.messaging.places import (
    CONSUMER,
    SOURCE,
    AtWork,
    Consumer,
    HandClock,
    Source,
    with_tables,
)
from tests.office import until


@pytest.fixture
def breakable_broker(rabbitmq: Any, server_folder: Path) -> Iterator[Any]:
    """A RabbitMQ that a test may stop; it runs again afterwards."""
    if isinstance(rabbitmq, local_rabbitmq.NamedBroker):
        with local_rabbitmq.start_private(Path(mkdtemp(dir=server_folder))) as own:
            yield own
        return
    yield rabbitmq
    rabbitmq.start()


@pytest.fixture
def breakable_database(server_folder: Path) -> Iterator[Any]:
    """A PostgreSQL server of this test's own, which it may stop."""
    with local_postgres.start(Path(mkdtemp(dir=server_folder))) as server:
        yield server


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "PAUSE", 0.1)
    monkeypatch.setattr(subscriber, "PAUSE", 0.1)


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_a_fact_that_is_committed_while_the_broker_is_down_leaves_when_it_is_back(
    source: Source, consumer: Consumer, breakable_broker: Any
) -> None:
    uri, subject = breakable_broker.uri, uuid4()
    with AtWork(source.relay(uri), consumer.subscriber(uri)):
        facts = source.record(subject, 2)
        until(lambda: consumer.facts() == facts, "the first facts")
        breakable_broker.stop()
        facts += source.record(subject, 2)
        assert source.unpublished() == 2
        breakable_broker.start()
        until(lambda: consumer.facts() == facts, "all facts", patience=60)
        until(lambda: source.unpublished() == 0, "all being marked")
    assert consumer.held() == []


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_a_broker_that_lost_queues_and_messages_heals_by_catch_up(
    source: Source, consumer: Consumer, breakable_broker: Any
) -> None:
    uri, subject = breakable_broker.uri, uuid4()
    with broker.connect(uri) as connection:
        broker.queue_of(CONSUMER, SOURCE)(connection.channel()).declare()
    facts = source.record(subject, 3)
    with AtWork(source.relay(uri)):
        until(lambda: source.unpublished() == 0, "all being published")
    breakable_broker.wipe()
    breakable_broker.start()
    with AtWork(source.relay(uri), consumer.subscriber(uri)):
        facts += source.record(subject, 3)
        until(lambda: consumer.facts() == facts, "all facts")


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_a_broker_that_falls_silent_is_left_and_found_again(
    source: Source, consumer: Consumer, breakable_broker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if breakable_broker.pid is None:
        pytest.skip("the broker's process is not ours to stop")
    monkeypatch.setattr(amqp_connection, "ANSWER_TIMEOUT", 0.3)
    monkeypatch.setattr(broker, "CONFIRM_TIMEOUT", 0.3)
    uri, subject = breakable_broker.uri, uuid4()
    relaying = source.relay(uri)
    with AtWork(relaying, consumer.subscriber(uri)):
        facts = source.record(subject, 2)
        until(lambda: consumer.facts() == facts, "the first facts")
        with silent(breakable_broker.pid):
            facts += source.record(subject, 2)
            silent_since = time.monotonic()
            until(lambda: relaying.last_round > silent_since + 1, "the relay going round")
        until(lambda: consumer.facts() == facts, "all facts")


@contextmanager
def silent(pid: int) -> Iterator[None]:
    """A process that neither answers nor goes away."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_while_the_consumers_database_is_down_nothing_is_acknowledged(
    breakable_database: Any, rabbitmq: Any, tmp_path: Path
) -> None:
    queue = broker.queue_of(CONSUMER, SOURCE)
    with broker.connect(rabbitmq.uri) as connection:
        connection.channel().queue_delete(queue.name)
        queue(connection.channel()).declare()
    clock, subject = HandClock(), uuid4()
    own = with_tables(Database(f"sqlite:///{tmp_path}/source.db"))
    others = with_tables(Database(breakable_database.uri))
    with closing(own), closing(others):
        source = Source(own, clock)
        consumer = Consumer(others, clock, {SOURCE: source})
        with AtWork(source.relay(rabbitmq.uri), consumer.subscriber(rabbitmq.uri)):
            facts = source.record(subject, 2)
            until(lambda: consumer.facts() == facts, "the first facts")
            breakable_database.stop()
            facts += source.record(subject, 2)
            until(lambda: source.unpublished() == 0, "all being published")
        with broker.connect(rabbitmq.uri) as connection:
            until(
                lambda: (
                    connection.default_channel.queue_declare(queue.name, passive=True).message_count
                    >= 2
                ),
                "both (and what else was not acknowledged) waiting in the queue",
            )
        with AtWork(consumer.subscriber(rabbitmq.uri)):
            breakable_database.start()
            until(lambda: consumer.facts() == facts, "all facts")
        assert consumer.held() == []


def test_a_source_whose_database_was_down_goes_on_publishing(
    breakable_database: Any, rabbitmq: Any
) -> None:
    own = with_tables(Database(breakable_database.uri))
    with closing(own):
        source = Source(own, HandClock())
        with AtWork(source.relay(rabbitmq.uri)):
            source.record(uuid4(), 2)
            until(lambda: source.unpublished() == 0, "all being published")
            breakable_database.restart()
            until(lambda: _recorded(source), "the database taking facts again")
            until(lambda: source.unpublished() == 0, "all being published")


def _recorded(source: Source) -> bool:
    try:
        return bool(source.record(uuid4(), 2))
    except DBAPIError as error:
        if is_down(error):  # or just coming up
            return False
        raise
