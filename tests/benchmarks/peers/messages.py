"""The events that peers exchange: in content and size the same as ours."""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import amqp

from shared.messaging.envelope import Envelope

#: Queues of the peers, by peer.
QUEUES = {
    "nameko": "evt-producer-contract_changed--consumer.on_contract",
    "raw": "raw-contract",
}


def message_of(row: dict[str, Any]) -> dict[str, Any]:
    return dict(Envelope.of_row("contract", row).attributes)


def connect(uri: str) -> Any:
    address = urlsplit(uri)
    connection = amqp.Connection(
        f"{address.hostname}:{address.port}",
        userid=address.username,
        password=address.password,
        virtual_host=address.path[1:],
    )
    connection.connect()
    return connection


class Confirmed:
    """Publishes persistent messages to a queue; `wait` returns when the broker has them all."""

    def __init__(self, connection: Any, queue: str) -> None:
        self._connection, self._queue = connection, queue
        self._channel = connection.channel()
        self._channel.queue_declare(queue, durable=True, auto_delete=False)
        self._channel.confirm_select()
        self._channel.events["basic_ack"].add(self._on_ack)
        self._sent = self._confirmed = 0
        self._apart: set[int] = set()

    def publish(self, body: str) -> None:
        message = amqp.Message(
            body, delivery_mode=2, content_type="application/json", content_encoding="utf-8"
        )
        self._channel.basic_publish(message, routing_key=self._queue)
        self._sent += 1

    def wait(self) -> None:
        while self._confirmed < self._sent:
            self._connection.drain_events(timeout=30)

    def _on_ack(self, tag: int, multiple: bool) -> None:
        if multiple:
            self._confirmed = max(self._confirmed, tag)
        else:
            self._apart.add(tag)
        while self._confirmed + 1 in self._apart:
            self._confirmed += 1
            self._apart.remove(self._confirmed)


def fill(uri: str, queue: str, rows: Iterable[dict[str, Any]]) -> None:
    """Have these events wait in a queue."""
    with connect(uri) as connection:
        to = Confirmed(connection, queue)
        for number, row in enumerate(rows, start=1):
            to.publish(json.dumps(message_of(row)))
            if number % 500 == 0:
                to.wait()
        to.wait()
