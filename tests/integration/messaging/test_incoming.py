"""What comes from the broker is read ahead of who takes it, as long as the connection holds."""

import threading
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from kombu import Connection

from shared.messaging import broker
from shared.messaging.incoming import Incoming
from tests.integration.messaging.places import CONSUMER, SOURCE, publish
from tests.office import until

QUEUE = broker.queue_of(CONSUMER, SOURCE)


@pytest.fixture
def connection(amqp_uri: str) -> Iterator[Connection]:
    with broker.connect(amqp_uri) as opened:
        yield opened


@pytest.fixture
def opened() -> list[str]:
    return []


@pytest.fixture
def incoming(connection: Connection, opened: list[str]) -> Iterator[Incoming[None]]:
    """At most three messages come without being acknowledged."""

    def note(message: Any) -> None:
        body = message.body
        opened.append(body if isinstance(body, str) else body.decode())

    with Incoming(connection, [QUEUE], 3, note, threading.Event()) as beginning:
        yield beginning


def send(uri: str, number: int) -> list[str]:
    bodies = [str(uuid4()) for _ in range(number)]
    for each in bodies:
        publish(uri, SOURCE, each, "text/plain")
    return bodies


def test_messages_are_opened_before_anybody_takes_them(
    incoming: Incoming[None], opened: list[str], amqp_uri: str
) -> None:
    sent = send(amqp_uri, 2)
    until(lambda: opened == sent, "both being opened")
    assert incoming.has_more
    assert len(incoming.take(1, 0)) == 1
    assert incoming.has_more
    assert len(incoming.take(5, 0)) == 1
    assert not incoming.has_more


def test_more_come_once_these_are_acknowledged(
    incoming: Incoming[None], opened: list[str], amqp_uri: str
) -> None:
    sent = send(amqp_uri, 5)
    until(lambda: len(opened) == 3, "as many as may come")
    incoming.acknowledge(incoming.take(2, 0)[-1][0])
    until(lambda: opened == sent, "all being opened")


def test_who_waits_hears_of_a_message_at_once(
    incoming: Incoming[None], opened: list[str], amqp_uri: str
) -> None:
    taken: list[Any] = []
    waiting = threading.Thread(target=lambda: taken.extend(incoming.take(1, 600)))
    waiting.start()
    sent = send(amqp_uri, 1)
    waiting.join(10)
    assert opened == sent
    assert len(taken) == 1


def test_who_waits_hears_of_a_broken_connection_at_once(
    incoming: Incoming[None], connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ConnectionResetError("it broke")

    monkeypatch.setattr(connection, "heartbeat_check", broken)
    incoming.bind()  # so that the reader goes round
    with pytest.raises(ConnectionResetError):
        incoming.take(1, 600)
