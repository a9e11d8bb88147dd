"""Each service with a broker user of its own, as infra/rabbitmq/definitions.py gives them out."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import eventlet
import pytest

from infra.local import rabbitmq as local_rabbitmq
from infra.rabbitmq.definitions import TOOLS, definitions
from services.platform import Caller
from shared import settings as configuration
from shared.messaging import broker
from shared.messaging.broker import ConfirmedPublisher
from tests.integration.messaging.places import CONSUMER, SOURCE, AtWork, Consumer, Source
from tests.office import until

PASSWORDS = {SOURCE: "of-source", CONSUMER: "of-consumer", TOOLS: "of-tools"}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with local_rabbitmq.start_private(tmp_path_factory.mktemp("rabbitmq")) as server:
        server.declare(definitions(PASSWORDS))
        yield server


def address(server: Any, user: str) -> str:
    return str(server.uri_for(user, PASSWORDS[user]))


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_a_fact_reaches_a_consumer_that_may_not_touch_its_sources_exchange(
    source: Source, consumer: Consumer, guarded: Any
) -> None:
    facts = source.record(uuid4(), 3)
    with AtWork(
        source.relay(address(guarded, SOURCE)), consumer.subscriber(address(guarded, CONSUMER))
    ):
        until(lambda: consumer.facts() == facts, "all facts")


def test_the_command_line_may_call_a_service(guarded: Any, tmp_path: Path) -> None:
    settings = configuration.read(
        {"ENTENTE_AMQP_URI": address(guarded, TOOLS), "ENTENTE_DATA_DIR": str(tmp_path)}
    )
    with Caller(settings) as calls:
        until(lambda: calls._listening.is_set(), "the queue for answers")


def test_the_command_line_may_not_publish_an_event(guarded: Any) -> None:
    with (
        broker.connect(address(guarded, TOOLS)) as connection,
        pytest.raises(broker.BROKER_ERRORS, match="ACCESS_REFUSED"),
    ):
        ConfirmedPublisher(connection, SOURCE)


def test_a_publisher_with_nothing_to_publish_stays_connected(
    rabbitmq: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "HEARTBEAT", 1)
    with broker.connect(rabbitmq.uri) as connection:
        publisher = ConfirmedPublisher(connection, SOURCE)
        with eventlet.Timeout(4, exception=False):  # twice the silence that ends a connection
            until(partial(_goes_round, publisher), "the end of the connection", patience=60)
        assert connection.connected


def _goes_round(publisher: ConfirmedPublisher) -> bool:
    publisher.stay_connected()
    return False
