"""The servers of infra/local keep what they were given, and the broker's rights hold."""

import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from amqp.exceptions import AccessRefused
from kombu import Connection, Exchange, Queue

from infra.local import postgres, rabbitmq
from infra.rabbitmq.definitions import DEAD_LETTERS, DELIVERY_LIMIT, UNROUTED, definitions

PASSWORDS = {"contract": "of-contract", "finance": "of-finance"}
CONTRACT_EVENTS = Exchange("contract.events", "topic")
FINANCE_QUEUE = Queue(
    "finance.from.contract",
    CONTRACT_EVENTS,
    routing_key="contract.#",
    queue_arguments={"x-queue-type": "quorum"},
    no_declare=True,
)


@pytest.fixture(scope="module")
def database(server_folder: Path) -> Iterator[postgres.Postgres]:
    with postgres.start(server_folder / "local-postgres") as server:
        yield server


@pytest.fixture(scope="module")
def broker(server_folder: Path) -> Iterator[rabbitmq.Broker]:
    with rabbitmq.start_private(server_folder / "local-rabbitmq") as server:
        server.declare(definitions(PASSWORDS))
        yield server


def session(uri: str) -> "psycopg2.extensions.connection":
    return psycopg2.connect(uri.replace("+psycopg2", ""))


def user(broker: rabbitmq.Broker, service: str) -> Connection:
    return Connection(
        broker.uri_for(service, PASSWORDS[service]), transport_options={"confirm_publish": True}
    )


def bind_finance_queue(broker: rabbitmq.Broker) -> None:
    with user(broker, "finance") as connection:
        queue = FINANCE_QUEUE(connection.default_channel)
        queue.queue_declare()
        queue.queue_bind()


def publish(connection: Connection, routing_key: str, body: str = "signed") -> None:
    connection.Producer(auto_declare=False).publish(
        body, exchange=CONTRACT_EVENTS, routing_key=routing_key, delivery_mode=2, retry=False
    )


def take_one(connection: Connection, queue: str) -> str:
    with connection.SimpleQueue(Queue(queue, no_declare=True), no_ack=True) as waiting:
        return str(waiting.get(timeout=10).payload)


def test_committed_rows_survive_a_killed_database_server(database: postgres.Postgres) -> None:
    uri = database.create_service_database("partner")
    with session(uri) as connection:
        connection.cursor().execute("CREATE TABLE kept AS SELECT 42 AS number")
    connection.close()

    database.kill()
    database.start()

    with session(uri) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT number FROM kept")
        assert cursor.fetchone() == (42,)
    connection.close()


def test_a_service_role_cannot_enter_the_database_of_another(database: postgres.Postgres) -> None:
    uri = database.create_service_database("contract")
    database.create_service_database("finance")
    with pytest.raises(psycopg2.OperationalError, match="finance"):
        session(uri.removesuffix("contract") + "finance")


def test_a_service_database_made_again_keeps_its_password(database: postgres.Postgres) -> None:
    first = database.create_service_database("faculty")
    assert database.create_service_database("faculty") == first


def test_a_server_is_taken_up_again_from_its_folder(database: postgres.Postgres) -> None:
    again = postgres.start(database.folder)
    assert (again.uri, again.pid) == (database.uri, database.pid)


def test_a_service_receives_the_events_of_another(broker: rabbitmq.Broker) -> None:
    bind_finance_queue(broker)
    with user(broker, "contract") as connection:
        publish(connection, "contract.signed", "signed once")
    with user(broker, "finance") as connection:
        assert take_one(connection, FINANCE_QUEUE.name) == "signed once"


def test_a_service_cannot_publish_as_another(broker: rabbitmq.Broker) -> None:
    with user(broker, "finance") as connection, pytest.raises(AccessRefused):
        publish(connection, "contract.signed")


def test_a_service_cannot_read_the_queue_of_another(broker: rabbitmq.Broker) -> None:
    bind_finance_queue(broker)
    with user(broker, "contract") as connection, pytest.raises(AccessRefused):
        take_one(connection, FINANCE_QUEUE.name)


def test_an_event_that_nobody_is_bound_to_is_kept_as_unrouted(broker: rabbitmq.Broker) -> None:
    with user(broker, "contract") as connection:
        publish(connection, "nobody.listens", "lost otherwise")
    with Connection(broker.uri) as connection:
        assert take_one(connection, UNROUTED) == "lost otherwise"


def test_a_message_that_always_kills_its_reader_ends_among_the_dead(
    broker: rabbitmq.Broker,
) -> None:
    bind_finance_queue(broker)
    with user(broker, "contract") as connection:
        publish(connection, "contract.signed", "poison")
    for _ in range(DELIVERY_LIMIT + 1):
        with user(broker, "finance") as connection:
            connection.SimpleQueue(Queue(FINANCE_QUEUE.name, no_declare=True)).get(timeout=10)
    with Connection(broker.uri) as connection:
        assert take_one(connection, DEAD_LETTERS) == "poison"


def test_confirmed_messages_survive_a_killed_broker(broker: rabbitmq.Broker) -> None:
    bind_finance_queue(broker)
    confirmed = 0
    # Longer than the broker takes to write down that it has the queue.
    until = time.monotonic() + 1.5
    with user(broker, "contract") as connection:
        while time.monotonic() < until:
            publish(connection, "contract.signed", str(confirmed))
            confirmed += 1

    broker.kill()
    broker.start()

    with user(broker, "finance") as connection:
        # A quorum queue hands out 2,000 at most that nobody acknowledges.
        waiting = connection.SimpleQueue(Queue(FINANCE_QUEUE.name, no_declare=True), no_ack=True)
        kept = [waiting.get(timeout=20).payload for _ in range(confirmed)]
    assert kept == [str(number) for number in range(confirmed)]
